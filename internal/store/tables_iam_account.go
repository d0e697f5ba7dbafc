package store

import "github.com/gatehouse-sso/gatehouse/internal/iam"

// Aliases are the aliases of all accounts. Key: name. Unique: account.
var Aliases = define("account_alias", sealed, []column[iam.Alias]{
	{name: "name", of: func(a *iam.Alias) any { return a.Name }},
	{name: "account_id", of: func(a *iam.Alias) any { return a.Account }},
}, index("name"), indexes{
	"account": {"account_id"},
}, nil)

// LastUses say when an access key or role was last used. They decide nothing. Key: id.
var LastUses = define("last_use", unsealed, []column[iam.LastUse]{
	{name: "subject_id", of: func(u *iam.LastUse) any { return u.ID }},
}, index("subject_id"), nil, nil)
