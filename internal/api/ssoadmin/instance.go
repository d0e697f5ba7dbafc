package ssoadmin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// listInstances answers the one instance that the caller's account or its organization has.
func listInstances(_ context.Context, c *api.Call, in *sdk.ListInstancesInput) (*sdk.ListInstancesOutput, error) {
	out := &sdk.ListInstancesOutput{Instances: []types.InstanceMetadata{}}
	if _, err := c.After(nil, in.NextToken); err != nil {
		return nil, err
	}
	if i := c.Snapshot.InstanceOf(c.Principal.Account); i != nil {
		out.Instances = append(out.Instances, types.InstanceMetadata{
			InstanceArn: &i.ARN, IdentityStoreId: &i.IdentityStoreID, IdentityStoreArn: aws.String(storeARN(i)),
			OwnerAccountId: aws.String(string(i.Owner)), Name: given(i.Name), CreatedDate: &i.CreatedAt,
			Status: types.InstanceStatusActive, PrimaryRegion: given(c.Services.Region),
		})
	}
	return out, nil
}

func describeInstance(_ context.Context, c *api.Call, in *sdk.DescribeInstanceInput) (*sdk.DescribeInstanceOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeInstanceOutput{
		InstanceArn: &i.ARN, IdentityStoreId: &i.IdentityStoreID, IdentityStoreArn: aws.String(storeARN(i)),
		OwnerAccountId: aws.String(string(i.Owner)), Name: given(i.Name), CreatedDate: &i.CreatedAt,
		Status: types.InstanceStatusActive, PrimaryRegion: given(c.Services.Region), PermissionSetsEnabled: aws.Bool(true),
	}, nil
}

// instance finds the instance that a request names.
func instance(c *api.Call, arn *string) (*permission.Instance, error) {
	i := c.Snapshot.Instance(aws.ToString(arn))
	if i == nil {
		return nil, notFound("Instance with InstanceArn %s was not found", aws.ToString(arn))
	}
	return i, nil
}

func storeARN(i *permission.Instance) string {
	return "arn:" + ident.Partition + ":identitystore::" + string(i.Owner) + ":identitystore/" + i.IdentityStoreID
}

// given is nil for what was never set, so that the answer leaves it out.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
