package api

import (
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// EndSession ends a portal session, and with it the tokens and keys that were handed out in it. One that is not there
// is over already and was cleared away.
func EndSession(tx *store.Tx, id string) error {
	s, err := store.Portals.Get(tx, id)
	if err != nil {
		return store.Missing(err, nil)
	}
	s.EndedAt = tx.Now
	return store.Portals.Save(tx, s)
}
