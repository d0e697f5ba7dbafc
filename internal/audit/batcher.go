package audit

import (
	"context"
	"sync"
	"time"
)

// Batcher gathers events into batches of a block's size, bounded and without loss: an event that was taken is flushed,
// and when there is no room TryAdd says so, and the request must not go on.
type Batcher struct {
	capacity int
	window   time.Duration

	mu      sync.Mutex
	waiting []Event
	closed  bool
	some    chan struct{} // holds a token when events wait
	full    chan struct{} // holds a token when a block's worth waits
}

// Defaults of a Batcher.
const (
	BatchCapacity = 64 * BlockEvents
	BatchWindow   = 50 * time.Millisecond
)

// NewBatcher returns a Batcher that holds capacity events at most and flushes each within about window.
func NewBatcher(capacity int, window time.Duration) *Batcher {
	return &Batcher{capacity: capacity, window: window, some: make(chan struct{}, 1), full: make(chan struct{}, 1)}
}

// TryAdd takes e, or returns false when there is no room or Run has ended.
func (b *Batcher) TryAdd(e Event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.waiting) >= b.capacity {
		return false
	}
	b.waiting = append(b.waiting, e)
	signal(b.some)
	if len(b.waiting) >= BlockEvents {
		signal(b.full)
	}
	return true
}

// Len returns how many events wait.
func (b *Batcher) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// Run flushes batches until ctx ends; then it takes no more events, flushes what waits, and returns nil. When flush fails,
// Run returns its error and the events stay; Run may be called again.
func (b *Batcher) Run(ctx context.Context, flush func([]Event) error) error {
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
func (b *Batcher) drain(flush func([]Event) error) error {
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

// flush hands over one batch and removes it when it is safe. Only Run calls it, so that the front stays the front.
func (b *Batcher) flush(flush func([]Event) error) error {
	b.mu.Lock()
	n := min(len(b.waiting), BlockEvents)
	batch := append([]Event(nil), b.waiting[:n]...)
	b.mu.Unlock()
	if n == 0 {
		return nil
	}
	err := flush(batch)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		kept := copy(b.waiting, b.waiting[n:])
		clear(b.waiting[kept:])
		b.waiting = b.waiting[:kept]
	}
	b.resignal()
	return err
}

// resignal makes the signals say what waits.
func (b *Batcher) resignal() {
	unsignal(b.some)
	unsignal(b.full)
	if len(b.waiting) > 0 {
		signal(b.some)
	}
	if len(b.waiting) >= BlockEvents {
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
