// Package admin is what AWS offers in its console only, or not at all: enabling the identity center, accounts that stand
// alone, passwords, disabling people, the settings of the server, and the way in when nothing else works. It speaks
// awsJson 1.1 like AWS's own services, is signed with SigV4 and decided by policies on the actions gatehouse:*. Where an
// operation bears Operator, who can read the data directory may call it without a key.
package admin

import (
	"cmp"
	"context"
	"errors"
	"regexp"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/lifecycle"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Name is the service's name in the corridor.
const Name = "gatehouse"

// identityCenter is the service that gets trusted access to the organization when it is enabled, as on AWS.
const identityCenter = "sso.amazonaws.com"

// Table returns the operations of the service. Accounts of their own and the break-glass way are the operator's alone:
// no account owns the server. So are the settings of the server.
func Table() api.Table {
	operator := api.By(api.OperatorsOnly)
	both := api.By(api.OperatorsOnly | api.Signed)
	return api.Table{
		api.Op("CreateStandaloneAccount", "", createStandaloneAccount, operator),
		api.Op("ListServerAccounts", "", listServerAccounts, operator),
		api.Op("SetRootPassword", "", setRootPassword, operator),
		api.Op("SendRootPasswordLink", "gatehouse:SendRootPasswordLink", sendRootPasswordLink, both, ofRoot(func(in *SendRootPasswordLinkInput) string { return in.AccountId })),
		api.Op("ListServerSettings", "", listServerSettings, operator),
		api.Op("PutServerSetting", "", putServerSetting, operator),
		api.Op("DeleteServerSetting", "", deleteServerSetting, operator),
		api.Op("GetMailSettings", "", getMailSettings, operator),
		api.Op("PutMailSettings", "", putMailSettings, operator),
		api.Op("DeleteMailSettings", "", deleteMailSettings, operator),
		api.Op("SendTestMail", "", sendTestMail, operator),
		api.Op("GetConnectAuthority", "", getConnectAuthority, operator),
		api.Op("BreakGlass", "", breakGlass, operator, api.Reads()),
		api.Op("ExplainRequest", "gatehouse:ExplainRequest", explainRequest, both, api.Reads()),
		api.Op("EnableIdentityCenter", "gatehouse:EnableIdentityCenter", enableIdentityCenter, both),
		api.Op("SetUserPassword", "gatehouse:SetUserPassword", setUserPassword, both, in(func(in *SetUserPasswordInput) string { return in.IdentityStoreId })),
		api.Op("InviteUser", "gatehouse:InviteUser", inviteUser, both, in(func(in *InviteUserInput) string { return in.IdentityStoreId })),
		api.Op("ResetUserPassword", "gatehouse:ResetUserPassword", resetUserPassword, both, in(func(in *ResetUserPasswordInput) string { return in.IdentityStoreId })),
		api.Op("DescribeUserEmail", "gatehouse:DescribeUserEmail", describeUserEmail, both, in(func(in *DescribeUserEmailInput) string { return in.IdentityStoreId })),
		api.Op("SendEmailVerification", "gatehouse:SendEmailVerification", sendEmailVerification, both, in(func(in *SendEmailVerificationInput) string { return in.IdentityStoreId })),
		api.Op("RequirePasswordChange", "gatehouse:RequirePasswordChange", requirePasswordChange, both, in(func(in *RequirePasswordChangeInput) string { return in.IdentityStoreId })),
		api.Op("DisableUser", "gatehouse:DisableUser", disableUser, both, in(func(in *DisableUserInput) string { return in.IdentityStoreId })),
		api.Op("EnableUser", "gatehouse:EnableUser", enableUser, both, in(func(in *EnableUserInput) string { return in.IdentityStoreId })),
		api.Op("Can", "gatehouse:Can", can, both, api.Reads()),
		api.Op("WhoCan", "gatehouse:WhoCan", whoCan, both, api.Reads()),
		api.Op("WhatCan", "gatehouse:WhatCan", whatCan, both, api.Reads()),
		api.Op("WhatIf", "gatehouse:WhatIf", newReplays().whatIf, both, api.Reads()),
		api.Op("DescribePortal", "gatehouse:DescribePortal", describePortal, both, in(func(in *DescribePortalInput) string { return in.IdentityStoreId })),
		api.Op("UpdatePortal", "gatehouse:UpdatePortal", updatePortal, both, in(func(in *UpdatePortalInput) string { return in.IdentityStoreId })),
		api.Op("PutPortalLogo", "gatehouse:PutPortalLogo", putPortalLogo, both, in(func(in *PutPortalLogoInput) string { return in.IdentityStoreId })),
		api.Op("DeletePortalLogo", "gatehouse:DeletePortalLogo", deletePortalLogo, both, in(func(in *DeletePortalLogoInput) string { return in.IdentityStoreId })),
		api.Op("GetSignInPolicy", "gatehouse:GetSignInPolicy", getSignInPolicy, both, in(func(in *GetSignInPolicyInput) string { return in.IdentityStoreId })),
		api.Op("PutSignInPolicy", "gatehouse:PutSignInPolicy", putSignInPolicy, both, in(func(in *PutSignInPolicyInput) string { return in.IdentityStoreId })),
		api.Op("ListMfaDevicesForUser", "gatehouse:ListMfaDevicesForUser", listMfaDevicesForUser, both, in(func(in *ListMfaDevicesForUserInput) string { return in.IdentityStoreId })),
		api.Op("RegisterMfaDeviceForUser", "gatehouse:RegisterMfaDeviceForUser", registerMfaDeviceForUser, both, in(func(in *RegisterMfaDeviceForUserInput) string { return in.IdentityStoreId })),
		api.Op("ImportMfaDeviceForUser", "gatehouse:ImportMfaDeviceForUser", importMfaDeviceForUser, both, in(func(in *ImportMfaDeviceForUserInput) string { return in.IdentityStoreId })),
		api.Op("UpdateMfaDeviceForUser", "gatehouse:UpdateMfaDeviceForUser", updateMfaDeviceForUser, both, in(func(in *UpdateMfaDeviceForUserInput) string { return in.IdentityStoreId })),
		api.Op("DeleteMfaDeviceForUser", "gatehouse:DeleteMfaDeviceForUser", deleteMfaDeviceForUser, both, in(func(in *DeleteMfaDeviceForUserInput) string { return in.IdentityStoreId })),
		api.Op("ListSessions", "gatehouse:ListSessions", listSessions, both, ofSigner((*ListSessionsInput).called)),
		api.Op("BatchDeleteSession", "gatehouse:BatchDeleteSession", batchDeleteSession, both, ofSigner((*BatchDeleteSessionInput).called)),
		api.Op("DescribeSignInDelay", "gatehouse:DescribeSignInDelay", describeSignInDelay, both, ofSigner((*DescribeSignInDelayInput).called)),
		api.Op("ClearSignInDelay", "gatehouse:ClearSignInDelay", clearSignInDelay, both, ofSigner((*ClearSignInDelayInput).called)),
	}
}

// email is a plausible address: the Organizations API has the same bounds.
var email = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationException", format, args...)
}

