package ssoadmin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

func createAttributes(ctx context.Context, c *api.Call, in *sdk.CreateInstanceAccessControlAttributeConfigurationInput) (*sdk.CreateInstanceAccessControlAttributeConfigurationOutput, error) {
	control, err := accessControl(in.InstanceAccessControlAttributeConfiguration)
	if err != nil {
		return nil, err
	}
	err = editInstance(ctx, c, in.InstanceArn, func(i *permission.Instance) error {
		if i.AccessControl != nil {
			return conflict("Attributes for access control are already enabled for the instance %s.", i.ARN)
		}
		i.AccessControl = control
		return nil
	})
	return &sdk.CreateInstanceAccessControlAttributeConfigurationOutput{}, err
}

func describeAttributes(_ context.Context, c *api.Call, in *sdk.DescribeInstanceAccessControlAttributeConfigurationInput) (*sdk.DescribeInstanceAccessControlAttributeConfigurationOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	if i.AccessControl == nil {
		return nil, noAttributes(i)
	}
	list := []types.AccessControlAttribute{}
	for _, a := range i.AccessControl.Attributes {
		list = append(list, types.AccessControlAttribute{Key: &a.Key, Value: &types.AccessControlAttributeValue{Source: []string{a.Source}}})
	}
	return &sdk.DescribeInstanceAccessControlAttributeConfigurationOutput{
		Status: types.InstanceAccessControlAttributeConfigurationStatusEnabled,
		InstanceAccessControlAttributeConfiguration: &types.InstanceAccessControlAttributeConfiguration{AccessControlAttributes: list},
	}, nil
}

func updateAttributes(ctx context.Context, c *api.Call, in *sdk.UpdateInstanceAccessControlAttributeConfigurationInput) (*sdk.UpdateInstanceAccessControlAttributeConfigurationOutput, error) {
	control, err := accessControl(in.InstanceAccessControlAttributeConfiguration)
	if err != nil {
		return nil, err
	}
	err = editInstance(ctx, c, in.InstanceArn, func(i *permission.Instance) error {
		if i.AccessControl == nil {
			return noAttributes(i)
		}
		i.AccessControl = control
		return nil
	})
	return &sdk.UpdateInstanceAccessControlAttributeConfigurationOutput{}, err
}

// deleteAttributes ends the passing of attributes into new sessions. Those that people hold keep their tags to their end.
func deleteAttributes(ctx context.Context, c *api.Call, in *sdk.DeleteInstanceAccessControlAttributeConfigurationInput) (*sdk.DeleteInstanceAccessControlAttributeConfigurationOutput, error) {
	err := editInstance(ctx, c, in.InstanceArn, func(i *permission.Instance) error {
		if i.AccessControl == nil {
			return noAttributes(i)
		}
		i.AccessControl = nil
		return nil
	})
	return &sdk.DeleteInstanceAccessControlAttributeConfigurationOutput{}, err
}

func accessControl(in *types.InstanceAccessControlAttributeConfiguration) (*permission.AccessControl, error) {
	list := []permission.Attribute{}
	for _, a := range in.AccessControlAttributes {
		if a.Value == nil || len(a.Value.Source) != 1 {
			return nil, invalid("The attribute %s needs one source.", aws.ToString(a.Key))
		}
		list = append(list, permission.Attribute{Key: aws.ToString(a.Key), Source: a.Value.Source[0]})
	}
	return permission.NewAccessControl(list, directory.IsAccessSource)
}

func noAttributes(i *permission.Instance) error {
	return notFound("Attributes for access control are not enabled for the instance %s.", i.ARN)
}
