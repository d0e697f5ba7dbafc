package ssoadmin

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

func attachReference(ctx context.Context, c *api.Call, in *sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput) (*sdk.AttachCustomerManagedPolicyReferenceToPermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		return s.AttachReference(reference(in.CustomerManagedPolicyReference), c.Most(&limits[maxPolicies]))
	})
	return &sdk.AttachCustomerManagedPolicyReferenceToPermissionSetOutput{}, err
}

func detachReference(ctx context.Context, c *api.Call, in *sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetInput) (*sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		return s.DetachReference(reference(in.CustomerManagedPolicyReference))
	})
	return &sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetOutput{}, err
}

func listReferences(ctx context.Context, c *api.Call, in *sdk.ListCustomerManagedPolicyReferencesInPermissionSetInput) (*sdk.ListCustomerManagedPolicyReferencesInPermissionSetOutput, error) {
	set, err := readSet(ctx, c, in.InstanceArn, in.PermissionSetArn)
	if err != nil {
		return nil, err
	}
	after, err := c.After(set.ARN, in.NextToken)
	if err != nil {
		return nil, err
	}
	key := func(r permission.PolicyReference) string { return r.Path + r.Name }
	list := slices.SortedFunc(slices.Values(set.Grants.Customer), func(a, b permission.PolicyReference) int { return cmp.Compare(key(a), key(b)) })
	page, last := api.PageBy(list, key, after, c.Limit(in.MaxResults, pageLength))
	out := &sdk.ListCustomerManagedPolicyReferencesInPermissionSetOutput{
		CustomerManagedPolicyReferences: []types.CustomerManagedPolicyReference{}, NextToken: c.NextToken(set.ARN, last)}
	for _, r := range page {
		out.CustomerManagedPolicyReferences = append(out.CustomerManagedPolicyReferences, types.CustomerManagedPolicyReference{Name: &r.Name, Path: &r.Path})
	}
	return out, nil
}

// reference reads a reference; the path is "/" when none is given.
func reference(r *types.CustomerManagedPolicyReference) permission.PolicyReference {
	return permission.PolicyReference{Name: aws.ToString(r.Name), Path: cmp.Or(aws.ToString(r.Path), "/")}
}
