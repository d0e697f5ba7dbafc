// Package authz decides. It owns the snapshot: an immutable picture in memory of everything that decisions need, which
// is the organization's tree with compiled policies, roles and the permission-set versions behind them, users, groups,
// assignments, keys, sessions and generations. A decision reads one snapshot and nothing else.
//
// State keeps the snapshot current. The store calls it for every released savepoint (the change goes into the draft),
// and at every commit (the draft is published, before the caller that made the change is answered). A change is
// authorised on the draft, so that two changes in one batch see each other.
//
// What cannot be read, compiled or verified grants nothing.
package authz

import (
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Snapshot is everything that decisions read, at one moment. It is never changed.
type Snapshot struct {
	fresh bool // nobody else has seen any part of it yet

	accounts      rows[account.Account]
	accountNames  rows[[]string] // folded name → ids
	organizations rows[organization.Organization]
	units         rows[organization.Unit]
	policies      rows[guard]    // organization/policy
	attached      rows[[]string] // organization/target → ids of policies
	overhead      *overhead
	organized     *moment
	delegates     rows[[]string] // organization/account → services
	delegations   rows[policy.Policy]

	people people

	instances rows[permission.Instance]
	centers   rows[string] // what an instance is found by → ARN
	sets      rows[permission.Set]
	setNames  rows[string] // instance/name → ARN
	versions  rows[version]
	places    places

	iamUsers  rows[user]
	userNames rows[string] // account/name → AIDA…
	keys      rows[iam.AccessKey]
	roles     rows[role]
	roleNames rows[string] // account/name → AROA…

	managed       rows[managedPolicy] // by ARN
	iamGroups     rows[group]
	iamGroupNames rows[string]   // account/name → AGPA…
	iamGroupsOf   rows[[]string] // AIDA… → AGPA…
	attachedTo    rows[[]string] // account/ARN of a managed policy → ids of users, groups and roles
	boundedBy     rows[[]string] // the same for boundaries

	virtuals    rows[factor.Virtual] // by serial number
	ownPassword rows[policy.Policy]  // accounts whose IAM users may all change their password

	portals rows[session.Portal]
	secrets rows[string] // hash → session

	settings rows[string]
}

// guard is an organization policy, compiled.
type guard struct {
	*organization.Policy
	compiled policy.Policy
}

// version is what a permission set said, compiled once for all accounts.
type version struct {
	permission.Version
	powers
}

// user is an IAM user with its policies compiled.
type user struct {
	*iam.User
	powers
}

// role is a role with its policies compiled.
type role struct {
	*iam.Role
	arn   string
	trust *policy.Policy
	powers
}

// ARN returns the role's ARN, put together once.
func (r *role) ARN() string { return r.arn }

// AuditStrict reports whether every record has to be on disk before its call is answered.
func (s *Snapshot) AuditStrict() bool { return s.Setting(store.AuditStrict) == "true" }

// Setting returns the value of a setting of the server, or "" when it was not set.
func (s *Snapshot) Setting(name string) string {
	if value := s.settings.get(name); value != nil {
		return *value
	}
	return ""
}

// Account returns an account, or nil.
func (s *Snapshot) Account(id ident.AccountID) *account.Account { return s.accounts.get(string(id)) }

// AccountNamed returns the account with this id or, failing that, the only one with this name.
func (s *Snapshot) AccountNamed(name string) *account.Account {
	if a := s.accounts.get(name); a != nil {
		return a
	}
	if ids := s.accountNames.get(directory.Fold(name)); ids != nil && len(*ids) == 1 {
		return s.accounts.get((*ids)[0])
	}
	return nil
}

// ChiefAccount returns the account that an administrator of this server works for when none is named: the owner of the
// first identity center, else the only management account, else the only account; or nil.
func (s *Snapshot) ChiefAccount() *account.Account {
	if i := s.InstanceAt(""); i != nil {
		return s.Account(i.Owner)
	}
	managers, all := 0, 0
	var manager, found *account.Account
	s.accounts.all(func(_ string, a *account.Account) bool {
		all, found = all+1, a
		if o := s.OrganizationOf(a.ID); o != nil && o.Management == a.ID {
			managers, manager = managers+1, a
		}
		return true
	})
	switch {
	case managers == 1:
		return manager
	case all == 1:
		return found
	}
	return nil
}

// OrganizationOf returns the organization that an account belongs to, or nil.
func (s *Snapshot) OrganizationOf(id ident.AccountID) *organization.Organization {
	_, o := s.membership(id)
	return o
}

// membership returns an account and the organization that it belongs to; either may be nil.
func (s *Snapshot) membership(id ident.AccountID) (*account.Account, *organization.Organization) {
	a := s.Account(id)
	if a == nil || a.OrganizationID == "" {
		return a, nil
	}
	return a, s.organizations.get(a.OrganizationID)
}

// Unit returns an organizational unit, or nil.
func (s *Snapshot) Unit(id string) *organization.Unit { return s.units.get(id) }

// OrganizationPolicy returns a policy of an organization, or nil. FullAWSAccess belongs to none.
func (s *Snapshot) OrganizationPolicy(organization, id string) *organization.Policy {
	if g := s.policies.get(organization + "/" + id); g != nil {
		return g.Policy
	}
	return nil
}

// DelegationPolicy returns the id of an organization's delegation policy without its "rp-", or "".
func (s *Snapshot) DelegationPolicy(organization string) string {
	if p := s.delegations.get(organization); p != nil {
		return strings.TrimPrefix(p.Name, "rp-")
	}
	return ""
}

// Administers reports whether an account is a delegated administrator of its organization for a service, or for any
// service when it is empty.
func (s *Snapshot) Administers(id ident.AccountID, service string) bool {
	a := s.Account(id)
	if a == nil || a.OrganizationID == "" {
		return false
	}
	services := s.delegates.get(a.OrganizationID + "/" + string(id))
	return services != nil && (service == "" || slices.Contains(*services, service))
}

// identityCenter is the service whose delegated administrators run an organization's identity center.
const identityCenter = "sso.amazonaws.com"

// AdministersInstance reports whether an account is a delegated administrator of an organization's identity center. See
// "Delegated administration" in the IAM Identity Center User Guide.
func (s *Snapshot) AdministersInstance(id ident.AccountID, i *permission.Instance) bool {
	if i == nil || i.OrganizationID == "" || !s.Administers(id, identityCenter) {
		return false
	}
	o := s.OrganizationOf(id)
	return o != nil && o.ID == i.OrganizationID
}

// Users returns how many people an identity store has.
func (s *Snapshot) Users(store string) int { return s.people.counts[store] }

// Instance returns an identity center, or nil.
func (s *Snapshot) Instance(arn string) *permission.Instance { return s.instances.get(arn) }

// InstanceAt returns the identity center whose portal is at /start/portal, or was there before; nil for none.
func (s *Snapshot) InstanceAt(portal string) *permission.Instance {
	return s.center(byPortal + strings.ToLower(portal))
}

// InstanceWith returns the identity center with this identity store, or nil.
func (s *Snapshot) InstanceWith(store string) *permission.Instance { return s.center(byStore + store) }

// InstanceByID returns the identity center with the id ssoins-…, or nil.
func (s *Snapshot) InstanceByID(id string) *permission.Instance { return s.center(byID + id) }

// InstanceOf returns the identity center of the organization that account is in, or nil.
func (s *Snapshot) InstanceOf(id ident.AccountID) *permission.Instance {
	a := s.Account(id)
	if a == nil {
		return nil
	}
	if i := s.center(byOwner + string(id)); i != nil || a.OrganizationID == "" {
		return i
	}
	return s.center(byOrganization + a.OrganizationID)
}

// What an identity center is found by.
const (
	byPortal       = "portal/"
	byStore        = "store/"
	byID           = "id/"
	byOwner        = "owner/"
	byOrganization = "organization/"
)

func (s *Snapshot) center(key string) *permission.Instance {
	if arn := s.centers.get(key); arn != nil {
		return s.instances.get(*arn)
	}
	return nil
}

// Set returns a permission set, or nil.
func (s *Snapshot) Set(arn string) *permission.Set { return s.sets.get(arn) }

// SetNamed returns the permission set of an instance with this name, or nil.
func (s *Snapshot) SetNamed(instance, name string) *permission.Set {
	if arn := s.setNames.get(instance + "/" + name); arn != nil {
		return s.sets.get(*arn)
	}
	return nil
}

// Role returns the role of an account with this name, letter case aside, or nil.
func (s *Snapshot) Role(id ident.AccountID, name string) *iam.Role {
	if r := s.role(id, name); r != nil {
		return r.Role
	}
	return nil
}

// RoleByID returns a role, or nil.
func (s *Snapshot) RoleByID(id string) *iam.Role {
	if r := s.roleWithID(id); r != nil {
		return r.Role
	}
	return nil
}

func (s *Snapshot) role(id ident.AccountID, name string) *role {
	if rid := s.roleNames.get(nameKey(id, name)); rid != nil {
		return s.roles.get(*rid)
	}
	return s.places.named(id, name)
}

// IAMUser returns the IAM user of an account with this name, letter case aside, or nil.
func (s *Snapshot) IAMUser(id ident.AccountID, name string) *iam.User {
	if uid := s.userNames.get(nameKey(id, name)); uid != nil {
		return s.IAMUserByID(*uid)
	}
	return nil
}

// IAMUserByID returns an IAM user, or nil.
func (s *Snapshot) IAMUserByID(id string) *iam.User {
	if u := s.iamUsers.get(id); u != nil {
		return u.User
	}
	return nil
}

// Virtual returns a virtual MFA device of an account by its serial number, or nil.
func (s *Snapshot) Virtual(id ident.AccountID, serial string) *factor.Virtual {
	if v := s.virtuals.get(serial); v != nil && v.Account == id {
		return v
	}
	return nil
}

// AccessKey returns a long-term access key, or nil.
func (s *Snapshot) AccessKey(id string) *iam.AccessKey { return s.keys.get(id) }

// Portal returns a portal session, or nil.
func (s *Snapshot) Portal(id string) *session.Portal { return s.portals.get(id) }

// PortalBySecret returns the session of a browser by the hash of its cookie's secret, or nil.
func (s *Snapshot) PortalBySecret(hash []byte) *session.Portal {
	if id := s.secrets.get(string(hash)); id != nil {
		return s.portals.get(*id)
	}
	return nil
}
