package store

import (
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"time"
)

// Tx is a transaction. It is good until the function it was given to returns, and for one goroutine.
//
// The first error that the database gives ends the transaction: every later call returns that error again, and it is
// not committed even when the function returns nil. PostgreSQL insists on this; SQLite is held to it, so that code
// which works on one works on the other. ErrNotFound is not such an error, a *UniqueError is.
type Tx struct {
	Now time.Time // the time of the transaction, UTC, in milliseconds

	session  handle
	dialect  dialect
	mac      func(table string, row []byte) []byte
	writable bool
	changes  []Change
	shared   map[any]struct{} // texts that have their number
	texts    []any            // by their numbers, once a Load has read them
	broken   error
	read     *atomic.Int64 // of the store
}

// handle is how a transaction speaks to its engine.
type handle interface {
	exec(query string, args ...any) (sql.Result, error)
	query(query string, args ...any) (*sql.Rows, error)
}

// dialect is what differs between the engines once queries are shared.
type dialect interface {
	// unique tells the columns or the name of the UNIQUE index that err says was broken.
	unique(err error) (columns []string, index string, ok bool)
	// followed says whether other nodes may read along, and so need the rows of change.
	followed() bool
	// oneWriter tells whether transactions that write run one after the other, in this process only.
	oneWriter() bool
}

// OneWriter reports whether no other transaction writes while this one does, so that the hooks have been told of
// every change that it sees.
func (tx *Tx) OneWriter() bool { return tx.dialect.oneWriter() }

var errReadOnly = errors.New("store: a View cannot write")

func (tx *Tx) exec(query string, args ...any) (int64, error) {
	switch {
	case tx.broken != nil:
		return 0, tx.broken
	case !tx.writable:
		return 0, errReadOnly
	}
	result, err := tx.session.exec(query, args...)
	if err != nil {
		return 0, tx.broke(err)
	}
	return result.RowsAffected()
}

// each runs the query and gives every row to scan. scan must not use tx: PostgreSQL has one open result at a time.
func (tx *Tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	if tx.broken != nil {
		return tx.broken
	}
	rows, err := tx.session.query(query, args...)
	if err != nil {
		return tx.broke(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return tx.broke(err)
	}
	return nil
}

func (tx *Tx) broke(err error) error {
	tx.broken = err
	return err
}

// uniqueError turns a broken unique index of s into a UniqueError and leaves every other error as it is.
func (tx *Tx) uniqueError(s *shape, err error) error {
	columns, name, ok := tx.dialect.unique(err)
	if !ok {
		return err
	}
	unique := &UniqueError{Table: s.name, Index: strings.TrimPrefix(name, s.name+"_")}
	if name == "" {
		unique.Index = s.uniqueNamed(columns)
	}
	tx.broken = unique
	return unique
}
