package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many Views run at once on SQLite. Each has a connection with a cache of its own.
const readers = 4

// sqliteEngine is SQLite: one writer, a few readers, and the lock on the directory.
type sqliteEngine struct {
	store   *Store
	lock    *os.File
	db, rdb *sql.DB
	writer  *writer
	idle    chan *sqliteConn // nil stands for a connection that was not opened yet
	once    sync.Once
	closed  chan struct{}
}

func openSQLite(ctx context.Context, s *Store, dir string) (_ engine, err error) {
	e := &sqliteEngine{store: s, idle: make(chan *sqliteConn, readers), closed: make(chan struct{})}
	if e.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.release()
		}
	}()
	path := filepath.Join(dir, "gatehouse.db")
	// SQLite would create the file readable for everybody that umask lets.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	file.Close()
	if e.db, err = sql.Open("sqlite", sqliteDSN(path, "immediate", "cache_size(-2000)")); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	e.db.SetMaxOpenConns(1)
	if err := migrate(ctx, e.db, goose.DialectSQLite3, s.log); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if e.rdb, err = sql.Open("sqlite", sqliteDSN(path, "deferred", "cache_size(-1000)", "query_only(1)")); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	for range readers {
		e.idle <- nil
	}
	conn, err := openSQLiteConn(e.db)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	e.writer = newWriter(s, conn)
	return e, nil
}

// sqliteDSN carries every pragma, so that no connection can be without one.
func sqliteDSN(path, txlock string, pragmas ...string) string {
	q := url.Values{"_txlock": {txlock}, "_pragma": append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(1)", "trusted_schema(0)", "journal_size_limit(16777216)"}, pragmas...)}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (e *sqliteEngine) update(ctx context.Context, fn func(*Tx) error) error {
	return e.writer.do(ctx, fn)
}

func (e *sqliteEngine) reread(ctx context.Context, fn func(*Tx) error) error { return e.view(ctx, fn) }

func (e *sqliteEngine) view(ctx context.Context, fn func(*Tx) error) (err error) {
	var conn *sqliteConn
	select {
	case <-e.closed:
		return ErrClosed
	default:
	}
	select {
	case conn = <-e.idle:
	case <-e.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.idle <- conn }()
	if conn == nil {
		if conn, err = openSQLiteConn(e.rdb); err != nil {
			return fmt.Errorf("open a connection: %w", err)
		}
	}
	if _, err := conn.exec("BEGIN"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if _, rollback := conn.exec("ROLLBACK"); rollback != nil {
			conn.close()
			conn = nil
		}
	}()
	return fn(e.store.begin(conn, sqliteDialect{}, false))
}

func (e *sqliteEngine) close() error {
	var err error
	e.once.Do(func() {
		close(e.closed)
		for range readers { // wait for running Views
			if conn := <-e.idle; conn != nil {
				conn.close()
			}
		}
		e.writer.close()
		err = e.release()
	})
	return err
}

func (e *sqliteEngine) release() error {
	var errs []error
	for _, db := range []*sql.DB{e.rdb, e.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, e.lock.Close())...)
}

// sqliteConn is a connection with its prepared statements. There are as many as there are distinct queries in this
// package, so none is ever given up.
type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func openSQLiteConn(db *sql.DB) (*sqliteConn, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &sqliteConn{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *sqliteConn) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := c.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// exec and query know no ctx: an interrupted statement would make SQLite roll back what belongs to others.
func (c *sqliteConn) exec(query string, args ...any) (sql.Result, error) {
	stmt, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

func (c *sqliteConn) query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

func (c *sqliteConn) close() {
	for _, stmt := range c.stmts {
		stmt.Close()
	}
	c.conn.Close()
}

// sqliteDialect reads SQLite's errors.
type sqliteDialect struct{}

func (sqliteDialect) followed() bool { return false }

func (sqliteDialect) oneWriter() bool { return true }

// unique finds the columns in a message such as "UNIQUE constraint failed: unit.parent_id, unit.name", which is the only
// place where SQLite says them.
func (sqliteDialect) unique(err error) (columns []string, index string, ok bool) {
	var broken *sqlite.Error
	if !errors.As(err, &broken) || broken.Code() != sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return nil, "", false
	}
	_, list, _ := strings.Cut(broken.Error(), "UNIQUE constraint failed: ")
	list, _, _ = strings.Cut(list, " (")
	for column := range strings.SplitSeq(list, ", ") {
		_, name, _ := strings.Cut(column, ".")
		columns = append(columns, name)
	}
	return columns, "", true
}

// fatal reports whether err means that what SQLite wrote may not be on disk, or that what is on disk is damaged.
func fatal(err error) bool {
	var broken *sqlite.Error
	if !errors.As(err, &broken) {
		return false
	}
	switch broken.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
