package main

import (
	"context"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sso/gatehouse/internal/server"
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
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"up": up(t.Context())},
	})
}

// up waits until a server answers on a data directory: up DIR.
func up(ctx context.Context) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: up DIR")
		}
		dir := ts.MkAbs(args[0])
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for timeout := time.After(patience); !server.Running(ctx, dir); {
			select {
			case <-tick.C:
			case <-timeout:
				ts.Fatalf("no server is up on %s after %v", args[0], patience)
			}
		}
	}
}
