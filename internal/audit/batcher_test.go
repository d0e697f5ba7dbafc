package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink keeps the batches it is given.
type sink struct {
	mu    sync.Mutex
	sizes []int
	ids   map[string]int
	err   error
}

func (s *sink) flush(block []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	b, err := DecodeBlock(block)
	if err != nil {
		return err
	}
	s.sizes = append(s.sizes, b.Count)
	for _, e := range b.Events {
		s.ids[e.ID]++
	}
	return nil
}

// batches returns the sizes of the batches so far.
func (s *sink) batches() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sizes)
}

// withBatcher runs f beside a Batcher, stops it, and returns Run's error.
func withBatcher(t *testing.T, b *Batcher, s *sink, f func()) error {
	t.Helper()
	s.ids = map[string]int{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, s.flush) }()
	f()
	cancel()
	return <-ended
}

// add reports whether b takes an event.
func add(b *Batcher, id string) bool { return b.Add(&Event{ID: id, Time: at}) == nil }

func TestBatchesGoAfterTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := NewBatcher(BatchCapacity, BatchWindow), &sink{}
		err := withBatcher(t, b, s, func() {
			time.Sleep(time.Second) // of the bubble's clock, as all here
			add(b, "1")
			add(b, "2")
			time.Sleep(BatchWindow - time.Nanosecond)
			synctest.Wait()
			if len(s.batches()) != 0 {
				t.Error("flushed before the window ended")
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if got := s.batches(); !slices.Equal(got, []int{2}) {
				t.Errorf("batches %v, want [2]", got)
			}
		})
		if err != nil || len(s.sizes) != 1 {
			t.Errorf("%v, %v", s.sizes, err)
		}
	})
}

func TestFullBatchesGoAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := NewBatcher(BatchCapacity, BatchWindow), &sink{}
		_ = withBatcher(t, b, s, func() {
			for i := range 2*BlockEvents + 5 {
				add(b, fmt.Sprint(i))
			}
			synctest.Wait()
			if got := s.batches(); len(got) != 2 || b.Len() != 5 {
				t.Errorf("batches %v, %d waiting", got, b.Len())
			}
			time.Sleep(BatchWindow)
			synctest.Wait()
			if b.Len() != 0 {
				t.Errorf("%d waiting after the window", b.Len())
			}
		})
	})
}

func TestAFullBatcherRefuses(t *testing.T) {
	t.Parallel()
	b := NewBatcher(3, BatchWindow)
	for i := range 5 {
		if got, want := add(b, ""), i < 3; got != want {
			t.Errorf("event %d: taken %t", i, got)
		}
	}
}

func TestWhatWasTakenIsFlushed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := NewBatcher(BatchCapacity, BatchWindow), &sink{}
		taken := make([]int, 8)
		err := withBatcher(t, b, s, func() {
			var wg sync.WaitGroup
			for g := range taken {
				wg.Go(func() {
					for i := range 1000 {
						if add(b, fmt.Sprint(g, "-", i)) {
							taken[g]++
						}
					}
				})
			}
			wg.Wait()
		})
		want := 0
		for _, n := range taken {
			want += n
		}
		if err != nil || len(s.ids) != want || b.Len() != 0 {
			t.Errorf("%d of %d flushed, %d waiting, %v", len(s.ids), want, b.Len(), err)
		}
		for id, n := range s.ids {
			if n != 1 {
				t.Fatalf("event %s flushed %d times", id, n)
			}
		}
		if add(b, "") {
			t.Error("an event was taken after the end")
		}
	})
}

func TestAFailedFlushKeepsTheEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := NewBatcher(BatchCapacity, BatchWindow), &sink{err: errors.New("disk full")}
		err := withBatcher(t, b, s, func() {
			add(b, "1")
			time.Sleep(time.Second)
		})
		if !errors.Is(err, s.err) || b.Len() != 1 {
			t.Fatalf("%v, %d waiting", err, b.Len())
		}
		s.err = nil
		err = withBatcher(t, b, s, func() { time.Sleep(time.Second) })
		if err != nil || s.ids["1"] != 1 {
			t.Errorf("%v, %v", s.ids, err)
		}
	})
}
