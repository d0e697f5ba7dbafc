package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
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

// PasswordTries is whose tries at a password are counted, whether there is such a person or not.
func PasswordTries(storeID, userName string) string {
	return storeID + "\x00" + directory.Fold(userName)
}

// FactorTries is whose tries at second factors are counted. They are counted apart from those at the password, which a
// right password forgives.
func FactorTries(userID string) string { return "factor\x00" + userID }

// ResetTries is whose wishes for a link are counted, whether there is such a person or not.
func ResetTries(storeID, userName string) string {
	return "reset\x00" + PasswordTries(storeID, userName)
}

// RootPasswordTries is whose tries at the password of a root user are counted, whether there is an account with this address
// or not.
func RootPasswordTries(email string) string { return "root\x00" + directory.Fold(email) }

// RootResetTries is ResetTries of a root user.
func RootResetTries(email string) string { return "reset\x00" + RootPasswordTries(email) }

// MailTries is whose codes by mail are counted.
func MailTries(userID string) string { return "mailed\x00" + userID }

// TriesOf are all by which the tries at a person are counted.
func TriesOf(u *directory.User) []string {
	name := PasswordTries(u.StoreID, u.UserName)
	return []string{name, KnownTries(name), FactorTries(u.ID), MailTries(u.ID), ResetTries(u.StoreID, u.UserName)}
}

// TriesOfRoot is TriesOf for the root user of an account.
func TriesOfRoot(a *account.Account) []string {
	return []string{RootPasswordTries(a.Email), CodeTries(string(a.ID)), RootResetTries(a.Email)}
}

// TriesOfIAMUser is TriesOf for an IAM user.
func TriesOfIAMUser(u *iam.User) []string {
	return []string{IAMPasswordTries(u.Account, u.Name), CodeTries(u.ID)}
}
