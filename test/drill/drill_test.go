// Package drill_test breaks a running Gatehouse on purpose and checks that it kept its word.
//
// It knows the server by its wire only. What the server said stands in a ledger that the test keeps: an acknowledged
// write must be there after every crash, a refused one must not, and one whose answer never came may be either, but
// must stay what it was found to be. Killing a process keeps what the kernel has cached, so this proves the order of
// commit and acknowledgement, not that the disk is honest.
//
// GATEHOUSE_DRILL_ROUNDS sets the number of rounds and GATEHOUSE_DRILL_SEED repeats a run's timing.
package drill_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

const (
	fewRounds  = 5  // keep `go test ./...` quick
	manyRounds = 40 // where everything has to run
	writers    = 8
	// A server is killed after a random time in this range under load.
	earliest = 50 * time.Millisecond
	latest   = 350 * time.Millisecond
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestNoAcknowledgedWriteIsLostByKill(t *testing.T) {
	seed := seedOf(t)
	t.Logf("GATEHOUSE_DRILL_SEED=%d repeats the timing of this run", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	site := newSite(t)
	client := site.client(t)
	book := newLedger()
	server := site.serve(t)
	for round := range roundsOf(t) {
		pause := earliest + time.Duration(random.Int64N(int64(latest-earliest)))
		before := book.acknowledged()
		killUnderLoad(t, server, client, book, round, pause)
		site.verifyAudit(t)
		server = site.serve(t)
		if err := book.reconcile(client.users(t)); err != nil {
			t.Fatalf("round %d, killed after %v: %v", round, pause, err)
		}
		if book.acknowledged() == before {
			t.Logf("round %d: nothing was acknowledged in %v", round, pause)
		}
	}
	if book.acknowledged() == 0 {
		t.Fatalf("no write was acknowledged, so nothing was proved; a refusal: %v", book.refusal())
	}
	t.Log(book)
}

// killUnderLoad writes with several writers, kills the server amid them, and returns when all have noticed.
func killUnderLoad(t *testing.T, server *child, client *client, book *ledger, round int, pause time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	timer := time.AfterFunc(pause, server.kill)
	defer timer.Stop()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("r%d-w%d-n%d", round, w, n)
				id, answered, err := client.createUser(ctx, name)
				book.note(name, id, answered, err)
				if !answered {
					return // the server is gone
				}
			}
		})
	}
	wg.Wait()
	server.wait(t)
}

// roundsOf is how often to kill.
func roundsOf(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("GATEHOUSE_DRILL_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("GATEHOUSE_DRILL_ROUNDS is %q, want a number of at least 1", text)
		}
		return n
	}
	if os.Getenv("GATEHOUSE_NO_SKIP") == "1" && !testing.Short() {
		return manyRounds
	}
	return fewRounds
}

func seedOf(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("GATEHOUSE_DRILL_SEED")
	if text == "" {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("GATEHOUSE_DRILL_SEED: %v", err)
	}
	return seed
}
