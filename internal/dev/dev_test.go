package dev

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/server"
)

func TestOpenMakesTheSampleOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := server.Config{Data: dir, Listen: "localhost:0", Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	first := run(t, config)
	if !first.Fresh || len(first.Logins) != 3 {
		t.Fatalf("first start: fresh %v, %d logins", first.Fresh, len(first.Logins))
	}
	second := run(t, config)
	if second.Fresh || second.StoreID != first.StoreID || second.Logins[0] != first.Logins[0] {
		t.Errorf("second start did not keep what the first made")
	}
	written, err := os.ReadFile(filepath.Join(dir, "aws", "config"))
	if err != nil || !strings.Contains(string(written), "profile production-viewonlyaccess") || !strings.Contains(string(written), second.URL.String()) {
		t.Errorf("configuration: %v\n%s", err, written)
	}
}

// run opens a server, asks it for its health, and stops it.
func run(t *testing.T, config server.Config) *Server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := Open(ctx, config, Clients{Self: "gatehouse"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	answer, err := http.Get(s.URL.String() + "/readyz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %v, %v", answer, err)
	}
	if answer != nil {
		answer.Body.Close()
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	return s
}

func TestRemoveTakesOnlyWhatIsOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "notes.txt")
	for _, f := range []string{mine, filepath.Join(dir, "gatehouse.db")} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if !exists(mine) || exists(filepath.Join(dir, "gatehouse.db")) {
		t.Error("Remove took the wrong files")
	}
}