// createStandaloneAccount makes an account that is in no organization.
func createStandaloneAccount(ctx context.Context, c *api.Call, in *CreateStandaloneAccountInput) (*CreateStandaloneAccountOutput, error) {
	a, err := NewAccount(in.AccountName, in.Email)
	if err != nil {
		return nil, err
	}
	if in.AccountId != "" {
		if a.ID, err = ident.ParseAccountID(in.AccountId); err != nil {
			return nil, invalid("%s.", err)
		}
	}
	secret, out := c.NewSecret(), &CreateStandaloneAccountOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) error {
		if err := AddAccount(tx, c, a); err != nil {
			return err
		}
		given, err := c.InviteRoot(tx, a, secret, true)
		*out = CreateStandaloneAccountOutput{AccountId: string(a.ID)}
		if given != nil {
			out.SentTo, out.Link, out.ExpiresAt = given.SentTo, given.Link, &given.ExpiresAt
		}
		return err
	})
}

// NewAccount returns an account that stands alone and is not kept yet, or says what is wrong with its name or address.
func NewAccount(name, address string) (*account.Account, error) {
	if name == "" || len(name) > 50 {
		return nil, fault.New(fault.Invalid, "ValidationException", "The name of an account has 1 to 50 characters.").With("Field", "AccountName")
	}
	if !email.MatchString(address) || len(address) > 64 {
		return nil, fault.New(fault.Invalid, "ValidationException", "%q is not an e-mail address.", address).With("Field", "Email")
	}
	return &account.Account{Name: name, Email: address, Status: account.Active}, nil
}

