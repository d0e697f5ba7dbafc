package store

import "github.com/gatehouse-sso/gatehouse/internal/directory"

// Users are the people of all identity stores. Unique: name (store, user name), email (store, primary e-mail address).
// Lists: store.
var Users = define("directory_user", sealed, []column[directory.User]{
	{name: "user_id", of: func(u *directory.User) any { return u.ID }},
	{name: "store_id", of: func(u *directory.User) any { return u.StoreID }},
	{name: "name", of: func(u *directory.User) any { return u.UserName }, fold: directory.Fold},
	{name: "email", of: primaryEmail, fold: directory.Fold},
}, index("user_id"), indexes{
	"name":  {"store_id", "name"},
	"email": {"store_id", "email"},
}, indexes{
	"store": {"store_id"},
})

func primaryEmail(u *directory.User) any {
	for _, e := range u.Emails {
		if e.Primary && e.Value != "" {
			return e.Value
		}
	}
	return nil
}

// Groups are the groups of all identity stores. Unique: name (store, display name). Lists: store.
var Groups = define("directory_group", sealed, []column[directory.Group]{
	{name: "group_id", of: func(g *directory.Group) any { return g.ID }},
	{name: "store_id", of: func(g *directory.Group) any { return g.StoreID }},
	{name: "name", of: func(g *directory.Group) any { return g.DisplayName }, fold: directory.Fold},
}, index("group_id"), indexes{
	"name": {"store_id", "name"},
}, indexes{
	"store": {"store_id"},
})

// Memberships put users into groups. Unique: pair (group, user). Lists: group, user, store.
var Memberships = define("membership", sealed, []column[directory.Membership]{
	{name: "membership_id", of: func(m *directory.Membership) any { return m.ID }},
	{name: "store_id", of: func(m *directory.Membership) any { return m.StoreID }},
	{name: "group_id", of: func(m *directory.Membership) any { return m.GroupID }},
	{name: "user_id", of: func(m *directory.Membership) any { return m.UserID }},
}, index("membership_id"), indexes{
	"pair": {"group_id", "user_id"},
}, indexes{
	"group": {"group_id"},
	"user":  {"user_id"},
	"store": {"store_id"},
})
