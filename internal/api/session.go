package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/session"
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

// seen keeps that a browser's session is in use, where it ends when it is not.
func (c *Corridor) seen(ctx context.Context, p *authz.Principal) error {
	s := c.State.Current().Portal(p.SessionID)
	if p.SessionID == "" || s == nil || !s.Due(c.now()) {
		return nil
	}
	return c.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := store.Portals.Get(tx, p.SessionID)
		if err != nil {
			return store.Missing(err, nil)
		}
		if !s.Live(tx.Now) || !s.Due(tx.Now) {
			return nil // ended, or seen by another call meanwhile
		}
		s.SeenAt = tx.Now
		return store.Portals.Save(tx, s)
	})
}

// StepUp is the code of the fault that wants a fresh proof of who is signed in.
const StepUp = "StepUpRequiredException"

// StepUpFirst is that fault.
func StepUpFirst() error {
	return fault.New(fault.Denied, StepUp, "Prove again that it is you: your last proof was more than %d minutes ago.", int(session.Fresh.Minutes()))
}

// SignInPolicy returns what an identity center asks of who signs in. One without a policy of its own asks for no more
// than a password.
func SignInPolicy(tx *store.Tx, instanceARN string) (*factor.Policy, error) {
	p, err := store.SignInPolicies.Get(tx, instanceARN)
	if errors.Is(err, store.ErrNotFound) {
		return factor.Lenient(instanceARN), nil
	}
	return p, err
}

// RemoveFactor removes a device of an owner's. Recovery codes stand in for devices, so they go with the last.
func RemoveFactor(tx *store.Tx, d *factor.Device) error {
	if err := store.Factors.Delete(tx, d); err != nil {
		return err
	}
	left, _, err := store.Factors.List(tx, "owner", []any{d.Owner}, "", 1)
	if err != nil || len(left) > 0 {
		return err
	}
	h, err := store.Holders.Get(tx, d.Owner)
	if err != nil {
		return store.Missing(err, nil)
	}
	h.Codes, h.MadeAt = nil, time.Time{}
	return store.Holders.Save(tx, h)
}

// DeleteFactors deletes all that an owner proves themselves with beside a password, so that a key can be somebody else's.
func DeleteFactors(tx *store.Tx, owner string) error {
	devices, _, err := store.Factors.List(tx, "owner", []any{owner}, "", 0)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if err := store.Factors.Delete(tx, d); err != nil {
			return err
		}
	}
	err = store.Holders.Delete(tx, &factor.Holder{Owner: owner})
	return store.Missing(err, nil)
}

// SessionsOf returns the sessions of a person that last, the newest first.
func SessionsOf(tx *store.Tx, u *directory.User) ([]*session.Portal, error) {
	return SessionsOwned(tx, u.ID, u.Generation)
}

// SessionsOwned is SessionsOf for an owner of any kind, who has a generation now.
func SessionsOwned(tx *store.Tx, owner string, generation uint64) ([]*session.Portal, error) {
	list, _, err := store.Portals.List(tx, "user", []any{owner}, "", 0)
	list = slices.DeleteFunc(list, func(s *session.Portal) bool { return !s.Live(tx.Now) || s.Generation != generation })
	slices.SortFunc(list, func(a, b *session.Portal) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}
