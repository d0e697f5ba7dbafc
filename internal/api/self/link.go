package self

import (
	"cmp"
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// linked finds a link of a person that may be used, and whose it is.
func linked(tx *store.Tx, c *api.Call, secret string) (*link.Link, *subject, error) {
	l, to, err := api.FindLink(tx, secret)
	if err != nil {
		return nil, nil, err
	}
	s, err := subjectOf(tx, c, to.Owner())
	return l, s, err
}

// describeLink says what a link is for. The link stays as it is, because what looks at links is often a program.
func describeLink(ctx context.Context, c *api.Call, in *DescribeLinkInput) (*DescribeLinkOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeLinkOutput, error) {
		l, to, err := api.FindLink(tx, in.Secret)
		if err != nil {
			return nil, err
		}
		if to.Account != nil {
			return describeRootLink(l, to), nil
		}
		s, err := subjectOf(tx, c, to.Owner())
		if err != nil {
			return nil, err
		}
		return &DescribeLinkOutput{Purpose: string(l.Purpose), UserName: s.user.UserName,
			Name: cmp.Or(s.user.GivenName, s.user.DisplayName, s.user.UserName), Email: to.Address(), Organization: s.issuer(c),
			By: l.By, Portal: s.instance.PortalName(), Rules: shownRules(s.policy.PasswordRules()),
			WantsDevice: s.policy.Next(s.devices, "", false) == factor.Register, CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt}, nil
	})
}

// spendLink gives the owner of a link a password, goes on to register a device, or verifies an address. A person who was
// invited goes on to sign in; who had forgotten their password signs in with the new one, so that a link in the wrong hands does not open everything
// at once. So does every root user. Either way a second factor is asked for as it always is. See "Forgot Password Cheat
// Sheet" of OWASP.
func spendLink(ctx context.Context, c *api.Call, in *SpendLinkInput) (*SignInOutput, error) {
	c.Event(directorySource, updated)
	var l *link.Link
	to, err := api.Look(ctx, c, func(tx *store.Tx) (to *api.Addressee, err error) {
		l, to, err = api.FindLink(tx, in.Secret)
		return to, err
	})
	if err != nil {
		return nil, err
	}
	if to.Account != nil {
		return &SignInOutput{}, spendRootLink(ctx, c, in, to.Account)
	}
	c.Note("userId", to.User.ID)
	c.Note("userName", to.User.UserName)
	switch l.Purpose {
	case link.Registration:
		return spendRegistration(ctx, c, in, to.User)
	case link.Verification:
		return spendVerification(ctx, c, in)
	}
	next, err := c.NewPassword(ctx, to.User, in.Password)
	if err != nil {
		return nil, err
	}
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		l, s, err := linked(tx, c, in.Secret)
		if err != nil {
			return err
		}
		api.Verified(s.user, l)
		if err := c.SetPassword(tx, s.user, next, s.user.ID); err != nil {
			return err
		}
		if l.Purpose == link.Reset {
			return p.know(s)
		}
		return p.goOn(tx, &factor.Attempt{ID: p.workflow, StoreID: s.user.StoreID, UserID: s.user.ID, State: s.state(), CreatedAt: tx.Now,
			ExpiresAt: tx.Now.Add(factor.AttemptLife)}, s)
	})
	return p.answer(err)
}

// spendRegistration begins the registration of a device once the person has proved their password, whatever devices they
// have: the link takes the place of these. It ends when one is registered, and not before, so that who has nothing at hand
// yet can come back. See NIST SP 800-63B-4 section 4.1.2, on binding another authenticator.
func spendRegistration(ctx context.Context, c *api.Call, in *SpendLinkInput, u *directory.User) (*SignInOutput, error) {
	verified(c, factor.Password, "")
	name := api.PasswordTries(u.StoreID, u.UserName)
	if err := c.Slow(name); err != nil {
		return nil, err
	}
	if u.Expired(c.Now) {
		return nil, wrong()
	}
	if _, err := proves(ctx, c, u, in.Password); err != nil {
		return nil, err
	}
	c.Throttle.Success(name, c.Address)
	p := newProgress(c)
	verified(c, factor.Password, p.workflow)
	err := c.Update(ctx, func(tx *store.Tx) error {
		_, s, err := linked(tx, c, in.Secret) // which is dead if the password is another by now
		if err != nil {
			return err
		}
		a := &factor.Attempt{ID: p.workflow, StoreID: s.user.StoreID, UserID: s.user.ID, Step: factor.Register, State: s.state(), CreatedAt: tx.Now,
			ExpiresAt: tx.Now.Add(factor.AttemptLife)}
		p.out = SignInOutput{Next: string(a.Step), Attempt: p.attempt, ExpiresAt: a.ExpiresAt}
		return p.keep(tx, a)
	})
	return p.answer(err)
}

// spendVerification keeps that a person reads the mail at their address. It lets nobody in.
func spendVerification(ctx context.Context, c *api.Call, in *SpendLinkInput) (*SignInOutput, error) {
	c.Event(directorySource, "VerifyEmail")
	return &SignInOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		l, s, err := linked(tx, c, in.Secret)
		if err != nil {
			return err
		}
		api.Verified(s.user, l)
		if err := api.EndLinks(tx, s.user.ID, link.Verification); err != nil {
			return err
		}
		return store.Users.Save(tx, s.user)
	})
}

// requestPasswordReset takes down which person wants a link.
func requestPasswordReset(ctx context.Context, c *api.Call, in *RequestPasswordResetInput) (*RequestPasswordResetOutput, error) {
	i := c.Snapshot.InstanceAt(in.Portal)
	if i == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no portal here with this name.")
	}
	name := directory.Fold(in.UserName)
	if name == "" || len(name) > longestName {
		return nil, invalid("Type your user name.")
	}
	if err := c.Slow(api.ResetTries(i.IdentityStoreID, name)); err != nil {
		return nil, err
	}
	c.Event(directorySource, "ForgotPassword")
	return &RequestPasswordResetOutput{}, c.Forgot(ctx, i.Owner, i.IdentityStoreID, name)
}

// longestName is that of a user whom a stranger may name, in bytes.
const longestName = 512
