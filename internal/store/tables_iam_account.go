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

// Logins are the passwords of IAM users and root users. Key: owner.
var Logins = define("login", sealed, []column[iam.Login]{
	{name: "owner", of: func(l *iam.Login) any { return l.Owner }},
}, index("owner"), nil, nil)

// PasswordPolicies are what accounts ask of the passwords of their IAM users. Key: account.
var PasswordPolicies = define("password_policy", sealed, []column[iam.PasswordPolicy]{
	{name: "account_id", of: func(p *iam.PasswordPolicy) any { return p.Account }},
}, index("account_id"), nil, nil)
