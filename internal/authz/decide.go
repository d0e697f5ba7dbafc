package authz

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Question is one decision to make: may the principal take the action on the resource?
type Question struct {
	Principal *Principal
	Action    string // "iam:CreateUser"
	Resource  string // an ARN or "*"
	Owner     ident.AccountID
	Context   *policy.Context
	Trust     string // the AROA… of the role whose trust policy has to agree, for sts:AssumeRole
	// Organization is whose delegation policy has a say, for organizations:*. Admitted says that members need none.
	Organization string
	Admitted     bool
}

// Decide answers q by the policies of s, and returns the request as the policies saw it, for the message and the record.
func (s *Snapshot) Decide(q Question) (policy.Decision, *policy.Request) {
	a := s.actor(q.Principal)
	r := a.asks(&q)
	layers, ok := s.layersFor(&a, &q)
	if !ok {
		return unreadable, r
	}
	return policy.Decide(r, &layers), r
}

// Explain answers q as Decide does and says why.
func (s *Snapshot) Explain(q Question) (policy.Explanation, *policy.Request) {
	r, layers, ok := s.gather(&q)
	if !ok {
		return policy.Explanation{Decision: unreadable}, r
	}
	return policy.Explain(r, &layers), r
}

// unreadable is the decision when one of the principal's own policies is missing or cannot be read.
var unreadable = policy.Decision{Layer: policy.LayerIdentity, StatementIndex: -1, Level: -1}

// asks is the request that policies see.
func (a *actor) asks(q *Question) *policy.Request {
	return &policy.Request{Principal: a.speaker(), Action: q.Action, Resource: q.Resource, ResourceAccount: q.Owner, Context: q.Context}
}

// gather returns the request that policies see and the policies that bear on it; ok is false when one of the principal's own
// is missing.
func (s *Snapshot) gather(q *Question) (r *policy.Request, l policy.Layers, ok bool) {
	a := s.actor(q.Principal)
	l, ok = s.layersFor(&a, q)
	return a.asks(q), l, ok
}

// layersFor gathers every policy that bears on q; ok is false when one of the principal's own is missing.
func (s *Snapshot) layersFor(a *actor, q *Question) (l policy.Layers, ok bool) {
	if l, ok = s.standing(a); !ok {
		return l, false
	}
	l.SCP = s.guardsOver(a.account, a.organization, organization.ServiceControlPolicy)
	if q.Owner == a.Account {
		l.RCP = s.guardsOver(a.account, a.organization, organization.ResourceControlPolicy)
	} else {
		l.RCP = s.guards(q.Owner, organization.ResourceControlPolicy)
	}
	s.ofResource(&l, q)
	return l, true
}

// standing gathers the policies that a principal has, whatever is asked; ok is false when one of them is missing.
func (s *Snapshot) standing(a *actor) (l policy.Layers, ok bool) {
	l = policy.Layers{Session: a.SessionPolicies, HasSession: a.HasSession}
	l.Identity, l.Boundary, ok = s.powersOf(a)
	return l, ok
}

// ofResource adds what the resource has to say.
func (s *Snapshot) ofResource(l *policy.Layers, q *Question) {
	if q.Organization != "" {
		l.Resource, l.Admitted = s.delegation(q)
	} else {
		l.Admitted = q.Admitted
	}
	if q.Trust != "" {
		l.ResourceIsTrust = true
		l.Resource = s.trustOf(q.Trust)
	}
}

// delegation returns the delegation policy of the organization, and whether its members may call without one. Nobody
// but its members gains by it, and it never binds the management account.
func (s *Snapshot) delegation(q *Question) (*policy.Policy, bool) {
	o := s.OrganizationOf(q.Principal.Account)
	if o == nil || o.ID != q.Organization {
		return nil, false
	}
	if o.Management == q.Principal.Account {
		return nil, q.Admitted
	}
	return s.delegations.get(o.ID), q.Admitted
}

// guards is guardsOver for an account's id.
func (s *Snapshot) guards(id ident.AccountID, policyType string) [][]policy.Policy {
	a, o := s.membership(id)
	return s.guardsOver(a, o, policyType)
}

// guardsOver returns the policies of a type of every level from the root down to the account, or nil when the account is in
// no organization or the organization has not enabled the type.
func (s *Snapshot) guardsOver(a *account.Account, o *organization.Organization, policyType string) [][]policy.Policy {
	switch {
	case o == nil:
		return nil
	case policyType == organization.ServiceControlPolicy:
		return s.over(a, o).scp
	}
	return s.over(a, o).rcp
}

