package admin

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
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
	return &SetRootPasswordOutput{}, c.Update(ctx, func(tx *store.Tx) error { return api.SaveRootPassword(tx, id, hash) })
}
