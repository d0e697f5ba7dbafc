package workload

import (
	"syscall"
	"testing"
	"time"
)

// Turns runs the loop of a benchmark and reports, besides the time on the clock, the processor time of a turn as cpu-ns/op:
// that does not grow with what else the machine does. What collects garbage meanwhile is in it.
func Turns(b *testing.B, turn func(i int)) {
	b.Helper()
	b.ReportAllocs()
	before := processor()
	for i := 0; b.Loop(); i++ {
		turn(i)
	}
	b.ReportMetric(float64(processor()-before)/float64(b.N), "cpu-ns/op")
}

// processor is the processor time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
