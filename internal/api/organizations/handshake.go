package organizations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/lifecycle"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// handshakeOp makes the row of an operation on a handshake, which any account may call: what a handshake is to it, the
// handler finds out.
func handshakeOp[In, Out any](name string, handler func(context.Context, *api.Call, *In) (*Out, error), of func(*In) *string) api.Row {
	return api.Op(name, "organizations:"+name, handler, api.On(func(ctx context.Context, c *api.Call, in *In) ([]api.Target, error) {
		t := targets(c, members, subject{})[0]
		err := c.View(ctx, func(tx *store.Tx) error {
			h, err := store.Handshakes.Get(tx, aws.ToString(of(in)))
			if err != nil {
				return store.Missing(err, nil)
			}
			if side(tx, c, h) == stranger {
				return nil
			}
			t.ARN, t.Account, t.Admitted = h.ARN(), h.Management, true
			return nil
		})
		return []api.Target{t}, err
	}))
}

// party is what an account is to a handshake.
type party uint8

const (
	stranger party = iota
	sender
	recipient
)

// side tells what the caller's account is to a handshake. Who is asked by e-mail address is whose address it is now.
func side(tx *store.Tx, c *api.Call, h *organization.Handshake) party {
	switch me := c.Principal.Account; {
	case h.Account == me:
		return recipient // of ENABLE_ALL_FEATURES, the management account is both
	case h.Management == me:
		return sender
	case h.Account == "":
		a, err := store.Accounts.By(tx, "email", h.Target)
		if err == nil && a.ID == me {
			return recipient
		}
	}
	return stranger
}

func noHandshake() error {
	return notFound("HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
}

// findShake returns a handshake that the caller's account is a party of. Others learn nothing of it, and neither does
// anybody once its time is over.
func findShake(tx *store.Tx, c *api.Call, id *string) (*organization.Handshake, party, error) {
	h, err := store.Handshakes.Get(tx, aws.ToString(id))
	if err != nil {
		return nil, stranger, store.Missing(err, noHandshake())
	}
	who := side(tx, c, h)
	if who == stranger || !tx.Now.Before(h.KeptUntil()) {
		return nil, stranger, noHandshake()
	}
	return h, who, nil
}

func describeHandshake(ctx context.Context, c *api.Call, in *sdk.DescribeHandshakeInput) (*sdk.DescribeHandshakeOutput, error) {
	out := &sdk.DescribeHandshakeOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		h, _, err := findShake(tx, c, in.HandshakeId)
		if err == nil {
			out.Handshake = describeShake(h, h.StateAt(tx.Now))
		}
		return err
	})
}

// acceptHandshake does what was asked for. Of an invitation that cannot be followed any more, because the account is a
// member somewhere, the acceptance stays although the call fails; so it is on AWS.
func acceptHandshake(ctx context.Context, c *api.Call, in *sdk.AcceptHandshakeInput) (*sdk.AcceptHandshakeOutput, error) {
	out := &sdk.AcceptHandshakeOutput{}
	var member bool
	err := c.Update(ctx, func(tx *store.Tx) (err error) {
		out.Handshake, err = answer(tx, c, in.HandshakeId, recipient, organization.Accepted, func(h *organization.Handshake) (err error) {
			member, err = follow(tx, c, h)
			return err
		})
		return err
	})
	if err == nil && member {
		err = alreadyMember()
	}
	return out, err
}

// follow does what an accepted handshake asks for. It reports whether the account cannot join, being a member already.
func follow(tx *store.Tx, c *api.Call, h *organization.Handshake) (member bool, err error) {
	switch h.Action {
	case organization.Invite:
		return join(tx, c, h)
	case organization.ApproveAllFeatures:
		if err := store.Handshakes.Save(tx, h); err != nil { // before the others are asked for what they said
			return false, err
		}
		return false, lifecycle.Settle(tx, h.Parent)
	}
	o, err := store.Organizations.Get(tx, h.OrganizationID)
	if err != nil {
		return false, store.Missing(err, noHandshake())
	}
	o.FeatureSet = organization.AllFeatures
	return false, store.Organizations.Save(tx, o)
}

// join makes the account that accepted an invitation a member.
func join(tx *store.Tx, c *api.Call, h *organization.Handshake) (member bool, err error) {
	a, err := store.Accounts.Get(tx, c.Principal.Account)
	if err != nil {
		return false, err
	}
	h.Kind, h.Account = organization.AccountParty, a.ID
	if a.OrganizationID != "" {
		return true, nil
	}
	o, err := store.Organizations.Get(tx, h.OrganizationID)
	if err != nil {
		return false, store.Missing(err, noHandshake())
	}
	n, err := store.Accounts.Count(tx, "organization", o.ID)
	if err != nil {
		return false, err
	}
	if n >= c.Most(&limits[maxAccounts]) {
		return false, shakeConstraint(types.HandshakeConstraintViolationExceptionReasonAccountNumberLimitExceeded, "The organization has as many accounts as it may have.")
	}
	a.Tags = h.Tags
	return false, work(tx, c).Join(o, a, account.Invited)
}

func declineHandshake(ctx context.Context, c *api.Call, in *sdk.DeclineHandshakeInput) (*sdk.DeclineHandshakeOutput, error) {
	out := &sdk.DeclineHandshakeOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) (err error) {
		out.Handshake, err = answer(tx, c, in.HandshakeId, recipient, organization.Declined, nil)
		return err
	})
}

// cancelHandshake takes a request back, and with that of the management account those that belong to it.
func cancelHandshake(ctx context.Context, c *api.Call, in *sdk.CancelHandshakeInput) (*sdk.CancelHandshakeOutput, error) {
	out := &sdk.CancelHandshakeOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) (err error) {
		out.Handshake, err = answer(tx, c, in.HandshakeId, sender, organization.Canceled, func(h *organization.Handshake) error {
			children, _, err := store.Handshakes.List(tx, "parent", []any{h.ID}, "", 0)
			if err != nil {
				return err
			}
			for _, child := range children {
				if child.End(organization.Canceled, tx.Now) != nil {
					continue // answered already
				}
				if err := store.Handshakes.Save(tx, child); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
}

// answer ends a handshake from the side that may, and then does what follows from it.
func answer(tx *store.Tx, c *api.Call, id *string, from party, state string, follows func(*organization.Handshake) error) (*types.Handshake, error) {
	h, who, err := findShake(tx, c, id)
	if err != nil {
		return nil, err
	}
	if who != from && h.Action != organization.EnableAllFeatures {
		return nil, denied()
	}
	if err := h.End(state, tx.Now); err != nil {
		return nil, err
	}
	if follows != nil {
		if err := follows(h); err != nil {
			return nil, err
		}
	}
	return describeShake(h, h.State), store.Handshakes.Save(tx, h)
}
