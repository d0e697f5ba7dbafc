package main

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// How long a line of the log may wait, and how many bytes may.
const (
	logWait = 100 * time.Millisecond
	logSize = 32 << 10
)

// logBuffer gathers the lines of the log, since a busy server writes one for every call and each write costs more than
// the line. Lines about trouble are written at once, with everything before them. Flush it before the program ends.
type logBuffer struct {
	out io.Writer

	mu      sync.Mutex
	waiting []byte
	timer   *time.Timer // nil while nothing waits
}

// Write takes one line, as slog's handlers write it.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, line...)
	if len(b.waiting) >= logSize || !bytes.Contains(line, []byte("level=INFO")) {
		return len(line), b.flush()
	}
	if b.timer == nil {
		b.timer = time.AfterFunc(logWait, func() { _ = b.Flush() })
	}
	return len(line), nil
}

// Flush writes what waits.
func (b *logBuffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flush()
}

func (b *logBuffer) flush() error {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	_, err := b.out.Write(b.waiting)
	b.waiting = b.waiting[:0]
	return err
}
