package main

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// identityCenterCmd are the commands about identity centers.
type identityCenterCmd struct {
	Enable    identityCenterEnableCmd `cmd:"" help:"Enable the identity center of an account's organization, which is made where there is none."`
	Portal    portalShowCmd           `cmd:"" help:"Show where the portal is and what it is called."`
	SetPortal portalSetCmd            `cmd:"" help:"Change the address of the portal, its name or its logo."`
}

// identityCenterEnableCmd enables an identity center.
type identityCenterEnableCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Account     string `help:"Management account, by id or name. Default: the only one that can be meant, or that of the credentials." placeholder:"ACCOUNT"`
}

// Run prints what other tools ask for.
func (c *identityCenterEnableCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.EnableIdentityCenterOutput](s, admin.Name, "EnableIdentityCenter", &admin.EnableIdentityCenterInput{AccountId: c.Account})
		switch {
		case c.Account == "" && fault.Is(err, "ResourceNotFoundException"):
			return misuse("name it with --account ACCOUNT, by id or name", "no account is named that shall manage the identity center")
		case fault.Is(err, "ResourceNotFoundException"):
			return hinted(err, "make one with: gatehouse account create NAME --email EMAIL")
		case err != nil:
			return err
		}
		fmt.Fprintf(a.stdout, "Instance:       %s\nIdentity store: %s\nOrganization:   %s\nStart URL:      %s\n",
			out.InstanceArn, out.IdentityStoreId, out.OrganizationId, out.StartUrl)
		return nil
	})
}
