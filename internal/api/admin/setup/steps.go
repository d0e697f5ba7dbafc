package setup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createAccount makes the first account, and gives its root user a password.
func createAccount(ctx context.Context, c *api.Call, in *CreateFirstAccountInput) (*CreateFirstAccountOutput, error) {
	out := &CreateFirstAccountOutput{}
	var a *account.Account
	var hash string
	hashed := func(*position) (err error) {
		if a, err = admin.NewAccount(in.AccountName, in.Email); err != nil {
			return err
		}
		hash, err = c.HashRootPassword(ctx, in.Password, a)
		return err
	}
	return out, step(ctx, c, in.Browser, setup.Account, hashed, func(tx *store.Tx, p *position) error {
		if err := admin.AddAccount(tx, c, a); err != nil {
			return err
		}
		p.Account, out.AccountId = a.ID, string(a.ID)
		c.Note("accountId", out.AccountId)
		return api.SaveRootPassword(tx, a.ID, hash)
	})
}

// createOrganization makes the organization of the first account, or ends the set-up of one that stays alone.
func createOrganization(ctx context.Context, c *api.Call, in *CreateFirstOrganizationInput) (*CreateFirstOrganizationOutput, error) {
	out := &CreateFirstOrganizationOutput{}
	create := func(p *position) error {
		if in.Standalone {
			return nil
		}
		made, err := asRoot[organizations.CreateOrganizationOutput](ctx, c, p, "organizations", "CreateOrganization",
			&organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
		if err == nil {
			out.OrganizationId = *made.Organization.Id
		}
		return err
	}
	return out, step(ctx, c, in.Browser, setup.Organization, create, func(tx *store.Tx, p *position) error {
		if in.Standalone {
			p.Finish(tx.Now)
		}
		return nil
	})
}

// enablePortal enables the identity center of the organization, and gives its portal an address.
func enablePortal(ctx context.Context, c *api.Call, in *EnableFirstPortalInput) (*EnableFirstPortalOutput, error) {
	out := &EnableFirstPortalOutput{}
	enable := func(p *position) error {
		if in.Address != "" {
			if err := permission.CheckAddress(in.Address); err != nil {
				return err
			}
		}
		made, err := asRoot[admin.EnableIdentityCenterOutput](ctx, c, p, admin.Name, "EnableIdentityCenter", &admin.EnableIdentityCenterInput{})
		if err != nil {
			return err
		}
		moved, err := asRoot[admin.UpdatePortalOutput](ctx, c, p, admin.Name, "UpdatePortal",
			&admin.UpdatePortalInput{IdentityStoreId: made.IdentityStoreId, Address: &in.Address})
		if err != nil {
			return err
		}
		out.InstanceArn, out.PortalUrl = made.InstanceArn, moved.Portal.Url
		return nil
	}
	return out, step(ctx, c, in.Browser, setup.Portal, enable, func(*store.Tx, *position) error { return nil })
}

// asRoot calls an operation as the root user of the first account.
func asRoot[Out any](ctx context.Context, c *api.Call, p *position, service, operation string, in any) (*Out, error) {
	return api.As[Out](c.InvokeAsRoot(ctx, p.account.ID, service, operation, in))
}
