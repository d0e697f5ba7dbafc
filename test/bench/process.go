package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience bounds every wait for a child.
const patience = 30 * time.Second

// ticksPerSecond is USER_HZ, which Linux has fixed at 100 for what it shows in /proc on all of Go's platforms.
const ticksPerSecond = 100

// process is a child that is being measured.
type process struct {
	cmd     *exec.Cmd
	started time.Time
	output  *os.File
	done    chan struct{}
}

// startProcess starts a child. What it says goes to a file, so that reading it costs the measurement nothing.
func startProcess(dir string, stdin io.Reader, stdout io.Writer, path string, args ...string) (*process, error) {
	log, err := os.CreateTemp(dir, "output-")
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, args...), output: log, done: make(chan struct{})}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, stdout, log
	if stdout == nil {
		p.cmd.Stdout = log
	}
	p.cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		log.Close()
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	return p, nil
}

// stop ends the child in order, and by force when it does not listen.
func (p *process) stop() error {
	defer p.output.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%s did not stop on SIGTERM", filepath.Base(p.cmd.Path))
	}
}

// await asks for url until it is answered with 200, and returns how long that took since the child was started.
func (p *process) await(ctx context.Context, url string) (time.Duration, error) {
	client := http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for time.Since(p.started) < patience {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Since(p.started), nil
			}
		}
		select {
		case <-tick.C:
		case <-p.done:
			return 0, fmt.Errorf("the server ended: %s", p.said())
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, fmt.Errorf("no answer from %s: %s", url, p.said())
}

func (p *process) said() string {
	data, err := os.ReadFile(p.output.Name())
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(data))
}

// cpu is the processor time that the child has used, utime and stime. See proc_pid_stat(5).
func (p *process) cpu() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is the command in parentheses and may hold spaces.
	_, rest, ok := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat is not as expected")
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(user+system) * (time.Second / ticksPerSecond), nil
}

// resident is the memory of the child that is in use, VmRSS. See proc_pid_status(5).
func (p *process) resident() (int64, error) { return p.status("VmRSS:") }

// peak is the most that resident was since the start or since forgetPeak.
func (p *process) peak() (int64, error) { return p.status("VmHWM:") }

// forgetPeak has the peak begin at what is in use now. See proc_pid_clear_refs(5).
func (p *process) forgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0)
}

func (p *process) status(name string) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/PID/status has no %s", name)
}

// freeAddress asks the kernel for a port that nobody uses.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port), nil
}

// dev starts `gatehouse dev` on a directory and waits until it is ready, which it takes so long to be.
func (b *bench) dev(ctx context.Context, data string) (p *process, listen string, ready time.Duration, err error) {
	if listen, err = freeAddress(); err != nil {
		return nil, "", 0, err
	}
	if p, err = startProcess(b.dir, nil, nil, b.path, "dev", "--listen", listen, "--data", data); err != nil {
		return nil, "", 0, err
	}
	if ready, err = p.await(ctx, "http://"+listen+"/readyz"); err != nil {
		return nil, "", 0, errors.Join(err, p.stop())
	}
	return p, listen, ready, nil
}
