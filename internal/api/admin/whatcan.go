package admin

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// whatCanPage is how many roles a page has at most: for each, every action of every service is asked about.
const whatCanPage = 50

// whatCan sums up what somebody may do: a person with each role that they have.
func whatCan(ctx context.Context, c *api.Call, in *WhatCanInput) (*WhatCanOutput, error) {
	s, err := asking(c, in.AccountId, in.Account)
	if err != nil {
		return nil, err
	}
	given, err := keys(in.Context)
	if err != nil {
		return nil, err
	}
	question := unpaged(in)
	after, err := c.After(question, in.NextToken)
	if err != nil {
		return nil, err
	}
	if isEntity(in.Who) {
		p, err := s.entity(in.Who)
		if err != nil {
			return nil, err
		}
		return &WhatCanOutput{Roles: []WhatCanRole{s.summed(p, "", given)}}, nil
	}
	u, err := s.person(ctx, in.Who)
	if err != nil {
		return nil, err
	}
	page, next := api.PageBy(s.grants(u, in.PermissionSet), place, after, c.Limit(in.MaxResults, whatCanPage))
	out := &WhatCanOutput{Roles: []WhatCanRole{}, NextToken: c.NextToken(question, next)}
	for _, g := range page {
		role, err := s.roleOf(ctx, u, g, given)
		if err != nil {
			return nil, err
		}
		out.Roles = append(out.Roles, role)
	}
	return out, nil
}

// roleOf sums up one role of a person, and says through which groups they have it.
func (s *scope) roleOf(ctx context.Context, u *directory.User, g authz.Grant, given *policy.Context) (WhatCanRole, error) {
	out := WhatCanRole{AccountId: string(g.Account), PermissionSet: g.Set.Name, Services: []WhatCanService{}}
	if r, _ := s.call.Snapshot.Reserved(g.Set.ARN, g.Account); r != nil && !u.Disabled {
		if p, err := authz.AsPerson(u, s.call.Snapshot.Instance(g.Set.InstanceARN), r); err == nil {
			out = s.summed(p, g.Set.Name, given)
		}
	}
	if a := s.call.Snapshot.Account(g.Account); a != nil {
		out.AccountName = a.Name
	}
	var groups []string
	out.ByName, groups = s.call.Snapshot.GivenBy(u.ID, g)
	return out, s.call.View(ctx, func(tx *store.Tx) error {
		for _, id := range groups {
			group, err := store.Groups.Get(tx, id)
			if err != nil {
				return store.Missing(err, nil)
			}
			out.Groups = append(out.Groups, group.DisplayName)
		}
		return nil
	})
}

// summed sums up what a principal may do in its account, if that is open.
func (s *scope) summed(p *authz.Principal, set string, given *policy.Context) WhatCanRole {
	out := WhatCanRole{AccountId: string(p.Account), PermissionSet: set, PrincipalArn: p.ARN, Services: []WhatCanService{}}
	if a := s.call.Snapshot.Account(p.Account); a != nil {
		out.AccountName = a.Name
	}
	if !s.isOpen(p.Account) {
		return out
	}
	for _, a := range s.call.Snapshot.WhatCan(p, given) {
		out.Services = append(out.Services, WhatCanService{Service: a.Service, Access: a.Level(), Reads: count(a.Reads), Changes: count(a.Changes)})
	}
	return out
}

func count(c authz.ActionCount) ActionCount {
	return ActionCount{Yes: int32(c.Yes), YesIf: int32(c.YesIf), All: int32(c.All)}
}
