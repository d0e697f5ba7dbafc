package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func putUserPolicy(ctx context.Context, c *api.Call, in *sdk.PutUserPolicyInput) (*sdk.PutUserPolicyOutput, error) {
	document := aws.ToString(in.PolicyDocument)
	if err := checkInline(document); err != nil {
		return nil, err
	}
	return &sdk.PutUserPolicyOutput{}, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) error {
		return u.Policies.Put(aws.ToString(in.PolicyName), document, c.Most(&limits[maxUserInline]))
	})
}

func getUserPolicy(ctx context.Context, c *api.Call, in *sdk.GetUserPolicyInput) (*sdk.GetUserPolicyOutput, error) {
	u, err := readUser(ctx, c, in.UserName)
	if err != nil {
		return nil, err
	}
	document, ok := u.Policies.Get(aws.ToString(in.PolicyName))
	if !ok {
		return nil, noUserPolicy(in.PolicyName)
	}
	return &sdk.GetUserPolicyOutput{UserName: &u.Name, PolicyName: in.PolicyName, PolicyDocument: &document}, nil
}

func listUserPolicies(ctx context.Context, c *api.Call, in *sdk.ListUserPoliciesInput) (*sdk.ListUserPoliciesOutput, error) {
	u, err := readUser(ctx, c, in.UserName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListUserPoliciesOutput{}
	out.PolicyNames, out.Marker, err = window(c, u.ID, u.Policies.Names(), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

func deleteUserPolicy(ctx context.Context, c *api.Call, in *sdk.DeleteUserPolicyInput) (*sdk.DeleteUserPolicyOutput, error) {
	return &sdk.DeleteUserPolicyOutput{}, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) error {
		if !u.Policies.Delete(aws.ToString(in.PolicyName)) {
			return noUserPolicy(in.PolicyName)
		}
		return nil
	})
}

func noUserPolicy(name *string) error {
	return noSuchEntity("The user policy with name %s cannot be found.", aws.ToString(name))
}

func attachUserPolicy(ctx context.Context, c *api.Call, in *sdk.AttachUserPolicyInput) (*sdk.AttachUserPolicyOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	return nil, editUser(ctx, c, in.UserName, func(tx *store.Tx, u *iam.User) error {
		if err := checkAttachable(tx, c, arn, toUser); err != nil {
			return err
		}
		return u.Policies.Attach(arn, "PoliciesPerUser", c.Most(&limits[maxUserManaged]))
	})
}

func detachUserPolicy(ctx context.Context, c *api.Call, in *sdk.DetachUserPolicyInput) (*sdk.DetachUserPolicyOutput, error) {
	return &sdk.DetachUserPolicyOutput{}, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) error {
		if !u.Policies.Detach(aws.ToString(in.PolicyArn)) {
			return noPolicy(aws.ToString(in.PolicyArn))
		}
		return nil
	})
}

func listAttachedUserPolicies(ctx context.Context, c *api.Call, in *sdk.ListAttachedUserPoliciesInput) (*sdk.ListAttachedUserPoliciesOutput, error) {
	u, err := readUser(ctx, c, in.UserName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAttachedUserPoliciesOutput{}
	out.AttachedPolicies, out.Marker, err = attached(c, u.ID, u.Policies.Managed, pathOf(in.PathPrefix), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

func putUserBoundary(ctx context.Context, c *api.Call, in *sdk.PutUserPermissionsBoundaryInput) (*sdk.PutUserPermissionsBoundaryOutput, error) {
	return nil, editUser(ctx, c, in.UserName, func(tx *store.Tx, u *iam.User) error {
		u.Policies.Boundary = aws.ToString(in.PermissionsBoundary)
		return checkBoundary(tx, c, u.Policies.Boundary, toUser)
	})
}

func deleteUserBoundary(ctx context.Context, c *api.Call, in *sdk.DeleteUserPermissionsBoundaryInput) (*sdk.DeleteUserPermissionsBoundaryOutput, error) {
	return &sdk.DeleteUserPermissionsBoundaryOutput{}, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) error {
		if u.Policies.Boundary == "" {
			return noSuchEntity("The user with name %s has no permissions boundary.", u.Name)
		}
		u.Policies.Boundary = ""
		return nil
	})
}
