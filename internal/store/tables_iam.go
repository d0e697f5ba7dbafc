package store

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
)

// IAMUsers are the IAM users of all accounts. Unique: name (account, name). Lists: account, in the order of names.
var IAMUsers = define("iam_user", sealed, []column[iam.User]{
	{name: "user_id", of: func(u *iam.User) any { return u.ID }},
	{name: "account_id", of: func(u *iam.User) any { return u.Account }},
	{name: "name", of: func(u *iam.User) any { return u.Name }, fold: strings.ToLower},
}, index("user_id"), indexes{
	"name": {"account_id", "name"},
}, indexes{
	"account": {"account_id"},
}).sorted("account", "name")

// AccessKeys are the long-term keys of IAM users. Lists: user, account.
var AccessKeys = define("access_key", sealed, []column[iam.AccessKey]{
	{name: "key_id", of: func(k *iam.AccessKey) any { return k.ID }},
	{name: "account_id", of: func(k *iam.AccessKey) any { return k.Account }},
	{name: "user_id", of: func(k *iam.AccessKey) any { return k.UserID }},
}, index("key_id"), nil, indexes{
	"user":    {"user_id"},
	"account": {"account_id"},
})

// Roles are the roles of all accounts. Those of permission sets are no rows of their own: they derive from Provisioned.
// Unique: name (account, name). Lists: account, in the order of names.
var Roles = define("role", sealed, []column[iam.Role]{
	{name: "role_id", of: func(r *iam.Role) any { return r.ID }},
	{name: "account_id", of: func(r *iam.Role) any { return r.Account }},
	{name: "name", of: func(r *iam.Role) any { return r.Name }, fold: strings.ToLower},
}, index("role_id"), indexes{
	"name": {"account_id", "name"},
}, indexes{
	"account": {"account_id"},
}).sorted("account", "name").beside(reservedRoles{})
