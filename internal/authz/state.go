package authz

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

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

// State is the current snapshot and the draft of the next one.
type State struct {
	current atomic.Pointer[Snapshot]
	mu      sync.Mutex // guards draft; held by the store's writer alone, and by readers of the draft
	draft   *Snapshot
	library *library
	heard   atomic.Int64 // when the database was reached last, in milliseconds; 0 when it cannot be away
}

// NewState returns a state that knows nothing yet.
func NewState() *State {
	s := &State{library: newLibrary()}
	s.current.Store(&Snapshot{})
	s.draft = s.current.Load()
	return s
}

// Current returns what has been committed.
func (s *State) Current() *Snapshot { return s.current.Load() }

// Draft returns what has been committed and, on SQLite's writer, what the batch under way has changed so far.
func (s *State) Draft() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draft
}

// Hooks are what the store calls. Lost is left to who can read the database anew.
func (s *State) Hooks() store.Hooks {
	return store.Hooks{Released: s.Apply, Committed: s.publish, RolledBack: s.forget}
}

// Load reads every table that decides access. Rows that do not verify end it with an error that names them.
func (s *State) Load(tx *store.Tx) error {
	next := Snapshot{fresh: true}
	err := loadAll(tx, func(row any) { next.apply(row, false, s.library) })
	if err != nil {
		return err
	}
	next.places.clip()
	next.fresh = false
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draft = &next
	s.current.Store(&next)
	return nil
}

// Apply puts changes into the draft.
func (s *State) Apply(changes []store.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.draft
	for _, c := range changes {
		next.apply(c.Row, c.Deleted, s.library)
	}
	s.draft = &next
}

func (s *State) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Store(s.draft)
}

func (s *State) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draft = s.current.Load()
}

// each feeds the rows of one table to fn.
func each[T any](t *store.Table[T], tx *store.Tx, fn func(any)) func() error {
	return func() error {
		return t.Load(tx, func(row *T) { fn(row) })
	}
}

// loadAll reads the tables in an order in which each finds what it refers to.
func loadAll(tx *store.Tx, fn func(any)) error {
	for _, load := range []func() error{
		each(store.Accounts, tx, fn), each(store.Organizations, tx, fn), each(store.Units, tx, fn),
		each(store.Policies, tx, fn), each(store.Attachments, tx, fn),
		each(store.Users, tx, fn), each(store.Memberships, tx, fn),
		each(store.Delegates, tx, fn), each(store.ResourcePolicies, tx, fn),
		each(store.Instances, tx, fn), each(store.PermissionSets, tx, fn), each(store.Versions, tx, fn),
		each(store.Assignments, tx, fn), each(store.Provisioned, tx, fn),
		each(store.IAMUsers, tx, fn), each(store.AccessKeys, tx, fn), each(store.Roles, tx, fn),
		each(store.ManagedPolicies, tx, fn), each(store.IAMGroups, tx, fn), each(store.IAMMemberships, tx, fn),
		each(store.Virtuals, tx, fn), each(store.PasswordPolicies, tx, fn),
		each(store.Portals, tx, fn), each(store.Settings, tx, fn),
	} {
		if err := load(); err != nil {
			return err
		}
	}
	return nil
}

// kept returns row, or nil when it is gone.
func kept[T any](row *T, gone bool) *T {
	if gone {
		return nil
	}
	return row
}

