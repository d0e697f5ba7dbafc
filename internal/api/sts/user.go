package sts

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// getSessionToken gives an IAM user temporary credentials for itself. No policy has a say in it. Without MFA they are
// not good for IAM; see api's corridor.
func getSessionToken(ctx context.Context, c *api.Call, in *sdk.GetSessionTokenInput) (*sdk.GetSessionTokenOutput, error) {
	u, err := longTerm(c)
	if err != nil {
		return nil, err
	}
	if err := unbuiltSize(c.Operation, in.MinimumSessionTokenSize); err != nil {
		return nil, err
	}
	claims := userClaims(c, u, seal.User, in.DurationSeconds)
	if p := (proof{in.SerialNumber, in.TokenCode}); p.given() {
		if err := p.check(ctx, c); err != nil {
			return nil, err
		}
		if err := p.spend(ctx, c); err != nil {
			return nil, err
		}
		claims.MFAAt = c.Now
	}
	credentials, _, err := issue(c, claims)
	if err != nil {
		return nil, err
	}
	return &sdk.GetSessionTokenOutput{Credentials: credentials}, nil
}

// federatedUser is the resource of GetFederationToken, and again for the tags that are passed.
func federatedUser(_ context.Context, c *api.Call, in *sdk.GetFederationTokenInput) ([]api.Target, error) {
	if _, err := longTerm(c); err != nil {
		return nil, err
	}
	t := api.Target{ARN: ident.FederatedARN(c.Principal.Account, *in.Name), Account: c.Principal.Account,
		Context: map[string][]string{}, Lists: map[string][]string{}}
	passed{tags: in.Tags}.conditions(&t)
	targets := []api.Target{t}
	if len(in.Tags) > 0 {
		t.Action = tagSession
		targets = append(targets, t)
	}
	return targets, nil
}

// getFederationToken gives a federated user what both the IAM user who asks and the session policies allow. Without
// session policies that is nothing, but for resources whose policy names the federated user.
func getFederationToken(_ context.Context, c *api.Call, in *sdk.GetFederationTokenInput) (*sdk.GetFederationTokenOutput, error) {
	u, err := longTerm(c)
	if err != nil {
		return nil, err
	}
	if err := unbuiltSize(c.Operation, in.MinimumSessionTokenSize); err != nil {
		return nil, err
	}
	claims := userClaims(c, u, seal.Federated, in.DurationSeconds)
	claims.SessionName = *in.Name
	if claims.Packed, err = (passed{policy: in.Policy, arns: in.PolicyArns, tags: in.Tags}).pack(c, u.Account); err != nil {
		return nil, err
	}
	credentials, size, err := issue(c, claims)
	if err != nil {
		return nil, err
	}
	arn, id := ident.FederatedARN(u.Account, *in.Name), string(u.Account)+":"+*in.Name
	c.Note("federatedUser", arn)
	return &sdk.GetFederationTokenOutput{Credentials: credentials, PackedPolicySize: size,
		FederatedUser: &types.FederatedUser{Arn: &arn, FederatedUserId: &id}}, nil
}

// longTerm returns the IAM user who calls with a long-term key; sessions cannot ask for sessions of these kinds.
func longTerm(c *api.Call) (*iam.User, error) {
	if c.Principal.Kind != authz.IAMUser || c.Principal.Temporary {
		return nil, denied("Cannot call %s with session credentials", c.Operation)
	}
	u := c.Snapshot.IAMUserByID(c.Principal.IAMUserID)
	if u == nil {
		return nil, denied("User: %s is not authorized to perform: sts:%s", c.Principal.ARN, c.Operation)
	}
	return u, nil
}

func userClaims(c *api.Call, u *iam.User, kind seal.Kind, seconds *int32) *seal.Claims {
	duration := defaultUser
	if seconds != nil {
		duration = time.Duration(aws.ToInt32(seconds)) * time.Second
	}
	return &seal.Claims{Kind: kind, Account: u.Account, RoleID: u.ID, RoleName: u.Name, RolePath: u.Path,
		ExpiresAt: c.Now.Add(duration), RoleGeneration: u.Generation}
}
