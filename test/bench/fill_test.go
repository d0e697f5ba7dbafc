package main

import (
	"crypto/rand"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// TestFill fills the directory that FILL names.
func TestFill(t *testing.T) {
	dir := os.Getenv("FILL")
	if dir == "" {
		t.Skip("FILL names no directory")
	}
	n := large
	if os.Getenv("FILL_SMALL") != "" {
		n = size{users: 10_000, groups: 1000, memberships: 100_000, accounts: 1000, sets: 50, assignments: 100_000}
	}
	if err := fill(t.Context(), dir, n); err != nil {
		t.Fatal(err)
	}
}

// TestOpen opens the directory that OPEN names.
func TestOpen(t *testing.T) {
	dir := os.Getenv("OPEN")
	if dir == "" {
		t.Skip("OPEN names no directory")
	}
	s, err := server.Open(t.Context(), server.Config{Data: dir, Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}, false)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("heap %d MB, total %d MB, gcs %d", m.HeapAlloc>>20, m.TotalAlloc>>20, m.NumGC)
	defer s.Close()
	f, _ := os.Create("/tmp/scan/heap.prof")
	pprof.WriteHeapProfile(f)
	f.Close()
}
