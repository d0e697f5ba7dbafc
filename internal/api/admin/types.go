package admin

import "time"

// EnableIdentityCenterInput enables the identity center of an organization, which is created when the account is in none.
type EnableIdentityCenterInput struct {
	AccountID string // the management account; empty for the caller's own
	Name      string
}

// EnableIdentityCenterOutput names the new instance.
type EnableIdentityCenterOutput struct{ InstanceArn, IdentityStoreId, OrganizationId, StartUrl string }

// CreateStandaloneAccountInput makes an account that is in no organization.
type CreateStandaloneAccountInput struct {
	AccountName, Email string
	AccountID          string // empty for a random one
}

// CreateStandaloneAccountOutput names the new account.
type CreateStandaloneAccountOutput struct{ AccountId string }

// ListServerAccountsInput asks for every account of the server.
type ListServerAccountsInput struct{}

// ListServerAccountsOutput lists the accounts by their ids.
type ListServerAccountsOutput struct{ Accounts []ServerAccount }

// ServerAccount is an account as the operator of a server sees it.
type ServerAccount struct {
	AccountId, AccountName, Email, Status string
	OrganizationId                        string // empty when it stands alone
	Role                                  string // in its organization: management or member
}

// SetUserPasswordInput gives a person a password.
type SetUserPasswordInput struct{ IdentityStoreId, UserName, Password string }

// SetUserPasswordOutput is empty.
type SetUserPasswordOutput struct{}

// DisableUserInput shuts a person out at once, and every key that was handed out to them.
type DisableUserInput struct{ IdentityStoreId, UserName string }

// DisableUserOutput is empty.
type DisableUserOutput struct{}

// EnableUserInput lets a person in again. What was handed out before stays dead.
type EnableUserInput struct{ IdentityStoreId, UserName string }

// EnableUserOutput is empty.
type EnableUserOutput struct{}

// BreakGlassInput asks for credentials that nobody granted, as whoever can read the data directory may.
type BreakGlassInput struct {
	Account  string // an id or a name
	RoleName string // empty, as UserName, for the root user
	UserName string
}

// BreakGlassOutput carries the credentials.
type BreakGlassOutput struct {
	AccessKeyId, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
	Arn                                        string
}

// ServerSetting is a setting of the whole server: what it is now, until it is changed, and may be.
type ServerSetting struct{ Name, Value, Default, Allowed, Meaning string }

// ListServerSettingsInput asks for the settings of the server.
type ListServerSettingsInput struct{}

// ListServerSettingsOutput has every setting, changed or not.
type ListServerSettingsOutput struct{ Settings []ServerSetting }

// PutServerSettingInput changes a setting.
type PutServerSettingInput struct{ Name, Value string }

// PutServerSettingOutput is empty.
type PutServerSettingOutput struct{}

// DeleteServerSettingInput gives a setting its default again.
type DeleteServerSettingInput struct{ Name string }

// DeleteServerSettingOutput is empty.
type DeleteServerSettingOutput struct{}

// WhatIfInput asks what changes of policies would have done to the calls of the last days.
type WhatIfInput struct {
	AccountID string // of operators: an account of the organization; empty for the usual one
	Days      int32  // 7 when it is 0
	Changes   []PolicyChange
}

// PolicyChange is a change that is tried, as an operation of AWS's that would make it: AttachPolicy, DetachPolicy or
// UpdatePolicy of Organizations, PutInlinePolicyToPermissionSet or DeleteInlinePolicyFromPermissionSet of IAM Identity Center.
type PolicyChange struct {
	Operation              string
	PolicyId               string // empty with AttachPolicy for a policy that there is not yet, which has these:
	PolicyType, PolicyName string
	Content                string
	TargetId               string
	PermissionSetArn       string
}

// WhatIfOutput says who would lose and gain what. Today's policies are what the change is measured by.
type WhatIfOutput struct {
	Since     time.Time
	Decisions int64 // on record for callers of the organization's accounts
	Gone      int64 // of these, by callers who could not call any more today
	Asked     int64 // of these, what the changes bear on, which was decided again
	Drifted   int64 // of these, what today's policies decide otherwise than it was decided

	Lost, Gained               int64 // decisions
	OutsideLost, OutsideGained int64 // on the organization's resources, for callers from outside, who are not named
	UnreadableRecords          int64 // that are not as they were written
	Differences                []AccessDifference
	Unlisted                   int64 // decisions of Lost and Gained that Differences has no room for
}

