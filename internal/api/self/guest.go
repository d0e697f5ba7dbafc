package self

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// guest is a program that the caller is asked to let in.
type guest struct {
	program, address, agent string
	longest                 time.Duration // that it may be let in for; 0 for as long as the sign-in lasts
	host                    *subject
	browser                 *session.Portal
}

// newGuest is a program beside the caller's browser.
func newGuest(tx *store.Tx, c *api.Call) (*guest, error) {
	host, err := subjectOf(tx, c, c.Principal.UserID)
	if err != nil {
		return nil, err
	}
	g := &guest{address: c.Address.String(), agent: c.UserAgent, host: host, browser: c.Snapshot.Portal(c.Principal.SessionID)}
	if g.browser == nil {
		return nil, ended()
	}
	return g, nil
}

// wants refuses a guest until its host has proved anew who they are, where that is wanted, or where access keys want it: a
// program gets keys, too.
func (g *guest) wants(tx *store.Tx, proof bool) error {
	if (proof || g.host.policy.StepUpKeys) && !g.browser.IsFresh(tx.Now) {
		return api.StepUpFirst()
	}
	return nil
}

// until is when the guest's session ends: never after the sign-in that it stands on, so that nobody stays signed in for
// ever by letting themselves in again. See "Authentication sessions" in the IAM Identity Center User Guide.
func (g *guest) until(c *api.Call) time.Time {
	lasts := g.host.policy.Session
	if g.longest > 0 {
		lasts = min(lasts, g.longest)
	}
	if end := c.Now.Add(lasts); end.Before(c.Principal.ExpiresAt) {
		return end
	}
	return c.Principal.ExpiresAt
}

// letIn begins the guest's session. It has no cookie; its tokens name it, and it can be ended by itself.
func (g *guest) letIn(tx *store.Tx, c *api.Call) (*session.Portal, error) {
	s := newSession(c, g.host.user, g.host.policy)
	s.Program, s.Address, s.UserAgent = g.program, g.address, g.agent
	s.MFAAt, s.ExpiresAt = g.browser.MFAAt, g.until(c)
	return s, store.Portals.Save(tx, s)
}
