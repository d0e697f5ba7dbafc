package authz

import (
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Comparison answers many questions by the policies of two snapshots, of which the second is a Hypothesis about the
// first. It remembers what they say of accounts, so that it is for one goroutine.
type Comparison struct {
	before, after *Snapshot
	scp, rcp      map[ident.AccountID]*guardPair
}

// NewComparison compares two snapshots.
func NewComparison(before, after *Snapshot) *Comparison {
	return &Comparison{before, after, map[ident.AccountID]*guardPair{}, map[ident.AccountID]*guardPair{}}
}

// guardPair is the policies of a type over an account, in both snapshots.
type guardPair struct {
	before, after [][]policy.Policy
	differ        bool
}

// Standing is what both snapshots have of a principal: who it is, and the policies that it has whatever it asks for.
type Standing struct {
	principal     *Principal
	before, after standing
	differs       bool
}

type standing struct {
	who    policy.Principal
	layers policy.Layers
	ok     bool // nothing is missing
}

// Of returns the standing of a principal.
func (c *Comparison) Of(p *Principal) *Standing {
	s := &Standing{principal: p, before: c.before.stands(p), after: c.after.stands(p)}
	scp := c.guards(c.scp, p.Account, organization.ServiceControlPolicy)
	s.before.layers.SCP, s.after.layers.SCP = scp.before, scp.after
	bound := !s.before.who.ManagementAccount && !s.before.who.ServiceLinkedRole
	s.differs = bound && scp.differ || s.before.ok != s.after.ok || s.before.who != s.after.who ||
		!samePolicies(s.before.layers.Identity, s.after.layers.Identity) ||
		!samePolicy(s.before.layers.Boundary, s.after.layers.Boundary)
	return s
}

func (s *Snapshot) stands(p *Principal) standing {
	a := s.actor(p)
	out := standing{who: a.speaker()}
	out.layers, out.ok = s.standing(&a)
	return out
}

// Touched reports whether the snapshots differ in any policy that bears on what a principal asks about resources of an
// owner. Where they do not, they decide alike.
func (c *Comparison) Touched(s *Standing, owner ident.AccountID) bool {
	return s.differs || c.guards(c.rcp, owner, organization.ResourceControlPolicy).differ
}

// Decide reports whether each snapshot allows what is asked; q.Principal is that of the standing.
func (c *Comparison) Decide(s *Standing, q *Question) (before, after policy.Decision) {
	rcp := c.guards(c.rcp, q.Owner, organization.ResourceControlPolicy)
	before = c.before.decide(&s.before, q, rcp.before)
	if !s.differs && !rcp.differ {
		return before, before
	}
	return before, c.after.decide(&s.after, q, rcp.after)
}

func (s *Snapshot) decide(on *standing, q *Question, rcp [][]policy.Policy) policy.Decision {
	if !on.ok {
		return unreadable
	}
	l := on.layers
	l.RCP = rcp
	s.ofResource(&l, q)
	return policy.Decide(&policy.Request{Principal: on.who, Action: q.Action, Resource: q.Resource, ResourceAccount: q.Owner, Context: q.Context}, &l)
}

// guards returns the policies of a type over an account. The trees of organizations are the same in both snapshots, but
// what is attached to them is not.
func (c *Comparison) guards(known map[ident.AccountID]*guardPair, id ident.AccountID, policyType string) *guardPair {
	if g := known[id]; g != nil {
		return g
	}
	g := &guardPair{before: c.before.guards(id, policyType), after: c.after.guards(id, policyType)}
	g.differ = !slices.EqualFunc(g.before, g.after, samePolicies) || (g.before == nil) != (g.after == nil)
	known[id] = g
	return g
}

// samePolicies reports whether two lists have the same documents. A document is compiled once and never changed, so that it
// is known by where it lies.
func samePolicies(a, b []policy.Policy) bool {
	return slices.EqualFunc(a, b, func(a, b policy.Policy) bool { return a.Doc == b.Doc })
}

func samePolicy(a, b *policy.Policy) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Doc == b.Doc
}

// Exists reports whether who called as p could do so again, with credentials of today: the account is open; the role or
// user is there; the person is, is not disabled, and is still assigned.
func (s *Snapshot) Exists(p *Principal) bool {
	if p.UserID != "" {
		if who := s.people.person(p.UserID); who == nil || who.row == "" || who.disabled {
			return false
		}
	}
	if p.Kind == Person {
		return true
	}
	if a := s.Account(p.Account); a == nil || a.Status != "ACTIVE" {
		return false
	}
	switch p.Kind {
	case Root:
		return true
	case IAMUser, Federated:
		u := s.iamUsers.get(p.IAMUserID)
		return u != nil && u.Account == p.Account
	case Role:
		r := s.roleWithID(p.RoleID)
		return r != nil && r.Account == p.Account && (!r.Reserved() || s.Assigned(p.UserID, r.PermissionSet, r.Account))
	}
	return false
}
