package drill_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// patience bounds every wait for another process; the machine may be busy.
const patience = 60 * time.Second

// management is the account of the sample organization that runs it.
const management = "111111111111"

// site is a data directory, and the address that its servers take one after the other.
type site struct {
	binary, dir, listen string
}

// newSite makes a data directory that holds the sample organization.
func newSite(t *testing.T) *site {
	t.Helper()
	// Not t.TempDir: its names are long, and the path of a socket is not.
	dir, err := os.MkdirTemp("", "drill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &site{binary: testkit.Binary(t), dir: filepath.Join(dir, "data"), listen: freeAddress(t)}
	dev := s.start(t, "dev", "--listen", s.listen, "--data", s.dir)
	dev.stop(t)
	return s
}

func (s *site) url() string { return "http://" + s.listen }

// serve starts the server on what is there and returns when it is ready.
func (s *site) serve(t *testing.T) *child {
	t.Helper()
	return s.start(t, "serve", "--listen", s.listen, "--data", s.dir)
}

// verifyAudit checks the audit trail as an auditor would. Nobody serves meanwhile.
func (s *site) verifyAudit(t *testing.T) {
	t.Helper()
	s.run(t, "audit", "verify", "--data", s.dir)
}

// run runs a command to its end and returns what it printed.
func (s *site) run(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.binary, args...)
	cmd.Env = s.env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gatehouse %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return out
}

func (s *site) env() []string {
	return []string{"HOME=" + filepath.Dir(s.dir), "PATH=" + os.Getenv("PATH")}
}

// child is a running server.
type child struct {
	cmd    *exec.Cmd
	output *os.File
	done   chan struct{}
}

// start starts a server and returns when it is ready.
func (s *site) start(t *testing.T, args ...string) *child {
	t.Helper()
	output, err := os.CreateTemp(filepath.Dir(s.dir), "output-")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	c := &child{cmd: exec.Command(s.binary, args...), output: output, done: make(chan struct{})}
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = s.env(), output, output
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait() // how it ended is in ProcessState
		close(c.done)
	}()
	t.Cleanup(func() {
		c.kill()
		c.wait(t)
	})
	c.awaitReady(t, s.url()+"/readyz")
	return c
}

func (c *child) awaitReady(t *testing.T, url string) {
	t.Helper()
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-c.done:
			t.Fatalf("%s ended early\n%s", c, c.said(t))
		case <-timeout:
			t.Fatalf("%s is not ready after %v\n%s", c, patience, c.said(t))
		}
	}
}

// kill ends the server as a power switch would.
func (c *child) kill() { _ = c.cmd.Process.Kill() } // it may be gone already

// stop ends the server in order.
func (c *child) stop(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop %s: %v", c, err)
	}
	c.wait(t)
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%s ended with %d\n%s", c, code, c.said(t))
	}
}

func (c *child) wait(t *testing.T) {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		t.Errorf("%s still runs after %v", c, patience)
	}
}

// ended reports whether the server is gone.
func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *child) said(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(c.output.Name())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (c *child) String() string { return "gatehouse " + strings.Join(c.cmd.Args[1:], " ") }

// freeAddress asks the kernel for a port that nobody uses.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port)
}
