package server

import (
	"os"
	"runtime"
	"runtime/debug"
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

// setMemory sets how often garbage is collected, by what is live now.
func setMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(softLimit, int64(m.HeapAlloc)*2))
}
