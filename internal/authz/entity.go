package authz

import (
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// EntityKind is what has policies in an account.
type EntityKind string

// The kinds of entities, as their ARNs write them.
const (
	UserEntity  EntityKind = "user"
	GroupEntity EntityKind = "group"
	RoleEntity  EntityKind = "role"
)

// Entity is a user, group or role with everything that decides what it may do. A simulation is a decision about it that
// nobody has asked for.
type Entity struct {
	ARN       string
	Principal *Principal // nil for a group, which calls nothing
	Caller    policy.Principal
	Holdings  []Holding
	Boundary  *policy.Policy
	SCP, RCP  [][]policy.Policy // of the account, as policy.Layers has them
}

// Holding is the identity policies of one holder: a user has those of its groups too.
type Holding struct {
	Kind     EntityKind
	Name     string
	Policies []policy.Policy // inline ones have no ARN
}

// Entity returns an entity of an account, nil when there is none of that name, letter case aside. ok is false when one of its
// policies is missing or cannot be read: it may do nothing then.
func (s *Snapshot) Entity(account ident.AccountID, kind EntityKind, name string) (e *Entity, ok bool) {
	switch kind {
	case UserEntity:
		if u := s.IAMUser(account, name); u != nil {
			e, ok = s.userEntity(s.iamUsers.get(u.ID))
		}
	case GroupEntity:
		if g := s.IAMGroup(account, name); g != nil {
			e = &Entity{ARN: g.ARN(), Caller: policy.Principal{Kind: policy.User, ARN: g.ARN(), Account: account, ManagementAccount: s.manages(account)}}
			e.Holdings, ok = s.holding(nil, s.iamGroups.get(g.ID))
		}
	case RoleEntity:
		if r := s.role(account, name); r != nil {
			e, ok = s.roleEntity(r)
		}
	}
	if e != nil {
		e.SCP = s.guards(account, organization.ServiceControlPolicy)
		e.RCP = s.guards(account, organization.ResourceControlPolicy)
	}
	return e, ok
}

func (s *Snapshot) manages(account ident.AccountID) bool {
	o := s.OrganizationOf(account)
	return o != nil && o.Management == account
}

func (s *Snapshot) userEntity(u *user) (*Entity, bool) {
	p := &Principal{Kind: IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID}
	a := s.actor(p)
	e := &Entity{ARN: u.ARN(), Principal: p, Caller: a.speaker()}
	grants, boundary, ok := s.resolve(u.Account, &u.powers, u.held)
	e.Boundary = boundary
	e.Holdings = []Holding{{UserEntity, u.Name, grants}}
	groups := s.iamGroupsOf.get(u.ID)
	for i := 0; ok && groups != nil && i < len(*groups); i++ {
		g := s.iamGroups.get((*groups)[i])
		if g == nil || g.Account != u.Account {
			return e, false
		}
		e.Holdings, ok = s.holding(e.Holdings, g)
	}
	return e, ok
}

// holding adds what a group holds.
func (s *Snapshot) holding(list []Holding, g *group) ([]Holding, bool) {
	grants, _, ok := s.resolve(g.Account, &g.powers, g.held)
	return append(list, Holding{GroupEntity, g.Name, grants}), ok
}

// roleEntity: the caller is a session of the role that no policy can name.
func (s *Snapshot) roleEntity(r *role) (*Entity, bool) {
	p := &Principal{Kind: Role, Account: r.Account, ARN: ident.SessionARN(r.Account, r.Name, ""), RoleID: r.ID}
	a := s.actor(p)
	e := &Entity{ARN: r.ARN(), Principal: p, Caller: a.speaker()}
	grants, boundary, ok := s.powersOf(&a)
	e.Boundary = boundary
	e.Holdings = []Holding{{RoleEntity, r.Name, grants}}
	return e, ok
}
