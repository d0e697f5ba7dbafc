package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// permissionSet is a permission set with its policies.
type permissionSet struct {
	Kind             string
	Name             string
	Description      string
	Duration         string // such as PT4H
	RelayState       string
	Policies         []string // AWS managed ones, by name with path or by ARN
	CustomerPolicies []string // by name, with path where it is not /
	Inline           json.RawMessage
	Boundary         string // a managed policy as in Policies
}

func (p *permissionSet) name() string { return "permission set " + p.Name }

func (p *permissionSet) check() error {
	if p.Name == "" {
		return errors.New(`"name" is missing`)
	}
	for i, policy := range p.Policies {
		p.Policies[i] = managed(policy)
	}
	if p.Boundary != "" {
		p.Boundary = managed(p.Boundary)
	}
	return nil
}

// managed is the ARN of an AWS managed policy.
func managed(policy string) string {
	if strings.HasPrefix(policy, "arn:") {
		return policy
	}
	return "arn:aws:iam::aws:policy/" + policy
}

func (p *permissionSet) bring(ctx context.Context, b *batch) (string, error) {
	instance, _, err := b.center(ctx)
	if err != nil {
		return "", err
	}
	arn, err := b.findSet(ctx, instance, p.Name)
	if err != nil {
		return "", err
	}
	outcome, existed := Unchanged, arn != ""
	if !existed {
		outcome = Created
		if b.dry {
			return outcome, nil
		}
		if arn, err = p.create(ctx, b, instance); err != nil {
			return "", err
		}
	}
	changed := false
	for _, step := range []func(context.Context, *batch, setRef) (bool, error){p.describe, p.attach, p.attachCustomer, p.putInline, p.putBoundary} {
		did, err := step(ctx, b, setRef{instance, &arn})
		if err != nil {
			return "", err
		}
		changed = changed || did
	}
	if !existed || !changed {
		return outcome, nil
	}
	// What is assigned already takes the change over only when it is provisioned.
	return Updated, change[ssoadmin.ProvisionPermissionSetOutput](ctx, b, "sso-admin", "ProvisionPermissionSet",
		&ssoadmin.ProvisionPermissionSetInput{InstanceArn: instance, PermissionSetArn: &arn, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts})
}

// setRef names a permission set as the operations about it do.
type setRef struct{ instance, arn *string }

func (p *permissionSet) create(ctx context.Context, b *batch, instance *string) (string, error) {
	made, err := do[ssoadmin.CreatePermissionSetOutput](ctx, b, "sso-admin", "CreatePermissionSet", &ssoadmin.CreatePermissionSetInput{
		InstanceArn: instance, Name: &p.Name, Description: given(p.Description), SessionDuration: given(p.Duration), RelayState: given(p.RelayState)})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.PermissionSet.PermissionSetArn), nil
}

// describe brings what a permission set says of itself.
func (p *permissionSet) describe(ctx context.Context, b *batch, s setRef) (bool, error) {
	out, err := do[ssoadmin.DescribePermissionSetOutput](ctx, b, "sso-admin", "DescribePermissionSet",
		&ssoadmin.DescribePermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn})
	if err != nil {
		return false, err
	}
	have := out.PermissionSet
	differs := func(want string, have *string) bool { return want != "" && want != aws.ToString(have) }
	if !differs(p.Description, have.Description) && !differs(p.Duration, have.SessionDuration) && !differs(p.RelayState, have.RelayState) {
		return false, nil
	}
	// A relay state that is not sent again is cleared.
	return true, change[ssoadmin.UpdatePermissionSetOutput](ctx, b, "sso-admin", "UpdatePermissionSet", &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: s.instance, PermissionSetArn: s.arn, Description: given(p.Description), SessionDuration: given(p.Duration),
		RelayState: given(cmp.Or(p.RelayState, aws.ToString(have.RelayState)))})
}

