package store

import (
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

// Organizations are the organizations. Unique: management. Lists: all.
var Organizations = define("organization", sealed, []column[organization.Organization]{
	{name: "organization_id", of: func(o *organization.Organization) any { return o.ID }},
	{name: "management", of: func(o *organization.Organization) any { return o.Management }},
}, index("organization_id"), indexes{
	"management": {"management"},
}, indexes{
	"all": {},
})

// Units are the organizational units. Unique: name (parent, name). Lists: parent, organization.
var Units = define("unit", sealed, []column[organization.Unit]{
	{name: "unit_id", of: func(u *organization.Unit) any { return u.ID }},
	{name: "organization_id", of: func(u *organization.Unit) any { return u.OrganizationID }},
	{name: "parent_id", of: func(u *organization.Unit) any { return u.ParentID }},
	{name: "name", of: func(u *organization.Unit) any { return u.Name }, fold: directory.Fold},
}, index("unit_id"), indexes{
	"name": {"parent_id", "name"},
}, indexes{
	"parent":       {"parent_id"},
	"organization": {"organization_id"},
})

// Policies are the organizations' own policies; AWS's are not stored. Key: organization, id. Unique: name
// (organization, type, name). Lists: organization (organization, type).
var Policies = define("organization_policy", sealed, []column[organization.Policy]{
	{name: "organization_id", of: func(p *organization.Policy) any { return p.OrganizationID }},
	{name: "policy_id", of: func(p *organization.Policy) any { return p.ID }},
	{name: "type", of: func(p *organization.Policy) any { return p.Type }},
	{name: "name", of: func(p *organization.Policy) any { return p.Name }},
}, index("organization_id", "policy_id"), indexes{
	"name": {"organization_id", "type", "name"},
}, indexes{
	"organization": {"organization_id", "type"},
})

// Attachments bind policies to targets. Key: organization, policy, target. Lists: target (organization, target),
// policy (organization, policy).
var Attachments = define("attachment", sealed, []column[organization.Attachment]{
	{name: "organization_id", of: func(a *organization.Attachment) any { return a.OrganizationID }},
	{name: "policy_id", of: func(a *organization.Attachment) any { return a.PolicyID }},
	{name: "target_id", of: func(a *organization.Attachment) any { return a.TargetID }},
}, index("organization_id", "policy_id", "target_id"), nil, indexes{
	"target": {"organization_id", "target_id"},
	"policy": {"organization_id", "policy_id"},
})

// Delegates are the accounts that administer a service. Key: organization, account, service. Lists: organization,
// account (organization, account), service (organization, service).
var Delegates = define("delegate", sealed, []column[organization.Delegate]{
	{name: "organization_id", of: func(d *organization.Delegate) any { return d.OrganizationID }},
	{name: "account_id", of: func(d *organization.Delegate) any { return d.Account }},
	{name: "service", of: func(d *organization.Delegate) any { return d.Service }},
}, index("organization_id", "account_id", "service"), nil, indexes{
	"organization": {"organization_id"},
	"account":      {"organization_id", "account_id"},
	"service":      {"organization_id", "service"},
})

// ResourcePolicies are the organizations' delegation policies. Key: organization.
var ResourcePolicies = define("resource_policy", sealed, []column[organization.ResourcePolicy]{
	{name: "organization_id", of: func(p *organization.ResourcePolicy) any { return p.OrganizationID }},
}, index("organization_id"), nil, nil)

// Handshakes are requests of organizations to accounts. Lists: organization, recipient (account or e-mail address),
// parent. Expire.
var Handshakes = define("handshake", sealed, []column[organization.Handshake]{
	{name: "handshake_id", of: func(h *organization.Handshake) any { return h.ID }},
	{name: "organization_id", of: func(h *organization.Handshake) any { return h.OrganizationID }},
	{name: "recipient", of: func(h *organization.Handshake) any { return h.Recipient() }, fold: directory.Fold},
	{name: "parent", of: func(h *organization.Handshake) any { return h.Parent }},
	{name: expiry, of: func(h *organization.Handshake) any { return h.KeptUntil() }},
}, index("handshake_id"), nil, indexes{
	"organization": {"organization_id"},
	"recipient":    {"recipient"},
	"parent":       {"parent"},
})

// CreateStatuses say how the making of accounts went. Lists: organization.
var CreateStatuses = define("create_status", unsealed, []column[organization.CreateStatus]{
	{name: "status_id", of: func(c *organization.CreateStatus) any { return c.ID }},
	{name: "organization_id", of: func(c *organization.CreateStatus) any { return c.OrganizationID }},
}, index("status_id"), nil, indexes{
	"organization": {"organization_id"},
})
