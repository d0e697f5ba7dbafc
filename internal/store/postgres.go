package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

const (
	connections = 16               // to the PostgreSQL server, from this node
	attempts    = 24               // of a function that cannot be serialised
	patience    = 30 * time.Second // with one attempt
	dialing     = 5 * time.Second  // until a new connection stands, unless the URL says otherwise
)

// postgresEngine is PostgreSQL: each function is one SERIALIZABLE transaction.
type postgresEngine struct {
	store  *Store
	db     *sql.DB
	commit sync.Mutex // orders commits that changed the snapshot's rows, so that hooks see them in that order
	closed atomic.Bool
}

func openPostgres(ctx context.Context, s *Store, dsn string) (engine, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("open the database: the postgres:// URL cannot be read") // err may quote the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = dialing
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the database: %w", err), db.Close())
	}
	if err := migrate(ctx, db, goose.DialectPostgres, s.log); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &postgresEngine{store: s, db: db}, nil
}

func (e *postgresEngine) view(ctx context.Context, fn func(*Tx) error) error {
	if e.closed.Load() {
		return ErrClosed
	}
	conn, in, err := e.begin(ctx, ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer in.Rollback()
	tx := e.store.begin(postgresSession{ctx, in}, postgresDialect{}, false)
	if err = fn(tx); tx.broken != nil {
		return away(err)
	}
	return err
}

func (e *postgresEngine) reread(ctx context.Context, fn func(*Tx) error) error {
	e.commit.Lock()
	defer e.commit.Unlock()
	return e.view(ctx, fn)
}

func (e *postgresEngine) update(ctx context.Context, fn func(*Tx) error) error {
	if e.closed.Load() {
		return ErrClosed
	}
	var err error
	for n := range attempts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err = e.once(ctx, fn); !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff(n)):
		}
	}
	return fault.New(fault.Unavailable, "ServiceUnavailableException",
		"Too many others are changing the same things. Try again.").Because(err)
}

// once makes one attempt. ctx ends the wait for a connection and nothing after it.
func (e *postgresEngine) once(ctx context.Context, fn func(*Tx) error) error {
	wait := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	conn, in, err := e.begin(wait, ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer in.Rollback()
	tx := e.store.begin(postgresSession{ctx, in}, postgresDialect{}, true)
	err = fn(tx)
	switch {
	case tx.broken != nil && (err == nil || retryable(tx.broken)):
		return away(tx.broken) // the function may have wrapped or swallowed it
	case tx.broken != nil:
		return away(err)
	case err != nil:
		return err
	case len(tx.changes) == 0:
		return unknown(in.Commit())
	}
	e.commit.Lock()
	defer e.commit.Unlock()
	if err := in.Commit(); err != nil {
		if doubtful(err) {
			e.store.hooks.Lost()
		}
		return unknown(err)
	}
	e.store.hooks.Released(tx.changes)
	e.store.hooks.Committed()
	return nil
}

// begin waits for a connection until wait ends, and begins a transaction on it. A connection that broke while it lay idle,
// as all do when the server restarts, is left for another: nothing was asked of it yet.
func (e *postgresEngine) begin(wait, ctx context.Context, how *sql.TxOptions) (*sql.Conn, *sql.Tx, error) {
	for broken := 0; ; broken++ {
		conn, err := e.db.Conn(wait)
		if err != nil {
			return nil, nil, away(fmt.Errorf("wait for a connection: %w", err))
		}
		in, err := conn.BeginTx(ctx, how)
		if err == nil {
			return conn, in, nil
		}
		conn.Close()
		if !unreachable(err) || ctx.Err() != nil || broken == connections {
			return nil, nil, away(fmt.Errorf("begin: %w", err))
		}
	}
}

func (e *postgresEngine) close() error {
	e.closed.Store(true)
	return e.db.Close()
}

// retryable reports whether err is a serialization failure or a deadlock. See "Serialization Failure Handling" in
// PostgreSQL's documentation.
func retryable(err error) bool {
	var broken *pgconn.PgError
	return errors.As(err, &broken) && (broken.Code == "40001" || broken.Code == "40P01")
}

// unreachable reports whether err says that there is no talking to the database: the connection broke, or the server is
// stopping, starting or full. See "PostgreSQL Error Codes", classes 08, 53 and 57.
func unreachable(err error) bool {
	var broken *pgconn.PgError
	if errors.As(err, &broken) {
		return strings.HasPrefix(broken.Code, "08") || broken.Code == "53300" || strings.HasPrefix(broken.Code, "57P")
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed) || pgconn.Timeout(err)
}

// doubtful reports whether a COMMIT that ended with err may have been carried out: only the server's own answer says that
// it was not.
func doubtful(err error) bool {
	var answer *pgconn.PgError
	return !errors.As(err, &answer) || unreachable(err)
}

// away turns the error of a database that cannot be reached into one that callers may see and try again after.
func away(err error) error {
	if err == nil || !unreachable(err) || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, "ServiceUnavailable", "The database cannot be reached. Try again in a moment.").Because(err)
}

// unknown is away for COMMIT, after which nobody knows what became of the transaction.
func unknown(err error) error {
	if err == nil || !doubtful(err) {
		return err
	}
	return fault.New(fault.Unavailable, "ServiceUnavailable",
		"The connection to the database broke at the last moment: the change may have been made. Look before you try again.").Because(err)
}

// backoff spreads those who collided. Chance is no secret here, so it need not be given.
func backoff(attempt int) time.Duration {
	ceiling := min(time.Millisecond<<min(attempt, 10), 100*time.Millisecond)
	return time.Duration(rand.Int64N(int64(ceiling))) + 1
}

// postgresSession is a transaction in PostgreSQL. The driver keeps prepared statements a connection.
type postgresSession struct {
	ctx context.Context
	tx  *sql.Tx
}

func (s postgresSession) exec(query string, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(s.ctx, query, args...)
}

func (s postgresSession) query(query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.ctx, query, args...)
}

// postgresDialect reads PostgreSQL's errors.
type postgresDialect struct{}

func (postgresDialect) followed() bool { return true }

func (postgresDialect) oneWriter() bool { return false }

func (postgresDialect) unique(err error) (columns []string, index string, ok bool) {
	var broken *pgconn.PgError
	if !errors.As(err, &broken) || broken.Code != "23505" {
		return nil, "", false
	}
	return nil, broken.ConstraintName, true
}
