package organizations

import "time"

// Quotas and page sizes: the highest that AWS grants. See "Quotas and service limits for AWS Organizations" in the AWS
// Organizations User Guide.
const (
	maxAccounts         = 50000
	maxUnits            = 2000
	maxPolicies         = 10000
	maxAttached         = 10    // service control policies directly attached to one target
	maxPolicySize       = 10240 // characters of a service control policy
	maxTags             = 50
	minInvitations      = 20 // a day, or as many as the organization has accounts
	invitationWindow    = 24 * time.Hour
	closeWindow         = 30 * 24 * time.Hour
	minCloses           = 250 // in the window, or a fifth of the members, at most maxCloses
	maxCloses           = 1000
	closesPerMember     = 5
	maxMigratedAccounts = 5000 // of an organization that enables all features
	pageLength          = 20
)
