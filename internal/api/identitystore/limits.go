package identitystore

import "github.com/gatehouse-sso/gatehouse/internal/api"

// What is limited.
const (
	maxUsers = iota
	maxGroups
)

const quotaPage = "Quotas and limits in IAM Identity Center, IAM Identity Center User Guide"

// limits are the quotas of an identity store. AWS grants more on request and does not say how many; operators can too.
var limits = [...]api.Limit{
	maxUsers: {Name: "identitystore.users", Default: 200_000, Least: 1, Most: 2_000_000, Page: quotaPage,
		Quota: "Number of users supported in IAM Identity Center"},
	maxGroups: {Name: "identitystore.groups", Default: 100_000, Least: 1, Most: 1_000_000, Page: quotaPage,
		Quota: "Number of groups supported in IAM Identity Center"},
}

// Limits returns the limits of the service.
func Limits() []api.Limit { return limits[:] }

// pageLength is how many rows a page has, unless fewer are asked for. See "ListUsers" in the Identity Store API Reference.
const pageLength = 100
