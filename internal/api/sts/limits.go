package sts

import "time"

// How long credentials last, and how much may go into a session. See "AssumeRole", "GetSessionToken" and
// "GetFederationToken" in the AWS STS API Reference, and "IAM and AWS STS quotas" in the IAM User Guide.
const (
	defaultRole    = time.Hour
	chainedMaximum = time.Hour // of a session that another role's session asked for
	defaultUser    = 12 * time.Hour

	maxSessionTags = 50
	maxPolicyARNs  = 10
)
