package authz

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// grace is how long decisions go on without the database, when it is on another machine.
const grace = 10 * time.Second

// Heard notes that the database was reached. Whoever never calls it has a database that cannot be away.
func (s *State) Heard(now time.Time) { s.heard.Store(now.UnixMilli()) }

// Stale reports whether the database has been away for so long that the snapshot must not be decided on any more: others
// may have revoked what it still allows.
func (s *State) Stale(now time.Time) bool {
	heard := s.heard.Load()
	return heard != 0 && now.UnixMilli()-heard > grace.Milliseconds()
}

// Within returns the newest snapshot with the rows that p itself stands on as tx sees them: its account, the user or role
// with groups and customer managed policies, the person, their groups, the assignment and the sign-in. It is for
// transactions beside which others write, where the snapshot may not have heard of the last changes yet.
func (s *State) Within(tx *store.Tx, p *Principal) (*Snapshot, error) {
	next := *s.Current()
	r := renewal{tx: tx, lib: s.library, to: &next}
	if p.Account != "" {
		renew(&r, store.Accounts, next.Account(p.Account), string(p.Account))
	}
	if p.IAMUserID != "" {
		renew(&r, store.IAMUsers, next.IAMUserByID(p.IAMUserID), p.IAMUserID)
		r.user(p.IAMUserID)
	}
	if p.Kind == IAMUser && !p.Temporary && p.AccessKeyID != "" {
		renew(&r, store.AccessKeys, next.AccessKey(p.AccessKeyID), p.AccessKeyID)
	}
	if p.UserID != "" {
		renew(&r, store.Users, next.User(p.UserID), p.UserID)
		r.groups(p.UserID)
	}
	if p.SessionID != "" {
		renew(&r, store.Portals, next.Portal(p.SessionID), p.SessionID)
	}
	if p.RoleID != "" {
		r.row(p)
		r.role(p)
	}
	return &next, r.err
}

// renewal reads rows into a snapshot that nobody else sees yet. The first error ends it.
type renewal struct {
	tx  *store.Tx
	lib *library
	to  *Snapshot
	err error
}

// renew reads the row with a key; old is what the snapshot has of it.
func renew[T any](r *renewal, t *store.Table[T], old *T, key ...any) {
	if r.err != nil {
		return
	}
	row, err := t.Get(r.tx, key...)
	switch {
	case err == nil:
		r.to.apply(row, false, r.lib)
	case !errors.Is(err, store.ErrNotFound):
		r.err = err
	case old != nil:
		r.to.apply(old, true, r.lib)
	}
}

// row reads the role of p. One of a permission set stands and falls with what is provisioned.
func (r *renewal) row(p *Principal) {
	old := r.to.RoleOf(p)
	if r.err != nil || old == nil || !old.Reserved() {
		renew(r, store.Roles, old, p.RoleID)
		return
	}
	renew(r, store.Provisioned, r.to.Provisioned(old.PermissionSet, old.Account), old.PermissionSet, old.Account)
}

// groups reads which groups a person is in.
func (r *renewal) groups(user string) {
	if r.err != nil {
		return
	}
	list, _, err := store.Memberships.List(r.tx, "user", []any{user}, "", 0)
	r.to.people.regroup(user, list)
	r.err = err
}

// user reads the groups of an IAM user, and the customer managed policies that the user and the groups hold.
func (r *renewal) user(id string) {
	u := r.to.iamUsers.get(id)
	if r.err != nil || u == nil {
		return
	}
	r.held(u.Account, u.powers.held)
	list, _, err := store.IAMMemberships.List(r.tx, "user", []any{id}, "", 0)
	if r.err == nil {
		r.err = err
	}
	ids := make([]string, 0, len(list))
	for _, m := range list {
		ids = append(ids, m.GroupID)
		r.group(m.GroupID)
	}
	slices.Sort(ids)
	r.to.iamGroupsOf = r.to.iamGroupsOf.set(id, kept(&ids, len(ids) == 0))
}

// group reads an IAM group.
func (r *renewal) group(id string) {
	if r.err != nil {
		return
	}
	g, err := store.IAMGroups.By(r.tx, "id", id)
	if errors.Is(err, store.ErrNotFound) {
		r.to.iamGroups = r.to.iamGroups.without(id)
		return
	}
	if r.err = err; err == nil {
		r.to.apply(g, false, r.lib)
		r.held(g.Account, r.to.iamGroups.get(id).powers.held)
	}
}

// held reads customer managed policies.
func (r *renewal) held(account ident.AccountID, h *held) {
	if h == nil {
		return
	}
	for _, arn := range append(h.policies[:len(h.policies):len(h.policies)], h.boundary) {
		if arn == "" || r.err != nil {
			continue
		}
		p, err := store.ManagedPolicies.Get(r.tx, account, arn[strings.LastIndexByte(arn, '/')+1:])
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && p.ARN() != arn:
			r.to.managed = r.to.managed.without(arn)
		case err == nil:
			r.to.apply(p, false, r.lib)
		}
		if !errors.Is(err, store.ErrNotFound) {
			r.err = err
		}
	}
}

// role reads what a role holds; of one made of a permission set, what that says, and to whom it is assigned.
func (r *renewal) role(p *Principal) {
	role := r.to.roleWithID(p.RoleID)
	switch {
	case r.err != nil || role == nil:
	case role.Reserved():
		r.reserved(p, role.Role)
	default:
		r.held(role.Account, role.powers.held)
	}
}

func (r *renewal) reserved(p *Principal, role *iam.Role) {
	renew(r, store.PermissionSets, r.to.Set(role.PermissionSet), role.PermissionSet)
	old := &permission.Version{SetARN: role.PermissionSet, Number: role.Version}
	renew(r, store.Versions, old, role.PermissionSet, role.Version)
	if set := r.to.Set(role.PermissionSet); r.err == nil && set != nil && set.Floor > role.Version {
		renew(r, store.Versions, &permission.Version{SetARN: set.ARN, Number: set.Floor}, set.ARN, set.Floor)
	}
	if r.err != nil {
		return
	}
	if v := r.to.versions.get(versionKey(role.PermissionSet, role.Version)); v != nil {
		r.held(role.Account, referenced(role.Account, &v.Grants))
	}
	r.assignment(role, permission.UserPrincipal, p.UserID)
	for _, g := range r.to.people.groupsOf(p.UserID) {
		r.assignment(role, permission.GroupPrincipal, g)
	}
}

// assignment reads whether a principal has been given the permission set behind a role.
func (r *renewal) assignment(role *iam.Role, who permission.PrincipalType, id string) {
	gone := &permission.Assignment{SetARN: role.PermissionSet, Account: role.Account, PrincipalType: who, PrincipalID: id}
	renew(r, store.Assignments, gone, gone.SetARN, gone.Account, who, id)
}
