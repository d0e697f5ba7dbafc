package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// dataFlags name the data that a command works on, whether or not a server runs on it.
type dataFlags struct {
	Data     string `help:"Data directory of the server (GATEHOUSE_DATA)." placeholder:"DIR" from:"GATEHOUSE_DATA"`
	RootKey  string `name:"root-key" help:"File of the root key (GATEHOUSE_ROOT_KEY). Default: root.key in the data directory." placeholder:"FILE" from:"GATEHOUSE_ROOT_KEY"`
	Database string `help:"PostgreSQL to use instead of SQLite in the data directory (GATEHOUSE_DATABASE)." placeholder:"URL" from:"GATEHOUSE_DATABASE"`
}

// config returns what opens the data.
func (d dataFlags) config(log *slog.Logger) (server.Config, error) {
	if d.Data == "" {
		return server.Config{}, misuse("name one with --data DIR, or set GATEHOUSE_DATA", "no data directory is named")
	}
	dir, err := filepath.Abs(d.Data)
	key := cmp.Or(d.RootKey, filepath.Join(dir, "root.key"))
	return server.Config{Data: dir, RootKey: key, Database: d.Database, Clock: time.Now, Random: rand.Reader, Log: log}, err
}

// isFresh reports whether no server was ever started with a root key, which the first start makes.
func isFresh(rootKey string) (bool, error) {
	_, err := os.Stat(rootKey)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// warnings passes on what is a warning or worse.
type warnings struct{ slog.Handler }

// Enabled cuts off below warnings.
func (w warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
