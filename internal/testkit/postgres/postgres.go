// Package postgres runs a temporary PostgreSQL for tests: one cluster a test process, one database a test.
//
// The cluster is made by the machine's own initdb, listens on a socket in a temporary directory and nowhere else, and
// does not wait for the disk. PostgreSQL refuses to run as root, so under root it runs as the user postgres, which the
// packages of every distribution make.
package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// Cluster is a running PostgreSQL.
type Cluster struct {
	dir   string
	cmd   *exec.Cmd
	log   bytes.Buffer
	names atomic.Int64
}

// Installed ends the test with testkit.Need when this machine has no PostgreSQL.
func Installed(t testing.TB) {
	t.Helper()
	if programs() == "" {
		testkit.Need(t, "PostgreSQL", "apt-get install postgresql")
	}
}

// Main runs a package's tests with a cluster, which is nil when PostgreSQL is not installed, and returns the exit code
// for TestMain. use is called before the tests run.
func Main(m *testing.M, use func(*Cluster)) int {
	if programs() == "" {
		return m.Run()
	}
	c, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL:", err)
		return 1
	}
	defer c.Stop()
	use(c)
	return m.Run()
}

// Start makes a cluster and starts it. Its caller stops it.
func Start() (_ *Cluster, err error) {
	dir, err := os.MkdirTemp("", "gatehouse-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir}
	defer func() {
		if err != nil {
			c.Stop()
		}
	}()
	as, err := credential()
	if err != nil {
		return nil, err
	}
	if as.Credential != nil {
		if err := os.Chown(dir, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(programs(), "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return c, c.run(as)
}

// run starts PostgreSQL on what is there and waits until it answers.
func (c *Cluster) run(as *syscall.SysProcAttr) error {
	cmd := exec.Command(filepath.Join(programs(), "postgres"), "-D", filepath.Join(c.dir, "data"), "-k", c.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	cmd.SysProcAttr, cmd.Dir, cmd.Stderr = as, c.dir, &c.log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd = cmd
	if err := c.ready(); err != nil {
		return fmt.Errorf("%w: %s", err, c.log.String())
	}
	return nil
}

// Down ends PostgreSQL and cuts every connection; what was committed stays for Up.
func (c *Cluster) Down(t testing.TB) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil { // "fast shutdown"
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	c.cmd = nil
}

// Up starts PostgreSQL again after Down.
func (c *Cluster) Up(t testing.TB) {
	t.Helper()
	as, err := credential()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.run(as); err != nil {
		t.Fatal(err)
	}
}

// ready waits until the cluster answers.
func (c *Cluster) ready() error {
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// Stop ends the cluster and removes it.
func (c *Cluster) Stop() {
	if c.cmd != nil {
		_ = c.cmd.Process.Signal(syscall.SIGQUIT) // an immediate shutdown; nothing of it is wanted
		_ = c.cmd.Wait()
	}
	_ = os.RemoveAll(c.dir)
}

// Database makes an empty database and returns its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := "test" + strconv.FormatInt(c.names.Add(1), 10)
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	return c.url(name)
}

func (c *Cluster) url(database string) string {
	return "postgres:///" + database + "?host=" + c.dir + "&user=postgres"
}

// programs returns the directory of the newest PostgreSQL's programs, or "".
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		if path, err := exec.LookPath("initdb"); err == nil {
			return filepath.Dir(path)
		}
		return ""
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

// credential says as whom PostgreSQL runs. It ends with the test process, also when that is killed.
func credential() (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return as, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return as, nil
}
