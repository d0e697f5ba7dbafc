package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createAlias gives the account an alias in place of the one it has.
func createAlias(ctx context.Context, c *api.Call, in *sdk.CreateAccountAliasInput) (*sdk.CreateAccountAliasOutput, error) {
	name := aws.ToString(in.AccountAlias)
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		_, err := store.Aliases.Get(tx, name)
		if err := free(err, entityExists("The account alias %s already exists.", name)); err != nil {
			return err
		}
		old, err := store.Aliases.By(tx, "account", c.Principal.Account)
		if err == nil {
			err = store.Aliases.Delete(tx, old)
		}
		if store.Missing(err, nil) != nil {
			return err
		}
		return store.Aliases.Save(tx, &iam.Alias{Name: name, Account: c.Principal.Account})
	})
}

func deleteAlias(ctx context.Context, c *api.Call, in *sdk.DeleteAccountAliasInput) (*sdk.DeleteAccountAliasOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		none := noSuchEntity("The Account Alias %s cannot be found.", aws.ToString(in.AccountAlias))
		a, err := store.Aliases.Get(tx, aws.ToString(in.AccountAlias))
		if err != nil {
			return store.Missing(err, none)
		}
		if a.Account != c.Principal.Account {
			return none // as if nobody had it
		}
		return store.Aliases.Delete(tx, a)
	})
}

func listAliases(ctx context.Context, c *api.Call, in *sdk.ListAccountAliasesInput) (*sdk.ListAccountAliasesOutput, error) {
	if _, err := c.After("", in.Marker); err != nil {
		return nil, err
	}
	out := &sdk.ListAccountAliasesOutput{AccountAliases: []string{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		a, err := store.Aliases.By(tx, "account", c.Principal.Account)
		if err == nil {
			out.AccountAliases = append(out.AccountAliases, a.Name)
		}
		return store.Missing(err, nil)
	})
}