// levels puts together what guardsOver returns. Resource control policies leave alone what belongs to the management account.
func (s *Snapshot) levels(a *account.Account, o *organization.Organization, policyType string) [][]policy.Policy {
	if !o.Enables(policyType) || policyType == organization.ResourceControlPolicy && o.Management == a.ID {
		return nil
	}
	path := []string{string(a.ID)}
	for at := a.ParentID; at != o.RootID; {
		u := s.units.get(at)
		if u == nil || len(path) > organization.MaxDepth {
			return [][]policy.Policy{{}} // a way that does not lead to the root may lack a level that denies
		}
		path = append(path, at)
		at = u.ParentID
	}
	path = append(path, o.RootID)
	levels := make([][]policy.Policy, 0, len(path))
	for i := len(path) - 1; i >= 0; i-- {
		levels = append(levels, s.level(o, path[i], policyType))
	}
	return levels
}

// level returns the policies of a type that are attached to one target. One that cannot be read is left out of the list,
// and the whole level with it, since it might have denied.
func (s *Snapshot) level(o *organization.Organization, target, policyType string) []policy.Policy {
	list := []policy.Policy{}
	if policyType == organization.ResourceControlPolicy {
		list = append(list, fullResourceAccess)
	}
	ids := s.attached.get(o.ID + "/" + target)
	if ids == nil {
		return list
	}
	for _, id := range *ids {
		switch id {
		case organization.FullAccessID:
			if policyType == organization.ServiceControlPolicy {
				list = append(list, fullAccess)
			}
			continue
		case organization.FullResourceAccessID:
			continue // is there already, whatever is attached
		}
		g := s.policies.get(o.ID + "/" + id)
		switch {
		case g == nil || g.compiled.Doc == nil:
			return []policy.Policy{}
		case g.Type == policyType:
			list = append(list, g.compiled)
		}
	}
	return list
}

// What AWS attaches, compiled.
var (
	fullAccess         = provided(organization.FullAccess(), policy.SCP)
	fullResourceAccess = provided(organization.FullResourceAccess(), policy.RCP)
)

func provided(p *organization.Policy, kind policy.Kind) policy.Policy {
	doc, err := policy.Parse([]byte(p.Content), kind)
	if err != nil {
		panic(err)
	}
	return policy.Policy{ARN: (&organization.Organization{}).PolicyARN(p), Name: p.Name, Doc: doc}
}

// Reserved returns the role that a permission set has in an account, and how long its sessions last; nil when there
// is none.
func (s *Snapshot) Reserved(set string, id ident.AccountID) (*iam.Role, time.Duration) {
	at, ok := s.places.of(set, id)
	if !ok {
		return nil, 0
	}
	r := s.places.role(at, id)
	v := s.versions.get(versionKey(set, r.Version))
	if v == nil {
		return nil, 0
	}
	return r.Role, v.SessionDuration
}

// OrgPath returns where an account stands in its organization, "o-…/r-…/ou-…/", as aws:PrincipalOrgPaths spells it.
func (s *Snapshot) OrgPath(id ident.AccountID) string {
	a, o := s.membership(id)
	if o == nil {
		return ""
	}
	return s.over(a, o).path
}

func (s *Snapshot) orgPath(a *account.Account) string {
	path := ""
	for at, depth := a.ParentID, 0; at != "" && depth < 16; depth++ {
		path = at + "/" + path
		u := s.units.get(at)
		if u == nil {
			break
		}
		at = u.ParentID
	}
	return a.OrganizationID + "/" + path
}

// Unknown is what is not known of a question: condition keys, and the parts of the resource that are stars.
type Unknown struct {
	Keys     []string // with a "*" at the end for all that begin so
	Resource bool
	Cases    int // as policy.Inquiry has it
}

// DecideWithout answers q as far as it can be answered without what is unknown.
func (s *Snapshot) DecideWithout(q Question, u Unknown) (policy.Answer, *policy.Request) {
	r, layers, ok := s.gather(&q)
	if !ok {
		return policy.Answer{Decision: unreadable}, r
	}
	unknown := append([]string{}, u.Keys...) // not nil, which would be every key
	return policy.Inquire(&policy.Inquiry{Request: *r, Unknown: unknown, Open: u.Resource, Cases: u.Cases}, &layers), r
}
