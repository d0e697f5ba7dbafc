package main

import (
	"os"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// portalShowCmd shows the portal.
type portalShowCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints where it is.
func (c *portalShowCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		out, err := request[admin.DescribePortalOutput](s, admin.Name, "DescribePortal", &admin.DescribePortalInput{IdentityStoreId: at.store})
		if err != nil {
			return err
		}
		return c.showPortal(s, out.Portal)
	})
}

func (o outputFlags) showPortal(s *session, p admin.Portal) error {
	logo := "no"
	if p.Logo {
		logo = "yes"
	}
	return o.show(s, []string{"address", "name", "logo", "also at"}, []string{p.Url, p.Title, logo, strings.Join(p.FormerAddresses, " ")})
}

// portalSetCmd changes the portal.
type portalSetCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Address     *string `help:"What follows /start/ in the address; empty for none. Earlier ones lead to it." placeholder:"NAME"`
	Name        *string `help:"What the portal is called; empty for the name of the account." placeholder:"NAME"`
	Logo        string  `help:"Picture at its head: a PNG of at most 64 KB and 512 by 512 pixels." placeholder:"FILE" xor:"logo"`
	NoLogo      bool    `help:"Show Gatehouse's mark again." xor:"logo"`
}

// Run changes what is given, and prints what is in force.
func (c *portalSetCmd) Run(a *app) error {
	if c.Address == nil && c.Name == nil && c.Logo == "" && !c.NoLogo {
		return misuse("say it with --address, --name, --logo or --no-logo", "nothing is to be changed")
	}
	var picture []byte
	if c.Logo != "" {
		var err error
		if picture, err = os.ReadFile(c.Logo); err != nil {
			return misuse("name a PNG", "--logo: %s", err)
		}
	}
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		switch {
		case c.NoLogo:
			_, err = request[admin.DeletePortalLogoOutput](s, admin.Name, "DeletePortalLogo", &admin.DeletePortalLogoInput{IdentityStoreId: at.store})
		case c.Logo != "":
			_, err = request[admin.PutPortalLogoOutput](s, admin.Name, "PutPortalLogo", &admin.PutPortalLogoInput{IdentityStoreId: at.store, Logo: picture})
		}
		if err != nil {
			return err
		}
		out, err := request[admin.UpdatePortalOutput](s, admin.Name, "UpdatePortal",
			&admin.UpdatePortalInput{IdentityStoreId: at.store, Address: c.Address, Title: c.Name})
		if err != nil {
			return err
		}
		return c.showPortal(s, out.Portal)
	})
}
