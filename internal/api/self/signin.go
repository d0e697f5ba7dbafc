package self

import (
	"context"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// wrong is the one answer to a wrong name, a wrong password, a person without one, and a person who is disabled.
func wrong() error {
	return fault.New(fault.Denied, "AccessDeniedException", "The user name or the password is not right.")
}

// signIn proves a name and a password, and begins a session or, where more is wanted, an attempt. It takes as long for
// names that nobody has as for those that somebody has.
func signIn(ctx context.Context, c *api.Call, in *SignInInput) (*SignInOutput, error) {
	verified(c, factor.Password, "")
	instance := c.Snapshot.InstanceAt(in.Portal)
	if instance == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no portal here with this name.")
	}
	name := c.TriesFrom(in.Known, api.PasswordTries(instance.IdentityStoreID, in.UserName))
	if err := c.Slow(name); err != nil {
		return nil, err
	}
	user, fresher, err := prove(ctx, c, instance.IdentityStoreID, directory.Fold(in.UserName), in.Password)
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(name, c.Address)
	p := newProgress(c)
	verified(c, factor.Password, p.workflow)
	err = c.Update(ctx, func(tx *store.Tx) error {
		s, err := subjectOf(tx, c, user.ID)
		if err != nil {
			return err
		}
		if s.user.PasswordHash != user.PasswordHash {
			return wrong() // changed while the password was being compared
		}
		if fresher != "" {
			s.user.PasswordHash = fresher
			if err := store.Users.Save(tx, s.user); err != nil {
				return err
			}
		}
		c.Note("userId", s.user.ID)
		a := &factor.Attempt{ID: p.workflow, StoreID: s.user.StoreID, UserID: s.user.ID, State: s.state(), CreatedAt: tx.Now,
			ExpiresAt: tx.Now.Add(factor.AttemptLife)}
		return p.advance(tx, a, s, trusted(c, in.Trust, s))
	})
	return p.answer(err)
}

// verified has the call recorded as the verification of a credential, which CloudTrail's CredentialVerification is, unless
// the call gets further.
func verified(c *api.Call, kind factor.Kind, workflow string) {
	c.Event(api.SignInSource, "CredentialVerification", details(kind, workflow)...)
}

// details are the additional data of events of signing in, of which unknown ones are left out.
func details(kind factor.Kind, workflow string) []audit.Fact {
	facts := []audit.Fact{{Name: "CredentialType", Value: string(kind)}}
	if workflow != "" {
		facts = append(facts, audit.Fact{Name: "AuthWorkflowID", Value: workflow})
	}
	return facts
}

// recordedName is how a tried name is recorded: as it is when somebody has it, and else hidden.
func recordedName(u *directory.User) string {
	if u == nil {
		return api.HiddenName
	}
	return u.UserName
}

// prove compares the password, or does the same work for nothing. Where a hash is older than today's costs, it returns a
// fresher one.
func prove(ctx context.Context, c *api.Call, storeID, name, secret string) (u *directory.User, fresher string, err error) {
	u, err = api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) {
		return store.Users.By(tx, "name", storeID, name)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, "", err
	}
	c.Note("userName", recordedName(u))
	if err != nil || u.PasswordHash == "" || u.Disabled || u.Expired(c.Now) {
		if err := c.Passwords.VerifyNobody(ctx, secret); err != nil {
			return nil, "", err
		}
		return nil, "", wrong()
	}
	old, err := proves(ctx, c, u, secret)
	if err != nil || !old {
		return u, "", err
	}
	fresher, err = c.Passwords.Hash(ctx, secret)
	if err != nil {
		fresher = "" // too many want to sign in: the next time, then
	}
	return u, fresher, nil
}

// proves compares a person's password, and reports whether its hash is older than today's costs.
func proves(ctx context.Context, c *api.Call, u *directory.User, secret string) (old bool, err error) {
	ok, old, err := c.Passwords.Verify(ctx, u.PasswordHash, secret)
	if err == nil && !ok {
		return false, wrong()
	}
	return old, err
}
