package store

import "errors"

// ErrNotFound is returned when no row has the key.
var ErrNotFound = errors.New("store: no such row")

// ErrClosed is returned by calls that come after Close.
var ErrClosed = errors.New("store: closed")

// UniqueError says that a row was refused because another has the same value in a unique index.
type UniqueError struct{ Table, Index string }

// Error names the table and the index.
func (e *UniqueError) Error() string {
	return "store: a row with this " + e.Index + " is in " + e.Table + " already"
}

// TamperedError says that a row is not as it was saved. It fails closed: nothing of the row is used.
type TamperedError struct{ Table, Key, Reason string }

// Error names the row.
func (e *TamperedError) Error() string {
	return "store: the row " + e.Key + " of " + e.Table + " was changed outside of this program: " + e.Reason
}

// Missing replaces ErrNotFound by what a caller is told of a row that is not there. Every other error stays.
func Missing(err, as error) error {
	if errors.Is(err, ErrNotFound) {
		return as
	}
	return err
}

// Taken replaces a UniqueError by what a caller is told of a name that somebody else has. Every other error stays.
func Taken(err, as error) error {
	var unique *UniqueError
	if errors.As(err, &unique) {
		return as
	}
	return err
}
