package store

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// ManagedPolicies are the customer managed policies of all accounts. Key: account, name. Unique: id. Lists: account,
// by name.
var ManagedPolicies = define("managed_policy", sealed, []column[iam.ManagedPolicy]{
	{name: "account_id", of: func(p *iam.ManagedPolicy) any { return p.Account }},
	{name: "name", of: func(p *iam.ManagedPolicy) any { return p.Name }, fold: strings.ToLower},
	{name: "policy_id", of: func(p *iam.ManagedPolicy) any { return p.ID }},
}, index("account_id", "name"), indexes{
	"id": {"policy_id"},
}, indexes{
	"account": {"account_id"},
})

// PolicyAt returns the customer managed policy that an account has at a path under a name, letter for letter, or
// ErrNotFound.
func PolicyAt(tx *Tx, account ident.AccountID, path, name string) (*iam.ManagedPolicy, error) {
	p, err := ManagedPolicies.Get(tx, account, name)
	if err == nil && (p.Path != path || p.Name != name) {
		return nil, ErrNotFound
	}
	return p, err
}

// IAMGroups are the IAM groups of all accounts. Key: account, name. Unique: id. Lists: account, by name.
var IAMGroups = define("iam_group", sealed, []column[iam.Group]{
	{name: "account_id", of: func(g *iam.Group) any { return g.Account }},
	{name: "name", of: func(g *iam.Group) any { return g.Name }, fold: strings.ToLower},
	{name: "group_id", of: func(g *iam.Group) any { return g.ID }},
}, index("account_id", "name"), indexes{
	"id": {"group_id"},
}, indexes{
	"account": {"account_id"},
})

// IAMMemberships put IAM users into IAM groups. Key: group, user. Lists: group, user.
var IAMMemberships = define("iam_membership", sealed, []column[iam.Membership]{
	{name: "group_id", of: func(m *iam.Membership) any { return m.GroupID }},
	{name: "user_id", of: func(m *iam.Membership) any { return m.UserID }},
}, index("group_id", "user_id"), nil, indexes{
	"group": {"group_id"},
	"user":  {"user_id"},
})
