package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func getPolicy(ctx context.Context, c *api.Call, in *sdk.GetPolicyInput) (*sdk.GetPolicyOutput, error) {
	p, err := findPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	out := &sdk.GetPolicyOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		used, err := usage(tx, c)
		out.Policy = describePolicy(p, used)
		return err
	})
}

// getPolicyVersion knows the default version only: older ones of AWS's policies are not kept.
func getPolicyVersion(_ context.Context, _ *api.Call, in *sdk.GetPolicyVersionInput) (*sdk.GetPolicyVersionOutput, error) {
	p, err := findPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.VersionId) != p.DefaultVersionID {
		return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN, aws.ToString(in.VersionId))
	}
	v := version(p)
	v.Document = aws.String(p.Document())
	return &sdk.GetPolicyVersionOutput{PolicyVersion: &v}, nil
}

func listPolicyVersions(_ context.Context, c *api.Call, in *sdk.ListPolicyVersionsInput) (*sdk.ListPolicyVersionsOutput, error) {
	p, err := findPolicy(aws.ToString(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	if _, err := c.After(p.ARN, in.Marker); err != nil {
		return nil, err
	}
	return &sdk.ListPolicyVersionsOutput{Versions: []types.PolicyVersion{version(p)}}, nil
}

func listPolicies(ctx context.Context, c *api.Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	prefix := pathOf(in.PathPrefix)
	filter := []any{prefix, in.Scope, in.OnlyAttached, in.PolicyUsageFilter}
	after, err := c.After(filter, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListPoliciesOutput{Policies: []types.Policy{}}
	if in.Scope == types.PolicyScopeTypeLocal {
		return out, nil
	}
	var used map[string]count
	if err := c.View(ctx, func(tx *store.Tx) (err error) { used, err = usage(tx, c); return err }); err != nil {
		return nil, err
	}
	most, last := limit(c, in.MaxItems), ""
	for p := range managed.List() {
		if p.ARN <= after || !strings.HasPrefix(p.Path, prefix) || !used[p.ARN].matches(in) {
			continue
		}
		if len(out.Policies) == most {
			out.Marker, out.IsTruncated = c.NextToken(filter, last), true
			break
		}
		last = p.ARN
		out.Policies = append(out.Policies, *describePolicy(p, used))
	}
	return out, nil
}

// count is how often an account uses a policy.
type count struct{ attached, boundary int32 }

func (n count) matches(in *sdk.ListPoliciesInput) bool {
	switch {
	case in.PolicyUsageFilter == types.PolicyUsageTypePermissionsBoundary:
		return n.boundary > 0
	case in.OnlyAttached:
		return n.attached > 0
	}
	return true
}

// usage counts what the users and roles of the caller's account have attached, reserved roles included.
func usage(tx *store.Tx, c *api.Call) (map[string]count, error) {
	used := map[string]count{}
	add := func(arns []string, boundary string) {
		for _, arn := range arns {
			n := used[arn]
			n.attached++
			used[arn] = n
		}
		if boundary != "" {
			n := used[boundary]
			n.boundary++
			used[boundary] = n
		}
	}
	users, _, err := store.IAMUsers.List(tx, "account", []any{c.Principal.Account}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		add(u.Policies.Managed, u.Policies.Boundary)
	}
	roles, _, err := store.Roles.List(tx, "account", []any{c.Principal.Account}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		if err := withGrants(tx, r); err != nil {
			return nil, err
		}
		add(r.Policies.Managed, r.Policies.Boundary)
	}
	return used, nil
}

func describePolicy(p managed.Policy, used map[string]count) *types.Policy {
	n := used[p.ARN]
	return &types.Policy{Arn: &p.ARN, PolicyName: &p.Name, PolicyId: aws.String(policyID(p.ARN)), Path: &p.Path,
		DefaultVersionId: &p.DefaultVersionID, IsAttachable: p.Attachable(), CreateDate: &p.CreateDate, UpdateDate: &p.UpdateDate,
		AttachmentCount: &n.attached, PermissionsBoundaryUsageCount: &n.boundary}
}

func version(p managed.Policy) types.PolicyVersion {
	return types.PolicyVersion{VersionId: &p.DefaultVersionID, IsDefaultVersion: true, CreateDate: &p.UpdateDate}
}

// policyID makes up the unique id of a policy that AWS manages, since the public lists of them leave it out.
func policyID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return ident.PolicyPrefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// findPolicy finds a policy that AWS manages; there are no others yet.
func findPolicy(arn string) (managed.Policy, error) {
	if _, err := ident.ParseARN(arn); err != nil {
		return managed.Policy{}, validation("Invalid ARN:  Could not be parsed!")
	}
	p, ok := managed.ByARN(arn)
	if !ok {
		return p, noPolicy(arn)
	}
	return p, nil
}

func noPolicy(arn string) error { return noSuchEntity("Policy %s was not found.", arn) }

// attachable checks that a policy can be attached by customers.
func attachable(arn string) (string, error) {
	if _, err := ident.ParseARN(arn); err != nil {
		return "", validation("Invalid ARN:  Could not be parsed!")
	}
	p, ok := managed.ByARN(arn)
	if !ok {
		return "", noSuchEntity("Policy %s does not exist or is not attachable.", arn)
	}
	if !p.Attachable() {
		return "", notAttachable()
	}
	return arn, nil
}

// checkInline refuses an identity policy that is not understood.
func checkInline(document string) error {
	_, err := policy.Parse([]byte(document), policy.Identity)
	return err
}

// attached describes a page of attached policies whose path begins with prefix.
func attached(c *api.Call, filter string, arns []string, prefix string, marker *string, max *int32) ([]types.AttachedPolicy, *string, error) {
	arns = slices.Sorted(slices.Values(arns))
	arns = slices.DeleteFunc(arns, func(arn string) bool {
		p, ok := managed.ByARN(arn)
		return ok && !strings.HasPrefix(p.Path, prefix)
	})
	page, next, err := window(c, filter+prefix, arns, marker, max)
	list := []types.AttachedPolicy{}
	for _, arn := range page {
		list = append(list, types.AttachedPolicy{PolicyArn: &arn, PolicyName: aws.String(path.Base(arn))})
	}
	return list, next, err
}

// window cuts a page out of a short sorted list.
func window(c *api.Call, filter string, list []string, marker *string, max *int32) ([]string, *string, error) {
	after, err := c.After(filter, marker)
	if err != nil {
		return nil, nil, err
	}
	from, there := slices.BinarySearch(list, after)
	if there {
		from++
	}
	list = append([]string{}, list[from:]...)
	if most := limit(c, max); len(list) > most {
		return list[:most], c.NextToken(filter, list[most-1]), nil
	}
	return list, nil, nil
}
