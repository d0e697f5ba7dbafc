// Package store is the one database of a server: the rows of the domain, of the audit trail and of the server itself.
//
// View and Update are the only ways in. Both run a function inside one transaction that sees one state of the database;
// the function may run again, so it has no effects outside its Tx, and it never hashes, fetches, mails or waits.
//
// Two engines share their queries. SQLite is embedded: one writer goroutine runs the functions of many callers in one
// transaction, each in a savepoint, so that one fsync answers up to 64 of them (writer.go). PostgreSQL runs each function
// in a SERIALIZABLE transaction of its own and retries what it could not serialise (postgres.go). The schemas stand side
// by side in schema/, move forward only, and a test compares them.
//
// A table (table.go) keeps a row as a compact body (codec.go) beside the columns that it is found by; tables with a
// million rows do not repeat their texts (shared.go). Rows that decide access also carry a MAC, which is verified on
// every read: a row that was changed by other hands, or whose columns contradict its body, is an error that names it.
// Such tables change only through Save and Delete, which leave a Change for the snapshot in memory and a row in change
// for other nodes.
//
// When Update returns nil the change is on disk. When it returns an error nothing of the function remains. A failed
// fsync is neither: nobody is answered with success any more, and Failed tells the server to exit.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Options says where the database is and what a store needs from its server.
type Options struct {
	Database string                                // empty for SQLite in Dir, or a postgres:// URL
	Dir      string                                // SQLite: the data directory, which must exist
	Now      func() time.Time                      // the clock
	MAC      func(table string, row []byte) []byte // the MAC of a row; called only for tables that decide access
	Hooks    Hooks                                 // all optional
	Log      *slog.Logger                          // nil discards
}

// Hooks tell the owner of a snapshot what has been written. Calls never overlap: SQLite makes them on its writer's
// goroutine, PostgreSQL under a lock that is held from before COMMIT. They come before the callers are answered.
type Hooks struct {
	Released   func([]Change) // the changes of one function that succeeded: apply them to the draft
	Committed  func()         // everything released is durable: publish the draft
	RolledBack func()         // everything released since the last Committed is lost: forget the draft
	// Lost says that a change may or may not have been made, because the connection broke during its COMMIT: read
	// everything anew, with Reread. It is for databases on other machines only.
	Lost func()
}

// Change is a row that was saved or deleted.
type Change struct {
	Table   string // a Table's Name
	Key     string // as in Table.Key
	Row     any    // a pointer to a copy of the row, such as *account.Account; what was deleted when Deleted
	Deleted bool
}

// Store is an open database.
type Store struct {
	engine engine
	now    func() time.Time
	mac    func(string, []byte) []byte
	hooks  Hooks
	log    *slog.Logger
	failed chan error
	read   atomic.Int64
}

// engine is one of the two databases.
type engine interface {
	view(ctx context.Context, fn func(*Tx) error) error
	reread(ctx context.Context, fn func(*Tx) error) error
	update(ctx context.Context, fn func(*Tx) error) error
	close() error
}

// Open opens the database, creates it when there is none, and brings its schema up to date. A schema that is newer than
// this program is refused, and so is a data directory that another process has open.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil || o.MAC == nil {
		return nil, errors.New("store: Options.Now and Options.MAC are required")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{now: o.Now, mac: o.MAC, hooks: o.Hooks.filled(), log: o.Log, failed: make(chan error, 1)}
	var err error
	switch {
	case strings.HasPrefix(o.Database, "postgres://"), strings.HasPrefix(o.Database, "postgresql://"):
		s.engine, err = openPostgres(ctx, s, o.Database)
	case o.Database != "":
		err = errors.New("store: the database is neither empty (SQLite in the data directory) nor a postgres:// URL")
	case o.Dir == "":
		err = errors.New("store: SQLite needs a data directory")
	default:
		s.engine, err = openSQLite(ctx, s, o.Dir)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (h Hooks) filled() Hooks {
	if h.Released == nil {
		h.Released = func([]Change) {}
	}
	if h.Committed == nil {
		h.Committed = func() {}
	}
	if h.RolledBack == nil {
		h.RolledBack = func() {}
	}
	if h.Lost == nil {
		h.Lost = func() {}
	}
	return h
}

// View runs fn in a transaction that reads one state of the database.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.engine.view(ctx, fn)
}

// Reread is a View beside which this process commits no change, so that what fn reads can take the place of what the hooks
// have built. On SQLite, whose hooks lose nothing, it is a View like every other.
func (s *Store) Reread(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.engine.reread(ctx, fn)
}

// Update runs fn in a transaction. When fn returns an error or panics, nothing of it remains; other callers' functions
// are not touched by that. ctx is looked at until fn starts; from then on Update returns only with the outcome.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.engine.update(ctx, fn)
}

// Failed delivers one error when the database can no longer be trusted to keep what it is given, such as after a failed
// fsync. From then on every Update fails; the server has to exit, and recovery happens at its next start.
func (s *Store) Failed() <-chan error { return s.failed }

// RowsRead is how many rows of tables have been read since Open. It tells what a call costs without a clock.
func (s *Store) RowsRead() int64 { return s.read.Load() }

// Followed reports whether other nodes may follow this store's changes, which then leave rows for them.
func (s *Store) Followed() bool {
	_, one := s.engine.(*sqliteEngine)
	return !one
}

// Close waits for running functions and closes the database. Later calls return ErrClosed.
func (s *Store) Close() error { return s.engine.close() }

func (s *Store) begin(session handle, dialect dialect, writable bool) *Tx {
	return &Tx{Now: s.now().UTC().Truncate(time.Millisecond), session: session, dialect: dialect, mac: s.mac, writable: writable, read: &s.read}
}

func (s *Store) fail(err error) {
	select {
	case s.failed <- fmt.Errorf("store: the database failed and must not be written to any more: %w", err):
	default:
	}
}
