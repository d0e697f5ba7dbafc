package self

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describeRootLink says what the link of a root user is for.
func describeRootLink(l *link.Link, to *api.Addressee) *DescribeLinkOutput {
	return &DescribeLinkOutput{Purpose: string(l.Purpose), AccountID: string(to.Account.ID), UserName: to.Account.Email, Name: to.Account.Name,
		Email: to.Address(), Organization: to.Account.Name, Rules: shownRules(api.RootPasswordRules()), CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt}
}

// spendRootLink gives the root user of an account a password, with which they sign in at their door. The event is the one
// that CloudTrail has for it.
func spendRootLink(ctx context.Context, c *api.Call, in *SpendLinkInput, a *account.Account) error {
	c.Event(api.SignInSource, "PasswordRecoveryCompleted")
	c.Note("userName", "root")
	c.Note("recipientAccountId", string(a.ID))
	hash, err := c.HashRootPassword(ctx, in.Password, a)
	if err != nil {
		return err
	}
	return c.Update(ctx, func(tx *store.Tx) error {
		_, to, err := api.FindLink(tx, in.Secret)
		if err != nil {
			return err
		}
		return c.SetRootPassword(tx, to.Account, hash)
	})
}
