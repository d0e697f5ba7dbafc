package ssoadmin

import (
	"context"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

func attachManaged(ctx context.Context, c *api.Call, in *sdk.AttachManagedPolicyToPermissionSetInput) (*sdk.AttachManagedPolicyToPermissionSetOutput, error) {
	if err := checkManaged(in.ManagedPolicyArn); err != nil {
		return nil, err
	}
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		return s.Attach(aws.ToString(in.ManagedPolicyArn), c.Most(&limits[maxPolicies]))
	})
	return &sdk.AttachManagedPolicyToPermissionSetOutput{}, err
}

func detachManaged(ctx context.Context, c *api.Call, in *sdk.DetachManagedPolicyFromPermissionSetInput) (*sdk.DetachManagedPolicyFromPermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		return s.Detach(aws.ToString(in.ManagedPolicyArn))
	})
	return &sdk.DetachManagedPolicyFromPermissionSetOutput{}, err
}

func listManaged(ctx context.Context, c *api.Call, in *sdk.ListManagedPoliciesInPermissionSetInput) (*sdk.ListManagedPoliciesInPermissionSetOutput, error) {
	set, err := readSet(ctx, c, in.InstanceArn, in.PermissionSetArn)
	if err != nil {
		return nil, err
	}
	after, err := c.After(set.ARN, in.NextToken)
	if err != nil {
		return nil, err
	}
	arns, last := api.PageOf(slices.Sorted(slices.Values(set.Grants.Managed)), after, c.Limit(in.MaxResults, pageLength))
	out := &sdk.ListManagedPoliciesInPermissionSetOutput{AttachedManagedPolicies: []types.AttachedManagedPolicy{}, NextToken: c.NextToken(set.ARN, last)}
	for _, arn := range arns {
		out.AttachedManagedPolicies = append(out.AttachedManagedPolicies, types.AttachedManagedPolicy{Arn: &arn, Name: aws.String(path.Base(arn))})
	}
	return out, nil
}

func putInline(ctx context.Context, c *api.Call, in *sdk.PutInlinePolicyToPermissionSetInput) (*sdk.PutInlinePolicyToPermissionSetOutput, error) {
	document := aws.ToString(in.InlinePolicy)
	if _, err := policy.Parse([]byte(document), policy.Inline); err != nil {
		return nil, invalid("The inline policy is not valid: %s", sentence(err))
	}
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error { return s.SetInline(document, c.Most(&limits[maxInline])) })
	return &sdk.PutInlinePolicyToPermissionSetOutput{}, err
}

// getInline answers an empty document when there is none, not an error.
func getInline(ctx context.Context, c *api.Call, in *sdk.GetInlinePolicyForPermissionSetInput) (*sdk.GetInlinePolicyForPermissionSetOutput, error) {
	set, err := readSet(ctx, c, in.InstanceArn, in.PermissionSetArn)
	if err != nil {
		return nil, err
	}
	return &sdk.GetInlinePolicyForPermissionSetOutput{InlinePolicy: &set.Grants.Inline}, nil
}

func deleteInline(ctx context.Context, c *api.Call, in *sdk.DeleteInlinePolicyFromPermissionSetInput) (*sdk.DeleteInlinePolicyFromPermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error { return s.SetInline("", 0) })
	return &sdk.DeleteInlinePolicyFromPermissionSetOutput{}, err
}

func putBoundary(ctx context.Context, c *api.Call, in *sdk.PutPermissionsBoundaryToPermissionSetInput) (*sdk.PutPermissionsBoundaryToPermissionSetOutput, error) {
	b := in.PermissionsBoundary
	if b == nil || (b.ManagedPolicyArn == nil) == (b.CustomerManagedPolicyReference == nil) {
		return nil, invalid("The permissions boundary must name either an AWS managed policy or a customer managed policy.")
	}
	boundary := &permission.Boundary{}
	if b.CustomerManagedPolicyReference != nil {
		r := reference(b.CustomerManagedPolicyReference)
		boundary.Customer = &r
	} else {
		if err := checkManaged(b.ManagedPolicyArn); err != nil {
			return nil, err
		}
		boundary.ManagedARN = *b.ManagedPolicyArn
	}
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		s.SetBoundary(boundary)
		return nil
	})
	return &sdk.PutPermissionsBoundaryToPermissionSetOutput{}, err
}

func getBoundary(ctx context.Context, c *api.Call, in *sdk.GetPermissionsBoundaryForPermissionSetInput) (*sdk.GetPermissionsBoundaryForPermissionSetOutput, error) {
	set, err := readSet(ctx, c, in.InstanceArn, in.PermissionSetArn)
	if err != nil {
		return nil, err
	}
	b := set.Grants.Boundary
	if b == nil {
		return nil, noBoundary(set)
	}
	out := &types.PermissionsBoundary{ManagedPolicyArn: given(b.ManagedARN)}
	if b.Customer != nil {
		out.CustomerManagedPolicyReference = &types.CustomerManagedPolicyReference{Name: &b.Customer.Name, Path: &b.Customer.Path}
	}
	return &sdk.GetPermissionsBoundaryForPermissionSetOutput{PermissionsBoundary: out}, nil
}

func deleteBoundary(ctx context.Context, c *api.Call, in *sdk.DeletePermissionsBoundaryFromPermissionSetInput) (*sdk.DeletePermissionsBoundaryFromPermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		if s.Grants.Boundary == nil {
			return noBoundary(s)
		}
		s.SetBoundary(nil)
		return nil
	})
	return &sdk.DeletePermissionsBoundaryFromPermissionSetOutput{}, err
}

func noBoundary(s *permission.Set) error {
	return notFound("PermissionSet with ARN %s has no permissions boundary.", s.ARN)
}

// checkManaged refuses what is no AWS managed policy.
func checkManaged(arn *string) error {
	if _, ok := managed.ByARN(aws.ToString(arn)); !ok {
		return notFound("Managed policy with ARN %s was not found.", aws.ToString(arn))
	}
	return nil
}
