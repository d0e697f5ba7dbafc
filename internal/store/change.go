package store

import (
	"database/sql"
	"time"
)

// ChangeRow says that a row was saved or deleted, for nodes that follow by reading. SQLite is one node's own and has none.
type ChangeRow struct {
	Seq   int64
	Table string
	Key   string
	At    time.Time
}

func (tx *Tx) changed(c Change) error {
	tx.changes = append(tx.changes, c)
	if !tx.dialect.followed() {
		return nil
	}
	_, err := tx.exec("INSERT INTO change (tbl, row_key, at) VALUES ($1, $2, $3)", c.Table, c.Key, tx.Now.UnixMilli())
	return err
}

// ChangesSince returns the changes that were made at a time or later, in the order of their numbers. That order is not
// the order of their commits, so a follower reads back far enough to see late ones.
func (tx *Tx) ChangesSince(at time.Time) ([]ChangeRow, error) {
	var changes []ChangeRow
	const query = "SELECT id, tbl, row_key, at FROM change WHERE at >= $1 ORDER BY id"
	err := tx.each(query, []any{at.UnixMilli()}, func(r *sql.Rows) error {
		var c ChangeRow
		var ms int64
		if err := r.Scan(&c.Seq, &c.Table, &c.Key, &ms); err != nil {
			return err
		}
		c.At = time.UnixMilli(ms).UTC()
		changes = append(changes, c)
		return nil
	})
	return changes, err
}

// PruneChanges deletes up to limit changes that were made before a time, when every follower has long read them, and
// returns how many it deleted.
func (tx *Tx) PruneChanges(before time.Time, limit int) (int, error) {
	const remove = "DELETE FROM change WHERE id IN (SELECT id FROM change WHERE at < $1 ORDER BY at LIMIT $2)"
	n, err := tx.exec(remove, before.UnixMilli(), limit)
	return int(n), err
}
