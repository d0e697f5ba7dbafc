package main

import (
	"context"
	"os"

	"golang.org/x/term"
)

// terminal returns the terminal that standard input is, if it is one.
func (a *app) terminal() (fd int, is bool) {
	file, ok := a.stdin.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(file.Fd())
	return fd, term.IsTerminal(fd)
}

// interruptible waits for what somebody types, or for the command to be interrupted: a read of a terminal cannot be, so it
// is left behind.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		typed T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		typed, err := read()
		answers <- answer{typed, err}
	}()
	select {
	case got := <-answers:
		return got.typed, got.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
