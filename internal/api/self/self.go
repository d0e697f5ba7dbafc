// Package self is what people do for themselves: sign in and out, prove themselves by a second factor, and answer the
// devices and programs that ask to act for them. Its operations are Open or take a browser session, and its resource is
// always the caller.
//
// Signing in is a small state machine. SignIn proves a name and a password and ends in a session or, where the identity
// center's policy wants more, in an attempt (factor.Attempt), whose secret the browser keeps. ContinueSignIn, StartDevice
// and CompleteDevice bring an attempt on, and each answers what is wanted next. SignInWithPasskey does it all at once.
// StepUp begins an attempt of who is signed in, and ends in the same session with another secret. Every try at a proof is
// counted before it is looked at, in the attempt and by the throttle.
//
// Who has no password, or none any more, chooses one by a link that was mailed: SpendLink. Who has one from somebody else
// chooses another on the way in: ChooseInSignIn.
package self

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Name is the service's name in the corridor.
const Name = "gatehouse-self"

// Table returns the operations of the service.
func Table() api.Table {
	// Attempts belong to who has their secret.
	person, anybody := api.By(api.Session), api.By(api.Open)
	return api.Table{
		api.Op("SignIn", "", signIn, anybody),
		api.Op("DescribeSignIn", "", describeSignIn, anybody),
		api.Op("ContinueSignIn", "", continueSignIn, anybody),
		api.Op("SendCode", "", sendCode, anybody),
		api.Op("StartKeyProof", "", startKeyProof, anybody),
		api.Op("StartPasskeySignIn", "", startPasskeySignIn, anybody, api.Reads()),
		api.Op("SignInWithPasskey", "", signInWithPasskey, anybody),
		api.Op("StartDevice", "", startDevice, anybody),
		api.Op("CompleteDevice", "", completeDevice, anybody),
		api.Op("ChooseInSignIn", "", chooseInSignIn, anybody),
		api.Op("DescribeLink", "", describeLink, anybody),
		api.Op("SpendLink", "", spendLink, anybody),
		api.Op("RequestPasswordReset", "", requestPasswordReset, anybody),
		api.Op("StepUp", "", stepUp, person),
		api.Op("DescribeSecurity", "", describeSecurity, person),
		api.Op("RenameDevice", "", renameDevice, person),
		api.Op("RemoveDevice", "", removeDevice, person),
		api.Op("CreateRecoveryCodes", "", createRecoveryCodes, person),
		api.Op("EndSessions", "", endSessions, person),
		api.Op("ChangePassword", "", changePassword, person),
		api.Op("SignOut", "", signOut, api.By(api.Session|api.Door)),
		api.Op("WhoAmI", "", whoAmI, person),
		api.Op("GetPortalLogo", "", getPortalLogo, api.By(api.Open)),
		api.Op("ListOwnAccounts", "", listOwnAccounts, person),
		api.Op("PutFavourite", "", putFavourite, person),
		api.Op("RecordRoleUse", "", recordRoleUse, person),
		api.Op("LookUpDeviceCode", "", lookUpDeviceCode, person),
		api.Op("ApproveDevice", "", approveDevice, person),
		api.Op("ApproveAuthorization", "", approveAuthorization, person),
	}
}

// signOut ends the session of whoever is signed in with the browser, at whichever door.
func signOut(ctx context.Context, c *api.Call, _ *SignOutInput) (*SignOutOutput, error) {
	return &SignOutOutput{}, c.Update(ctx, func(tx *store.Tx) error { return api.EndSession(tx, c.Principal.SessionID) })
}

func whoAmI(_ context.Context, c *api.Call, _ *WhoAmIInput) (*WhoAmIOutput, error) {
	u, s := c.Snapshot.User(c.Principal.UserID), c.Snapshot.Portal(c.Principal.SessionID)
	i := c.Snapshot.InstanceWith(c.Principal.StoreID)
	if u == nil || s == nil || i == nil {
		return nil, fault.New(fault.Unauthenticated, "UnauthorizedException", "Your sign-in has ended. Sign in again.")
	}
	out := &WhoAmIOutput{UserID: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, InstanceARN: i.ARN,
		InstanceID: i.ID(), Portal: i.PortalName(), Region: c.Services.Region, SignedInAt: s.CreatedAt, ExpiresAt: s.ExpiresAt}
	out.Organization = c.Organization(i)
	if len(u.Emails) > 0 {
		out.Email = u.Emails[0].Value
	}
	return out, nil
}
