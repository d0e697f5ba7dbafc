package store

import (
	"database/sql"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// SurplusStatuses returns the last status of an instance that is not among its newest keep, by its number, or 0 when all
// are. As long as there are not so many of all instances together, that costs nothing.
func (tx *Tx) SurplusStatuses(instance string, keep int) (last int64, err error) {
	var span sql.NullInt64
	const between = "SELECT (SELECT max(id) FROM permission_status) - (SELECT min(id) FROM permission_status)"
	if err := tx.each(between, nil, func(r *sql.Rows) error { return r.Scan(&span) }); err != nil || span.Int64 < int64(keep) {
		return 0, err
	}
	// Numbers rise with time. The index that begins with the instance does not help: it has another order.
	const next = "SELECT id FROM permission_status WHERE instance_arn + 0 = (SELECT id FROM shared_text WHERE value = $1) ORDER BY id DESC LIMIT 1 OFFSET $2"
	err = tx.each(next, []any{instance, keep}, func(r *sql.Rows) error { return r.Scan(&last) })
	return last, err
}

// PruneStatuses deletes up to limit statuses of an instance, oldest first and up to the last one, and returns how many it
// deleted. What is still being worked on stays.
func (tx *Tx) PruneStatuses(instance string, last int64, limit int) (int, error) {
	const remove = "DELETE FROM permission_status WHERE id IN (SELECT id FROM permission_status WHERE id <= $1 AND instance_arn + 0 = (SELECT id FROM shared_text WHERE value = $2)" +
		" AND (state IS NULL OR state <> $3) ORDER BY id LIMIT $4)"
	n, err := tx.exec(remove, last, instance, permission.InProgress, limit)
	return int(n), err
}
