package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// longestLine is the longest line that may hold a password.
const longestLine = 4096

// readPassword asks a terminal twice without echo, or reads a line of standard input.
func readPassword(a *app, user string, fromStdin bool) (string, error) {
	return readSecret(a, "password", fromStdin, "New password for "+user+": ", "Again: ")
}

// readSecret asks a terminal without echo, as often as there are prompts, or reads a line of standard input.
func readSecret(a *app, what string, fromStdin bool, prompts ...string) (string, error) {
	if fromStdin {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, longestLine)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the %s: %w", what, err)
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return "", misuse("pipe the "+what+" in, on one line", "--%s-stdin: standard input is empty", what)
		}
		return line, nil
	}
	fd, is := a.terminal()
	if !is {
		return "", misuse("pipe the "+what+" in with --"+what+"-stdin", "there is no terminal to ask for a %s", what)
	}
	var first string
	for i, prompt := range prompts {
		typed, err := ask(a, fd, prompt)
		switch {
		case err != nil:
			return "", err
		case i > 0 && typed != first:
			return "", fmt.Errorf("the two %ss differ", what)
		}
		first = typed
	}
	return first, nil
}

// ask reads a line without echo. When the command is interrupted meanwhile, the terminal echoes again.
func ask(a *app, fd int, prompt string) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read the terminal's state: %w", err)
	}
	fmt.Fprint(a.stderr, prompt)
	defer fmt.Fprintln(a.stderr)
	typed, err := interruptible(a.ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if err != nil {
		return "", errors.Join(err, term.Restore(fd, before))
	}
	return string(typed), nil
}
