package admin

import (
	"context"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// breakGlassLife is how long the credentials are good.
const breakGlassLife = time.Hour

// breakGlass makes a session of any account's root user, role or IAM user. It is on the record like every other.
func breakGlass(_ context.Context, c *api.Call, in *BreakGlassInput) (*BreakGlassOutput, error) {
	a := c.Snapshot.AccountNamed(in.Account)
	if a == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no account %q, or there are several with this name.", in.Account)
	}
	claims := &seal.Claims{Kind: seal.RootUser, Account: a.ID, IssuedAt: c.Now, ExpiresAt: c.Now.Add(breakGlassLife), RoleGeneration: a.RootGeneration}
	arn := ident.RootARN(a.ID)
	switch {
	case in.RoleName != "":
		r := c.Snapshot.Role(a.ID, in.RoleName)
		if r == nil || r.Reserved() {
			return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "The account %s has no role %q that this may open.", a.ID, in.RoleName)
		}
		claims.Kind, claims.RoleID, claims.RoleName, claims.RolePath = seal.AssumedRole, r.ID, r.Name, r.Path
		claims.SessionName, claims.RoleGeneration = "break-glass", r.Generation
		arn = r.SessionARN("break-glass")
	case in.UserName != "":
		u := c.Snapshot.IAMUser(a.ID, in.UserName)
		if u == nil {
			return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "The account %s has no IAM user %q.", a.ID, in.UserName)
		}
		claims.Kind, claims.RoleID, claims.RoleName, claims.RolePath = seal.User, u.ID, u.Name, u.Path
		claims.RoleGeneration, arn = u.Generation, u.ARN()
	}
	keys, err := c.Seal.Issue(c.Random, claims)
	if err != nil {
		return nil, err
	}
	c.Note("accessKeyId", keys.AccessKeyID)
	c.Note("arn", arn)
	return &BreakGlassOutput{AccessKeyId: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey.Reveal(),
		SessionToken: keys.SessionToken, Expiration: keys.Expiration, Arn: arn}, nil
}
