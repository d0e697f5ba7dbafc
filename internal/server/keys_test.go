package server

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func config(dir string) Config {
	return Config{Data: dir, Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
}

func TestNoKeyIsMintedBesideADatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), config(dir), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, rootKey)
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), config(dir), false); err == nil || !strings.Contains(err.Error(), "put the key back") {
		t.Errorf("a database without its root key: %v", err)
	}
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Error("a key was made")
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), config(dir), false)
	if err != nil {
		t.Fatal("with the key back:", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"https://sso.example.com": true, "http://localhost:7070": true, "http://sso.example.com": false, "http://127.0.0.1:7070": false,
		"http://localhost.example.com": false, "https://user@sso.example.com": false, "https://sso.example.com/path": false, "sso.example.com": false,
	} {
		c := Config{ExternalURL: text}
		if _, err := c.external(0); (err == nil) != ok {
			t.Errorf("--external-url %s: %v", text, err)
		}
	}
}
