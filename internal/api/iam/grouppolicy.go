package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func putGroupPolicy(ctx context.Context, c *api.Call, in *sdk.PutGroupPolicyInput) (*sdk.PutGroupPolicyOutput, error) {
	document := aws.ToString(in.PolicyDocument)
	if err := checkInline(document); err != nil {
		return nil, err
	}
	return nil, editGroup(ctx, c, in.GroupName, func(_ *store.Tx, g *iam.Group) error {
		return g.Policies.Put(aws.ToString(in.PolicyName), document, c.Most(&limits[maxGroupInline]))
	})
}

func getGroupPolicy(ctx context.Context, c *api.Call, in *sdk.GetGroupPolicyInput) (*sdk.GetGroupPolicyOutput, error) {
	g, err := readGroup(ctx, c, in.GroupName)
	if err != nil {
		return nil, err
	}
	document, ok := g.Policies.Get(aws.ToString(in.PolicyName))
	if !ok {
		return nil, noGroupPolicy(in.PolicyName)
	}
	return &sdk.GetGroupPolicyOutput{GroupName: &g.Name, PolicyName: in.PolicyName, PolicyDocument: &document}, nil
}

func listGroupPolicies(ctx context.Context, c *api.Call, in *sdk.ListGroupPoliciesInput) (*sdk.ListGroupPoliciesOutput, error) {
	g, err := readGroup(ctx, c, in.GroupName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListGroupPoliciesOutput{}
	out.PolicyNames, out.Marker, err = window(c, g.ID, g.Policies.Names(), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

func deleteGroupPolicy(ctx context.Context, c *api.Call, in *sdk.DeleteGroupPolicyInput) (*sdk.DeleteGroupPolicyOutput, error) {
	return nil, editGroup(ctx, c, in.GroupName, func(_ *store.Tx, g *iam.Group) error {
		if !g.Policies.Delete(aws.ToString(in.PolicyName)) {
			return noGroupPolicy(in.PolicyName)
		}
		return nil
	})
}

func noGroupPolicy(name *string) error {
	return noSuchEntity("The group policy with name %s cannot be found.", aws.ToString(name))
}

func attachGroupPolicy(ctx context.Context, c *api.Call, in *sdk.AttachGroupPolicyInput) (*sdk.AttachGroupPolicyOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	return nil, editGroup(ctx, c, in.GroupName, func(tx *store.Tx, g *iam.Group) error {
		if err := checkAttachable(tx, c, arn, toGroup); err != nil {
			return err
		}
		return g.Policies.Attach(arn, "PoliciesPerGroup", c.Most(&limits[maxGroupManaged]))
	})
}

func detachGroupPolicy(ctx context.Context, c *api.Call, in *sdk.DetachGroupPolicyInput) (*sdk.DetachGroupPolicyOutput, error) {
	return nil, editGroup(ctx, c, in.GroupName, func(_ *store.Tx, g *iam.Group) error {
		if !g.Policies.Detach(aws.ToString(in.PolicyArn)) {
			return noPolicy(aws.ToString(in.PolicyArn))
		}
		return nil
	})
}

func listAttachedGroupPolicies(ctx context.Context, c *api.Call, in *sdk.ListAttachedGroupPoliciesInput) (*sdk.ListAttachedGroupPoliciesOutput, error) {
	g, err := readGroup(ctx, c, in.GroupName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAttachedGroupPoliciesOutput{}
	out.AttachedPolicies, out.Marker, err = attached(c, g.ID, g.Policies.Managed, pathOf(in.PathPrefix), in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}
