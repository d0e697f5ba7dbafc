package authz

import (
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// Usage says who in one account uses which managed policy: groups, users and roles by their ids, in order, those of
// permission sets included. It is a view of one snapshot.
type Usage struct {
	snapshot *Snapshot
	account  ident.AccountID
	attached map[string][]string // of the account's reserved roles alone: ARN → AROA…
	bounded  map[string][]string
}

// UsageIn returns who uses which managed policy in an account.
func (s *Snapshot) UsageIn(account ident.AccountID) *Usage {
	u := &Usage{s, account, map[string][]string{}, map[string][]string{}}
	for _, at := range s.places.list(account) {
		u.reserved(s.places.role(at, account))
	}
	return u
}

func (u *Usage) reserved(r *role) {
	v := u.snapshot.versions.get(versionKey(r.PermissionSet, r.Version))
	if v == nil {
		return
	}
	arns, bound := ManagedBy(u.account, &v.Grants)
	for _, arn := range arns {
		u.attached[arn] = append(u.attached[arn], r.ID)
	}
	if bound != "" {
		u.bounded[bound] = append(u.bounded[bound], r.ID)
	}
}

// ManagedBy returns the ARNs of the managed policies that a permission set gives its role in an account, and that of
// the boundary, which may be empty.
func ManagedBy(account ident.AccountID, g *permission.Grants) (arns []string, boundary string) {
	arns = slices.Clone(g.Managed)
	if g.Boundary != nil {
		boundary = g.Boundary.ManagedARN
	}
	if h := referenced(account, g); h != nil {
		arns = append(arns, h.policies...)
		if h.boundary != "" {
			boundary = h.boundary
		}
	}
	return arns, boundary
}

// Attached returns the ids of those that a policy is attached to.
func (u *Usage) Attached(arn string) []string {
	return together(u.snapshot.attachedTo.get(holderKey(u.account, arn)), u.attached[arn])
}

// Bounded returns the ids of those whose permissions boundary a policy is.
func (u *Usage) Bounded(arn string) []string {
	return together(u.snapshot.boundedBy.get(holderKey(u.account, arn)), u.bounded[arn])
}

// together merges ids that a snapshot shares with others of the caller's own.
func together(shared *[]string, own []string) []string {
	if shared == nil && len(own) == 0 {
		return nil
	}
	var ids []string
	if shared != nil {
		ids = slices.Clone(*shared)
	}
	ids = append(ids, own...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func holderKey(account ident.AccountID, arn string) string { return string(account) + "/" + arn }

// holds notes what a user, group or role holds from now on, in place of what it held before; either may be nil.
func (s *Snapshot) holds(account ident.AccountID, id string, before, after *iam.Policies) {
	if before == nil {
		before = &iam.Policies{}
	}
	if after == nil {
		after = &iam.Policies{}
	}
	for _, arn := range before.Managed {
		if !slices.Contains(after.Managed, arn) {
			s.attachedTo = member(s.attachedTo, holderKey(account, arn), id, true)
		}
	}
	for _, arn := range after.Managed {
		if !slices.Contains(before.Managed, arn) {
			s.attachedTo = member(s.attachedTo, holderKey(account, arn), id, false)
		}
	}
	if before.Boundary == after.Boundary {
		return
	}
	if before.Boundary != "" {
		s.boundedBy = member(s.boundedBy, holderKey(account, before.Boundary), id, true)
	}
	if after.Boundary != "" {
		s.boundedBy = member(s.boundedBy, holderKey(account, after.Boundary), id, false)
	}
}
