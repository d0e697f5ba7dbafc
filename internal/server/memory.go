package server

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// gcPercent lets the heap grow to nine times of what is live before it is collected: what is live is the snapshot, which
// mostly is small, and at Go's default a busy server would spend a tenth of its time on going through it again and again.
// softLimit keeps that from making a server large whose snapshot is: there the heap may grow by as much again.
// GOGC and GOMEMLIMIT in the environment win.
const (
	gcPercent = 800
	softLimit = 224 << 20
)

// hashingRoom is what the server may take while passwords are hashed, beyond what it has and the hashes themselves. The
// blocks of hashes that are done would need less, but whatever else is allocated falls into the gaps that they leave, and
// then no other block fits there.
const hashingRoom = 57 << 20

// giveBack gives back what only the start needed.
func giveBack() {
	runtime.GC() // pools let go of what they hold at the second collection, which FreeOSMemory makes
	debug.FreeOSMemory()
}

// setMemory sets how often garbage is collected.
func setMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	heap.limit()
}

// watchMemory lets the limit follow what is live, until ctx ends: an organization that has grown needs more than it did at
// the start, and below what is live a limit would have the collector run without end.
func watchMemory(ctx context.Context) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		heap.limit()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// heap is this process's, of which Go has one whatever servers run in it.
var heap bounds

// bounds say how large a heap may grow.
type bounds struct {
	mu     sync.Mutex
	hashes int64 // the memory of the hashes that are computed now
	most   int64 // the limit while they are
}

// limit sets by what is live now how large the heap may grow.
func (b *bounds) limit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set()
}

func (b *bounds) set() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	needed := 2*gauge("/gc/heap/live:bytes") + b.hashes
	if b.hashes > 0 {
		debug.SetMemoryLimit(max(b.most, needed))
		return
	}
	debug.SetMemoryLimit(max(softLimit, needed))
}

// beginHashing lets the heap grow by no more while passwords are hashed than it did before, or by one and a half times the
// memory of hashes. That is much, and needed for moments: were it multiplied as the snapshot is, it would take the server
// beyond every limit, and memory would go back to the system and be asked for again with each hash, which costs half of one.
func (b *bounds) beginHashing(bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	held := gauge("/memory/classes/total:bytes") - gauge("/memory/classes/heap/released:bytes")
	b.hashes = int64(bytes)
	b.most = held + b.hashes + hashingRoom
	b.set()
	if os.Getenv("GOGC") == "" {
		live := int(gauge("/gc/heap/live:bytes"))
		debug.SetGCPercent(max(gcPercent*live, 150*bytes) / (live + bytes))
	}
}

// endHashing gives the memory of hashes back.
func (b *bounds) endHashing() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hashes = 0
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	debug.FreeOSMemory()
	b.set()
}

// gauge reads a number of the runtime's, in bytes.
func gauge(name string) int64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}
