// Package permission holds the identity center's permission sets, who is assigned which of them where, and the state
// of provisioning. The shapes follow the IAM Identity Center (sso-admin) API.
//
// A permission set is a draft: an edit raises its Version, and the role in an account keeps the version it was
// provisioned with until ProvisionPermissionSet. A Version, once made, never changes.
package permission

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Instance is an identity center.
type Instance struct {
	ARN             string // arn:aws:sso:::instance/ssoins-…
	IdentityStoreID string // d-…
	Owner           ident.AccountID
	OrganizationID  string
	Name            string
	Portal          string // the path under /start that it has for good, empty for the first instance of a server
	// Address is the path under /start that its owner chose, and Former are those before, which lead to it; see PutAddress.
	Address       string
	Former        []string
	Title         string // what the portal is called; empty for the name of the owner
	Logo          *Logo  // nil for the mark of the server
	Tags          map[string]string
	AccessControl *AccessControl // nil while attributes for access control are not enabled
	CreatedAt     time.Time
}

// ID returns the last part of the ARN, ssoins-….
func (i *Instance) ID() string { return strings.TrimPrefix(i.ARN, "arn:aws:sso:::instance/") }

// ReservedPortal reports whether no portal can have this name, because a page of every portal stands at /start/NAME.
// Whoever lets people choose a name has to refuse these.
func ReservedPortal(name string) bool {
	return slices.Contains([]string{"keys", "console", "security", "shortcut", "favourites"}, name)
}

// StoreARN returns the ARN of the instance's identity store.
func (i *Instance) StoreARN() string {
	return "arn:" + ident.Partition + ":identitystore::" + string(i.Owner) + ":identitystore/" + i.IdentityStoreID
}

// Set is a permission set.
type Set struct {
	ARN             string // arn:aws:sso:::permissionSet/ssoins-…/ps-…
	InstanceARN     string
	Name            string // unique in its instance
	Description     string
	RelayState      string
	SessionDuration time.Duration
	Tags            map[string]string
	CreatedAt       time.Time
	Version         uint64 // raised by every edit of Grants or SessionDuration
	Floor           uint64 // the version that roles have at least, whatever their own rows still say; see Raise
	Grants          Grants
}

// Grants is what a permission set's role may do.
type Grants struct {
	Managed  []string          // ARNs of AWS managed policies
	Customer []PolicyReference // customer managed policies, by name and path
	Inline   string            // a policy document, or empty
	Boundary *Boundary
}

// Version is what a permission set said at one time. It never changes once made.
type Version struct {
	SetARN          string
	Number          uint64
	SessionDuration time.Duration
	Grants          Grants
}

// PolicyReference names a customer managed policy that each account has to hold.
type PolicyReference struct{ Name, Path string }

// Boundary is a permissions boundary: an AWS managed policy's ARN or a reference.
type Boundary struct {
	ManagedARN string
	Customer   *PolicyReference
}

// PrincipalType says whether an assignment names a user or a group.
type PrincipalType string

// The types of principals of assignments.
const (
	UserPrincipal  PrincipalType = "USER"
	GroupPrincipal PrincipalType = "GROUP"
)

// Assignment gives a principal a permission set in an account.
type Assignment struct {
	InstanceARN   string
	SetARN        string
	Account       ident.AccountID
	PrincipalType PrincipalType
	PrincipalID   string
	CreatedAt     time.Time
}

// Provisioned says that the permission set has a role in the account, made from which version, and all that the role is
// made of.
type Provisioned struct {
	InstanceARN string
	SetARN      string
	SetName     string
	Account     ident.AccountID
	Region      string // of the instance
	Description string // of the set, when it was provisioned
	Version     uint64
	// Generation is raised to end every session of the role.
	Generation           uint64
	CreatedAt, UpdatedAt time.Time
}
