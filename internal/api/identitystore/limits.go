package identitystore

// Quotas and page sizes. See "IAM Identity Center quotas" in the IAM Identity Center User Guide and the Identity Store API Reference.
const (
	maxGroups  = 100_000
	maxUsers   = 100_000
	pageLength = 100
)
