package main

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// caCmds are the commands about the certificate authority of the CONNECT listener.
type caCmds struct {
	Print caPrintCmd `cmd:"" help:"Print its certificate, which clients of --connect-listen have to trust."`
}

// caPrintCmd prints the certificate.
type caPrintCmd struct {
	dataFlags `embed:""`
}

// Run prints PEM.
func (c *caPrintCmd) Run(a *app) error {
	var out admin.GetConnectAuthorityOutput
	if err := c.operate(a, admin.Name, "GetConnectAuthority", &admin.GetConnectAuthorityInput{}, &out); err != nil {
		return err
	}
	_, err := fmt.Fprint(a.stdout, out.Certificate)
	return err
}
