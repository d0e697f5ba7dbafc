package store

import "github.com/gatehouse-sso/gatehouse/internal/permission"

// Instances are the identity centers. Unique: owner, portal, identity_store. Lists: all.
var Instances = define("instance", sealed, []column[permission.Instance]{
	{name: "arn", of: func(i *permission.Instance) any { return i.ARN }, kind: shared},
	{name: "owner", of: func(i *permission.Instance) any { return i.Owner }},
	{name: "portal", of: func(i *permission.Instance) any { return i.Portal }},
	{name: "identity_store_id", of: func(i *permission.Instance) any { return i.IdentityStoreID }, kind: shared},
}, index("arn"), indexes{
	"owner":          {"owner"},
	"portal":         {"portal"},
	"identity_store": {"identity_store_id"},
}, indexes{
	"all": {},
})

// PermissionSets are the permission sets as they were last edited. Unique: name (instance, name). Lists: instance.
var PermissionSets = define("permission_set", sealed, []column[permission.Set]{
	{name: "arn", of: func(s *permission.Set) any { return s.ARN }},
	{name: "instance_arn", of: func(s *permission.Set) any { return s.InstanceARN }},
	{name: "name", of: func(s *permission.Set) any { return s.Name }},
}, index("arn"), indexes{
	"name": {"instance_arn", "name"},
}, indexes{
	"instance": {"instance_arn"},
})

// Versions are what permission sets said at one time. Key: set, number. Lists: set.
var Versions = define("permission_set_version", sealed, []column[permission.Version]{
	{name: "set_arn", of: func(v *permission.Version) any { return v.SetARN }},
	{name: "number", of: func(v *permission.Version) any { return v.Number }},
}, index("set_arn", "number"), nil, indexes{
	"set": {"set_arn"},
})

// Assignments give principals permission sets in accounts. Key: set, account, principal type, principal. Lists: pair
// (set, account), principal (instance, type, principal), set, kind (set, account, principal type). What an account has is
// found by way of the permission sets, which are few.
var Assignments = define("assignment", sealed, []column[permission.Assignment]{
	{name: "instance_arn", of: func(a *permission.Assignment) any { return a.InstanceARN }, kind: shared, holds: "InstanceARN"},
	{name: "set_arn", of: func(a *permission.Assignment) any { return a.SetARN }, kind: shared, holds: "SetARN"},
	{name: "account_id", of: func(a *permission.Assignment) any { return a.Account }, kind: shared, holds: "Account"},
	{name: "principal_type", of: func(a *permission.Assignment) any { return a.PrincipalType }, kind: shared, holds: "PrincipalType"},
	{name: "principal_id", of: func(a *permission.Assignment) any { return a.PrincipalID }, kind: shared, holds: "PrincipalID"},
}, index("set_arn", "account_id", "principal_type", "principal_id"), nil, indexes{
	"pair":      {"set_arn", "account_id"},
	"kind":      {"set_arn", "account_id", "principal_type"},
	"principal": {"instance_arn", "principal_type", "principal_id"},
	"set":       {"set_arn"},
})

// Provisioned are the permission sets that have a role in an account; the role is all derived from here, see Roles. Key:
// set, account. Lists: set, account (instance, account), home (account), role (key of the role).
var Provisioned = define("provisioned", sealed, []column[permission.Provisioned]{
	{name: "instance_arn", of: func(p *permission.Provisioned) any { return p.InstanceARN }, kind: shared, holds: "InstanceARN"},
	{name: "set_arn", of: func(p *permission.Provisioned) any { return p.SetARN }, kind: shared, holds: "SetARN"},
	{name: "set_name", of: func(p *permission.Provisioned) any { return p.SetName }, kind: shared, holds: "SetName"},
	{name: "account_id", of: func(p *permission.Provisioned) any { return p.Account }, kind: shared, holds: "Account"},
	{name: "region", of: func(p *permission.Provisioned) any { return p.Region }, kind: shared, holds: "Region"},
	{name: "description", of: func(p *permission.Provisioned) any { return p.Description }, kind: shared, holds: "Description"},
	{name: "role", of: func(p *permission.Provisioned) any { return int64(reservedOf(p).Key()) }},
}, index("set_arn", "account_id"), nil, indexes{
	"set":     {"set_arn"},
	"account": {"instance_arn", "account_id"},
	"home":    {"account_id"},
	"role":    {"role"},
})

// Statuses say how assignments and provisioning went. Key: instance, kind, age, request, so that lists begin with the
// newest. Unique: request. Lists: kind (instance, kind), state (instance, kind, state), unfinished (state). What succeeded
// is in no list by state, because nearly all did. Expire.
var Statuses = define("permission_status", unsealed, []column[permission.Status]{
	{name: "instance_arn", of: func(s *permission.Status) any { return s.InstanceARN }, kind: shared, holds: "InstanceARN"},
	{name: "kind", of: func(s *permission.Status) any { return s.Kind }, kind: shared, holds: "Kind"},
	{name: "recent", of: func(s *permission.Status) any { return -s.CreatedAt.UnixMilli() }},
	{name: "request_id", of: func(s *permission.Status) any { return s.RequestID }, kind: uuid, holds: "RequestID"},
	{name: "set_arn", of: func(s *permission.Status) any { return s.SetARN }, kind: shared, holds: "SetARN"},
	{name: "account_id", of: func(s *permission.Status) any { return s.Account }, kind: shared, holds: "Account"},
	{name: "principal_type", of: func(s *permission.Status) any { return s.PrincipalType }, kind: shared, holds: "PrincipalType"},
	{name: "principal_id", of: func(s *permission.Status) any { return s.PrincipalID }, kind: shared, holds: "PrincipalID"},
	{name: "state", of: notable},
	{name: expiry, of: func(s *permission.Status) any { return s.ExpiresAt }},
}, index("instance_arn", "kind", "recent", "request_id"), indexes{
	"request": {"request_id"},
}, indexes{
	"kind":       {"instance_arn", "kind"},
	"state":      {"instance_arn", "kind", "state"},
	"unfinished": {"state"},
})

func notable(s *permission.Status) any {
	if s.State == permission.Succeeded {
		return nil
	}
	return s.State
}

// Logos are the pictures of portals. Key: the instance.
var Logos = define("portal_logo", sealed, []column[permission.LogoFile]{
	{name: "instance_arn", of: func(l *permission.LogoFile) any { return l.InstanceARN }},
}, index("instance_arn"), nil, nil)
