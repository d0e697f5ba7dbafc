package organizations

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listHandshakesForAccount lists what the caller's account was asked, by its id or by its e-mail address: two lists,
// both in the order of ids, read side by side.
func listHandshakesForAccount(ctx context.Context, c *api.Call, in *sdk.ListHandshakesForAccountInput) (*sdk.ListHandshakesForAccountOutput, error) {
	me := string(c.Principal.Account)
	p, err := newShakePage(c, me, in.Filter, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	err = c.View(ctx, func(tx *store.Tx) error {
		a, err := store.Accounts.Get(tx, me)
		if err != nil {
			return err
		}
		var all []*organization.Handshake
		for _, recipient := range []string{me, a.Email} {
			rows, _, err := store.Handshakes.List(tx, "recipient", []any{recipient}, p.after, p.limit+1)
			if err != nil {
				return err
			}
			all = append(all, rows...)
		}
		slices.SortFunc(all, func(a, b *organization.Handshake) int { return strings.Compare(a.ID, b.ID) })
		next := ""
		if len(all) > p.limit {
			all = all[:p.limit]
			next = all[p.limit-1].ID
		}
		p.fill(tx, all, next)
		return nil
	})
	return &sdk.ListHandshakesForAccountOutput{Handshakes: p.list, NextToken: p.next}, err
}

func listHandshakesForOrganization(ctx context.Context, c *api.Call, in *sdk.ListHandshakesForOrganizationInput) (*sdk.ListHandshakesForOrganizationOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	p, err := newShakePage(c, o.ID, in.Filter, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	err = c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.Handshakes.List(tx, "organization", []any{o.ID}, p.after, p.limit)
		p.fill(tx, rows, next)
		return err
	})
	return &sdk.ListHandshakesForOrganizationOutput{Handshakes: p.list, NextToken: p.next}, err
}

// shakePage is a page of handshakes under way.
type shakePage struct {
	c      *api.Call
	filter *types.HandshakeFilter
	bound  []string // what the page token is good for
	after  string
	limit  int
	list   []types.Handshake
	next   *string
}

func newShakePage(c *api.Call, of string, filter *types.HandshakeFilter, token *string, most *int32) (*shakePage, error) {
	if filter == nil {
		filter = &types.HandshakeFilter{}
	}
	parent := aws.ToString(filter.ParentHandshakeId)
	if filter.ActionType != "" && parent != "" {
		return nil, invalidInput(types.InvalidInputExceptionReasonMaxFilterLimitExceeded, "You specified too many filter parameters.")
	}
	p := &shakePage{c: c, filter: filter, bound: []string{of, string(filter.ActionType), parent}, limit: c.Limit(most, pageLength),
		list: []types.Handshake{}}
	var err error
	p.after, err = c.After(p.bound, token)
	return p, err
}

// fill takes those of the rows that the filter wants and that can still be looked at.
func (p *shakePage) fill(tx *store.Tx, rows []*organization.Handshake, next string) {
	p.list, p.next = []types.Handshake{}, p.c.NextToken(p.bound, next)
	for _, h := range rows {
		wanted := (p.filter.ActionType == "" || string(p.filter.ActionType) == h.Action) &&
			(p.filter.ParentHandshakeId == nil || *p.filter.ParentHandshakeId == h.Parent)
		if wanted && tx.Now.Before(h.KeptUntil()) {
			p.list = append(p.list, *describeShake(h, h.StateAt(tx.Now)))
		}
	}
}

// describeShake shows a handshake as AWS does: its organization's id stands among the parties without "o-".
func describeShake(h *organization.Handshake, state string) *types.Handshake {
	party := types.HandshakeParty{Id: aws.String(h.Target), Type: types.HandshakePartyType(h.Kind)}
	if h.Kind == organization.AccountParty {
		party.Id = aws.String(string(h.Account))
	}
	asked := types.HandshakeResourceTypeEmail
	if id := h.Target; len(id) == 12 && !strings.Contains(id, "@") {
		asked = types.HandshakeResourceTypeAccount
	}
	resources := []types.HandshakeResource{
		{Type: types.HandshakeResourceTypeOrganization, Value: aws.String(h.OrganizationID), Resources: []types.HandshakeResource{
			{Type: types.HandshakeResourceTypeMasterEmail, Value: aws.String(h.Sender.Email)},
			{Type: types.HandshakeResourceTypeMasterName, Value: aws.String(h.Sender.Name)},
			{Type: types.HandshakeResourceTypeOrganizationFeatureSet, Value: aws.String(h.Sender.FeatureSet)},
		}},
		{Type: asked, Value: aws.String(h.Target)},
	}
	if h.Notes != "" {
		resources = append(resources, types.HandshakeResource{Type: types.HandshakeResourceTypeNotes, Value: aws.String(h.Notes)})
	}
	if h.Parent != "" {
		resources = append(resources, types.HandshakeResource{Type: types.HandshakeResourceTypeParentHandshake, Value: aws.String(h.Parent)})
	}
	return &types.Handshake{
		Id: aws.String(h.ID), Arn: aws.String(h.ARN()), Action: types.ActionType(h.Action), State: types.HandshakeState(state),
		Parties: []types.HandshakeParty{
			{Id: aws.String(strings.TrimPrefix(h.OrganizationID, "o-")), Type: types.HandshakePartyTypeOrganization}, party},
		RequestedTimestamp: aws.Time(h.RequestedAt), ExpirationTimestamp: aws.Time(h.ExpiresAt), Resources: resources,
	}
}
