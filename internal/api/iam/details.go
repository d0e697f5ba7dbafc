package iam

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// detail is one entry of GetAccountAuthorizationDetails: one of the four is there.
type detail struct {
	user   *types.UserDetail
	group  *types.GroupDetail
	role   *types.RoleDetail
	policy *types.ManagedPolicyDetail
}

// report walks over what an account has, a kind after the other. A page may end anywhere and names its place as
// "KIND PLACE".
type report struct {
	c    *api.Call
	use  *authz.Usage
	page *page[detail]
}

// kinds are what a report has, in this order.
var kinds = []types.EntityType{types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole,
	types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy}

// getAuthorizationDetails tells everything that decides what an account's users, groups and roles may do. Of the policies
// that AWS manages it tells those that are in use.
func getAuthorizationDetails(ctx context.Context, c *api.Call, in *sdk.GetAccountAuthorizationDetailsInput) (*sdk.GetAccountAuthorizationDetailsOutput, error) {
	after, err := c.After(in.Filter, in.Marker)
	if err != nil {
		return nil, err
	}
	r := &report{c, c.Snapshot.UsageIn(c.Principal.Account), newPage[detail](c, in.MaxItems)}
	kind, place, _ := strings.Cut(after, " ")
	first := max(slices.Index(kinds, types.EntityType(kind)), 0)
	err = c.View(ctx, func(tx *store.Tx) error {
		for _, k := range kinds[first:] {
			if len(in.Filter) == 0 || slices.Contains(in.Filter, k) {
				if err := r.walk(tx, k, place); err != nil {
					return err
				}
			}
			place = ""
			if r.page.more {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := r.answer()
	out.Marker, out.IsTruncated = r.page.marker(c, in.Filter)
	return out, nil
}

// answer sorts the entries of the page into their lists.
func (r *report) answer() *sdk.GetAccountAuthorizationDetailsOutput {
	out := &sdk.GetAccountAuthorizationDetailsOutput{UserDetailList: []types.UserDetail{}, GroupDetailList: []types.GroupDetail{},
		RoleDetailList: []types.RoleDetail{}, Policies: []types.ManagedPolicyDetail{}}
	for _, d := range r.page.items {
		switch {
		case d.user != nil:
			out.UserDetailList = append(out.UserDetailList, *d.user)
		case d.group != nil:
			out.GroupDetailList = append(out.GroupDetailList, *d.group)
		case d.role != nil:
			out.RoleDetailList = append(out.RoleDetailList, *d.role)
		case d.policy != nil:
			out.Policies = append(out.Policies, *d.policy)
		}
	}
	return out
}

// walk adds what there is of a kind after a place.
func (r *report) walk(tx *store.Tx, kind types.EntityType, after string) (err error) {
	account := []any{r.c.Principal.Account}
	switch kind {
	case types.EntityTypeUser:
		return tell(r, tx, kind, store.IAMUsers, account, after, func(u *iam.User) (detail, error) { return r.user(tx, u) })
	case types.EntityTypeGroup:
		return tell(r, tx, kind, store.IAMGroups, account, after, func(g *iam.Group) (detail, error) { return r.group(g), nil })
	case types.EntityTypeRole:
		return tell(r, tx, kind, store.Roles, account, after, func(role *iam.Role) (detail, error) { return r.role(tx, role) })
	case types.EntityTypeLocalManagedPolicy:
		return tell(r, tx, kind, store.ManagedPolicies, account, after, func(p *iam.ManagedPolicy) (detail, error) { return r.local(p), nil })
	}
	for p := range managed.List() {
		used := len(r.use.Attached(p.ARN))+len(r.use.Bounded(p.ARN)) > 0
		if p.ARN > after && used && !r.page.add(r.byAWS(p), string(kind)+" "+p.ARN) {
			break
		}
	}
	return nil
}

// tell walks over the rows of a table.
func tell[T any](r *report, tx *store.Tx, kind types.EntityType, table *store.Table[T], account []any, after string, describe func(*T) (detail, error)) error {
	var failed error
	err := walk(tx, table, "account", account, after, r.page.room(), func(row *T) bool {
		d, err := describe(row)
		failed = err
		return err == nil && r.page.add(d, string(kind)+" "+table.Place("account", row))
	})
	return cmp.Or(failed, err)
}

func (r *report) user(tx *store.Tx, u *iam.User) (detail, error) {
	memberships, _, err := store.IAMMemberships.List(tx, "user", []any{u.ID}, "", 0)
	if err != nil {
		return detail{}, err
	}
	groups := []string{}
	for _, m := range memberships {
		g, err := store.IAMGroups.By(tx, "id", m.GroupID)
		if err != nil {
			return detail{}, err
		}
		groups = append(groups, g.Name)
	}
	slices.Sort(groups)
	return detail{user: &types.UserDetail{Arn: aws.String(u.ARN()), UserId: &u.ID, UserName: &u.Name, Path: &u.Path, CreateDate: &u.CreatedAt,
		GroupList: groups, Tags: tagList(u.Tags), UserPolicyList: inline(&u.Policies), AttachedManagedPolicies: attachments(&u.Policies),
		PermissionsBoundary: boundaryOf(u.Policies.Boundary)}}, nil
}

func (r *report) group(g *iam.Group) detail {
	return detail{group: &types.GroupDetail{Arn: aws.String(g.ARN()), GroupId: &g.ID, GroupName: &g.Name, Path: &g.Path, CreateDate: &g.CreatedAt,
		GroupPolicyList: inline(&g.Policies), AttachedManagedPolicies: attachments(&g.Policies)}}
}

func (r *report) role(tx *store.Tx, role *iam.Role) (detail, error) {
	if err := withGrants(tx, role); err != nil {
		return detail{}, err
	}
	used, err := roleLastUsed(tx, r.c, role)
	d := describeRole(r.c, role)
	return detail{role: &types.RoleDetail{Arn: d.Arn, RoleId: d.RoleId, RoleName: d.RoleName, Path: d.Path, CreateDate: d.CreateDate,
		AssumeRolePolicyDocument: d.AssumeRolePolicyDocument, RolePolicyList: inline(&role.Policies), AttachedManagedPolicies: attachments(&role.Policies),
		PermissionsBoundary: d.PermissionsBoundary, Tags: tagList(role.Tags), InstanceProfileList: []types.InstanceProfile{}, RoleLastUsed: used}}, err
}

func (r *report) local(p *iam.ManagedPolicy) detail {
	d := policyDetail(describePolicy(p, r.use))
	for i := range p.Versions {
		v := describeVersion(p, &p.Versions[i])
		v.Document = &p.Versions[i].Document
		d.policy.PolicyVersionList = append(d.policy.PolicyVersionList, *v)
	}
	slices.Reverse(d.policy.PolicyVersionList)
	return d
}

func (r *report) byAWS(p managed.Policy) detail {
	d, v := policyDetail(describeManaged(p, r.use)), managedVersion(p)
	v.Document = aws.String(p.Document())
	d.policy.PolicyVersionList = append(d.policy.PolicyVersionList, *v)
	return d
}

func policyDetail(p *types.Policy) detail {
	return detail{policy: &types.ManagedPolicyDetail{Arn: p.Arn, PolicyId: p.PolicyId, PolicyName: p.PolicyName, Path: p.Path, Description: p.Description,
		DefaultVersionId: p.DefaultVersionId, IsAttachable: p.IsAttachable, AttachmentCount: p.AttachmentCount,
		PermissionsBoundaryUsageCount: p.PermissionsBoundaryUsageCount, CreateDate: p.CreateDate, UpdateDate: p.UpdateDate}}
}

// inline lists the inline policies of somebody.
func inline(p *iam.Policies) []types.PolicyDetail {
	list := []types.PolicyDetail{}
	for _, name := range p.Names() {
		list = append(list, types.PolicyDetail{PolicyName: &name, PolicyDocument: aws.String(p.Inline[name])})
	}
	return list
}

// attachments lists the managed policies of somebody.
func attachments(p *iam.Policies) []types.AttachedPolicy {
	list := []types.AttachedPolicy{}
	for _, arn := range slices.Sorted(slices.Values(p.Managed)) {
		list = append(list, types.AttachedPolicy{PolicyArn: &arn, PolicyName: aws.String(path.Base(arn))})
	}
	return list
}
