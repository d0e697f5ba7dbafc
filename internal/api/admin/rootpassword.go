package admin

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// setRootPassword gives the root user of an account a password, and ends the root user's sign-ins.
func setRootPassword(ctx context.Context, c *api.Call, in *SetRootPasswordInput) (*SetRootPasswordOutput, error) {
	id, err := ident.ParseAccountID(in.AccountId)
	if err != nil {
		return nil, invalid("%s.", err)
	}
	a := c.Snapshot.Account(id)
	if a == nil || a.Status != account.Active {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no open account %s.", id)
	}
	hash, err := c.HashRootPassword(ctx, in.Password, a)
	if err != nil {
		return nil, err
	}
	return &SetRootPasswordOutput{}, c.Update(ctx, func(tx *store.Tx) error { return c.SetRootPassword(tx, a, hash) })
}

// sendRootPasswordLink mails the address of an account a link by which its root user chooses a password: the first one, or
// another. Only an operator may see the link instead; to others it would be the keys of the root user.
func sendRootPasswordLink(ctx context.Context, c *api.Call, in *SendRootPasswordLinkInput) (*SendRootPasswordLinkOutput, error) {
	a, err := governed(c, in.AccountId)
	if err != nil {
		return nil, err
	}
	operator := c.Principal.Kind == authz.Operator
	if in.ShowLink && !operator {
		return nil, fault.New(fault.Denied, "AccessDeniedException", "Only an operator of the server is shown a link.")
	}
	if c.ExternalURL == "" {
		return nil, serverFirst()
	}
	secret, out := c.NewSecret(), &SendRootPasswordLinkOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) error {
		to, err := api.RootUser(tx, a)
		if err != nil {
			return err
		}
		purpose := link.Invitation
		if to.HasPassword() {
			purpose = link.Reset
		}
		given, err := c.GiveLink(tx, to, purpose, secret, inviter(c), in.ShowLink)
		if err != nil {
			return err
		}
		if given.Link != "" && !operator {
			return fault.New(fault.Unavailable, "ServiceUnavailable", "No mail can be sent from here, and only an operator of the server is shown a link.")
		}
		*out = SendRootPasswordLinkOutput{SentTo: given.SentTo, Link: given.Link, ExpiresAt: given.ExpiresAt}
		return nil
	})
}

// governed returns an open account that the caller may look after: their own, or one of the organization whose management
// account they are in. An operator looks after all.
func governed(c *api.Call, text string) (*account.Account, error) {
	none := fault.New(fault.NotFound, "ResourceNotFoundException", "There is no open account %q that you look after.", text)
	id, err := ident.ParseAccountID(text)
	if err != nil {
		return nil, none
	}
	a := c.Snapshot.Account(id)
	if a == nil || a.Status != account.Active {
		return nil, none
	}
	o := c.Snapshot.OrganizationOf(id)
	if c.Principal.Kind == authz.Operator || id == c.Principal.Account || o != nil && o.Management == c.Principal.Account {
		return a, nil
	}
	return nil, none
}
