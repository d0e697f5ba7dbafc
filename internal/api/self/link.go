package self

import (
	"cmp"
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// linked finds a link that may be used, and whose it is.
func linked(tx *store.Tx, c *api.Call, secret string) (*link.Link, *subject, error) {
	l, u, err := api.FindLink(tx, secret)
	if err != nil {
		return nil, nil, err
	}
	s, err := subjectOf(tx, c, u.ID)
	return l, s, err
}

// describeLink says what a link is for. The link stays as it is, because what looks at links is often a program.
func describeLink(ctx context.Context, c *api.Call, in *DescribeLinkInput) (*DescribeLinkOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeLinkOutput, error) {
		l, s, err := linked(tx, c, in.Secret)
		if err != nil {
			return nil, err
		}
		return &DescribeLinkOutput{Purpose: string(l.Purpose), UserName: s.user.UserName,
			Name: cmp.Or(s.user.GivenName, s.user.DisplayName, s.user.UserName), Email: api.AddressOf(s.user), Organization: s.issuer(c),
			By: l.By, Portal: s.instance.PortalName(), Rules: shownRules(s.policy),
			WantsDevice: s.policy.Next(s.devices, "", false) == factor.Register, CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt}, nil
	})
}

// spendLink gives the person of a link a password, or goes on to register a device. Who was invited goes on to sign in; who had forgotten their password
// signs in with the new one, so that a link in the wrong hands does not open everything at once. Either way a second factor
// is asked for as it always is. See "Forgot Password Cheat Sheet" of OWASP.
func spendLink(ctx context.Context, c *api.Call, in *SpendLinkInput) (*SignInOutput, error) {
	c.Event(directorySource, updated)
	var l *link.Link
	u, err := api.Look(ctx, c, func(tx *store.Tx) (u *directory.User, err error) {
		l, u, err = api.FindLink(tx, in.Secret)
		return u, err
	})
	if err != nil {
		return nil, err
	}
	c.Note("userId", u.ID)
	c.Note("userName", u.UserName)
	if l.Purpose == link.Registration {
		return spendRegistration(ctx, c, in, u)
	}
	next, err := c.NewPassword(ctx, u, in.Password)
	if err != nil {
		return nil, err
	}
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		l, s, err := linked(tx, c, in.Secret)
		if err != nil {
			return err
		}
		if err := c.SetPassword(tx, s.user, next, s.user.ID); err != nil || l.Purpose == link.Reset {
			return err
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
	if err := throttle(c, name); err != nil {
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

// requestPasswordReset takes down who wants a link, whoever they say they are. Whether there is such a person is looked up
// when the mail is sent, so that no answer, and no time that it takes, tells. See OWASP ASVS 5.0 section 6.3.8.
func requestPasswordReset(ctx context.Context, c *api.Call, in *RequestPasswordResetInput) (*RequestPasswordResetOutput, error) {
	i := c.Snapshot.InstanceAt(in.Portal)
	if i == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no portal here with this name.")
	}
	name := directory.Fold(in.UserName)
	if name == "" || len(name) > longestName {
		return nil, invalid("Type your user name.")
	}
	if err := throttle(c, api.ResetTries(i.IdentityStoreID, name)); err != nil {
		return nil, err
	}
	c.Event(directorySource, "ForgotPassword")
	err := c.Update(ctx, func(tx *store.Tx) error {
		able, err := c.CanMail(tx)
		if err != nil {
			return err
		}
		waiting, err := store.Outbox.Count(tx, "all")
		if err != nil {
			return err
		}
		if !able || waiting >= mostWaiting {
			return fault.New(fault.Unavailable, "ServiceUnavailable", "No mail can be sent from here at this moment. Ask your administrator for a new password.")
		}
		return c.Queue(tx, i.Owner, "", &mail.Letter{Kind: mail.Forgotten, StoreID: i.IdentityStoreID, UserName: name, At: tx.Now})
	})
	if err == nil {
		c.WakePost()
	}
	return &RequestPasswordResetOutput{}, err
}

// Bounds of what strangers may ask for.
const (
	longestName = 512    // of a user, in bytes
	mostWaiting = 10_000 // letters, beyond which strangers cause no more
)
