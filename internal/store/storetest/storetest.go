// Package storetest is the one exam that both engines of the store have to pass, and a store for other packages' tests.
package storetest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Raw runs a statement behind the store's back and returns how many rows it changed.
type Raw func(query string, args ...any) int64

// Opener opens an empty store that is closed with its test.
type Opener func(t testing.TB, hooks store.Hooks) (*store.Store, Raw)

// Open opens an empty SQLite store for the tests of other packages. It is closed with the test.
func Open(t testing.TB, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Now: now, MAC: MAC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// MAC is a MAC with a key that everybody knows.
func MAC(table string, row []byte) []byte {
	h := hmac.New(sha256.New, []byte("for tests"))
	h.Write([]byte(table))
	h.Write([]byte{0})
	h.Write(row)
	return h.Sum(nil)
}

// Run is the exam.
func Run(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, Opener){
		"a row comes back as it was saved":                       comesBack,
		"a list pages by key and stays stable under writes":      pages,
		"a list comes in the order of names":                     sorted,
		"a broken unique index is named":                         unique,
		"names are folded":                                       folded,
		"an error or a panic undoes only its own function":       isolation,
		"many callers are all answered":                          many,
		"of 64 who want a name one gets it":                      oneWinner,
		"counters lose no update":                                counters,
		"hooks come in order and before the answer":              hooks,
		"a row changed by other hands fails closed and is named": tampering,
		"rows share their texts":                                 sharing,
		"a cancelled ctx starts nothing":                         cancelled,
		"a View cannot write":                                    readOnly,
		"audit rows are sealed into a chain":                     auditing,
		"changes are left for other nodes":                       changes,
		"expired rows go":                                        expired,
		"statuses that are too many go":                          surplus,
		"a closed store says so":                                 closed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}
