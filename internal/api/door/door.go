// Package door is the two doors that are not the portal's: that of root users, who come by the e-mail address of their
// account, and that of IAM users, who come by account and name. See "Sign in to the AWS Management Console" in the AWS
// Sign-In User Guide.
//
// SignIn proves a password and ends in a session or, where a code of an MFA device or a new password is wanted, in an attempt,
// whose secret the browser keeps; ContinueSignIn brings it on. The rest is what root users and IAM users do for themselves
// once they are in. What an IAM user does here is an operation of the IAM API and takes its permissions; a root user has
// them all, and devices that no operation of that API gives.
//
// Unknown names cost what known ones do and are answered alike; every try counts before it is looked at.
package door

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Name is the service's name in the corridor.
const Name = "gatehouse-door"

// Table returns the operations of the service.
func Table() api.Table {
	inside, anybody := api.By(api.Door), api.By(api.Open)
	return api.Table{
		api.Op("SignIn", "", signIn, anybody),
		api.Op("DescribeSignIn", "", describeSignIn, anybody),
		api.Op("ContinueSignIn", "", continueSignIn, anybody),
		api.Op("RequestRootPasswordReset", "", requestRootPasswordReset, anybody),
		api.Op("WhoIsIn", "", whoIsIn, api.By(api.Door|api.Session), api.Reads()),
		api.Op("StartKeyProof", "", startKeyProof, anybody),
		api.Op("StartKey", "", startKey, inside),
		api.Op("CompleteKey", "", completeKey, inside),
		api.Op("DescribeSelf", "", describeSelf, inside),
		api.Op("ListSetupTasks", "", listSetupTasks, inside),
		api.Op("StartDevice", "", startDevice, inside),
		api.Op("CompleteDevice", "", completeDevice, inside),
		api.Op("RemoveDevice", "", removeDevice, inside),
		api.Op("ChangePassword", "", changePassword, inside),
		api.Op("EndSessions", "", endSessions, inside),
	}
}

// whoIsIn says who is signed in with the browser, at whichever door.
func whoIsIn(_ context.Context, c *api.Call, _ *WhoIsInInput) (*WhoIsInOutput, error) {
	if u := c.Person(); u != nil {
		return &WhoIsInOutput{Name: u.UserName}, nil
	}
	out := &WhoIsInOutput{Door: Root, Name: "the root user"}
	if u := c.Snapshot.IAMUserByID(c.Principal.IAMUserID); u != nil {
		out.Door, out.Name = IAM, u.Name
	}
	if a := c.Snapshot.Account(c.Principal.Account); a != nil {
		out.Name += " of " + a.Name
	}
	return out, nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationException", format, args...)
}
