package self

import (
	"context"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// codeLength is how many digits a code by mail has: its attempt bears five tries. See OWASP ASVS 5.0 section 6.6.3.
const codeLength = 6

// codeBinding keeps a code in its attempt, and so with the browser that has the attempt's secret.
func codeBinding(a *factor.Attempt) []byte { return []byte("mailed code\x00" + a.ID) }

// mailCode mails a code to who signs in without a device.
func (p *progress) mailCode(tx *store.Tx, a *factor.Attempt, s *subject) error {
	if err := p.c.Slow(api.MailTries(s.user.ID)); err != nil {
		return err
	}
	code := p.c.IDs.Text(codeLength, "0123456789")
	sealed, err := p.c.Seal.SealValue(seal.Secret(code), codeBinding(a), p.c.Random)
	if err != nil {
		return err
	}
	a.Mailed = sealed
	sent, err := p.c.Write(tx, api.Person(s.user), mail.Letter{Kind: mail.Code, Code: code, Until: a.ExpiresAt})
	if err == nil && !sent {
		return fault.New(fault.Denied, Blocked, "You need a code by mail, and no mail gets to you from here. Ask your administrator.")
	}
	return err
}

// proveMailed uses up the code that was mailed.
func (p *progress) proveMailed(a *factor.Attempt, typed string) error {
	if a.Mailed == nil {
		return wrongFactor()
	}
	code, err := p.c.Seal.OpenValue(a.Mailed, codeBinding(a))
	if err != nil {
		return err
	}
	if !code.Equal(seal.Secret(strings.ReplaceAll(typed, " ", ""))) {
		return wrongFactor()
	}
	a.Mailed = nil
	return nil
}

// sendCode mails another code in place of the one before. The tries at that one stay counted.
func sendCode(ctx context.Context, c *api.Call, in *SendCodeInput) (*SendCodeOutput, error) {
	p := goingOn(c, in.Attempt)
	return &SendCodeOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, factor.Mailed)
		if err != nil {
			return err
		}
		c.Event(api.SignInSource, "CredentialChallenge", details(factor.Email, a.ID)...)
		if err := p.mailCode(tx, a, s); err != nil {
			return err
		}
		return store.Attempts.Save(tx, a)
	})
}
