package replay

import (
	"encoding/json"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
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
	c := &caller{principal: w.principal(p)}
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

// principal is who a record speaks of, in the words of decisions.
func (w *worker) principal(p *audit.Principal) *authz.Principal {
	out := &authz.Principal{Account: p.Account, ARN: p.ARN, SessionName: p.SessionName, UserID: p.UserID}
	switch p.Type {
	case "Root":
		out.Kind = authz.Root
	case "IAMUser":
		out.Kind, out.IAMUserID = authz.IAMUser, p.ID
		if u := w.Before.IAMUserByID(p.ID); u != nil {
			out.ARN = u.ARN() // it may have another name by now
		}
	case "AssumedRole":
		out.Kind, out.RoleID = authz.Role, p.IssuerID
	case "FederatedUser":
		out.Kind, out.IAMUserID = authz.Federated, p.IssuerID
	default:
		return nil
	}
	w.bind(out, p.SessionPolicies)
	return out
}

// bind gives a session the policies that it was made with. What cannot be had any more binds it to nothing at all, as it
// does when it calls.
func (w *worker) bind(p *authz.Principal, texts string) {
	p.HasSession = texts != "" || p.Kind == authz.Federated
	if texts == "" {
		return
	}
	var list []string
	if json.Unmarshal([]byte(texts), &list) != nil {
		return
	}
	for _, text := range list {
		bound, ok := w.sessionPolicy(p.Account, text)
		if !ok {
			p.SessionPolicies = nil
			return
		}
		p.SessionPolicies = append(p.SessionPolicies, bound)
	}
}

// sessionPolicy is that of a document or of an ARN.
func (w *worker) sessionPolicy(account ident.AccountID, text string) (policy.Policy, bool) {
	if strings.HasPrefix(text, "arn:") {
		return w.SessionPolicy(account, text)
	}
	doc, err := policy.Parse([]byte(text), policy.Session)
	return policy.Policy{Doc: doc}, err == nil
}
