package ssoadmin

// Quotas and page sizes. See "IAM Identity Center quotas" in the IAM Identity Center User Guide.
const (
	maxSets        = 3500
	maxProvisioned = 500 // permission sets in one account
	maxTags        = 50
	maxAttributes  = 50 // for access control
	pageLength     = 100
)
