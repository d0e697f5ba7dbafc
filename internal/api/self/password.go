package self

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// updated is what the record calls a new password. See "IAM Identity Center information in CloudTrail" in the IAM Identity
// Center User Guide.
const updated = "UpdatePassword"

// shownRules are rules for who has to meet them.
func shownRules(r password.Rules) PasswordRules {
	return PasswordRules{MinLength: r.MinLength, MaxLength: r.MaxLength, Classes: r.Classes, History: r.History}
}

// changePassword gives the caller another password, after a fresh proof. Who is signed in elsewhere is out, and whoever
// knew the old one with them; the browser that asks stays in, with another secret.
func changePassword(ctx context.Context, c *api.Call, in *ChangePasswordInput) (*SignInOutput, error) {
	c.Event(directorySource, updated)
	u, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) {
		s, _, err := managed(tx, c)
		if err != nil {
			return nil, err
		}
		return s.user, nil
	})
	if err != nil {
		return nil, err
	}
	next, err := c.NewPassword(ctx, u, in.Password)
	if err != nil {
		return nil, err
	}
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		s, portal, err := managed(tx, c)
		if err != nil {
			return err
		}
		if err := c.SetPassword(tx, s.user, next, s.user.ID); err != nil {
			return err
		}
		portal.Generation, portal.SecretHash = s.user.Generation, api.HashSecret(p.secret)
		p.out = SignInOutput{Next: string(factor.Done), Secret: p.secret, SessionEndsAt: portal.ExpiresAt}
		return store.Portals.Save(tx, portal)
	})
	return p.answer(err)
}

// chooseInSignIn gives who is signing in another password in place of one that has to be changed, and goes on.
func chooseInSignIn(ctx context.Context, c *api.Call, in *ChooseInSignInInput) (*SignInOutput, error) {
	c.Event(directorySource, updated)
	u, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) {
		_, s, err := attempted(tx, c, in.Attempt, factor.Choose)
		if err != nil {
			return nil, err
		}
		return s.user, nil
	})
	if err != nil {
		return nil, err
	}
	c.Note("userId", u.ID)
	next, err := c.NewPassword(ctx, u, in.Password)
	if err != nil {
		return nil, err
	}
	p := goingOn(c, in.Attempt)
	err = c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, factor.Choose)
		if err != nil {
			return err
		}
		if err := c.SetPassword(tx, s.user, next, s.user.ID); err != nil {
			return err
		}
		a.State = s.state()
		return p.goOn(tx, a, s)
	})
	return p.answer(err)
}

// goOn is advance after a password was chosen: that somebody signed in is told beside it.
func (p *progress) goOn(tx *store.Tx, a *factor.Attempt, s *subject) error {
	a.Step = factor.Choose
	return p.advance(tx, a, s, false)
}
