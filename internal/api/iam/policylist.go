package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Where a page of ListPolicies ended: among the customer's policies, which come first, or among AWS's.
const (
	atLocal = "local "
	atAWS   = "aws "
)

// listPolicies lists the account's own policies by name, then those of AWS by ARN. How a policy is used is asked for
// only together with OnlyAttached, as on AWS.
func listPolicies(ctx context.Context, c *api.Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	filter := []any{pathOf(in.PathPrefix), in.Scope, in.OnlyAttached, in.PolicyUsageFilter}
	after, err := c.After(filter, in.Marker)
	if err != nil {
		return nil, err
	}
	page, use := newPage[types.Policy](c, in.MaxItems), c.Snapshot.UsageIn(c.Principal.Account)
	add := func(p *types.Policy, at string) bool {
		p.Tags, p.Description = nil, nil // only GetPolicy tells them
		return !listed(p, in) || page.add(*p, at)
	}
	fromAWS, localDone := strings.CutPrefix(after, atAWS)
	if !localDone {
		fromAWS = ""
	}
	if !localDone && in.Scope != types.PolicyScopeTypeAws {
		err := c.View(ctx, func(tx *store.Tx) error {
			return walk(tx, store.ManagedPolicies, "account", []any{c.Principal.Account}, strings.TrimPrefix(after, atLocal), page.room(),
				func(p *iam.ManagedPolicy) bool {
					return add(describePolicy(p, use), atLocal+store.ManagedPolicies.Key(p))
				})
		})
		if err != nil {
			return nil, err
		}
	}
	if in.Scope != types.PolicyScopeTypeLocal && !page.more {
		for p := range managed.List() {
			if p.ARN > fromAWS && !add(describeManaged(p, use), atAWS+p.ARN) {
				break
			}
		}
	}
	out := &sdk.ListPoliciesOutput{Policies: page.items}
	out.Marker, out.IsTruncated = page.marker(c, filter)
	return out, nil
}

// listed reports whether a policy is asked for.
func listed(p *types.Policy, in *sdk.ListPoliciesInput) bool {
	if !strings.HasPrefix(*p.Path, pathOf(in.PathPrefix)) {
		return false
	}
	if !in.OnlyAttached {
		return true
	}
	return in.PolicyUsageFilter != types.PolicyUsageTypePermissionsBoundary && *p.AttachmentCount > 0 ||
		in.PolicyUsageFilter != types.PolicyUsageTypePermissionsPolicy && *p.PermissionsBoundaryUsageCount > 0
}

// listEntitiesForPolicy lists groups, users and roles in the order of their ids. The filters for policies find nothing,
// as on AWS.
func listEntitiesForPolicy(ctx context.Context, c *api.Call, in *sdk.ListEntitiesForPolicyInput) (*sdk.ListEntitiesForPolicyOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	if _, ok := managed.ByARN(arn); !ok {
		if _, err := readPolicy(ctx, c, arn); err != nil {
			return nil, err
		}
	}
	filter := []any{arn, in.EntityFilter, pathOf(in.PathPrefix), in.PolicyUsageFilter}
	after, err := c.After(filter, in.Marker)
	if err != nil {
		return nil, err
	}
	page := newPage[entity](c, in.MaxItems)
	for _, id := range usersOf(c, arn, in.PolicyUsageFilter) {
		e := entityOf(c, id)
		asked := in.EntityFilter == "" || in.EntityFilter == e.kind
		if id > after && asked && strings.HasPrefix(e.path, pathOf(in.PathPrefix)) && !page.add(e, id) {
			break
		}
	}
	out := &sdk.ListEntitiesForPolicyOutput{PolicyGroups: []types.PolicyGroup{}, PolicyUsers: []types.PolicyUser{}, PolicyRoles: []types.PolicyRole{}}
	for _, e := range page.items {
		switch e.kind {
		case types.EntityTypeGroup:
			out.PolicyGroups = append(out.PolicyGroups, types.PolicyGroup{GroupId: &e.id, GroupName: &e.name})
		case types.EntityTypeUser:
			out.PolicyUsers = append(out.PolicyUsers, types.PolicyUser{UserId: &e.id, UserName: &e.name})
		case types.EntityTypeRole:
			out.PolicyRoles = append(out.PolicyRoles, types.PolicyRole{RoleId: &e.id, RoleName: &e.name})
		}
	}
	out.Marker, out.IsTruncated = page.marker(c, filter)
	return out, nil
}

// entity is a group, user or role that uses a policy.
type entity struct {
	kind           types.EntityType
	id, name, path string
}

func entityOf(c *api.Call, id string) entity {
	if g := c.Snapshot.IAMGroupByID(id); g != nil {
		return entity{types.EntityTypeGroup, id, g.Name, g.Path}
	}
	if u := c.Snapshot.IAMUserByID(id); u != nil {
		return entity{types.EntityTypeUser, id, u.Name, u.Path}
	}
	if r := c.Snapshot.RoleByID(id); r != nil {
		return entity{types.EntityTypeRole, id, r.Name, r.Path}
	}
	return entity{}
}

// usersOf returns the ids of those in the caller's account who use a policy in one way, or in any.
func usersOf(c *api.Call, arn string, how types.PolicyUsageType) []string {
	use := c.Snapshot.UsageIn(c.Principal.Account)
	var ids []string
	if how != types.PolicyUsageTypePermissionsBoundary {
		ids = append(ids, use.Attached(arn)...)
	}
	if how != types.PolicyUsageTypePermissionsPolicy {
		ids = append(ids, use.Bounded(arn)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
