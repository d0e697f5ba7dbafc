package apitest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Origin is the external URL of every World.
const Origin = "http://localhost:7070"

// World is a corridor and everything under it.
type World struct {
	*api.Services
	Corridor *api.Corridor
	Time     *Clock

	t       testing.TB
	log     *buffer
	stop    func()
	mu      sync.Mutex
	secrets []string
}

// Empty opens a world without any rows that answers the operations of tables, which are named as in api.New.
// It ends with the test.
func Empty(t testing.TB, tables map[string]api.Table) *World {
	t.Helper()
	return EmptyIn(t, "", tables)
}

// EmptyIn is Empty with a database of its own, as store.Options names it: empty for SQLite.
func EmptyIn(t testing.TB, database string, tables map[string]api.Table) *World {
	t.Helper()
	w := &World{t: t, Time: &Clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, log: &buffer{}}
	random := &seeded{source: rand.NewChaCha8([32]byte{1})}
	state := authz.NewState()
	w.Services = &api.Services{State: state, IDs: ident.NewSource(random), Random: random, Seal: ring(t, random, w.Time.Now()),
		Clock: w.Time.Now, Region: "us-east-1", ExternalURL: Origin,
		Log:       slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Passwords: password.NewHasher(password.Config{Rand: random, Params: password.Params{Memory: 64, Time: 1, Threads: 1}}),
		Throttle:  password.NewThrottle(password.ThrottleConfig{Now: w.Time.Now})}
	t.Cleanup(w.Passwords.Close)
	var err error
	w.Store, err = store.Open(t.Context(), store.Options{Database: database, Dir: t.TempDir(), Now: w.Time.Now, Hooks: state.Hooks(), Log: w.Log, MAC: w.mac})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Store.Close() })
	w.Corridor = api.New(w.Services, tables)
	w.Corridor.Pages = http.NotFoundHandler()
	w.run()
	return w
}

// run records until the world ends or is asked for its records.
func (w *World) run() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.Corridor.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error("write the records:", err)
		}
	})
	w.t.Cleanup(func() {
		w.stop()
		w.remember()
	})
}

// Reload reads the snapshot from the database anew, as a start of the server does.
func (w *World) Reload() {
	w.t.Helper()
	if err := w.Store.View(w.t.Context(), w.State.Load); err != nil {
		w.t.Fatal(err)
	}
}

func (w *World) mac(table string, row []byte) []byte {
	mac, err := w.Seal.MAC(seal.RowMAC, []byte(table), row)
	if err != nil {
		panic(err)
	}
	return mac
}

// ring mints a key of every purpose.
func ring(t testing.TB, random io.Reader, now time.Time) *seal.Ring {
	t.Helper()
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		t.Fatal(err)
	}
	root, err := seal.FromBytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := root.MintMissing(nil, random, now)
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.NewRing(root, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Clock stands still until Pass.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass lets d pass.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// seeded is randomness that every run has the same of.
type seeded struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (s *seeded) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}

// buffer is a log that may be read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
