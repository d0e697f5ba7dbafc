package testkit

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Dev is a running `gatehouse dev` with the sample organization.
type Dev struct {
	URL     string // http://localhost:PORT
	Dir     string // its data directory
	Home    string // the home directory of its clients
	process *Process
	users   map[string]string
}

// StartDev starts `gatehouse dev` with fresh data on a free port and returns
// when it is ready. It is stopped when the test ends.
func StartDev(t testing.TB, args ...string) *Dev {
	t.Helper()
	d := &Dev{Dir: filepath.Join(t.TempDir(), "data"), Home: t.TempDir()}
	listen := fmt.Sprintf("localhost:%d", FreePort(t))
	d.URL = "http://" + listen
	args = append([]string{"dev", "--listen", listen, "--data", d.Dir}, args...)
	d.process = Start(t, d.bareEnv(), Binary(t), args...)
	t.Cleanup(func() {
		d.process.Stop()
		if t.Failed() {
			t.Logf("gatehouse dev wrote:\n%s%s", d.process.stdout, d.process.stderr)
		}
		Remember(t, Binary(t), d.Dir)
	})
	d.awaitReady(t)
	d.users = readUsers(t, filepath.Join(d.Dir, "users.json"))
	return d
}

// Password returns the password of a user of the sample.
func (d *Dev) Password(t testing.TB, user string) string {
	t.Helper()
	password, ok := d.users[user]
	if !ok {
		t.Fatalf("users.json has no user %q", user)
	}
	return password
}

// Config is the path of the AWS configuration that dev has written.
func (d *Dev) Config() string { return filepath.Join(d.Dir, "aws", "config") }

// Env is the whole environment of a client: dev's configuration and nothing
// of the developer's own.
func (d *Dev) Env(more ...string) []string {
	env := append(d.bareEnv(),
		"AWS_CONFIG_FILE="+d.Config(),
		"AWS_DATA_PATH="+filepath.Join(d.Dir, "aws", "models"),
		"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(d.Home, "no-credentials"),
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_PAGER=",
		"PYTHONUNBUFFERED=1",
	)
	return append(env, more...)
}

// Find waits until the server's standard output, where its banner is, matches pattern, and returns the match and its groups.
func (d *Dev) Find(pattern string) []string { return d.process.Find(pattern) }

// Command runs the gatehouse binary with the clients' environment.
func (d *Dev) Command(t testing.TB, args ...string) Result {
	t.Helper()
	return Run(t, d.Env(), Binary(t), args...)
}

func (d *Dev) bareEnv() []string {
	return []string{"HOME=" + d.Home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"}
}

func (d *Dev) awaitReady(t testing.TB) {
	t.Helper()
	client := http.Client{Timeout: time.Second}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for {
		if resp, err := client.Get(d.URL + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-d.process.done:
			t.Fatalf("gatehouse dev ended early\n%s%s", d.process.stdout, d.process.stderr)
		case <-timeout:
			t.Fatalf("gatehouse dev is not ready after %v", patience)
		}
	}
}

func readUsers(t testing.TB, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ UserName, Password string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	users := make(map[string]string, len(list))
	for _, u := range list {
		users[u.UserName] = u.Password
	}
	return users
}

// FreePort asks the kernel for a port that is free on both loopback addresses.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 20 {
		v4, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := v4.Addr().(*net.TCPAddr).Port
		v6, err := net.Listen("tcp", fmt.Sprintf("[::1]:%d", port))
		v4.Close()
		if err == nil {
			v6.Close()
			return port
		}
		if !strings.Contains(err.Error(), "address already in use") {
			return port // a machine without IPv6
		}
	}
	t.Fatal("no port is free on both 127.0.0.1 and ::1")
	return 0
}
