package iam

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Group is an IAM group: its policies count for every user in it. It is no principal, and has no permissions boundary.
// See "IAM user groups" in the IAM User Guide.
type Group struct {
	ID        string // AGPA…
	Account   ident.AccountID
	Name      string // unique in its account, letter case aside
	Path      string
	Policies  Policies
	CreatedAt time.Time
}

// ARN returns the group's ARN.
func (g *Group) ARN() string { return ident.IAM(g.Account, "group"+g.Path+g.Name) }

// Membership puts a user into a group. Both are named by their ids, which outlive a change of name.
type Membership struct {
	GroupID string
	UserID  string
	Account ident.AccountID
}
