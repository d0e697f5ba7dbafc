package iam

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// Quotas and page sizes. See "IAM and AWS STS quotas" in the IAM User Guide.
const (
	maxUsers        = 5000
	maxRoles        = 5000
	maxKeys         = 2  // access keys of a user
	maxTags         = 50 // of a user or role
	maxGroups       = 500
	maxPolicies     = 5000 // customer managed
	maxUserGroups   = 10   // groups of a user
	maxUserManaged  = 20   // managed policies of a user
	maxGroupManaged = 10
	maxRoleManaged  = 25
	maxUserInline   = 2048  // characters of a user's inline policies
	maxRoleInline   = 10240 // characters of a role's inline policies
	maxGroupInline  = 5120  // characters of a group's inline policies
	pageLength      = 100
	longestPage     = 1000

	defaultSession = time.Hour // of a role, unless told otherwise
)

// limit is the length of a page: 100 unless told otherwise, at most 1000.
func limit(c *api.Call, asked *int32) int {
	if asked == nil {
		return pageLength
	}
	return c.Limit(asked, longestPage)
}
