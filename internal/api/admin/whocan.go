package admin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// A page of WhoCan ends when it has so many rows, or so much in them.
const (
	whoCanPage   = 10_000
	whoCanWeight = 100_000 // accounts and members
)

// Where a page begins: behind a holder, or behind an actor.
const (
	behindHolder = "h"
	behindActor  = "a"
)

// whoCan answers who may do something.
func whoCan(ctx context.Context, c *api.Call, in *WhoCanInput) (*WhoCanOutput, error) {
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
	p := &whoCanPageOf{scope: s, places: map[*policy.Answer]int32{}, rows: c.Limit(in.MaxResults, whoCanPage),
		out: &WhoCanOutput{Answers: []Answer{}, Holders: []WhoCanHolder{}, Actors: []WhoCanActor{}}}
	next := p.fill(c.Snapshot.NewWhoCan(authz.WhoCanQuestion{Action: in.Action, Resource: in.Resource, Given: given, Accounts: s.accounts(),
		Reach: func(p *authz.Principal) authz.Reach { return c.Reach(ctx, p, in.Action, in.Resource) }}), after)
	if after == "" {
		p.out.Accounts = s.names()
	}
	p.out.NextToken = c.NextToken(question, next)
	return p.out, c.View(ctx, p.name)
}

// names are the names of the accounts that are asked about.
func (s *scope) names() []AccountName {
	list := []AccountName{}
	for a := range s.accounts() {
		list = append(list, AccountName{string(a.ID), a.Name})
	}
	slices.SortFunc(list, func(a, b AccountName) int { return cmp.Compare(a.AccountId, b.AccountId) })
	return list
}

// whoCanPageOf is a page in the making.
type whoCanPageOf struct {
	*scope
	out    *WhoCanOutput
	places map[*policy.Answer]int32
	rows   int
	weight int
}

// fill takes those behind the place after until the page is full, and returns where the next one begins.
func (p *whoCanPageOf) fill(w *authz.WhoCan, after string) (next string) {
	last, actors := "", strings.HasPrefix(after, behindActor)
	if !actors {
		for h := range w.Holders(strings.TrimPrefix(after, behindHolder)) {
			if p.full() {
				return last
			}
			p.holder(h)
			last = behindHolder + h.Key
		}
		after = ""
	}
	for a := range w.Actors(strings.TrimPrefix(after, behindActor)) {
		if p.full() {
			return last
		}
		p.out.Actors = append(p.out.Actors, WhoCanActor{Kind: kindOf(a.Principal), Arn: a.Principal.ARN, AccountId: string(a.Principal.Account), Answer: p.answer(a.Answer)})
		last = behindActor + a.Key
	}
	return ""
}

func (p *whoCanPageOf) full() bool {
	return len(p.out.Holders)+len(p.out.Actors) >= p.rows || p.weight >= whoCanWeight
}

func (p *whoCanPageOf) holder(h *authz.Holder) {
	row := WhoCanHolder{GroupId: h.GroupID, Members: h.Members, User: h.UserName, UserId: h.UserID, Access: make([]WhoCanAccess, len(h.Access))}
	p.weight += len(h.Members)
	for i, a := range h.Access {
		row.Access[i] = WhoCanAccess{PermissionSets: a.Sets, Accounts: texts(a.Accounts), Answer: p.answer(a.Answer)}
		p.weight += len(a.Accounts)
	}
	p.out.Holders = append(p.out.Holders, row)
}

// answer returns the place of an answer, and adds it when it is new.
func (p *whoCanPageOf) answer(a *policy.Answer) int32 {
	at, found := p.places[a]
	if !found {
		at = int32(len(p.out.Answers))
		p.places[a] = at
		one := p.told(a)
		one.Reason = ""
		p.out.Answers = append(p.out.Answers, one)
	}
	return at
}

// name looks up the names of the groups on the page.
func (p *whoCanPageOf) name(tx *store.Tx) error {
	for i := range p.out.Holders {
		h := &p.out.Holders[i]
		if h.GroupId == "" {
			continue
		}
		g, err := store.Groups.Get(tx, h.GroupId)
		switch {
		case errors.Is(err, store.ErrNotFound): // it went while this was asked
		case err != nil:
			return err
		default:
			h.Group = g.DisplayName
		}
	}
	return nil
}

func texts(ids []ident.AccountID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// kindOf names the kind of an actor.
func kindOf(p *authz.Principal) string {
	switch p.Kind {
	case authz.Root:
		return "Root"
	case authz.IAMUser:
		return "User"
	}
	return "Role"
}
