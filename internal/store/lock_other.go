//go:build !unix

package store

import (
	"errors"
	"os"
)

// lockDir refuses: a data directory that cannot be locked could be written to by two servers.
func lockDir(string) (*os.File, error) {
	return nil, errors.New("this system cannot lock a data directory; use PostgreSQL here")
}
