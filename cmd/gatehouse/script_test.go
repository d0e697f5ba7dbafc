package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// patience is how long a server may take to start on a busy machine.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": main})
}

// The scripts are the specification of the command line.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"up": up(t), "port": port(t), "terminate": terminate},
	})
}

// up waits until a server answers on a data directory: up DIR.
func up(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: up DIR")
		}
		dir := ts.MkAbs(args[0])
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for timeout := time.After(patience); !server.Running(t.Context(), dir); {
			select {
			case <-tick.C:
			case <-timeout:
				ts.Fatalf("no server is up on %s after %v", args[0], patience)
			}
		}
		ts.Defer(func() {
			testkit.End(ts.BackgroundCmds())
			if _, err := os.Stat(filepath.Join(dir, "root.key")); err == nil { // else only its server can open it
				testkit.Remember(t, "gatehouse", dir)
			}
		})
	}
}

// terminate sends SIGTERM, which kill does not know, to the command that was started last in the background.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	if neg || len(args) > 0 || len(running) == 0 {
		ts.Fatalf("usage: terminate, with a command in the background")
	}
	ts.Check(running[len(running)-1].Process.Signal(syscall.SIGTERM))
}

// port puts a free port into a variable, and that into a file where it is wanted: port NAME [FILE].
func port(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: port NAME [FILE]")
		}
		n := strconv.Itoa(testkit.FreePort(t))
		ts.Setenv(args[0], n)
		for _, file := range args[1:] {
			path := ts.MkAbs(file)
			ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(ts.ReadFile(file), args[0], n)), 0o600))
		}
	}
}