// attach attaches the AWS managed policies that are not attached.
func (p *permissionSet) attach(ctx context.Context, b *batch, s setRef) (changed bool, err error) {
	var have []string
	for in := (&ssoadmin.ListManagedPoliciesInPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn}); len(p.Policies) > 0; {
		out, err := do[ssoadmin.ListManagedPoliciesInPermissionSetOutput](ctx, b, "sso-admin", "ListManagedPoliciesInPermissionSet", in)
		if err != nil {
			return false, err
		}
		for _, a := range out.AttachedManagedPolicies {
			have = append(have, aws.ToString(a.Arn))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for _, arn := range p.Policies {
		if slices.Contains(have, arn) {
			continue
		}
		changed = true
		err := change[ssoadmin.AttachManagedPolicyToPermissionSetOutput](ctx, b, "sso-admin", "AttachManagedPolicyToPermissionSet",
			&ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn, ManagedPolicyArn: &arn})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// attachCustomer refers to the policies of accounts that are not referred to.
func (p *permissionSet) attachCustomer(ctx context.Context, b *batch, s setRef) (changed bool, err error) {
	if len(p.CustomerPolicies) == 0 {
		return false, nil
	}
	var have []string
	for in := (&ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn}); ; {
		out, err := do[ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput](ctx, b, "sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet", in)
		if err != nil {
			return false, err
		}
		for _, r := range out.CustomerManagedPolicyReferences {
			path, name := splitPolicy(aws.ToString(r.Path) + aws.ToString(r.Name))
			have = append(have, path+name)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for _, policy := range p.CustomerPolicies {
		path, name := splitPolicy(policy)
		if slices.Contains(have, path+name) {
			continue
		}
		changed = true
		err := change[ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetOutput](ctx, b, "sso-admin", "AttachCustomerManagedPolicyReferenceToPermissionSet",
			&ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn,
				CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: &name, Path: &path}})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// splitPolicy cuts the path off a policy's name; it begins and ends with a slash.
func splitPolicy(policy string) (path, name string) {
	i := strings.LastIndexByte(policy, '/')
	return "/" + strings.TrimPrefix(policy[:i+1], "/"), policy[i+1:]
}

func (p *permissionSet) putInline(ctx context.Context, b *batch, s setRef) (bool, error) {
	if len(p.Inline) == 0 {
		return false, nil
	}
	out, err := do[ssoadmin.GetInlinePolicyForPermissionSetOutput](ctx, b, "sso-admin", "GetInlinePolicyForPermissionSet",
		&ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn})
	if err != nil || sameJSON(p.Inline, []byte(aws.ToString(out.InlinePolicy))) {
		return false, err
	}
	return true, change[ssoadmin.PutInlinePolicyToPermissionSetOutput](ctx, b, "sso-admin", "PutInlinePolicyToPermissionSet",
		&ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn, InlinePolicy: aws.String(string(p.Inline))})
}

func (p *permissionSet) putBoundary(ctx context.Context, b *batch, s setRef) (bool, error) {
	if p.Boundary == "" {
		return false, nil
	}
	out, err := do[ssoadmin.GetPermissionsBoundaryForPermissionSetOutput](ctx, b, "sso-admin", "GetPermissionsBoundaryForPermissionSet",
		&ssoadmin.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn})
	switch {
	case fault.Is(err, "ResourceNotFoundException"):
	case err != nil:
		return false, err
	case out.PermissionsBoundary != nil && aws.ToString(out.PermissionsBoundary.ManagedPolicyArn) == p.Boundary:
		return false, nil
	}
	return true, change[ssoadmin.PutPermissionsBoundaryToPermissionSetOutput](ctx, b, "sso-admin", "PutPermissionsBoundaryToPermissionSet",
		&ssoadmin.PutPermissionsBoundaryToPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: s.arn,
			PermissionsBoundary: &types.PermissionsBoundary{ManagedPolicyArn: &p.Boundary}})
}

// findSet returns the ARN of the permission set with a name, or nothing. The names of all are read once.
func (b *batch) findSet(ctx context.Context, instance *string, name string) (string, error) {
	for in := (&ssoadmin.ListPermissionSetsInput{InstanceArn: instance}); ; {
		out, err := do[ssoadmin.ListPermissionSetsOutput](ctx, b, "sso-admin", "ListPermissionSets", in)
		if err != nil {
			return "", err
		}
		for _, arn := range out.PermissionSets {
			have, err := b.refer("name of "+arn, func() (string, error) {
				set, err := do[ssoadmin.DescribePermissionSetOutput](ctx, b, "sso-admin", "DescribePermissionSet",
					&ssoadmin.DescribePermissionSetInput{InstanceArn: instance, PermissionSetArn: &arn})
				if err != nil {
					return "", err
				}
				return aws.ToString(set.PermissionSet.Name), nil
			})
			if err != nil {
				return "", err
			}
			if have == name {
				return arn, nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return "", nil
		}
	}
}

// set refers to a permission set by name.
func (b *batch) set(ctx context.Context, instance *string, name string) (string, error) {
	return b.refer("permission set "+name, func() (string, error) { return b.findSet(ctx, instance, name) })
}
