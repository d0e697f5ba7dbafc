package audit

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Batcher gathers events into blocks, bounded and without loss: an event that was taken is flushed, and when there is no
// room Add says so, and the request must not go on. An event is encoded when it is added, so that nothing of its
// request is kept.
type Batcher struct {
	capacity int
	window   time.Duration

	mu      sync.Mutex
	open    builder  // the block under construction
	ready   [][]byte // blocks that are full
	waiting int      // events in both
	counts  []int    // of events in each of ready
	closed  bool
	some    chan struct{} // holds a token when events wait
	full    chan struct{} // holds a token when a block is ready
}

// Defaults of a Batcher.
const (
	BatchCapacity = 16 * BlockEvents
	BatchWindow   = 50 * time.Millisecond
)

// ErrFull is Add's answer when as many events wait as may, or when Run has ended.
var ErrFull = errors.New("too many audit events wait to be written")

// NewBatcher returns a Batcher that holds capacity events at most and flushes each within about window.
func NewBatcher(capacity int, window time.Duration) *Batcher {
	return &Batcher{capacity: capacity, window: window, some: make(chan struct{}, 1), full: make(chan struct{}, 1)}
}

// Add takes e, or returns why it does not: ErrFull, or that a part of e is not JSON.
func (b *Batcher) Add(e *Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.waiting >= b.capacity {
		return ErrFull
	}
	if err := b.open.add(e); err != nil {
		return err
	}
	b.waiting++
	signal(b.some)
	if b.open.full() {
		b.finish()
		signal(b.full)
	}
	return nil
}

// finish moves the open block to those that are ready.
func (b *Batcher) finish() {
	b.counts = append(b.counts, b.open.count)
	b.ready = append(b.ready, b.open.finish())
}

// Len returns how many events wait.
func (b *Batcher) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// Run flushes blocks until ctx ends; then it takes no more events, flushes what waits, and returns nil. flush gets the
// body of a record that Record.Open reads. When it fails, Run returns its error and the events stay; Run may be called
// again.
func (b *Batcher) Run(ctx context.Context, flush func(block []byte) error) error {
	timer := time.NewTimer(b.window)
	defer timer.Stop()
	for {
		select {
		case <-b.some:
		case <-ctx.Done():
			return b.drain(flush)
		}
		timer.Reset(b.window)
		select {
		case <-b.full:
		case <-timer.C:
		case <-ctx.Done():
			return b.drain(flush)
		}
		if err := b.flush(flush); err != nil {
			return err
		}
	}
}

// drain closes b and flushes what waits.
func (b *Batcher) drain(flush func([]byte) error) error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	for b.Len() > 0 {
		if err := b.flush(flush); err != nil {
			return err
		}
	}
	return nil
}

// flush hands over one block and removes it when it is safe. Only Run calls it, so that the front stays the front.
func (b *Batcher) flush(flush func([]byte) error) error {
	block := b.front()
	if block == nil {
		return nil
	}
	err := flush(block)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.waiting -= b.counts[0]
		b.counts, b.ready = b.counts[1:], b.ready[1:]
	}
	b.resignal()
	return err
}

// front returns the block to flush next, which is the open one when none is full; nil when no event waits.
func (b *Batcher) front() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 && b.waiting > 0 {
		b.finish()
	}
	if len(b.ready) == 0 {
		return nil
	}
	return b.ready[0]
}

// resignal makes the signals say what waits.
func (b *Batcher) resignal() {
	unsignal(b.some)
	unsignal(b.full)
	if b.waiting > 0 {
		signal(b.some)
	}
	if len(b.ready) > 0 {
		signal(b.full)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func unsignal(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}