// apply changes s, which nobody else may see yet. Rows of tables that do not decide access are passed over.
func (s *Snapshot) apply(row any, gone bool, lib *library) {
	switch row.(type) {
	case *organization.Organization, *organization.Unit, *organization.Policy, *organization.Attachment:
		s.reorganize()
	}
	switch r := row.(type) {
	case *account.Account:
		s.applyAccount(r, gone)
	case *organization.Organization:
		s.organizations = s.organizations.set(r.ID, kept(r, gone))
	case *organization.Unit:
		s.units = s.units.set(r.ID, kept(r, gone))
	case *organization.Policy:
		s.applyPolicy(r, gone, lib)
	case *organization.Attachment:
		s.attached = member(s.attached, r.OrganizationID+"/"+r.TargetID, r.PolicyID, gone)
	case *organization.Delegate:
		s.delegates = member(s.delegates, r.OrganizationID+"/"+string(r.Account), r.Service, gone)
	case *organization.ResourcePolicy:
		s.delegations = s.delegations.set(r.OrganizationID, kept(lib.delegation(r), gone))
	case *directory.User:
		s.people.applyUser(r, gone, s.fresh)
	case *directory.Membership:
		s.people.applyMembership(r, gone, s.fresh)
	case *permission.Instance:
		s.applyInstance(r, gone)
	case *permission.Set:
		s.applySet(r, gone)
	case *permission.Version:
		s.applyVersion(r, gone, lib)
	case *permission.Assignment:
		s.people.applyAssignment(r, gone, s.fresh)
	case *permission.Provisioned:
		s.places.apply(r, gone, s.fresh)
	case *iam.User:
		s.applyIAMUser(r, gone, lib)
	case *iam.AccessKey:
		s.keys = s.keys.set(r.ID, kept(r, gone))
	case *iam.Role:
		s.applyRole(r, gone, lib)
	case *iam.ManagedPolicy:
		s.managed = s.managed.set(r.ARN(), kept(lib.customer(r), gone))
	case *iam.Group:
		s.applyIAMGroup(r, gone, lib)
	case *iam.Membership:
		s.iamGroupsOf = member(s.iamGroupsOf, r.UserID, r.GroupID, gone)
	case *factor.Virtual:
		s.virtuals = s.virtuals.set(r.Serial, kept(r, gone))
	case *iam.PasswordPolicy:
		s.ownPassword = s.ownPassword.set(string(r.Account), kept(&usersChange, gone || !r.UsersChange))
	case *session.Portal:
		s.applyPortal(r, gone)
	case *store.Setting:
		s.settings = s.settings.set(r.Name, kept(&r.Value, gone))
	}
}

func (s *Snapshot) applyPolicy(p *organization.Policy, gone bool, lib *library) {
	key := p.OrganizationID + "/" + p.ID
	if gone {
		s.policies = s.policies.without(key)
		return
	}
	if o := s.organizations.get(p.OrganizationID); o != nil {
		s.policies = s.policies.with(key, lib.guard(p, o.PolicyARN(p)))
	}
}

func (s *Snapshot) applySet(set *permission.Set, gone bool) {
	old := s.sets.get(set.ARN)
	s.sets = s.sets.set(set.ARN, kept(set, gone))
	s.setNames = s.setNames.set(set.InstanceARN+"/"+set.Name, kept(&set.ARN, gone))
	if old == nil || old.Floor != set.Floor {
		s.raise(set)
	}
}

func (s *Snapshot) applyVersion(v *permission.Version, gone bool, lib *library) {
	s.versions = s.versions.set(versionKey(v.SetARN, v.Number), kept(lib.version(v), gone))
	set := s.sets.get(v.SetARN)
	switch {
	case gone || set == nil || v.Number > set.Floor:
	case v.Number == set.Floor:
		s.raise(set)
	default:
		if floor := s.versions.get(versionKey(set.ARN, set.Floor)); floor != nil {
			s.versions = s.versions.with(versionKey(v.SetARN, v.Number), floor)
		}
	}
}

// raise puts the version of a set's floor in the place of those below it. Roles that point to one of them have it then.
func (s *Snapshot) raise(set *permission.Set) {
	floor := s.versions.get(versionKey(set.ARN, set.Floor))
	if floor == nil {
		return
	}
	var below []string
	s.versions.all(func(key string, v *version) bool {
		if v.SetARN == set.ARN && v.Number < set.Floor {
			below = append(below, key)
		}
		return true
	})
	for _, key := range below {
		s.versions = s.versions.with(key, floor)
	}
}

func (s *Snapshot) applyIAMUser(u *iam.User, gone bool, lib *library) {
	var before *iam.Policies
	if old := s.iamUsers.get(u.ID); old != nil {
		before = &old.Policies
		s.userNames = unnamed(s.userNames, nameKey(old.Account, old.Name), u.ID)
	}
	s.holds(u.Account, u.ID, before, kept(&u.Policies, gone))
	s.iamUsers = s.iamUsers.set(u.ID, kept(lib.user(u), gone))
	s.userNames = named(s.userNames, nameKey(u.Account, u.Name), u.ID, gone)
}

