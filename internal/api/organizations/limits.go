package organizations

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

// What is limited.
const (
	maxAccounts = iota
	maxUnits
	maxDepth
	maxPolicies
	maxPolicySize
	maxAttached
	maxControls
	maxControlSize
	maxControlsAttached
	maxTags
	maxInvitations
	maxClosures
	maxMigrated
)

const quotaPage = "Quotas and service limits for AWS Organizations, AWS Organizations User Guide"

// limits are the quotas of an organization, the highest that AWS grants until they are set. See quotaPage; that of
// maxMigrated is told under "ConstraintViolationException" in the AWS Organizations API Reference.
var limits = [...]api.Limit{
	maxAccounts: {Name: "organizations.accounts", Default: 50_000, Least: 1, Most: 500_000, Page: quotaPage,
		Quota: "Maximum number of accounts; an open invitation counts as one"},
	maxUnits: {Name: "organizations.units", Default: 2000, Least: 1, Most: 20_000, Page: quotaPage,
		Quota: "Number of OUs in an organization"},
	maxDepth: {Name: "organizations.unit-depth", Default: organization.MaxDepth, Least: 1, Most: organization.MaxDepth, Page: quotaPage,
		Quota: "OU maximum nesting in a root"},
	maxPolicies: {Name: "organizations.policies", Default: 10_000, Least: 1, Most: 100_000, Page: quotaPage,
		Quota: "Number of policies of each type in an organization: service control policies"},
	maxPolicySize: {Name: "organizations.policy-size", Default: 10_240, Least: 256, Most: 102_400, Page: quotaPage,
		Quota: "Maximum size of a policy document in characters: service control policies"},
	maxAttached: {Name: "organizations.policies-per-target", Default: 10, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Maximum attached to root, per OU and per account: service control policies"},
	maxControls: {Name: "organizations.resource-control-policies", Default: 1000, Least: 1, Most: 10_000, Page: quotaPage,
		Quota: "Number of policies of each type in an organization: resource control policies"},
	maxControlSize: {Name: "organizations.resource-control-policy-size", Default: 5120, Least: 256, Most: 51_200, Page: quotaPage,
		Quota: "Maximum size of a policy document in characters: resource control policies"},
	maxControlsAttached: {Name: "organizations.resource-control-policies-per-target", Default: 5, Least: 1, Most: 50, Page: quotaPage,
		Quota: "Maximum attached to root, per OU and per account: resource control policies, RCPFullAWSAccess among them"},
	maxTags: {Name: "organizations.tags-per-resource", Default: 50, Least: 1, Most: 50, Page: quotaPage,
		Quota: "Number of tags that you can attach to a root, OU, or account"},
	maxInvitations: {Name: "organizations.invitations-per-day", Default: 20, Least: 1, Most: 500_000, Page: quotaPage,
		Quota: "Maximum number of invitation attempts in a 24-hour period; or as many as there may be accounts, whichever is greater"},
	maxClosures: {Name: "organizations.closures-per-month", Default: 1000, Least: 1, Most: 500_000, Page: quotaPage,
		Quota: "Number of accounts you can close within a 30-day period: the maximum"},
	maxMigrated: {Name: "organizations.migrated-accounts", Default: 5000, Least: 1, Most: 500_000, Page: "ConstraintViolationException, AWS Organizations API Reference",
		Quota: "Accounts of an organization that enables all features"},
}

// quotas are the limits of each type of policy.
var quotas = map[string]struct{ policies, size, attached int }{
	organization.ServiceControlPolicy:  {maxPolicies, maxPolicySize, maxAttached},
	organization.ResourceControlPolicy: {maxControls, maxControlSize, maxControlsAttached},
}

// Limits returns the limits of the service.
func Limits() []api.Limit { return limits[:] }

// Of the accounts that may be closed in the window, as quotaPage tells: a fifth of the members, but at least minCloses.
const (
	closeWindow     = 30 * 24 * time.Hour
	minCloses       = 250
	closesPerMember = 5
)

const (
	invitationWindow = 24 * time.Hour
	pageLength       = 20
)
