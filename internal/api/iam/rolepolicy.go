package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func putRolePolicy(ctx context.Context, c *api.Call, in *sdk.PutRolePolicyInput) (*sdk.PutRolePolicyOutput, error) {
	document := aws.ToString(in.PolicyDocument)
	if err := checkInline(document); err != nil {
		return nil, err
	}
	return &sdk.PutRolePolicyOutput{}, editRole(ctx, c, in.RoleName, func(_ *store.Tx, r *iam.Role) error {
		return r.Policies.Put(aws.ToString(in.PolicyName), document, c.Most(&limits[maxRoleInline]))
	})
}

func getRolePolicy(ctx context.Context, c *api.Call, in *sdk.GetRolePolicyInput) (*sdk.GetRolePolicyOutput, error) {
	r, err := readRole(ctx, c, in.RoleName)
	if err != nil {
		return nil, err
	}
	document, ok := r.Policies.Get(aws.ToString(in.PolicyName))
	if !ok {
		return nil, noRolePolicy(in.PolicyName)
	}
	return &sdk.GetRolePolicyOutput{RoleName: &r.Name, PolicyName: in.PolicyName, PolicyDocument: &document}, nil
}

func listRolePolicies(ctx context.Context, c *api.Call, in *sdk.ListRolePoliciesInput) (*sdk.ListRolePoliciesOutput, error) {
	r, err := readRole(ctx, c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListRolePoliciesOutput{}
	out.PolicyNames, out.Marker, err = window(c, r.ID, r.Policies.Names(), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

func deleteRolePolicy(ctx context.Context, c *api.Call, in *sdk.DeleteRolePolicyInput) (*sdk.DeleteRolePolicyOutput, error) {
	return &sdk.DeleteRolePolicyOutput{}, editRole(ctx, c, in.RoleName, func(_ *store.Tx, r *iam.Role) error {
		if !r.Policies.Delete(aws.ToString(in.PolicyName)) {
			return noRolePolicy(in.PolicyName)
		}
		return nil
	})
}

func noRolePolicy(name *string) error {
	return noSuchEntity("The role policy with name %s cannot be found.", aws.ToString(name))
}

func attachRolePolicy(ctx context.Context, c *api.Call, in *sdk.AttachRolePolicyInput) (*sdk.AttachRolePolicyOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	return nil, editRole(ctx, c, in.RoleName, func(tx *store.Tx, r *iam.Role) error {
		if err := checkAttachable(tx, c, arn, toRole); err != nil {
			return err
		}
		return r.Policies.Attach(arn, "PoliciesPerRole", c.Most(&limits[maxRoleManaged]))
	})
}

func detachRolePolicy(ctx context.Context, c *api.Call, in *sdk.DetachRolePolicyInput) (*sdk.DetachRolePolicyOutput, error) {
	return &sdk.DetachRolePolicyOutput{}, editRole(ctx, c, in.RoleName, func(_ *store.Tx, r *iam.Role) error {
		if !r.Policies.Detach(aws.ToString(in.PolicyArn)) {
			return noPolicy(aws.ToString(in.PolicyArn))
		}
		return nil
	})
}

func listAttachedRolePolicies(ctx context.Context, c *api.Call, in *sdk.ListAttachedRolePoliciesInput) (*sdk.ListAttachedRolePoliciesOutput, error) {
	r, err := readRole(ctx, c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAttachedRolePoliciesOutput{}
	out.AttachedPolicies, out.Marker, err = attached(c, r.ID, r.Policies.Managed, pathOf(in.PathPrefix), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

func putRoleBoundary(ctx context.Context, c *api.Call, in *sdk.PutRolePermissionsBoundaryInput) (*sdk.PutRolePermissionsBoundaryOutput, error) {
	return nil, editRole(ctx, c, in.RoleName, func(tx *store.Tx, r *iam.Role) error {
		r.Policies.Boundary = aws.ToString(in.PermissionsBoundary)
		return checkBoundary(tx, c, r.Policies.Boundary, toRole)
	})
}

func deleteRoleBoundary(ctx context.Context, c *api.Call, in *sdk.DeleteRolePermissionsBoundaryInput) (*sdk.DeleteRolePermissionsBoundaryOutput, error) {
	return &sdk.DeleteRolePermissionsBoundaryOutput{}, editRole(ctx, c, in.RoleName, func(_ *store.Tx, r *iam.Role) error {
		if r.Policies.Boundary == "" {
			return noSuchEntity("The role with name %s has no permissions boundary.", r.Name)
		}
		r.Policies.Boundary = ""
		return nil
	})
}
