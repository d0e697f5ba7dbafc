package self

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// rules are what a new password has to meet: more where it may be all that is asked for.
func rules(p *factor.Policy) password.Rules {
	return password.NIST(p.Prompt == factor.Always && p.NeedsDevice())
}

// changePassword gives the caller another password, after a fresh proof. Who is signed in elsewhere is out, and whoever
// knew the old one with them; the browser that asks stays in, with another secret.
func changePassword(ctx context.Context, c *api.Call, in *ChangePasswordInput) (*SignInOutput, error) {
	c.Event(directorySource, "UpdatePassword")
	_, err := api.Look(ctx, c, func(tx *store.Tx) (any, error) {
		s, _, err := managed(tx, c)
		if err != nil {
			return nil, err
		}
		return nil, objections(rules(s.policy), in.Password, s, c)
	})
	if err != nil {
		return nil, err
	}
	hash, err := c.Passwords.Hash(ctx, password.Normal(in.Password))
	if err != nil {
		return nil, err
	}
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		s, portal, err := managed(tx, c)
		if err != nil {
			return err
		}
		s.user.PasswordHash = hash
		s.user.Generation++
		s.user.Changed(tx.Now, s.user.ID)
		portal.Generation, portal.SecretHash = s.user.Generation, api.HashSecret(p.secret)
		p.out = SignInOutput{Next: string(factor.Done), Secret: p.secret, SessionEndsAt: portal.ExpiresAt}
		if err := store.Users.Save(tx, s.user); err != nil {
			return err
		}
		return store.Portals.Save(tx, portal)
	})
	return p.answer(err)
}

// objections says what is wrong with a new password.
func objections(r password.Rules, typed string, s *subject, c *api.Call) error {
	all := r.Object(typed, words(s.user, s.issuer(c))...)
	if len(all) == 0 {
		return nil
	}
	said := make([]string, len(all))
	for i, o := range all {
		said[i] = sentence(o, r)
	}
	return invalid(strings.Join(said, " "))
}

// words are what somebody who guesses would try first.
func words(u *directory.User, organization string) []string {
	list := []string{u.UserName, u.DisplayName, u.GivenName, u.FamilyName, u.NickName, organization, "gatehouse"}
	for _, e := range u.Emails {
		list = append(list, e.Value)
	}
	return list
}

// sentence says an objection to the person.
func sentence(o password.Objection, r password.Rules) string {
	switch o {
	case password.TooShort:
		return fmt.Sprintf("Use %d characters or more.", r.MinLength)
	case password.TooLong:
		return fmt.Sprintf("Use at most %d characters.", r.MaxLength)
	case password.Unreadable:
		return "It has characters that cannot be typed."
	case password.Known:
		return "Many people have used this password, and it is the first that thieves try."
	case password.Repetitive:
		return "It repeats a few characters, or runs along the alphabet."
	case password.Contextual:
		return "It is little more than your name, or that of your organization."
	}
	return fmt.Sprintf("It has a fault: %s.", o)
}
