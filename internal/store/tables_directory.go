package store

import "github.com/gatehouse-sso/gatehouse/internal/directory"

// Users are the people of all identity stores. Unique: name (store, user name), email (store, e-mail address), external
// (store, external id). Lists: store.
var Users = define("directory_user", sealed, []column[directory.User]{
	{name: "user_id", of: func(u *directory.User) any { return u.ID }, holds: "ID"},
	{name: "store_id", of: func(u *directory.User) any { return u.StoreID }, kind: shared, holds: "StoreID"},
	{name: "name", of: func(u *directory.User) any { return u.UserName }, fold: directory.Fold},
	{name: "email", of: email, fold: directory.Fold},
	{name: "external", of: func(u *directory.User) any { return external(u.ExternalIDs) }},
	{name: "created_by", of: func(u *directory.User) any { return u.CreatedBy }, kind: shared, holds: "CreatedBy"},
	{name: "updated_by", of: func(u *directory.User) any { return u.UpdatedBy }, kind: shared, holds: "UpdatedBy"},
}, index("user_id"), indexes{
	"name":     {"store_id", "name"},
	"email":    {"store_id", "email"},
	"external": {"store_id", "external"},
}, indexes{
	"store": {"store_id"},
})

// email is the address that a user is found by: the primary one, else the first.
func email(u *directory.User) any {
	var first any
	for _, e := range u.Emails {
		if e.Value != "" && (e.Primary || first == nil) {
			first = e.Value
		}
		if e.Primary {
			break
		}
	}
	return first
}

func external(ids []directory.ExternalID) any {
	if len(ids) == 0 {
		return nil
	}
	return ids[0].String()
}

// Groups are the groups of all identity stores. Unique: name (store, display name), external (store, external id).
// Lists: store.
var Groups = define("directory_group", sealed, []column[directory.Group]{
	{name: "group_id", of: func(g *directory.Group) any { return g.ID }, holds: "ID"},
	{name: "store_id", of: func(g *directory.Group) any { return g.StoreID }, kind: shared, holds: "StoreID"},
	{name: "name", of: func(g *directory.Group) any { return g.DisplayName }, fold: directory.Fold},
	{name: "external", of: func(g *directory.Group) any { return external(g.ExternalIDs) }},
	{name: "created_by", of: func(g *directory.Group) any { return g.CreatedBy }, kind: shared, holds: "CreatedBy"},
	{name: "updated_by", of: func(g *directory.Group) any { return g.UpdatedBy }, kind: shared, holds: "UpdatedBy"},
}, index("group_id"), indexes{
	"name":     {"store_id", "name"},
	"external": {"store_id", "external"},
}, indexes{
	"store": {"store_id"},
})

// Memberships put users into groups. Unique: pair (group, user), reverse (user, group). Lists: group, user, each in the order
// of the other.
var Memberships = define("membership", sealed, []column[directory.Membership]{
	{name: "membership_id", of: func(m *directory.Membership) any { return m.ID }, kind: uuid, holds: "ID"},
	{name: "store_id", of: func(m *directory.Membership) any { return m.StoreID }, kind: shared, holds: "StoreID"},
	{name: "group_id", of: func(m *directory.Membership) any { return m.GroupID }, kind: shared, holds: "GroupID"},
	{name: "user_id", of: func(m *directory.Membership) any { return m.UserID }, kind: shared, holds: "UserID"},
	{name: "created_by", of: func(m *directory.Membership) any { return m.CreatedBy }, kind: shared, holds: "CreatedBy"},
}, index("membership_id"), indexes{
	"pair":    {"group_id", "user_id"},
	"reverse": {"user_id", "group_id"},
}, indexes{
	"group": {"group_id"},
	"user":  {"user_id"},
}).sorted("group", "pair").sorted("user", "reverse")

// Shelves are what people keep at hand in the portal. Key: user.
var Shelves = define("shelf", unsealed, []column[directory.Shelf]{
	{name: "user_id", of: func(s *directory.Shelf) any { return s.UserID }},
}, index("user_id"), nil, nil)
