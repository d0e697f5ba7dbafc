package main

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// accountCmds are the commands about accounts.
type accountCmds struct {
	Create accountCreateCmd `cmd:"" help:"Make an account that is in no organization."`
}

// accountCreateCmd makes a standalone account.
type accountCreateCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"Name of the account."`
	Email     string `help:"E-mail address of the account's root user." placeholder:"EMAIL"`
	ID        string `name:"id" help:"Id of 12 digits. Default: a random one." placeholder:"ID"`
}

// Run prints the id of the new account.
func (c *accountCreateCmd) Run(a *app) error {
	if c.Email == "" {
		return misuse("name it with --email EMAIL; no other account may have it", "the account %q needs an e-mail address", c.Name)
	}
	var out admin.CreateStandaloneAccountOutput
	in := admin.CreateStandaloneAccountInput{AccountName: c.Name, Email: c.Email, AccountID: c.ID}
	if err := c.operate(a, "CreateStandaloneAccount", in, &out); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, out.AccountId)
	return nil
}
