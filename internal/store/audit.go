package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// AuditRow is an event, or a block of events, of the audit trail. The store keeps its bytes and knows nothing of them.
//
// Rows are only ever added. An event is added with the change that it tells of, in transactions that commit in any order;
// the one sealer then puts committed events into a chain, one after the other, and Position is the place in it.
type AuditRow struct {
	Seq      int64 // unique and rising, with gaps
	Position int64 // in the chain, from 1 without gaps; 0 until the row is sealed
	At       time.Time
	Kind     string
	Body     []byte
	MAC      []byte
	Link     []byte // nil until the row is sealed
}

// AppendBlock adds an audit row that belongs to no other change.
func (s *Store) AppendBlock(ctx context.Context, kind string, body, mac []byte) error {
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.AppendAudit(kind, body, mac)
		return err
	})
}

// AppendAudit adds an audit row and returns its Seq.
func (tx *Tx) AppendAudit(kind string, body, mac []byte) (int64, error) {
	var seq int64
	const insert = "INSERT INTO audit_event (at, kind, body, mac) VALUES ($1, $2, $3, $4) RETURNING id"
	if !tx.writable {
		return 0, errReadOnly
	}
	err := tx.each(insert, []any{tx.Now.UnixMilli(), kind, body, mac}, func(r *sql.Rows) error { return r.Scan(&seq) })
	if err != nil {
		return 0, err
	}
	_, err = tx.exec("INSERT INTO audit_pending (event_id) VALUES ($1)", seq)
	return seq, err
}

// UnsealedAudit returns up to limit committed rows that are not in the chain yet, oldest first.
func (tx *Tx) UnsealedAudit(limit int) ([]AuditRow, error) {
	return tx.audit("SELECT e.id, 0, e.at, e.kind, e.body, e.mac, NULL FROM audit_pending p JOIN audit_event e ON e.id = p.event_id"+
		" ORDER BY p.event_id LIMIT $1", limit)
}

// AuditWaits reports whether a row waits to be put into the chain.
func (tx *Tx) AuditWaits() (waits bool, err error) {
	err = tx.each("SELECT 1 FROM audit_pending LIMIT 1", nil, func(*sql.Rows) error { waits = true; return nil })
	return waits, err
}

// SealAudit puts the row next into the chain. It returns ErrNotFound when the row does not wait for that.
func (tx *Tx) SealAudit(seq int64, link []byte) error {
	n, err := tx.exec("DELETE FROM audit_pending WHERE event_id = $1", seq)
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	}
	_, err = tx.exec("INSERT INTO audit_chain (id, event_id, link) SELECT coalesce(max(id), 0) + 1, $1, $2 FROM audit_chain", seq, link)
	return err
}

const chained = "SELECT e.id, c.id, e.at, e.kind, e.body, e.mac, c.link FROM audit_chain c JOIN audit_event e ON e.id = c.event_id"

// AuditHead returns the last row of the chain, or ErrNotFound.
func (tx *Tx) AuditHead() (AuditRow, error) {
	rows, err := tx.audit(chained+" ORDER BY c.id DESC LIMIT $1", 1)
	if err != nil {
		return AuditRow{}, err
	}
	if len(rows) == 0 {
		return AuditRow{}, ErrNotFound
	}
	return rows[0], nil
}

// AuditFrom returns up to limit rows of the chain that come after a position, in its order.
func (tx *Tx) AuditFrom(position int64, limit int) ([]AuditRow, error) {
	return tx.audit(chained+" WHERE c.id > $1 ORDER BY c.id LIMIT $2", position, limit)
}

// AuditPlace is where somebody stands who reads the trail by its times: behind the row with this time and Seq.
type AuditPlace struct {
	At  time.Time
	Seq int64
}

const auditSince = "SELECT id, 0, at, kind, body, mac, NULL FROM audit_event WHERE at >= $1 AND (at > $1 OR id > $2) ORDER BY at, id LIMIT $3"

// auditPage is how many rows a page of AuditSince has at most.
const auditPage = 1024

// AuditSince returns the committed rows that follow a place, sealed or not, in the order of their times: as many as make a
// page of about size bytes. Without any left it returns none.
func (tx *Tx) AuditSince(after AuditPlace, size int) ([]AuditRow, error) {
	var page []AuditRow
	err := tx.eachAudit(auditSince, []any{after.At.UnixMilli(), after.Seq, auditPage}, func(a *AuditRow) error {
		page = append(page, *a)
		if size -= len(a.Body); size <= 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return page, err
}

// errEnough ends a page before its query does.
var errEnough = errors.New("enough")

func (tx *Tx) audit(query string, args ...any) ([]AuditRow, error) {
	var rows []AuditRow
	err := tx.eachAudit(query, args, func(a *AuditRow) error {
		rows = append(rows, *a)
		return nil
	})
	return rows, err
}

func (tx *Tx) eachAudit(query string, args []any, fn func(*AuditRow) error) error {
	return tx.each(query, args, func(r *sql.Rows) error {
		var a AuditRow
		var ms int64
		if err := r.Scan(&a.Seq, &a.Position, &ms, &a.Kind, &a.Body, &a.MAC, &a.Link); err != nil {
			return err
		}
		a.At = time.UnixMilli(ms).UTC()
		return fn(&a)
	})
}
