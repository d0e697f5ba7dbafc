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

// closeAccount closes a member account. AWS takes minutes, in which the account is PENDING_CLOSURE; here it is closed
// when the answer arrives.
func closeAccount(ctx context.Context, c *api.Call, in *sdk.CloseAccountInput) (*sdk.CloseAccountOutput, error) {
	return &sdk.CloseAccountOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if o.FeatureSet != organization.AllFeatures {
			return needsAllFeatures()
		}
		a, err := findAccount(tx, o, aws.ToString(in.AccountId))
		if err != nil {
			return err
		}
		if a.ID == o.Management {
			return constraint(types.ConstraintViolationExceptionReasonCannotCloseManagementAccount, "You can't close the management account of an organization.")
		}
		if a.Status == account.Active {
			if err := mayClose(tx, c, o); err != nil {
				return err
			}
		}
		return work(tx, c).Close(o, a)
	})
}

// mayClose counts what was closed in the last thirty days.
func mayClose(tx *store.Tx, c *api.Call, o *organization.Organization) error {
	members, _, err := store.Accounts.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return err
	}
	closed := 0
	for _, a := range members {
		if !a.ClosedAt.IsZero() && tx.Now.Sub(a.ClosedAt) < closeWindow {
			closed++
		}
	}
	if closed >= min(max(minCloses, len(members)/closesPerMember), c.Most(&limits[maxClosures])) {
		return constraint(types.ConstraintViolationExceptionReasonCloseAccountQuotaExceeded, "You have exceeded close account quota for the past 30 days.")
	}
	return nil
}

func removeAccount(ctx context.Context, c *api.Call, in *sdk.RemoveAccountFromOrganizationInput) (*sdk.RemoveAccountFromOrganizationOutput, error) {
	return &sdk.RemoveAccountFromOrganizationOutput{}, depart(ctx, c, aws.ToString(in.AccountId))
}

// leaveOrganization is removeAccount by the account itself.
func leaveOrganization(ctx context.Context, c *api.Call, _ *sdk.LeaveOrganizationInput) (*sdk.LeaveOrganizationOutput, error) {
	return &sdk.LeaveOrganizationOutput{}, depart(ctx, c, string(c.Principal.Account))
}

func depart(ctx context.Context, c *api.Call, id string) error {
	return change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		a, err := findAccount(tx, o, id)
		if err != nil {
			return err
		}
		if err := mayLeave(tx, o, a); err != nil {
			return err
		}
		return work(tx, c).Depart(o, a)
	})
}

// mayLeave refuses the management account, delegated administrators, new accounts, and closed ones until they are gone.
func mayLeave(tx *store.Tx, o *organization.Organization, a *account.Account) error {
	if a.ID == o.Management {
		return conflict("MasterCannotLeaveOrganizationException", "You can't remove a management account from an organization. If you want "+
			"the management account to become a member account in another organization, you must first delete the current organization of the management account.")
	}
	n, err := store.Delegates.Count(tx, "account", o.ID, a.ID)
	switch {
	case err != nil:
		return err
	case n > 0:
		return constraint(types.ConstraintViolationExceptionReasonCannotRemoveDelegatedAdministratorFromOrg,
			"You can't remove an account that is a delegated administrator of a service. Deregister it first.")
	case a.Status != account.Active:
		return constraint(types.ConstraintViolationExceptionReasonAccountCreationNotComplete, "The account isn't fully active.")
	case a.Waits(tx.Now):
		return constraint(types.ConstraintViolationExceptionReasonWaitPeriodActive,
			"You must wait until at least four days after the account was created.")
	}
	return nil
}

// deleteOrganization makes the management account stand alone. Accounts that are closed for good are no members any more.
func deleteOrganization(ctx context.Context, c *api.Call, _ *sdk.DeleteOrganizationInput) (*sdk.DeleteOrganizationOutput, error) {
	return &sdk.DeleteOrganizationOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		members, _, err := store.Accounts.List(tx, "organization", []any{o.ID}, "", 0)
		if err != nil {
			return err
		}
		left, err := work(tx, c).Clean(o, members)
		if err != nil {
			return err
		}
		if left > 1 {
			return conflict("OrganizationNotEmptyException", "The organization isn't empty. To delete an organization, you must first remove all accounts except the management account.")
		}
		a, err := store.Accounts.Get(tx, o.Management)
		if err != nil {
			return err
		}
		return work(tx, c).Dissolve(o, a)
	})
}

// work is what a change of several things works with.
func work(tx *store.Tx, c *api.Call) lifecycle.Work {
	return lifecycle.Work{Tx: tx, IDs: c.IDs, Region: c.Services.Region, Effect: c.Effect}
}
