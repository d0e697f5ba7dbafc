package organizations

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// putResourcePolicy makes or replaces the delegation policy. Tags can be given when it is made only.
func putResourcePolicy(ctx context.Context, c *api.Call, in *sdk.PutResourcePolicyInput) (*sdk.PutResourcePolicyOutput, error) {
	tags, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &sdk.PutResourcePolicyOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if o.FeatureSet != organization.AllFeatures {
			return needsAllFeatures()
		}
		content, err := delegationOf(tx, o, aws.ToString(in.Content))
		if err != nil {
			return err
		}
		p, err := store.ResourcePolicies.Get(tx, o.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			p = &organization.ResourcePolicy{OrganizationID: o.ID, ID: "rp-" + c.IDs.Lower(8), Tags: tags, CreatedAt: tx.Now}
		case err != nil:
			return err
		case len(tags) > 0:
			return constraint("UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
				"Adding tags on updating an existing resource-based policy is not supported.")
		}
		p.Content = content
		out.ResourcePolicy = describeDelegation(o, p)
		return store.ResourcePolicies.Save(tx, p)
	})
}

func describeResourcePolicy(ctx context.Context, c *api.Call, _ *sdk.DescribeResourcePolicyInput) (*sdk.DescribeResourcePolicyOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeResourcePolicyOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		p, err := store.ResourcePolicies.Get(tx, o.ID)
		if err == nil {
			out.ResourcePolicy = describeDelegation(o, p)
		}
		return store.Missing(err, noResourcePolicy())
	})
}

func deleteResourcePolicy(ctx context.Context, c *api.Call, _ *sdk.DeleteResourcePolicyInput) (*sdk.DeleteResourcePolicyOutput, error) {
	return &sdk.DeleteResourcePolicyOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		p, err := store.ResourcePolicies.Get(tx, o.ID)
		if err != nil {
			return store.Missing(err, noResourcePolicy())
		}
		return store.ResourcePolicies.Delete(tx, p)
	})
}

func noResourcePolicy() error {
	return notFound("ResourcePolicyNotFoundException", "No resource-based policy found.")
}

func describeDelegation(o *organization.Organization, p *organization.ResourcePolicy) *types.ResourcePolicy {
	return &types.ResourcePolicy{Content: aws.String(p.Content),
		ResourcePolicySummary: &types.ResourcePolicySummary{Id: aws.String(p.ID), Arn: aws.String(o.ResourcePolicyARN(p.ID))}}
}
