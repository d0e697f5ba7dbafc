package admin

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// canPage is how many answers a page has at most.
const canPage = 1000

// can answers whether somebody may do something. A person is asked about with each role that they have.
func can(ctx context.Context, c *api.Call, in *CanInput) (*CanOutput, error) {
	s, err := asking(c, in.AccountId, in.Account)
	if err != nil {
		return nil, err
	}
	given, err := s.question(in.Action, in.Resource, in.Context)
	if err != nil {
		return nil, err
	}
	question := unpaged(in)
	after, err := c.After(question, in.NextToken)
	if err != nil {
		return nil, err
	}
	ask := func(p *authz.Principal) *policy.Answer {
		a := c.Snapshot.Inquire(&authz.Inquiry{Principal: p, Action: in.Action, Resource: in.Resource, Given: given,
			Reach: c.Reach(ctx, p, in.Action, in.Resource)})
		return &a
	}
	if isEntity(in.Who) {
		p, err := s.entity(in.Who)
		if err != nil {
			return nil, err
		}
		return &CanOutput{Answers: []CanAnswer{s.answered(p.Account, "", p.ARN, s.open(p.Account, ask(p)))}}, nil
	}
	u, err := s.person(ctx, in.Who)
	if err != nil {
		return nil, err
	}
	page, next := api.PageBy(s.grants(u, in.PermissionSet), place, after, c.Limit(in.MaxResults, canPage))
	out := &CanOutput{Answers: []CanAnswer{}, NextToken: c.NextToken(question, next)}
	for _, g := range page {
		out.Answers = append(out.Answers, s.granted(u, g, ask))
	}
	return out, nil
}

// place is where a grant stands among a person's.
func place(g authz.Grant) string { return string(g.Account) + "/" + g.Set.Name }

// grants are what a person has been given, as far as it is asked about, in the order of accounts.
func (s *scope) grants(u *directory.User, set string) []authz.Grant {
	list := slices.DeleteFunc(s.call.Snapshot.Grants(u.ID), func(g authz.Grant) bool {
		return !s.has(g.Account) || set != "" && g.Set.Name != set
	})
	slices.SortFunc(list, func(a, b authz.Grant) int { return strings.Compare(place(a), place(b)) })
	return list
}

// granted asks about a person with one role.
func (s *scope) granted(u *directory.User, g authz.Grant, ask func(*authz.Principal) *policy.Answer) CanAnswer {
	no := func(why string) CanAnswer {
		out := s.answered(g.Account, g.Set.Name, "", nil)
		out.Answer = Answer{Answer: policy.No.String(), Reason: why}
		return out
	}
	r, _ := s.call.Snapshot.Reserved(g.Set.ARN, g.Account)
	if r == nil {
		return no("The permission set has no role in the account.")
	}
	if u.Disabled {
		return no("The person is shut out.")
	}
	p, err := authz.AsPerson(u, s.call.Snapshot.Instance(g.Set.InstanceARN), r)
	if err != nil {
		return no(err.Error())
	}
	return s.answered(g.Account, g.Set.Name, p.ARN, s.open(g.Account, ask(p)))
}

// open turns the answer into a no where the account is not open: nobody can do anything there.
func (s *scope) open(id ident.AccountID, a *policy.Answer) *policy.Answer {
	if s.isOpen(id) {
		return a
	}
	return &policy.Answer{Decision: policy.Decision{StatementIndex: -1, Level: -1}}
}

func (s *scope) isOpen(id ident.AccountID) bool {
	a := s.call.Snapshot.Account(id)
	return a != nil && a.Status == account.Active
}

func (s *scope) answered(id ident.AccountID, set, arn string, a *policy.Answer) CanAnswer {
	out := CanAnswer{AccountId: string(id), PermissionSet: set, PrincipalArn: arn}
	if at := s.call.Snapshot.Account(id); at != nil {
		out.AccountName = at.Name
	}
	if a != nil {
		out.Answer = s.told(a)
	}
	return out
}
