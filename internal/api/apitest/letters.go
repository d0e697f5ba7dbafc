package apitest

import (
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Letters are those that wait in the outbox, in the order in which they were written.
func (w *World) Letters() (letters []*mail.Letter) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		letters = nil
		return store.Outbox.Each(tx, func(o *mail.Outgoing) error {
			l, err := w.OpenLetter(o)
			letters = append(letters, l)
			return err
		})
	})
	return letters
}
