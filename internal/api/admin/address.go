package admin

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describeUserEmail says where mail to a person goes, and whether they are known to read it.
func describeUserEmail(ctx context.Context, c *api.Call, in *DescribeUserEmailInput) (*DescribeUserEmailOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeUserEmailOutput, error) {
		u, err := allowedPerson(tx, c, in.IdentityStoreId, in.UserName)
		if err != nil {
			return nil, err
		}
		return &DescribeUserEmailOutput{Email: api.AddressOf(u), Verified: api.IsVerified(u)}, nil
	})
}

// sendEmailVerification mails a person a link by which they show that they read the mail at their address. It is never
// answered instead: whoever got it so would show nothing.
func sendEmailVerification(ctx context.Context, c *api.Call, in *SendEmailVerificationInput) (*SendEmailVerificationOutput, error) {
	able, err := api.Look(ctx, c, c.CanMail)
	if err != nil {
		return nil, err
	}
	if !able {
		return nil, noMail()
	}
	given, err := giveLink(ctx, c, link.Verification, in.IdentityStoreId, in.UserName, false)
	if err != nil {
		return nil, err
	}
	return &SendEmailVerificationOutput{SentTo: given.SentTo, ExpiresAt: given.ExpiresAt}, nil
}
