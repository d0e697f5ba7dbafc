package admin

import "time"

// SignInPolicy is what an identity center asks of who signs in.
type SignInPolicy struct {
	MfaMode               string   // CONTEXT_AWARE, ALWAYS_ON or DISABLED
	MfaTypes              []string // of devices that may be registered: TOTP, WEBAUTHN
	NoMfaDevice           string   // for who has none: REQUIRE_REGISTRATION, EMAIL_OTP, BLOCK or ALLOW
	UsersManageMfaDevices bool     // people add, rename and remove their own
	SessionMinutes        int32    // how long a sign-in lasts: 15 to 129600
	IdleMinutes           int32    // and how long without a page, at most SessionMinutes; 0 for as long as it lasts
	StepUpForAccessKeys   bool     // access keys are shown, and programs let in, after a proof of the last ten minutes only
	PasswordRules         string   // NIST or AWS

	DeviceFlow                bool     // devices are let in by their code
	DeviceFlowAllowedGroupIds []string // groups whose members alone let devices in; none for everybody
	DeviceFlowDeniedGroupIds  []string // groups whose members let none in
	DeviceFlowProof           string   // a fresh proof comes first: ALWAYS, ADDRESS_DIFFERS or NEVER
	DeviceFlowSessionMinutes  int32    // how long a device is let in; 0 for as long as the sign-in lasts
}

// GetSignInPolicyInput names an identity store; empty for the caller's.
type GetSignInPolicyInput struct{ IdentityStoreId string }

// GetSignInPolicyOutput has the policy in force.
type GetSignInPolicyOutput struct{ Policy SignInPolicy }

// PutSignInPolicyInput changes what is given and leaves the rest.
type PutSignInPolicyInput struct {
	IdentityStoreId       string
	MfaMode               string
	MfaTypes              []string
	NoMfaDevice           string
	UsersManageMfaDevices *bool
	SessionMinutes        *int32
	IdleMinutes           *int32
	StepUpForAccessKeys   *bool
	PasswordRules         string

	DeviceFlow                *bool
	DeviceFlowAllowedGroupIds []string
	DeviceFlowDeniedGroupIds  []string
	DeviceFlowProof           string
	DeviceFlowSessionMinutes  *int32
}

// PutSignInPolicyOutput has the policy in force from now on.
type PutSignInPolicyOutput struct{ Policy SignInPolicy }

// MfaDevice is an authenticator app, a security key or a passkey of a person.
type MfaDevice struct {
	DeviceId, DeviceName         string
	MfaType                      string // TOTP or WEBAUTHN
	RegisteredDate, LastUsedDate time.Time
	BackedUp                     bool // a passkey that its owner's other devices have too
	PerhapsCopied                bool // its counter went back
}

// ListMfaDevicesForUserInput names a person.
type ListMfaDevicesForUserInput struct{ IdentityStoreId, UserName string }

// ListMfaDevicesForUserOutput has all devices of the person.
type ListMfaDevicesForUserOutput struct{ MfaDevices []MfaDevice }

// RegisterMfaDeviceForUserInput gives a person a link that registers a device after their password. An earlier one ends.
type RegisterMfaDeviceForUserInput struct {
	IdentityStoreId, UserName string
	ShowLink                  bool // answer the link instead of mailing it
}

// RegisterMfaDeviceForUserOutput says where the link went, or has it for the caller to hand over. It is shown only now.
type RegisterMfaDeviceForUserOutput struct {
	SentTo    string
	Link      string
	ExpiresAt time.Time
}

// ImportMfaDeviceForUserInput registers a hardware token that the person gets from the caller: one that shows six digits
// every 30 seconds (RFC 6238 with SHA-1).
type ImportMfaDeviceForUserInput struct {
	IdentityStoreId, UserName, DeviceName string
	Secret                                string // of the token, in base32; empty to make one, for tokens that can be written to
	Code                                  string // that the token shows, with Secret
}

// ImportMfaDeviceForUserOutput names the device. A secret that was made is shown only now.
type ImportMfaDeviceForUserOutput struct{ DeviceId, Secret, Uri string }

// UpdateMfaDeviceForUserInput renames a device.
type UpdateMfaDeviceForUserInput struct{ IdentityStoreId, UserName, DeviceId, DeviceName string }

// UpdateMfaDeviceForUserOutput is empty.
type UpdateMfaDeviceForUserOutput struct{}

// DeleteMfaDeviceForUserInput removes a device.
type DeleteMfaDeviceForUserInput struct{ IdentityStoreId, UserName, DeviceId string }

// DeleteMfaDeviceForUserOutput is empty.
type DeleteMfaDeviceForUserOutput struct{}

// UserSession is where somebody is signed in.
type UserSession struct {
	SessionId, Address          string
	Client                      string // the browser and system, as in "Firefox on Linux"
	Program                     bool   // let in by the person, without a browser of its own
	CreatedDate, ExpirationDate time.Time
	MfaDate                     *time.Time // when a second factor was proved in it, if one was
}

// ListSessionsInput names a person, or a user of an account: the root user, unless IamUserName is given.
type ListSessionsInput struct{ IdentityStoreId, UserName, AccountId, IamUserName string }

func (in *ListSessionsInput) called() called {
	return called{in.IdentityStoreId, in.UserName, in.AccountId, in.IamUserName}
}

// ListSessionsOutput has the sessions that last, the newest first.
type ListSessionsOutput struct{ Sessions []UserSession }

// BatchDeleteSessionInput names sessions of a person or of a user of an account; none means all.
type BatchDeleteSessionInput struct {
	IdentityStoreId, UserName, AccountId, IamUserName string
	SessionIds                                        []string // as ListSessions has them; none for all
}

func (in *BatchDeleteSessionInput) called() called {
	return called{in.IdentityStoreId, in.UserName, in.AccountId, in.IamUserName}
}

// BatchDeleteSessionOutput is empty.
type BatchDeleteSessionOutput struct{}

// DescribeSignInDelayInput names a person, or a user of an account: the root user, unless IamUserName is given.
type DescribeSignInDelayInput struct{ IdentityStoreId, UserName, AccountId, IamUserName string }

func (in *DescribeSignInDelayInput) called() called {
	return called{in.IdentityStoreId, in.UserName, in.AccountId, in.IamUserName}
}

// DescribeSignInDelayOutput says how often they failed lately, or wanted a mail, on this node, and how long they have to wait there.
type DescribeSignInDelayOutput struct{ FailedAttempts, Seconds int32 }

// ClearSignInDelayInput names a person, or a user of an account: the root user, unless IamUserName is given.
type ClearSignInDelayInput struct{ IdentityStoreId, UserName, AccountId, IamUserName string }

func (in *ClearSignInDelayInput) called() called {
	return called{in.IdentityStoreId, in.UserName, in.AccountId, in.IamUserName}
}

// ClearSignInDelayOutput is empty.
type ClearSignInDelayOutput struct{}
