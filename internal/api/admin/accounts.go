package admin

import (
	"cmp"
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listServerAccounts answers every account, in whichever organization it is. Only operators may see that.
func listServerAccounts(ctx context.Context, c *api.Call, _ *ListServerAccountsInput) (*ListServerAccountsOutput, error) {
	out := &ListServerAccountsOutput{Accounts: []ServerAccount{}}
	err := c.View(ctx, func(tx *store.Tx) error {
		return store.Accounts.Each(tx, func(a *account.Account) error {
			found := ServerAccount{AccountId: string(a.ID), AccountName: a.Name, Email: a.Email, Status: string(a.Status), OrganizationId: a.OrganizationID}
			if o := c.Snapshot.OrganizationOf(a.ID); o != nil {
				found.Role = "member"
				if o.Management == a.ID {
					found.Role = "management"
				}
			}
			out.Accounts = append(out.Accounts, found)
			return nil
		})
	})
	slices.SortFunc(out.Accounts, func(a, b ServerAccount) int { return cmp.Compare(a.AccountId, b.AccountId) })
	return out, err
}
