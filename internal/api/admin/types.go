package admin

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
)

// EnableIdentityCenterInput enables the identity center of an organization, which is created when the account is in none.
type EnableIdentityCenterInput struct {
	AccountId string // the management account; empty for the caller's own
	Name      string // of the instance; may be empty
}

// EnableIdentityCenterOutput names the new instance.
type EnableIdentityCenterOutput struct{ InstanceArn, IdentityStoreId, OrganizationId, StartUrl string }

// CreateStandaloneAccountInput makes an account that is in no organization.
type CreateStandaloneAccountInput struct {
	AccountName string // 1 to 50 characters
	Email       string // of the root user: at most 64 characters, and no other account's
	AccountId   string // 12 digits; empty for random ones
}

// CreateStandaloneAccountOutput names the new account, and says how its root user gets a password: a link was mailed, or is
// here where no mail can be sent. There is none while the server has no address.
type CreateStandaloneAccountOutput struct {
	AccountId, SentTo, Link string
	ExpiresAt               *time.Time // of the link
}

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

// SetRootPasswordInput gives the root user of an account a password.
type SetRootPasswordInput struct {
	AccountId string // of an open account
	Password  string // that meets the rules of NIST SP 800-63B-4
}

// SetRootPasswordOutput is empty.
type SetRootPasswordOutput struct{}

// SendRootPasswordLinkInput names an account whose root user is to have a link that sets the password.
type SendRootPasswordLinkInput struct {
	AccountId string
	ShowLink  bool // for operators: answer the link instead of mailing it
}

// SendRootPasswordLinkOutput says where the link went, or has it where no mail can be sent.
type SendRootPasswordLinkOutput struct {
	SentTo, Link string
	ExpiresAt    time.Time
}

// SetUserPasswordInput gives a person a password.
type SetUserPasswordInput struct {
	IdentityStoreId, UserName string
	Password                  string // that meets the policy's rules
	MustChange                bool   // at the first sign-in, which then has to be within a week
}

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
	UserName string // of an IAM user
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
type PutServerSettingInput struct {
	Name  string // as ListServerSettings has it
	Value string // one that it allows
}

// PutServerSettingOutput is empty.
type PutServerSettingOutput struct{}

// DeleteServerSettingInput gives a setting its default again.
type DeleteServerSettingInput struct {
	Name string // as ListServerSettings has it
}

// DeleteServerSettingOutput is empty.
type DeleteServerSettingOutput struct{}

// WhatIfInput asks what changes of policies would have done to the calls of the last days.
type WhatIfInput struct {
	AccountId string         // of operators: an account of the organization; empty for the usual one
	Days      int32          // 7 when it is 0
	Changes   []PolicyChange // 1 to 100, that are tried together
}

// PolicyChange is a change that is tried, as an operation of AWS's that would make it: AttachPolicy, DetachPolicy or
// UpdatePolicy of Organizations, PutInlinePolicyToPermissionSet, DeleteInlinePolicyFromPermissionSet,
// AttachManagedPolicyToPermissionSet or DetachManagedPolicyFromPermissionSet of IAM Identity Center.
type PolicyChange struct {
	Operation              string
	PolicyId               string // empty with AttachPolicy for a policy that there is not yet, which has these:
	PolicyType, PolicyName string
	Content                string
	TargetId               string
	PermissionSetArn       string
	ManagedPolicyArn       string
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
	DeniedBy, Layer, PolicyArn, PolicyName   string // after the changes, or of what is gained, today
}

// ExplainRequestInput asks why a request was allowed or denied. The id stands in the header x-amzn-requestid of the answer;
// clients print it, or keep it with the metadata of the response.
type ExplainRequestInput struct {
	RequestId string // a UUID
}

// ExplainRequestOutput has the calls that the request made: one, unless it was for a page.
type ExplainRequestOutput struct {
	RequestId string
	Calls     []ExplainedCall
}

// ExplainedCall is a call as it is on record, and every decision that was made for it, the last of which denied it when one
// did.
type ExplainedCall struct {
	Time                              time.Time
	Service, Operation                string
	AccountId, PrincipalArn, UserName string
	SourceIp, ErrorCode, ErrorMessage string
	Decisions                         []ExplainedDecision
}

// ExplainedDecision is one decision. Then is the explanation by the policies that made it, which of an allowed one has no
// more than the statement that allowed it. Today is by the policies of today; it is absent for callers whom policies do
// not bind.
type ExplainedDecision struct {
	Action, Resource string
	Allowed          bool
	Then, Today      *audit.Explanation
}
