package organizations

// Quotas and page sizes. See "Quotas and service limits for AWS Organizations" in the AWS Organizations User Guide.
const (
	maxUnits      = 2000
	maxPolicies   = 2000
	maxAttached   = 10    // service control policies directly attached to one target
	maxPolicySize = 10240 // characters of a service control policy
	pageLength    = 20
)