// AddAccount keeps a new account, which gets a random id unless it has one.
func AddAccount(tx *store.Tx, c *api.Call, a *account.Account) error {
	if a.ID == "" {
		a.ID = c.IDs.AccountID()
	}
	if _, err := store.Accounts.Get(tx, string(a.ID)); !errors.Is(err, store.ErrNotFound) {
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "ConflictException", "There is an account %s already.", a.ID)
	}
	a.CreatedAt = tx.Now
	err := store.Accounts.Save(tx, a)
	var taken *store.UniqueError
	if errors.As(err, &taken) {
		return fault.New(fault.Conflict, "ConflictException", "Another account has the e-mail address %q.", a.Email)
	}
	return err
}

// own returns the account that a caller may speak for: any for the operator, who need not name the only one that can be
// meant, else their own.
func own(c *api.Call, named string) (*account.Account, error) {
	if c.Principal.Kind != authz.Operator {
		if named != "" && named != string(c.Principal.Account) {
			return nil, fault.New(fault.Denied, "AccessDeniedException", "You speak for the account %s only.", c.Principal.Account)
		}
		named = string(c.Principal.Account)
	}
	a := c.Snapshot.AccountNamed(named)
	if named == "" {
		a = c.Snapshot.ChiefAccount()
	}
	if a == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no account %q.", named)
	}
	return a, nil
}

// enableIdentityCenter makes the identity center of an organization, and the organization where there is none.
func enableIdentityCenter(ctx context.Context, c *api.Call, in *EnableIdentityCenterInput) (*EnableIdentityCenterOutput, error) {
	a, err := own(c, in.AccountId)
	if err != nil {
		return nil, err
	}
	var i permission.Instance
	err = c.Update(ctx, func(tx *store.Tx) error {
		o, err := organizationOf(tx, c, a.ID)
		if err != nil {
			return err
		}
		if o.Management != a.ID {
			return fault.New(fault.Denied, "AccessDeniedException", "The identity center of an organization is enabled in its management account %s.", o.Management)
		}
		others, _, err := store.Instances.List(tx, "all", nil, "", 0)
		if err != nil {
			return err
		}
		i = permission.Instance{ARN: "arn:aws:sso:::instance/ssoins-" + c.IDs.Hex(8), IdentityStoreID: "d-" + c.IDs.Hex(5),
			Owner: a.ID, OrganizationID: o.ID, Name: in.Name, CreatedAt: tx.Now}
		for _, other := range others {
			if other.Owner == a.ID {
				return fault.New(fault.Conflict, "ConflictException", "The identity center is enabled already: %s.", other.ARN)
			}
			i.Portal = i.IdentityStoreID // the first instance's portal is /start, the others have a name
		}
		o.Trust(identityCenter, tx.Now)
		if err := store.Organizations.Save(tx, o); err != nil {
			return err
		}
		if err := store.SignInPolicies.Save(tx, factor.Initial(i.ARN)); err != nil {
			return err
		}
		return store.Instances.Save(tx, &i)
	})
	if err != nil {
		return nil, err
	}
	return &EnableIdentityCenterOutput{InstanceArn: i.ARN, IdentityStoreId: i.IdentityStoreID, OrganizationId: i.OrganizationID,
		StartUrl: api.StartURL(&i)}, nil
}

