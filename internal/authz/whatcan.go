package authz

import (
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/actions"
)

// ServiceAccess is what somebody may do with a service.
type ServiceAccess struct {
	Service string // what its actions begin with
	Reads   ActionCount
	Changes ActionCount
}

// ActionCount counts the actions of a service of one sort.
type ActionCount struct {
	Yes   int // allowed, whatever the resource
	YesIf int // allowed on some resources, or under conditions
	All   int
}

// Level sums up the access: full, read, limited or none. Full is everything on every resource and without conditions; read
// is nothing that changes anything.
func (a *ServiceAccess) Level() string {
	switch {
	case a.Reads.Yes == a.Reads.All && a.Changes.Yes == a.Changes.All:
		return "full"
	case a.Changes.Yes+a.Changes.YesIf > 0:
		return "limited"
	case a.Reads.Yes+a.Reads.YesIf > 0:
		return "read"
	}
	return "none"
}

func (c *ActionCount) add(answer policy.Certainty) {
	c.All++
	switch answer {
	case policy.Yes:
		c.Yes++
	case policy.YesIf:
		c.YesIf++
	}
}

// WhatCan sums up what a principal may do in its own account, service by service, those aside of which it may do nothing.
// Permissions that a resource's policy gives in other accounts are not in it.
func (s *Snapshot) WhatCan(p *Principal, given *policy.Context) []ServiceAccess {
	q, layers, ok := s.inquiry(&Inquiry{Principal: p, Action: "any:Action", Resource: "*", Given: given})
	if !ok {
		return nil
	}
	q.Open = true
	survey := policy.NewSurvey(q, &layers)
	var list []ServiceAccess
	for _, service := range actions.Services() {
		sum := ServiceAccess{Service: service.Prefix}
		for _, a := range service.Actions {
			action := service.Prefix + ":" + a.Name
			answer := survey.Certainty(action)
			if p.Kind == Root && action == assumeRole {
				answer = policy.No
			}
			if a.Level.Changes() {
				sum.Changes.add(answer)
			} else {
				sum.Reads.add(answer)
			}
		}
		if sum.Level() != "none" {
			list = append(list, sum)
		}
	}
	return list
}
