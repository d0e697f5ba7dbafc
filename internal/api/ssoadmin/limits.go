package ssoadmin

import "github.com/gatehouse-sso/gatehouse/internal/api"

// What is limited.
const (
	maxSets = iota
	maxProvisioned
	maxPolicies
	maxInline
	maxAssignedGroups
	maxTags
)

const quotaPage = "Quotas and limits in IAM Identity Center, IAM Identity Center User Guide"

// limits are the quotas of an identity center. Of those that AWS raises on request it does not say how far; operators
// can raise them too. The tags of a resource are told under "TagResource" in the IAM Identity Center API Reference.
var limits = [...]api.Limit{
	maxSets: {Name: "sso-admin.permission-sets", Default: 3500, Least: 1, Most: 35_000, Page: quotaPage,
		Quota: "Number of permission sets allowed in IAM Identity Center"},
	maxProvisioned: {Name: "sso-admin.provisioned-sets-per-account", Default: 500, Least: 1, Most: 5000, Page: quotaPage,
		Quota: "Number of provisioned permission sets allowed per AWS account"},
	maxPolicies: {Name: "sso-admin.policies-per-set", Default: 25, Least: 1, Most: 100, Page: quotaPage,
		Quota: "Number of AWS managed and customer managed policies per permission set"},
	maxInline: {Name: "sso-admin.inline-policy-size", Default: 10_240, Least: 256, Most: 32_768, Page: quotaPage,
		Quota: "Maximum size of non-whitespace characters in the inline policy per permission set"},
	maxAssignedGroups: {Name: "sso-admin.groups-per-assignment", Default: 100, Least: 1, Most: 100_000, Page: quotaPage,
		Quota: "Total number of groups that can be assigned to a permission set per AWS account"},
	maxTags: {Name: "sso-admin.tags-per-resource", Default: 50, Least: 1, Most: 50, Page: "TagResource, IAM Identity Center API Reference",
		Quota: "Tags of a resource"},
}

// Limits returns the limits of the service.
func Limits() []api.Limit { return limits[:] }

// pageLength is how many rows a page has, unless fewer are asked for.
const pageLength = 100
