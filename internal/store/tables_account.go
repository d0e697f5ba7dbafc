package store

import (
	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
)

// Accounts are all accounts of the server. Unique: email. Lists: organization, parent, all.
var Accounts = define("account", sealed, []column[account.Account]{
	{name: "account_id", of: func(a *account.Account) any { return a.ID }},
	{name: "email", of: func(a *account.Account) any { return a.Email }, fold: directory.Fold},
	{name: "organization_id", of: func(a *account.Account) any { return a.OrganizationID }},
	{name: "parent_id", of: func(a *account.Account) any { return a.ParentID }},
}, index("account_id"), indexes{
	"email": {"email"},
}, indexes{
	"organization": {"organization_id"},
	"parent":       {"parent_id"},
	"all":          {},
})

// Profiles are what accounts say of themselves: contacts and Regions. Key: account.
var Profiles = define("account_profile", unsealed, []column[account.Profile]{
	{name: "account_id", of: func(p *account.Profile) any { return p.Account }},
}, index("account_id"), nil, nil)
