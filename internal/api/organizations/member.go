package organizations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/lifecycle"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// identityCenter is who takes roles away from accounts that leave or are closed.
const identityCenter = "sso.amazonaws.com"

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
			if err := mayClose(tx, o); err != nil {
				return err
			}
		}
		roles, err := lifecycle.Close(tx, o, a, c.Services.Region)
		if err != nil {
			return err
		}
		note(c, a.ID, roles)
		c.Effect(o.Management, service, "CloseAccountResult", o.AccountARN(a.ID))
		return nil
	})
}

// mayClose counts what was closed in the last thirty days.
func mayClose(tx *store.Tx, o *organization.Organization) error {
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
	if closed >= min(max(minCloses, len(members)/closesPerMember), maxCloses) {
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
		roles, err := lifecycle.Depart(tx, o, a, c.Services.Region)
		if err != nil {
			return err
		}
		note(c, a.ID, roles)
		departed(c, o, a.ID)
		return nil
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
		left, err := lifecycle.Clean(tx, o, members, c.Services.Region)
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
		roles, err := lifecycle.Dissolve(tx, o, a, c.Services.Region)
		if err != nil {
			return err
		}
		note(c, a.ID, roles)
		departed(c, o, a.ID)
		return nil
	})
}

// joined and departed are the membership events that AWS logs in the management account. See "Logging and monitoring in
// AWS Organizations" in the AWS Organizations User Guide.
func joined(c *api.Call, o *organization.Organization, id ident.AccountID) {
	c.Effect(o.Management, service, "AccountJoinedOrganization", o.AccountARN(id))
}

func departed(c *api.Call, o *organization.Organization, id ident.AccountID) {
	c.Effect(o.Management, service, "AccountDepartedOrganization", o.AccountARN(id))
}

// note records the reserved roles that went from an account.
func note(c *api.Call, id ident.AccountID, roles []string) {
	for _, arn := range roles {
		c.Effect(id, identityCenter, "DeleteRole", arn)
	}
}