// AccessDifference is what somebody would lose or gain: a person in a role, a role, a user, or the root user of an account,
// which has none of these names.
type AccessDifference struct {
	Effect                                   string // LOSES or GAINS
	UserName, UserId                         string // of the person
	PermissionSetName                        string
	RoleName, IAMUserName, FederatedUserName string
	AccountId, AccountName                   string
	Action, Resource                         string
	Count                                    int64
	Last                                     time.Time
	DeniedBy, Layer, PolicyArn               string // after the changes, or of what is gained, today
}

// SignInPolicy is what an identity center asks of who signs in.
type SignInPolicy struct {
	MfaMode                  string   // CONTEXT_AWARE, ALWAYS_ON or DISABLED
	MfaTypes                 []string // of devices that may be registered: TOTP, WEBAUTHN
	NoMfaDevice              string   // for who has none: REQUIRE_REGISTRATION, EMAIL_OTP, BLOCK or ALLOW
	UsersManageMfaDevices    bool
	SessionMinutes           int32 // how long a sign-in lasts
	IdleMinutes              int32 // and how long without a page; 0 for as long as it lasts
	StepUpForAccessKeys      bool
	DeviceFlow               bool     // devices are let in by their code
	DeviceFlowDeniedGroupIds []string // groups whose members let none in
}

// GetSignInPolicyInput names an identity store; empty for the caller's.
type GetSignInPolicyInput struct{ IdentityStoreId string }

// GetSignInPolicyOutput has the policy in force.
type GetSignInPolicyOutput struct{ Policy SignInPolicy }

// PutSignInPolicyInput changes what is given and leaves the rest.
type PutSignInPolicyInput struct {
	IdentityStoreId          string
	MfaMode                  string
	MfaTypes                 []string
	NoMfaDevice              string
	UsersManageMfaDevices    *bool
	SessionMinutes           *int32
	IdleMinutes              *int32
	StepUpForAccessKeys      *bool
	DeviceFlow               *bool
	DeviceFlowDeniedGroupIds []string
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

// UpdateMfaDeviceForUserInput renames a device.
type UpdateMfaDeviceForUserInput struct{ IdentityStoreId, UserName, DeviceId, DeviceName string }

// UpdateMfaDeviceForUserOutput is empty.
type UpdateMfaDeviceForUserOutput struct{}

// DeleteMfaDeviceForUserInput removes a device.
type DeleteMfaDeviceForUserInput struct{ IdentityStoreId, UserName, DeviceId string }

// DeleteMfaDeviceForUserOutput is empty.
type DeleteMfaDeviceForUserOutput struct{}

// UserSession is where a person is signed in.
type UserSession struct {
	SessionId, Address          string
	Client                      string // the browser and system, as in "Firefox on Linux"
	Program                     bool   // let in by the person, without a browser of its own
	CreatedDate, ExpirationDate time.Time
	MfaDate                     *time.Time // when a second factor was proved in it, if one was
}

// ListSessionsInput names a person.
type ListSessionsInput struct{ IdentityStoreId, UserName string }

// ListSessionsOutput has the sessions that last, the newest first.
type ListSessionsOutput struct{ Sessions []UserSession }

// BatchDeleteSessionInput names sessions of a person; none means all.
type BatchDeleteSessionInput struct {
	IdentityStoreId, UserName string
	SessionIds                []string
}

// BatchDeleteSessionOutput is empty.
type BatchDeleteSessionOutput struct{}

// DescribeSignInDelayInput names a person.
type DescribeSignInDelayInput struct{ IdentityStoreId, UserName string }

// DescribeSignInDelayOutput says how often the person failed lately on this node, and how long they have to wait there.
type DescribeSignInDelayOutput struct{ FailedAttempts, Seconds int32 }

// ClearSignInDelayInput names a person.
type ClearSignInDelayInput struct{ IdentityStoreId, UserName string }

// ClearSignInDelayOutput is empty.
type ClearSignInDelayOutput struct{}
