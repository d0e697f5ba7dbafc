package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Exit codes.
const (
	exitFailed = 1
	exitMisuse = 2
)

// problem is an error with a hint for who ran the command.
type problem struct {
	err    error
	hint   string
	misuse bool // the command line is wrong
}

// Error returns the sentence without the hint.
func (p *problem) Error() string { return p.err.Error() }

// Unwrap returns the error that the hint is about.
func (p *problem) Unwrap() error { return p.err }

// hinted adds a hint to an error.
func hinted(err error, hint string) error { return &problem{err: err, hint: hint} }

// misuse says what is wrong with a command line.
func misuse(hint, format string, args ...any) error {
	return &problem{err: fmt.Errorf(format, args...), hint: hint, misuse: true}
}

// exitCode is the error of a command that ends with the exit code of another, which has said what there is to say.
type exitCode int

// Error names the code.
func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report writes an error for people and returns the exit code for it.
func report(w io.Writer, err error) int {
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "gatehouse: interrupted")
		return exitFailed
	}
	text := err.Error()
	if f := fault.As(err); f != nil {
		text = f.Message
	}
	fmt.Fprintf(w, "gatehouse: %s\n", text)
	var p *problem
	if !errors.As(err, &p) {
		return exitFailed
	}
	if p.hint != "" {
		fmt.Fprintf(w, "hint: %s\n", p.hint)
	}
	if p.misuse {
		return exitMisuse
	}
	return exitFailed
}

// misparsed says what kong found wrong, with the help that fits as the hint.
func misparsed(err error) error {
	path := "gatehouse"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		for _, p := range parse.Context.Path {
			if p.Command != nil {
				path += " " + p.Command.Name
			}
		}
	}
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "expected one of "); ok {
		text = "the command is incomplete: want one of " + rest
	}
	return misuse("see "+path+" --help", "%s", text)
}