func (s *Snapshot) applyRole(r *iam.Role, gone bool, lib *library) {
	var before *iam.Policies
	if old := s.roles.get(r.ID); old != nil {
		before = &old.Policies
	}
	s.holds(r.Account, r.ID, before, kept(&r.Policies, gone))
	s.roles = s.roles.set(r.ID, kept(lib.role(r), gone))
	s.roleNames = named(s.roleNames, nameKey(r.Account, r.Name), r.ID, gone)
}

func (s *Snapshot) applyIAMGroup(g *iam.Group, gone bool, lib *library) {
	var before *iam.Policies
	if old := s.iamGroups.get(g.ID); old != nil {
		before = &old.Policies
		s.iamGroupNames = unnamed(s.iamGroupNames, nameKey(old.Account, old.Name), g.ID)
	}
	s.holds(g.Account, g.ID, before, kept(&g.Policies, gone))
	s.iamGroups = s.iamGroups.set(g.ID, kept(lib.group(g), gone))
	s.iamGroupNames = named(s.iamGroupNames, nameKey(g.Account, g.Name), g.ID, gone)
}

func (s *Snapshot) applyAccount(a *account.Account, gone bool) {
	if old := s.accounts.get(string(a.ID)); old != nil {
		s.accountNames = member(s.accountNames, directory.Fold(old.Name), string(a.ID), true)
	}
	s.accounts = s.accounts.set(string(a.ID), kept(a, gone))
	if !gone {
		s.accountNames = member(s.accountNames, directory.Fold(a.Name), string(a.ID), false)
	}
}

func (s *Snapshot) applyInstance(i *permission.Instance, gone bool) {
	if old := s.instances.get(i.ARN); old != nil {
		for _, key := range centerKeys(old) {
			s.centers = unnamed(s.centers, key, i.ARN)
		}
	}
	s.instances = s.instances.set(i.ARN, kept(i, gone))
	for _, key := range centerKeys(i) {
		s.centers = named(s.centers, key, i.ARN, gone)
	}
}

// centerKeys returns what an identity center is found by.
func centerKeys(i *permission.Instance) []string {
	keys := []string{byStore + i.IdentityStoreID, byID + i.ID(), byOwner + string(i.Owner)}
	for _, name := range i.PortalNames() {
		keys = append(keys, byPortal+name)
	}
	if i.OrganizationID != "" {
		keys = append(keys, byOrganization+i.OrganizationID)
	}
	return keys
}

// applyPortal keeps sessions that have not ended; an ended one is as good as gone.
func (s *Snapshot) applyPortal(p *session.Portal, gone bool) {
	gone = gone || !p.EndedAt.IsZero()
	if old := s.portals.get(p.ID); old != nil && len(old.SecretHash) > 0 {
		s.secrets = s.secrets.without(string(old.SecretHash)) // a fresh proof gives the session another
	}
	s.portals = s.portals.set(p.ID, kept(p, gone))
	if len(p.SecretHash) > 0 {
		s.secrets = s.secrets.set(string(p.SecretHash), kept(&p.ID, gone))
	}
}

// member adds value to the sorted list at key, or takes it out.
func member(r rows[[]string], key, value string, gone bool) rows[[]string] {
	var list []string
	if old := r.get(key); old != nil {
		list = slices.Clone(*old)
	}
	at, found := slices.BinarySearch(list, value)
	switch {
	case gone && found:
		list = slices.Delete(list, at, at+1)
	case !gone && !found:
		list = slices.Insert(list, at, value)
	}
	return r.set(key, kept(&list, len(list) == 0))
}

// nameKey is where the name of a user or role of an account stands, letter case aside.
func nameKey(account ident.AccountID, name string) string {
	return string(account) + "/" + strings.ToLower(name)
}

// named puts a name to id, or takes it away when its owner is gone.
func named(r rows[string], key, id string, gone bool) rows[string] {
	if gone {
		return unnamed(r, key, id)
	}
	return r.with(key, &id)
}

// unnamed takes a name away from id. Who bears it by now keeps it.
func unnamed(r rows[string], key, id string) rows[string] {
	if at := r.get(key); at != nil && *at == id {
		return r.without(key)
	}
	return r
}

func versionKey(set string, number uint64) string {
	return set + "@" + strconv.FormatUint(number, 10)
}

// Managed returns an AWS managed policy by its ARN, compiled.
func (s *State) Managed(arn string) (policy.Policy, bool) { return s.library.awsManaged(arn) }
