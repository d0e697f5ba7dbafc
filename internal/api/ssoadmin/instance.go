package ssoadmin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listInstances answers the one instance that the caller's account or its organization has.
func listInstances(_ context.Context, c *api.Call, in *sdk.ListInstancesInput) (*sdk.ListInstancesOutput, error) {
	out := &sdk.ListInstancesOutput{Instances: []types.InstanceMetadata{}}
	if _, err := c.After(nil, in.NextToken); err != nil {
		return nil, err
	}
	if i := c.Snapshot.InstanceOf(c.Principal.Account); i != nil {
		out.Instances = append(out.Instances, types.InstanceMetadata{
			InstanceArn: &i.ARN, IdentityStoreId: &i.IdentityStoreID, IdentityStoreArn: aws.String(i.StoreARN()),
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
		InstanceArn: &i.ARN, IdentityStoreId: &i.IdentityStoreID, IdentityStoreArn: aws.String(i.StoreARN()),
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

// editInstance changes the instance that a request names.
func editInstance(ctx context.Context, c *api.Call, arn *string, change func(*permission.Instance) error) error {
	if _, err := instance(c, arn); err != nil {
		return err
	}
	return c.Update(ctx, func(tx *store.Tx) error {
		i, err := store.Instances.Get(tx, aws.ToString(arn))
		if err != nil {
			return missing(err, "Instance with InstanceArn %s was not found", aws.ToString(arn))
		}
		if err := change(i); err != nil {
			return err
		}
		return store.Instances.Save(tx, i)
	})
}

// updateInstance renames an instance. What it says of keys is refused: the data of this server lies under its own.
func updateInstance(ctx context.Context, c *api.Call, in *sdk.UpdateInstanceInput) (*sdk.UpdateInstanceOutput, error) {
	if e := in.EncryptionConfiguration; e != nil && e.KeyType != types.KmsKeyTypeAwsOwnedKmsKey {
		return nil, notBuilt("Customer managed keys")
	}
	err := editInstance(ctx, c, in.InstanceArn, func(i *permission.Instance) error {
		if in.Name != nil {
			i.Name = *in.Name
		}
		return nil
	})
	return &sdk.UpdateInstanceOutput{}, err
}

// given is nil for what was never set, so that the answer leaves it out.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
