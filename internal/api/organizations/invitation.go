package organizations

import (
	"context"
	"net/mail"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// invited is what an invitation is about.
func invited(in *sdk.InviteAccountToOrganizationInput) subject {
	s := subject{tags: in.Tags}
	if in.Target != nil && in.Target.Type == types.HandshakePartyTypeAccount {
		s.ids = ids(in.Target.Id)
	}
	return s
}

func inviteAccount(ctx context.Context, c *api.Call, in *sdk.InviteAccountToOrganizationInput) (*sdk.InviteAccountToOrganizationOutput, error) {
	if err := checkTarget(in.Target); err != nil {
		return nil, err
	}
	tags, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &sdk.InviteAccountToOrganizationOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		h := o.NewHandshake(c.IDs, organization.Invite, string(in.Target.Type), aws.ToString(in.Target.Id), tx.Now)
		h.Notes, h.Tags = aws.ToString(in.Notes), tags
		if err := mayInvite(tx, c, o, h); err != nil {
			return err
		}
		if err := introduce(tx, o, h); err != nil {
			return err
		}
		out.Handshake = describeShake(h, h.State)
		return store.Handshakes.Save(tx, h)
	})
}

func checkTarget(t *types.HandshakeParty) error {
	id := aws.ToString(t.Id)
	switch t.Type {
	case types.HandshakePartyTypeAccount:
		if _, err := ident.ParseAccountID(id); err != nil {
			return invalidInput(types.InvalidInputExceptionReasonInvalidPattern, "You provided a value that does not match the required pattern.")
		}
	case types.HandshakePartyTypeEmail:
		if a, err := mail.ParseAddress(id); err != nil || a.Address != id {
			return invalidInput(types.InvalidInputExceptionReasonInvalidEmailAddressTarget, "You specified an invalid email address for the invited account owner.")
		}
	default:
		return invalidInput(types.InvalidInputExceptionReasonInvalidPartyTypeTarget, "You specified an invalid party type as the target parameter.")
	}
	return nil
}

// mayInvite checks whom an organization asks, and how often. An address is not looked up: whose it is, is nobody's
// business before they answer.
func mayInvite(tx *store.Tx, c *api.Call, o *organization.Organization, h *organization.Handshake) error {
	if h.Kind == organization.AccountParty {
		a, err := store.Accounts.Get(tx, h.Target)
		if err != nil || a.Status != account.Active {
			return store.Missing(err, invalidInput(types.InvalidInputExceptionReasonTargetNotSupported, "You can't perform the specified operation on that target entity."))
		}
		if a.OrganizationID != "" {
			return alreadyMember()
		}
	}
	asked, _, err := store.Handshakes.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return err
	}
	for _, other := range asked {
		waiting := other.StateAt(tx.Now) == organization.Open || other.StateAt(tx.Now) == organization.Requested
		switch {
		case waiting && other.Action == organization.EnableAllFeatures:
			return shakeConstraint(types.HandshakeConstraintViolationExceptionReasonInviteDisabledDuringEnableAllFeatures,
				"You can't issue new invitations to join an organization while it's in the process of enabling all features.")
		case waiting && other.Action == h.Action && strings.EqualFold(other.Target, h.Target):
			return conflict("DuplicateHandshakeException", "A handshake with the specified type and parameters already exists for the given parties.")
		}
	}
	return room(tx, c, o, asked)
}

// room refuses an invitation when there is no room for the account, or when as many were sent in a day as may be: an
// organization may ask as many accounts as it may have, and those that came do not count. See quotaPage.
func room(tx *store.Tx, c *api.Call, o *organization.Organization, asked []*organization.Handshake) error {
	most := c.Most(&limits[maxAccounts])
	full, err := isFull(tx, c, o)
	if err != nil {
		return err
	}
	if full {
		return shakeConstraint(types.HandshakeConstraintViolationExceptionReasonAccountNumberLimitExceeded, "You have exceeded the allowed number of accounts: %d.", most)
	}
	lately := 0
	for _, h := range asked {
		if h.Action == organization.Invite && h.State != organization.Accepted && tx.Now.Sub(h.RequestedAt) < invitationWindow {
			lately++
		}
	}
	if lately >= max(c.Most(&limits[maxInvitations]), most) {
		return shakeConstraint(types.HandshakeConstraintViolationExceptionReasonHandshakeRateLimitExceeded, "You have exceeded the number of handshakes that you can send in one day.")
	}
	return nil
}

// introduce writes into a handshake who asks.
func introduce(tx *store.Tx, o *organization.Organization, h *organization.Handshake) error {
	a, err := store.Accounts.Get(tx, o.Management)
	if err == nil {
		h.Sender = organization.Sender{Email: a.Email, Name: a.Name, FeatureSet: o.FeatureSet}
	}
	return err
}

func alreadyMember() error {
	return shakeConstraint(types.HandshakeConstraintViolationExceptionReasonAlreadyInAnOrganization, "The AWS account is already a member of an organization.")
}

func shakeConstraint(reason types.HandshakeConstraintViolationExceptionReason, format string, args ...any) error {
	return fault.New(fault.Limit, "HandshakeConstraintViolationException", format, args...).With("Reason", string(reason))
}
