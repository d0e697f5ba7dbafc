package iam

import "time"

// LastUse says when an access key or a role was used for the last time that is known, for what, and where the signature was
// for. See "AccessKeyLastUsed" and "RoleLastUsed" in the IAM API Reference.
type LastUse struct {
	ID      string // AKIA… or AROA…
	Time    time.Time
	Service string // as signatures name it, such as "iam"
	Region  string
}
