package organizations

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// enableAllFeatures asks every invited account; accounts that were created here have no say. The management account
// accepts its own handshake last, once all have approved.
func enableAllFeatures(ctx context.Context, c *api.Call, _ *sdk.EnableAllFeaturesInput) (*sdk.EnableAllFeaturesOutput, error) {
	out := &sdk.EnableAllFeaturesOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		members, err := mayMigrate(tx, c, o)
		if err != nil {
			return err
		}
		h := o.NewHandshake(c.IDs, organization.EnableAllFeatures, organization.AccountParty, string(o.Management), tx.Now)
		if err := introduce(tx, o, h); err != nil {
			return err
		}
		for _, a := range members {
			if a.ID == o.Management || a.JoinedMethod != account.Invited || a.Status != account.Active {
				continue
			}
			child := o.NewHandshake(c.IDs, organization.ApproveAllFeatures, organization.AccountParty, string(a.ID), tx.Now)
			child.Parent, child.Sender = h.ID, h.Sender
			if err := store.Handshakes.Save(tx, child); err != nil {
				return err
			}
			h.State = organization.Requested
		}
		out.Handshake = describeShake(h, h.State)
		return store.Handshakes.Save(tx, h)
	})
}

// mayMigrate returns the members of an organization that can enable all features.
func mayMigrate(tx *store.Tx, c *api.Call, o *organization.Organization) ([]*account.Account, error) {
	if o.FeatureSet == organization.AllFeatures {
		return nil, shakeConstraint(types.HandshakeConstraintViolationExceptionReasonOrganizationAlreadyHasAllFeatures,
			"All features are already enabled on this organization.")
	}
	asked, _, err := store.Handshakes.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, h := range asked {
		if h.Action == organization.EnableAllFeatures && (h.StateAt(tx.Now) == organization.Requested || h.StateAt(tx.Now) == organization.Open) {
			return nil, shakeConstraint(types.HandshakeConstraintViolationExceptionReasonOrganizationIsAlreadyPendingAllFeaturesMigration,
				"The organization has already started the process to enable all features.")
		}
	}
	members, _, err := store.Accounts.List(tx, "organization", []any{o.ID}, "", 0)
	if most := c.Most(&limits[maxMigrated]); err == nil && len(members) > most {
		err = constraint(types.ConstraintViolationExceptionReasonAllFeaturesMigrationOrganizationSizeLimitExceeded,
			"The organization has more than %d accounts.", most)
	}
	return members, err
}
