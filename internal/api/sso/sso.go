// Package sso is the access portal's API: which accounts and roles a person has, and credentials for one of them. Its
// caller is a person, by a client's access token or a browser's session. See the AWS SSO Portal API Reference.
package sso

import (
	"context"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Table returns the operations of the service.
func Table() api.Table {
	who := api.By(api.Bearer | api.Session)
	return api.Table{
		api.Op("ListAccounts", "", listAccounts, who),
		api.Op("ListAccountRoles", "", listAccountRoles, who),
		api.Op("GetRoleCredentials", "", getRoleCredentials, who),
		api.Op("Logout", "", logout, who),
	}
}

// pageSize is the size of a page that asks for none.
const pageSize = 100

func listAccounts(_ context.Context, c *api.Call, in *sdk.ListAccountsInput) (*sdk.ListAccountsOutput, error) {
	after, err := c.After(nil, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccountsOutput{AccountList: []types.AccountInfo{}}
	limit := c.Limit(in.MaxResults, pageSize)
	for a := range c.Snapshot.AccountsOf(c.Principal.UserID, ident.AccountID(after)) {
		if a.Status != account.Active {
			continue
		}
		if len(out.AccountList) == limit {
			out.NextToken = c.NextToken(nil, *out.AccountList[limit-1].AccountId)
			break
		}
		id := string(a.ID)
		out.AccountList = append(out.AccountList, types.AccountInfo{AccountId: &id, AccountName: &a.Name, EmailAddress: &a.Email})
	}
	return out, nil
}

func listAccountRoles(_ context.Context, c *api.Call, in *sdk.ListAccountRolesInput) (*sdk.ListAccountRolesOutput, error) {
	id, err := accountID(in.AccountId)
	if err != nil {
		return nil, err
	}
	after, err := c.After(id, in.NextToken)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, set := range c.Snapshot.GrantsIn(c.Principal.UserID, id) {
		names = append(names, set.Name)
	}
	if len(names) == 0 {
		return nil, noAccess()
	}
	slices.Sort(names)
	page, last := api.PageOf(names, after, c.Limit(in.MaxResults, pageSize))
	out := &sdk.ListAccountRolesOutput{RoleList: []types.RoleInfo{}, NextToken: c.NextToken(id, last)}
	for _, name := range page {
		account := string(id)
		out.RoleList = append(out.RoleList, types.RoleInfo{AccountId: &account, RoleName: &name})
	}
	return out, nil
}

func accountID(text *string) (ident.AccountID, error) {
	if text == nil {
		return "", fault.New(fault.Invalid, "InvalidRequestException", "account_id is missing.")
	}
	id, err := ident.ParseAccountID(*text)
	if err != nil {
		return "", fault.New(fault.Invalid, "InvalidRequestException", "account_id: want 12 digits.")
	}
	return id, nil
}

// noAccess is what the portal answers for an account or a role that the person does not have, existing or not. The
// code is not in the model; clients know it by its status, 403.
func noAccess() error { return fault.New(fault.Denied, "ForbiddenException", "No access") }

func getRoleCredentials(ctx context.Context, c *api.Call, in *sdk.GetRoleCredentialsInput) (*sdk.GetRoleCredentialsOutput, error) {
	id, err := accountID(in.AccountId)
	if err != nil {
		return nil, err
	}
	if in.RoleName == nil || *in.RoleName == "" {
		return nil, fault.New(fault.Invalid, "InvalidRequestException", "role_name is missing.")
	}
	g, err := granted(c, id, *in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := freshEnough(ctx, c, g.instance); err != nil {
		return nil, err
	}
	keys, err := issue(c, g)
	if err != nil {
		return nil, err
	}
	c.Note("accessKeyId", keys.AccessKeyID)
	c.Note("roleArn", g.role.ARN())
	secret := keys.SecretAccessKey.Reveal()
	return &sdk.GetRoleCredentialsOutput{RoleCredentials: &types.RoleCredentials{AccessKeyId: &keys.AccessKeyID,
		SecretAccessKey: &secret, SessionToken: &keys.SessionToken, Expiration: keys.Expiration.UnixMilli()}}, nil
}

// issue makes the credentials of a grant.
func issue(c *api.Call, g *grant) (seal.Credentials, error) {
	tags, err := authz.SessionTags(g.instance, g.person)
	if err != nil {
		return seal.Credentials{}, err
	}
	keys, err := c.Seal.Issue(c.Random, &seal.Claims{Kind: seal.AssumedRole, Account: g.role.Account,
		RoleID: g.role.ID, RoleName: g.role.Name, RolePath: g.role.Path,
		SessionName: authz.SessionName(g.person), UserID: g.person.ID, SessionID: c.Principal.SessionID,
		IssuedAt: c.Now, ExpiresAt: c.Now.Add(g.duration), UserGeneration: g.person.Generation, RoleGeneration: g.role.Generation,
		MFAAt: mfaAt(c), Packed: seal.Packed{Tags: tags}})
	if f := fault.As(err); f != nil {
		return keys, fault.New(fault.Invalid, "InvalidRequestException", "Your attributes for access control are too large for a session: %s", f.Message)
	}
	return keys, err
}

// freshEnough refuses keys to a browser that has not proved for a while who sits there, where the identity center's policy
// wants that. Programs keep their keys to themselves, so they are not asked.
func freshEnough(ctx context.Context, c *api.Call, i *permission.Instance) error {
	s := c.Snapshot.Portal(c.Principal.SessionID)
	if s == nil || len(s.SecretHash) == 0 || s.IsFresh(c.Now) {
		return nil
	}
	p, err := api.Look(ctx, c, func(tx *store.Tx) (*factor.Policy, error) { return api.SignInPolicy(tx, i.ARN) })
	if err != nil || !p.StepUpKeys {
		return err
	}
	return api.StepUpFirst()
}

// mfaAt is when a second factor was proved in the sign-in that the call stands on.
func mfaAt(c *api.Call) time.Time {
	if s := c.Snapshot.Portal(c.Principal.SessionID); s != nil {
		return s.MFAAt
	}
	return time.Time{}
}

func logout(ctx context.Context, c *api.Call, _ *sdk.LogoutInput) (*sdk.LogoutOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error { return api.EndSession(tx, c.Principal.SessionID) })
}
