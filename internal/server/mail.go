package server

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// lookForMail is how often letters are looked for that nobody said were there: those that are tried again, and those that
// a node that ended has left.
const lookForMail = 15 * time.Second

// sendMail sends what is in the outbox until ctx ends. A letter is taken for as long as a try lasts, so that no two nodes
// try at once, and it is in the outbox until a mail server has it.
func (s *Server) sendMail(ctx context.Context) {
	tick := time.NewTicker(lookForMail)
	defer tick.Stop()
	for {
		if err := s.emptyOutbox(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Error("mail stands still", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.services.Letters:
		case <-tick.C:
		}
	}
}

// emptyOutbox tries every letter that is due.
func (s *Server) emptyOutbox(ctx context.Context) error {
	for {
		o, err := s.takeLetter(ctx)
		if o == nil || err != nil {
			return err
		}
		if err := s.sendLetter(ctx, o); err != nil {
			return err
		}
	}
}

// takeLetter takes the letter that has been due for longest; nil when none is.
func (s *Server) takeLetter(ctx context.Context) (*mail.Outgoing, error) {
	var due *mail.Outgoing
	find := func(tx *store.Tx) error {
		list, _, err := store.Outbox.List(tx, "all", nil, "", 1)
		due = nil
		if len(list) > 0 && !list[0].DueAt.After(tx.Now) {
			due = list[0]
		}
		return err
	}
	if err := s.services.Store.View(ctx, find); due == nil || err != nil {
		return nil, err
	}
	err := s.services.Store.Update(ctx, func(tx *store.Tx) error {
		if err := find(tx); due == nil || err != nil {
			return err
		}
		due.Take(tx.Now)
		return store.Outbox.Save(tx, due)
	})
	return due, err
}

// sendLetter tries once, and has the outbox know what came of it.
func (s *Server) sendLetter(ctx context.Context, o *mail.Outgoing) error {
	failed := s.deliver(ctx, o)
	if ctx.Err() != nil {
		return ctx.Err() // it is due again when the time it was taken for is over
	}
	if failed == nil {
		return s.services.Store.Update(ctx, func(tx *store.Tx) error { return sent(tx, o) })
	}
	s.config.Log.Warn("mail not sent", "mail", o.ID, "kind", o.Kind, "try", o.Tries, "error", failed)
	return s.services.Continue(ctx, o.ID, func(tx *store.Tx, effect func(api.Effect)) error {
		if !o.Again(tx.Now, failed) && !errors.Is(failed, mail.ErrRefused) {
			return store.Outbox.Save(tx, o)
		}
		effect(api.Effect{Account: ident.AccountID(o.Account), Service: "gatehouse", Operation: "GiveUpMail", Resource: o.To})
		return sent(tx, o)
	})
}

// remind has a letter in the outbox for whom somebody named who forgot their password, if there is such a user, in place of
// the letter that says so.
func (s *Server) remind(ctx context.Context, o *mail.Outgoing, forgotten *mail.Letter) error {
	secret := s.services.NewSecret()
	return s.services.Continue(ctx, o.ID, func(tx *store.Tx, effect func(api.Effect)) error {
		if err := store.Outbox.Delete(tx, o); err != nil {
			return store.Missing(err, nil) // another node was faster
		}
		to, err := s.services.Remind(tx, forgotten, secret)
		if to == nil || err != nil {
			return err
		}
		account := ident.AccountID(o.Account)
		if to.Account != nil {
			account = to.Account.ID
		}
		effect(api.Effect{Account: account, Service: "gatehouse", Operation: "SendPasswordLink", Resource: to.ARN()})
		return nil
	})
}

// sent takes a letter out of the outbox. Another node may have done so, if this one took too long.
func sent(tx *store.Tx, o *mail.Outgoing) error {
	if err := store.Outbox.Delete(tx, o); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// deliver puts a letter into words and brings it on its way.
func (s *Server) deliver(ctx context.Context, o *mail.Outgoing) error {
	l, err := s.services.OpenLetter(o)
	if err != nil {
		return err
	}
	if l.Kind == mail.Forgotten {
		return s.remind(ctx, o, l)
	}
	m, err := l.Write()
	if err != nil {
		return err
	}
	return s.services.Deliver(ctx, m, o.ID)
}
