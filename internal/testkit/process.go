package testkit

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for another process; the machine may be busy.
const patience = 60 * time.Second

// Result is what a finished command left behind.
type Result struct {
	Stdout string
	Stderr string
	Exit   int
}

// Process is a command that runs while the test goes on.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout *buffer
	stderr *buffer
	done   chan struct{}
}

// Run runs a command to its end with exactly the environment env.
func Run(t testing.TB, env []string, name string, args ...string) Result {
	t.Helper()
	return Start(t, env, name, args...).Wait()
}

// Start starts a command with exactly the environment env. It is killed with
// everything it has started when the test ends.
func Start(t testing.TB, env []string, name string, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, cmd: exec.Command(name, args...), stdout: newBuffer(), stderr: newBuffer(), done: make(chan struct{})}
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A grandchild that keeps the pipes open must not keep the test.
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		// The exit code is read from ProcessState.
		_ = p.cmd.Wait()
		p.stdout.end()
		p.stderr.end()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	})
	return p
}

// Wait waits for the end of the command.
func (p *Process) Wait() Result {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("%s still runs after %v\nstdout: %s\nstderr: %s", p, patience, p.stdout, p.stderr)
	}
	return Result{Stdout: p.stdout.String(), Stderr: p.stderr.String(), Exit: p.cmd.ProcessState.ExitCode()}
}

// Stop sends SIGTERM and returns how the command ended.
func (p *Process) Stop() Result {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !p.ended() {
		p.t.Fatalf("stop %s: %v", p, err)
	}
	return p.Wait()
}

// Find waits until the standard output matches pattern and returns the match
// and its groups.
func (p *Process) Find(pattern string) []string {
	p.t.Helper()
	return p.find(p.stdout, pattern)
}

// FindError is Find for the standard error.
func (p *Process) FindError(pattern string) []string {
	p.t.Helper()
	return p.find(p.stderr, pattern)
}

func (p *Process) find(b *buffer, pattern string) []string {
	p.t.Helper()
	match, err := b.find(regexp.MustCompile(pattern), patience)
	if err != nil {
		p.t.Fatalf("%s: %v for %q\nstdout: %s\nstderr: %s", p, err, pattern, p.stdout, p.stderr)
	}
	return match
}

func (p *Process) String() string { return strings.Join(p.cmd.Args, " ") }

func (p *Process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// buffer collects output that another goroutine may be waiting for.
type buffer struct {
	mu      sync.Mutex
	data    bytes.Buffer
	changed chan struct{}
	ended   bool
}

func newBuffer() *buffer { return &buffer{changed: make(chan struct{})} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.announce()
	return b.data.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

func (b *buffer) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	b.announce()
}

func (b *buffer) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *buffer) find(re *regexp.Regexp, wait time.Duration) ([]string, error) {
	timeout := time.After(wait)
	for {
		b.mu.Lock()
		match, changed, ended := re.FindStringSubmatch(b.data.String()), b.changed, b.ended
		b.mu.Unlock()
		if match != nil {
			return match, nil
		}
		if ended {
			return nil, errors.New("the output ended while waiting")
		}
		select {
		case <-changed:
		case <-timeout:
			return nil, errors.New("waited in vain")
		}
	}
}
