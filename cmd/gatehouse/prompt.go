package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

// prompter asks on the terminal for what is not on the command line.
type prompter struct {
	app   *app
	asked bool // since somebody looked
	piped *lineReader
}

// line is a value that is wanted: where it goes, what the command line says, the flag for it, how it is asked for, and what
// it is when nobody says.
type line struct {
	to                            *string
	given, flag, prompt, fallback string
}

// terminal reports whether there is one to ask on.
func (p *prompter) terminal() bool {
	_, is := p.app.terminal()
	return is
}

// lines fills in values, each from the command line, from the terminal, or as it is when nobody says.
func (p *prompter) lines(wanted []line) error {
	for _, w := range wanted {
		switch {
		case w.given != "":
			*w.to = w.given
		case p.terminal():
			typed, err := p.line(w.prompt, w.fallback)
			if err != nil {
				return err
			}
			*w.to = typed
		case w.fallback != "":
			*w.to = w.fallback
		default:
			return misuse("give it with "+w.flag, "there is no terminal to ask on: %s?", strings.ToLower(w.prompt[:1])+w.prompt[1:])
		}
	}
	return nil
}

// line asks for one line. An empty one means the fallback.
func (p *prompter) line(prompt, fallback string) (string, error) {
	p.asked = true
	if fallback != "" {
		prompt += " [" + fallback + "]"
	}
	fmt.Fprint(p.app.stderr, prompt+": ")
	typed, err := interruptible(p.app.ctx, p.stdinOnce().next)
	if err != nil {
		fmt.Fprintln(p.app.stderr)
		return "", err
	}
	return cmp.Or(strings.TrimSpace(typed), fallback), nil
}

// yes asks a question that an empty line says yes to.
func (p *prompter) yes(question string) (bool, error) {
	for {
		typed, err := p.line(question+" (yes or no)", "yes")
		switch strings.ToLower(typed) {
		case "yes", "y":
			return true, err
		case "no", "n":
			return false, err
		}
		if err != nil {
			return false, err
		}
	}
}

// stdinOnce is standard input, of which several lines may be wanted.
func (p *prompter) stdinOnce() *lineReader {
	if p.piped == nil {
		p.piped = &lineReader{p.app.stdin}
	}
	return p.piped
}

// lineReader reads lines and nothing beyond them, since what follows may be for somebody else.
type lineReader struct{ from io.Reader }

// next returns the next line without its end; io.ErrUnexpectedEOF says that there is none.
func (r *lineReader) next() (string, error) {
	var text bytes.Buffer
	one := make([]byte, 1)
	for text.Len() < longestLine {
		n, err := r.from.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		text.Write(one[:n])
		if errors.Is(err, io.EOF) && text.Len() > 0 {
			break
		}
		if errors.Is(err, io.EOF) {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimRight(text.String(), "\r"), nil
}
