package self

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// trustBinding keeps what makes a browser trusted apart from all else that is sealed for browsers.
var trustBinding = []byte("trusted browser")

// trusted reports whether a browser is trusted for a person and in its usual context. token is what it keeps.
func trusted(c *api.Call, token string, s *subject) bool {
	if token == "" {
		return false
	}
	raw, err := c.Seal.OpenToken(seal.BrowserSession, token, trustBinding)
	if err != nil {
		return false
	}
	t, ok := factor.DecodeTrust(raw)
	return ok && t.Holds(s.user.ID, s.state(), factor.ContextOf(c.UserAgent, c.Address), c.Now)
}

// trust has the browser trusted from now on, after a proof by a device, if the policy has that.
func (p *progress) trust(a *factor.Attempt, s *subject) error {
	if !s.policy.MayTrust() || a.ProvedMFA(p.c.Now).IsZero() || a.SessionID != "" {
		return nil
	}
	t := factor.Trust{UserID: s.user.ID, State: s.state(), Context: factor.ContextOf(p.c.UserAgent, p.c.Address), Until: p.c.Now.Add(factor.TrustLife)}
	token, err := p.c.Seal.SealToken(seal.BrowserSession, t.Encode(), trustBinding, p.c.Random)
	p.out.Trust, p.out.TrustUntil = token, t.Until
	return err
}
