package server

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// gcPercent lets the heap grow to nine times of what is live before it is collected: what is live is the snapshot, which
// mostly is small, and at Go's default a busy server would spend a tenth of its time on going through it again and again.
// softLimit keeps that from making a server large whose snapshot is: there the heap may grow by as much again.
// GOGC and GOMEMLIMIT in the environment win.
const (
	gcPercent = 800
	softLimit = 224 << 20
)

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
	limitMemory()
}

// limitMemory sets by what is live now how large the heap may grow.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(softLimit, int64(m.HeapAlloc)*2))
}

// beginHashing lets the heap grow by no more while passwords are hashed than it did before, or by one and a half times the
// memory of hashes. That is much, and needed for moments: were it multiplied as the snapshot is, it would take the server
// beyond every limit, and memory would go back to the system and be asked for again with each hash, which costs half of one.
func beginHashing(bytes int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	base := int(live[0].Value.Uint64())
	debug.SetGCPercent(max(gcPercent*base, 150*bytes) / (base + bytes))
}

// endHashing gives the memory of hashes back.
func endHashing() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	debug.FreeOSMemory()
}
