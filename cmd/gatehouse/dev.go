package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/dev"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/web/mailbox"
)

// devCmd serves a ready organization.
type devCmd struct {
	Listen string `help:"Address to listen on." default:"localhost:7070" placeholder:"ADDR"`
	Data   string `help:"Directory to keep the organization in. Default: gatehouse/dev in your state directory." type:"path" placeholder:"DIR"`
	Fresh  bool   `help:"Begin again with a new organization."`

	ConnectListen string `help:"Loopback address of a proxy for clients that read no endpoint setting. Default: none." placeholder:"ADDR"`

	AllServices bool `help:"Redirect the profiles' calls of every AWS service here: what Gatehouse does not run it decides, and does not do."`

	Command []string `arg:"" optional:"" passthrough:"" help:"Run this command against the server, and end with its exit code."`
}

// Run serves until it is told to stop, or until the command ends.
func (c *devCmd) Run(a *app) error {
	dir, err := c.directory(a)
	if err != nil {
		return err
	}
	if err := c.clear(a.ctx, dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := dev.Open(a.ctx, server.Config{Data: dir, Listen: c.Listen, Connect: c.ConnectListen, Random: rand.Reader, Log: a.log},
		dev.Clients{Self: self, AllServices: c.AllServices})
	if errors.Is(err, dev.ErrHalfMade) {
		return hinted(err, "begin again with: gatehouse dev --fresh")
	}
	var busy *server.BusyError
	if errors.As(err, &busy) {
		return hinted(err, "is a gatehouse running there already? Take another port: gatehouse dev --listen localhost:7071")
	}
	if err != nil {
		return err
	}
	if len(c.Command) > 0 {
		return c.runCommand(a, s)
	}
	c.greet(a, s)
	return s.Serve(a.ctx)
}

func (c *devCmd) directory(a *app) (string, error) {
	if c.Data != "" {
		return filepath.Abs(c.Data)
	}
	if state := a.env("XDG_STATE_HOME"); state != "" {
		return filepath.Join(state, "gatehouse", "dev"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", hinted(err, "name a directory: gatehouse dev --data DIR")
	}
	return filepath.Join(home, ".local", "state", "gatehouse", "dev"), nil
}

// clear removes the organization that was, unless somebody serves it.
func (c *devCmd) clear(ctx context.Context, dir string) error {
	if !c.Fresh {
		return nil
	}
	if server.Running(ctx, dir) {
		return hinted(fmt.Errorf("a gatehouse is serving %s", dir), "stop it first, or take another directory with --data")
	}
	return dev.Remove(dir)
}

func (c *devCmd) greet(a *app, s *dev.Server) {
	fmt.Fprintf(a.stdout, "Gatehouse is ready: %s/start\n\n", s.URL)
	for _, l := range s.Logins {
		fmt.Fprintf(a.stdout, "  %-10s %s\n", l.UserName, l.Password)
	}
	fmt.Fprintf(a.stdout, "\nPoint the AWS CLI and SDKs here:\n\n  export %s\n\n", strings.Join(quoted(s.Environment()), " "))
	fmt.Fprintf(a.stdout, "Then: aws sso login --profile production-viewonlyaccess\n\n")
	if proxy := s.ConnectURL(); proxy != "" {
		fmt.Fprintf(a.stdout, "For clients that read no endpoint setting: HTTPS_PROXY=%s\n", proxy)
	}
	fmt.Fprintf(a.stdout, "Mail is not sent, but kept here: %s%s\n", s.URL, mailbox.Path)
}

// quoted writes variables for a shell.
func quoted(env []string) []string {
	out := make([]string, len(env))
	for i, v := range env {
		name, value, _ := strings.Cut(v, "=")
		out[i] = name + "=" + shellQuote(value)
	}
	return out
}

// runCommand serves for as long as a command runs.
func (c *devCmd) runCommand(a *app, s *dev.Server) error {
	serving, stop := context.WithCancel(a.ctx)
	done := make(chan error, 1)
	go func() { done <- s.Serve(serving) }()
	words := c.Command
	if words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		stop()
		return errors.Join(errors.New("there is no command after --"), <-done)
	}
	run := exec.CommandContext(a.ctx, words[0], words[1:]...)
	run.Env = s.Sealed(a.environ)
	run.Stdin, run.Stdout, run.Stderr = a.stdin, a.stdout, a.stderr
	err := run.Run()
	stop()
	served := <-done
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitCode(max(exit.ExitCode(), 1))
	}
	return errors.Join(err, served)
}
