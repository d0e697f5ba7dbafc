// Package sts is the Security Token Service: who am I, and credentials for a role, for an IAM user's own sessions, and for
// federated users. See the AWS STS API Reference.
//
// What it hands out is sealed, not stored: revoking raises a generation that the sealed claims no longer match. A session
// never has more than both its caller and its role allow: tags that a chain of roles hands on cannot be replaced, a
// source identity stays as it was first set, and session policies only take away.
package sts

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Table returns the operations of the service. GetCallerIdentity and
// GetSessionToken need no permission, and are allowed under an explicit deny.
func Table() api.Table {
	return api.Table{
		api.Op("GetCallerIdentity", "", getCallerIdentity),
		api.Op("GetAccessKeyInfo", "sts:GetAccessKeyInfo", getAccessKeyInfo),
		api.Op("DecodeAuthorizationMessage", "sts:DecodeAuthorizationMessage", decodeAuthorizationMessage, api.Reads()),
		api.Op("GetSessionToken", "", getSessionToken),
		api.Op("GetFederationToken", "sts:GetFederationToken", getFederationToken, api.On(federatedUser)),
		api.Op("AssumeRole", "sts:AssumeRole", assumeRole, api.On(assumedRole), api.Reads()),
	}
}

func getCallerIdentity(_ context.Context, c *api.Call, _ *sdk.GetCallerIdentityInput) (*sdk.GetCallerIdentityOutput, error) {
	account, id := string(c.Principal.Account), c.Principal.ID()
	return &sdk.GetCallerIdentityOutput{Account: &account, Arn: &c.Principal.ARN, UserId: &id}, nil
}

func getAccessKeyInfo(_ context.Context, _ *api.Call, in *sdk.GetAccessKeyInfoInput) (*sdk.GetAccessKeyInfoOutput, error) {
	account, err := ident.AccountOfKey(*in.AccessKeyId)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ValidationError", "The access key id %q names no account.", *in.AccessKeyId)
	}
	text := string(account)
	return &sdk.GetAccessKeyInfoOutput{Account: &text}, nil
}
