package admin

import (
	"cmp"
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// setUserPassword gives a person a password, which ends every session of theirs and every key that was handed out in them.
func setUserPassword(ctx context.Context, c *api.Call, in *SetUserPasswordInput) (*SetUserPasswordOutput, error) {
	return &SetUserPasswordOutput{}, givePassword(ctx, c, in.IdentityStoreId, in.UserName, in.Password, in.MustChange)
}

// givePassword gives a person a password. One that they have to change is good for a while only.
func givePassword(ctx context.Context, c *api.Call, storeID, name, typed string, mustChange bool) error {
	u, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) { return allowedPerson(tx, c, storeID, name) })
	if err != nil {
		return err
	}
	next, err := c.NewPassword(ctx, u, typed)
	if err != nil {
		return err
	}
	if mustChange {
		next.MustChange, next.Until = true, c.Now.Add(api.OneTimeLife)
	}
	return c.Update(ctx, func(tx *store.Tx) error {
		u, err := allowedPerson(tx, c, storeID, name)
		if err != nil {
			return err
		}
		return c.SetPassword(tx, u, next, c.Principal.ARN)
	})
}

// inviteUser gives a person a link by which they choose their first password.
func inviteUser(ctx context.Context, c *api.Call, in *InviteUserInput) (*InviteUserOutput, error) {
	return giveLink(ctx, c, link.Invitation, in.IdentityStoreId, in.UserName, in.ShowLink)
}

// resetUserPassword gives a person a link by which they choose another password, or a password for the next sign-in. With a
// link, the password that they have is good until then.
func resetUserPassword(ctx context.Context, c *api.Call, in *ResetUserPasswordInput) (*ResetUserPasswordOutput, error) {
	if !in.OneTimePassword {
		given, err := giveLink(ctx, c, link.Reset, in.IdentityStoreId, in.UserName, in.ShowLink)
		if err != nil {
			return nil, err
		}
		return &ResetUserPasswordOutput{SentTo: given.SentTo, Link: given.Link, ExpiresAt: given.ExpiresAt}, nil
	}
	out := &ResetUserPasswordOutput{OneTimePassword: c.OneTimePassword(), ExpiresAt: c.Now.Add(api.OneTimeLife)}
	return out, givePassword(ctx, c, in.IdentityStoreId, in.UserName, out.OneTimePassword, true)
}

// giveLink mails a person a link, or answers it where no mail can be sent. It takes the place of earlier ones: one that
// chooses a password of all, because it changes what they are bound to.
func giveLink(ctx context.Context, c *api.Call, purpose link.Purpose, storeID, name string, show bool) (*InviteUserOutput, error) {
	if c.ExternalURL == "" {
		return nil, serverFirst()
	}
	secret := c.NewSecret()
	out := &InviteUserOutput{}
	err := c.Update(ctx, func(tx *store.Tx) error {
		u, err := linkable(tx, c, purpose, storeID, name)
		if err != nil {
			return err
		}
		c.Note("userId", u.ID)
		given, err := c.GiveLink(tx, api.Person(u), purpose, secret, inviter(c), show)
		if err != nil {
			return err
		}
		*out = InviteUserOutput{SentTo: given.SentTo, Link: given.Link, ExpiresAt: given.ExpiresAt}
		return nil
	})
	return out, err
}

// serverFirst is the answer where a link would lead nowhere.
func serverFirst() error {
	return fault.New(fault.Unavailable, "ServiceUnavailable", "A link begins with the address of the server. Start the server first.")
}

// linkable finds a person who can be given a link for a purpose.
func linkable(tx *store.Tx, c *api.Call, purpose link.Purpose, storeID, name string) (*directory.User, error) {
	u, err := allowedPerson(tx, c, storeID, name)
	switch {
	case err != nil:
		return nil, err
	case u.Disabled:
		return nil, fault.New(fault.Conflict, "ConflictException", "%s is shut out. Let them in again first.", u.UserName)
	case purpose == link.Invitation && u.PasswordHash != "":
		return nil, fault.New(fault.Conflict, "ConflictException", "%s has a password already. Reset it instead.", u.UserName)
	case purpose == link.Registration && u.PasswordHash == "":
		return nil, fault.New(fault.Conflict, "ConflictException", "%s has no password yet, which registering a device takes. Invite them first.", u.UserName)
	case purpose == link.Verification && api.AddressOf(u) == "":
		return nil, fault.New(fault.Conflict, "ConflictException", "%s has no e-mail address.", u.UserName)
	case purpose == link.Registration:
		return u, hasRoom(tx, c, u, factor.App, factor.Key)
	}
	return u, nil
}

// inviter is what the person who calls is called; empty when no person does.
func inviter(c *api.Call) string {
	if u := c.Person(); u != nil {
		return cmp.Or(u.DisplayName, u.UserName)
	}
	return ""
}

// requirePasswordChange has a person choose another password at the next sign-in. They stay signed in where they are, unless
// the caller wants otherwise.
func requirePasswordChange(ctx context.Context, c *api.Call, in *RequirePasswordChangeInput) (*RequirePasswordChangeOutput, error) {
	return &RequirePasswordChangeOutput{}, changePerson(ctx, c, in.IdentityStoreId, in.UserName, func(u *directory.User) {
		u.MustChange = u.PasswordHash != ""
		if in.EndSessions {
			u.Generation++
		}
	})
}
