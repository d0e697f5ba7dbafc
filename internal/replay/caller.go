package replay

import (
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// caller is who made calls on record, as of today.
type caller struct {
	principal *authz.Principal
	standing  *authz.Standing // of who exists
	who       Who
	own       bool // of an account of the organization
	exists    bool
}

// callerKey is all of a principal on record that its decisions depend on, but for the condition keys.
type callerKey struct {
	kind, id, arn, issuer, session, user, policies string
	account                                        ident.AccountID
}

// mostCallers is how many a worker remembers: sessions come and go, and a year has many.
const mostCallers = 50_000

// caller returns who a principal on record is today, or nil for one that policies do not bind.
func (w *worker) caller(p *audit.Principal) *caller {
	if c, ok := w.callers[keyOf(p)]; ok {
		return c
	}
	if len(w.callers) >= mostCallers {
		clear(w.callers)
	}
	kept := p.Clone()
	c := w.known(&kept)
	w.callers[keyOf(&kept)] = c
	return c
}

func keyOf(p *audit.Principal) callerKey {
	return callerKey{p.Type, p.ID, p.ARN, p.IssuerID, p.SessionName, p.UserID, p.SessionPolicies, p.Account}
}

func (w *worker) known(p *audit.Principal) *caller {
	c := &caller{principal: w.Before.Recorded(p, w.SessionPolicy)}
	if c.principal == nil {
		return nil
	}
	if a := w.Before.Account(p.Account); a != nil {
		c.own = a.OrganizationID == w.Organization
	}
	if c.exists = w.Before.Exists(c.principal); c.exists {
		c.standing = w.comparison.Of(c.principal)
	}
	c.who = who(c.principal)
	return c
}