// organizationOf returns the account's organization, which it makes when there is none, as enabling does on AWS. That takes
// the permission to make one.
func organizationOf(tx *store.Tx, c *api.Call, id ident.AccountID) (*organization.Organization, error) {
	a, err := store.Accounts.Get(tx, string(id))
	if err != nil {
		return nil, err
	}
	if a.OrganizationID != "" {
		return store.Organizations.Get(tx, a.OrganizationID)
	}
	denial, err := c.Permits(tx, "organizations:CreateOrganization", api.Target{ARN: "*", Account: id})
	if err != nil || denial != nil {
		return nil, cmp.Or(err, denial)
	}
	o := organization.New(c.IDs, id, tx.Now)
	o.Enabled = []string{organization.ServiceControlPolicy}
	w := lifecycle.Work{Tx: tx, IDs: c.IDs, Region: c.Services.Region, Effect: c.Effect}
	if _, err := w.Found(o); err != nil {
		return nil, err
	}
	for _, target := range []string{o.RootID, string(id)} {
		if err := lifecycle.Guard(tx, o, target); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// in makes the identity store that a request names the resource of a decision. The person in it is decided on besides,
// once they are found: see changePerson.
func in[In any](storeID func(*In) string) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		t := api.Target{ARN: "*", Account: c.Principal.Account}
		if i := center(c, storeID(in)); i != nil {
			t.ARN, t.Account = i.StoreARN(), i.Owner
		}
		return []api.Target{t}, nil
	})
}

// ofRoot makes the root user of the account that a request names the resource of a decision of the caller's own account.
// Whether they look after that account is up to governed.
func ofRoot[In any](accountID func(*In) string) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		t := api.Target{ARN: "*", Account: c.Principal.Account}
		if id, err := ident.ParseAccountID(accountID(in)); err == nil {
			t.ARN = ident.RootARN(id)
		}
		return []api.Target{t}, nil
	})
}

// center returns the identity center with this store, or the usual one when none is named, if the caller may manage it.
func center(c *api.Call, storeID string) *permission.Instance {
	i := c.Snapshot.InstanceAt("")
	if storeID != "" {
		i = c.Snapshot.InstanceWith(storeID)
	} else if c.Principal.Kind != authz.Operator {
		i = c.Snapshot.InstanceOf(c.Principal.Account)
	}
	if i == nil || c.Principal.Kind != authz.Operator && i.Owner != c.Principal.Account {
		return nil
	}
	return i
}

// person finds a user by name in the identity store that the caller may manage.
func person(tx *store.Tx, c *api.Call, storeID, name string) (*directory.User, error) {
	i := center(c, storeID)
	if i == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no such identity store in your account.")
	}
	u, err := store.Users.By(tx, "name", i.IdentityStoreID, directory.Fold(name))
	return u, store.Missing(err, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no user %q.", name))
}

// disableUser shuts a person out at once, and every key that was handed out to them.
func disableUser(ctx context.Context, c *api.Call, in *DisableUserInput) (*DisableUserOutput, error) {
	return &DisableUserOutput{}, changePerson(ctx, c, in.IdentityStoreId, in.UserName, func(u *directory.User) {
		u.Disabled = true
		u.Generation++
	})
}

// enableUser lets a person in again. What was handed out before stays dead.
func enableUser(ctx context.Context, c *api.Call, in *EnableUserInput) (*EnableUserOutput, error) {
	return &EnableUserOutput{}, changePerson(ctx, c, in.IdentityStoreId, in.UserName, func(u *directory.User) { u.Disabled = false })
}

// allowedPerson finds a user whom the caller has to be allowed to do this to: that, too, is a resource of the decision.
func allowedPerson(tx *store.Tx, c *api.Call, storeID, name string) (*directory.User, error) {
	u, err := person(tx, c, storeID, name)
	if err != nil {
		return nil, err
	}
	target := api.Target{ARN: "arn:" + ident.Partition + ":identitystore:::user/" + u.ID, Account: c.Principal.Account}
	if denial, err := c.Permits(tx, "gatehouse:"+c.Operation, target); err != nil || denial != nil {
		return nil, cmp.Or(err, denial)
	}
	return u, nil
}

// changePerson changes a user.
func changePerson(ctx context.Context, c *api.Call, storeID, name string, change func(*directory.User)) error {
	return c.Update(ctx, func(tx *store.Tx) error {
		u, err := allowedPerson(tx, c, storeID, name)
		if err != nil {
			return err
		}
		change(u)
		u.Changed(tx.Now, c.Principal.ARN)
		return store.Users.Save(tx, u)
	})
}
