// Package iam holds the users, access keys, groups and roles of an account, its customer managed policies, and what a role
// of a permission set or of a service is called. The shapes follow the IAM API.
//
// Names are unique in their account, letter case aside. What has an id (AIDA…, AGPA…, AROA…, ANPA…) never gets that of
// another, so that policies go on meaning whom they meant when a name changes hands.
package iam

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// reservedPath is where the roles of permission sets live; ReservedPrefix begins their names and no others'.
const (
	reservedPath   = "/aws-reserved/sso.amazonaws.com/"
	ReservedPrefix = "AWSReservedSSO_"
	// ServicePath is where service-linked roles live, each under the name of its service.
	ServicePath = "/aws-service-role/"
	// OrganizationAccessRole is the role that CreateAccount makes unless told another name.
	OrganizationAccessRole = "OrganizationAccountAccessRole"
)

// TakesReserved reports whether a role of this name could pass for one of a permission set. Names of roles ignore letter case.
func TakesReserved(name string) bool {
	return len(name) >= len(ReservedPrefix) && strings.EqualFold(name[:len(ReservedPrefix)], ReservedPrefix)
}

// Policies is what is attached to a user or a role.
type Policies struct {
	Inline   map[string]string // policy name → document
	Managed  []string          // ARNs
	Boundary string            // ARN of the permissions boundary, or empty
}

// User is an IAM user.
type User struct {
	ID         string // AIDA…
	Account    ident.AccountID
	Name       string // unique in its account, letter case aside
	Path       string
	Policies   Policies
	Tags       map[string]string
	Generation uint64
	CreatedAt  time.Time
}

// ARN returns the user's ARN.
func (u *User) ARN() string { return ident.IAM(u.Account, "user"+u.Path+u.Name) }

// AccessKey is a long-term access key of an IAM user.
type AccessKey struct {
	ID           string // AKIA…
	Account      ident.AccountID
	UserID       string
	Status       string // Active or Inactive
	SealedSecret []byte // by seal's Value purpose, bound to ID
	CreatedAt    time.Time
}

// Role is a role that principals assume.
type Role struct {
	ID          string // AROA…
	Account     ident.AccountID
	Name        string // unique in its account, letter case aside
	Path        string
	Trust       string // the trust policy
	Description string
	MaxSession  time.Duration
	Policies    Policies
	Tags        map[string]string
	// PermissionSet and Version are set for reserved roles: what the role may do is that version's grants.
	PermissionSet string
	Version       uint64
	// Generation is raised to end every session of the role.
	Generation uint64
	CreatedAt  time.Time
}

// ARN returns the role's ARN.
func (r *Role) ARN() string { return ident.IAM(r.Account, "role"+r.Path+r.Name) }

// Reserved reports whether the role belongs to a permission set and is modified by nobody else.
func (r *Role) Reserved() bool { return r.PermissionSet != "" }

// ServiceLinked reports whether the role belongs to a service.
func (r *Role) ServiceLinked() bool { return strings.HasPrefix(r.Path, ServicePath) }

// Modifiable refuses changes of roles that belong to permission sets or services.
func (r *Role) Modifiable() error {
	if !r.Reserved() && !r.ServiceLinked() {
		return nil
	}
	return fault.New(fault.Invalid, "UnmodifiableEntity",
		"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
}

// CheckTrustSize refuses a trust policy of more than most characters, white space aside.
func CheckTrustSize(document string, most int) error {
	if policy.Letters(document) > most {
		return fault.New(fault.Limit, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", most)
	}
	return nil
}

// SessionARN returns the ARN of a session of the role.
func (r *Role) SessionARN(session string) string {
	return ident.SessionARN(r.Account, r.Name, session)
}
