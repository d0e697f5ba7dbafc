package iam

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// What is limited.
const (
	maxUsers = iota
	maxGroups
	maxRoles
	maxPolicies
	maxKeys
	maxUserGroups
	maxUserManaged
	maxGroupManaged
	maxRoleManaged
	maxUserInline
	maxGroupInline
	maxRoleInline
	maxTrust
	maxPolicySize
	maxVersions
	maxTags
	maxDevices
)

const quotaPage = "IAM and AWS STS quotas, IAM User Guide"

// limits are the quotas of an account: the maximum of those that AWS adjusts, and the others as they are. Sizes are in
// characters, white space aside.
var limits = [...]api.Limit{
	maxUsers: {Name: "iam.users-per-account", Default: 5000, Least: 1, Most: 50_000, Page: quotaPage,
		Quota: "Users in an AWS account"},
	maxGroups: {Name: "iam.groups-per-account", Default: 500, Least: 1, Most: 5000, Page: quotaPage,
		Quota: "Groups in an AWS account"},
	maxRoles: {Name: "iam.roles-per-account", Default: 10_000, Least: 1, Most: 100_000, Page: quotaPage,
		Quota: "Roles in an AWS account"},
	maxPolicies: {Name: "iam.policies-per-account", Default: 10_000, Least: 1, Most: 100_000, Page: quotaPage,
		Quota: "Customer managed policies in an AWS account"},
	maxKeys: {Name: "iam.access-keys-per-user", Default: 2, Least: 1, Most: 2, Page: quotaPage,
		Quota: "Access keys assigned to an IAM user"},
	maxUserGroups: {Name: "iam.groups-per-user", Default: 10, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Groups an IAM user can be a member of"},
	maxUserManaged: {Name: "iam.policies-per-user", Default: 20, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Managed policies attached to an IAM user"},
	maxGroupManaged: {Name: "iam.policies-per-group", Default: 10, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Managed policies attached to an IAM group"},
	maxRoleManaged: {Name: "iam.policies-per-role", Default: 25, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Managed policies attached to an IAM role"},
	maxUserInline: {Name: "iam.inline-size-of-user", Default: 2048, Least: 256, Most: 20_480, Page: quotaPage,
		Quota: "Total aggregate size of a user's inline policies"},
	maxGroupInline: {Name: "iam.inline-size-of-group", Default: 5120, Least: 256, Most: 51_200, Page: quotaPage,
		Quota: "Total aggregate size of a group's inline policies"},
	maxRoleInline: {Name: "iam.inline-size-of-role", Default: 10_240, Least: 256, Most: 102_400, Page: quotaPage,
		Quota: "Total aggregate size of a role's inline policies"},
	maxTrust: {Name: "iam.trust-policy-size", Default: 8192, Least: 256, Most: 81_920, Page: quotaPage,
		Quota: "Role trust policy length"},
	maxPolicySize: {Name: "iam.policy-size", Default: 6144, Least: 256, Most: 61_440, Page: quotaPage,
		Quota: "The size of each managed policy"},
	maxVersions: {Name: "iam.versions-per-policy", Default: 5, Least: 1, Most: 5, Page: quotaPage,
		Quota: "Versions of a managed policy that can be stored"},
	maxTags: {Name: "iam.tags-per-resource", Default: 50, Least: 1, Most: 50, Page: quotaPage,
		Quota: "Tags that can be attached to an IAM user, an IAM role and a customer managed policy"},
	maxDevices: {Name: "iam.virtual-mfa-devices-per-account", Default: 5000, Least: 1, Most: 50_000, Page: quotaPage,
		Quota: "Virtual MFA devices (assigned or unassigned) in an AWS account"},
}

// Limits returns the limits of the service.
func Limits() []api.Limit { return limits[:] }

// Page sizes. See "ListUsers" in the IAM API Reference.
const (
	pageLength  = 100
	longestPage = 1000
)

// mostSimulated bounds the work for one page of a simulation, in statements times resources times actions.
const mostSimulated = 100_000

const defaultSession = time.Hour // of a role, unless told otherwise

// limit is the length of a page: 100 unless told otherwise, at most 1000.
func limit(c *api.Call, asked *int32) int {
	if asked == nil {
		return pageLength
	}
	return c.Limit(asked, longestPage)
}
