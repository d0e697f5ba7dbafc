package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

const (
	starts      = 5
	maxStart    = 300 * time.Millisecond
	maxResident = 40 << 20
	// settle is how long a started server is left alone before its memory is read: what it does in the background
	// after a start counts.
	settle = 500 * time.Millisecond
)

// start takes the time from a process's start to its first answer, and its memory before any sign-in. Every start is
// a first one, on an empty directory, which is the slowest: keys are made and the database is migrated.
func (b *bench) start(ctx context.Context) ([]Figure, error) {
	var times []time.Duration
	var memory []int64
	for range starts {
		took, resident, err := b.startOnce(ctx)
		if err != nil {
			return nil, err
		}
		times, memory = append(times, took), append(memory, resident)
	}
	took, resident := median(times), median(memory)
	return []Figure{{
		Goal: "G14", What: "first start of serve until /healthz answers", Want: "<= 0.3 s",
		Got: fmt.Sprintf("%.3f s (%.3f to %.3f)", took.Seconds(), slices.Min(times).Seconds(), slices.Max(times).Seconds()),
		Met: took <= maxStart,
	}, {
		Goal: "G15", What: "resident memory of serve before any sign-in", Want: "<= 40 MB",
		Got: megabytes(resident), Met: resident <= maxResident,
	}}, nil
}

func (b *bench) startOnce(ctx context.Context) (took time.Duration, resident int64, err error) {
	data, err := os.MkdirTemp(b.dir, "serve-")
	if err != nil {
		return 0, 0, err
	}
	listen, err := freeAddress()
	if err != nil {
		return 0, 0, err
	}
	p, err := startProcess(b.dir, nil, nil, b.path, "serve", "--listen", listen, "--data", data)
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	if took, err = p.await(ctx, "http://"+listen+"/healthz"); err != nil {
		return 0, 0, err
	}
	time.Sleep(settle)
	resident, err = p.resident()
	return took, resident, err
}
