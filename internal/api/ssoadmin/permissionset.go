package ssoadmin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createPermissionSet(ctx context.Context, c *api.Call, in *sdk.CreatePermissionSetInput) (*sdk.CreatePermissionSetOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	set := &permission.Set{
		ARN:         "arn:aws:sso:::permissionSet/" + i.ID() + "/ps-" + c.IDs.Hex(8),
		InstanceARN: i.ARN, Name: aws.ToString(in.Name), Description: aws.ToString(in.Description),
		RelayState: aws.ToString(in.RelayState), SessionDuration: permission.DefaultDuration, Tags: tagMap(in.Tags), Version: 1,
	}
	if len(set.Tags) > c.Most(&limits[maxTags]) {
		return nil, tooManyTags(c)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if in.SessionDuration != nil {
		if set.SessionDuration, err = permission.ParseDuration(*in.SessionDuration); err != nil {
			return nil, invalid("%s", err)
		}
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		n, err := store.PermissionSets.Count(tx, "instance", i.ARN)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxSets]); n >= most {
			return tooMany("An instance has at most %d permission sets.", most)
		}
		set.CreatedAt = tx.Now
		return store.Taken(store.PermissionSets.Save(tx, set), conflict("PermissionSet with name %s already exists.", set.Name))
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreatePermissionSetOutput{PermissionSet: describe(set)}, nil
}

func describePermissionSet(ctx context.Context, c *api.Call, in *sdk.DescribePermissionSetInput) (*sdk.DescribePermissionSetOutput, error) {
	set, err := readSet(ctx, c, in.InstanceArn, in.PermissionSetArn)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribePermissionSetOutput{PermissionSet: describe(set)}, nil
}

func listPermissionSets(ctx context.Context, c *api.Call, in *sdk.ListPermissionSetsInput) (*sdk.ListPermissionSetsOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	after, err := c.After(i.ARN, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListPermissionSetsOutput{PermissionSets: []string{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		sets, next, err := store.PermissionSets.List(tx, "instance", []any{i.ARN}, after, c.Limit(in.MaxResults, pageLength))
		for _, s := range sets {
			out.PermissionSets = append(out.PermissionSets, s.ARN)
		}
		out.NextToken = c.NextToken(i.ARN, next)
		return err
	})
}

// updatePermissionSet changes what is given. A relay state that is not given is cleared, as on AWS, where clients send it
// again with every change for that reason.
func updatePermissionSet(ctx context.Context, c *api.Call, in *sdk.UpdatePermissionSetInput) (*sdk.UpdatePermissionSetOutput, error) {
	err := edit(ctx, c, in.InstanceArn, in.PermissionSetArn, func(s *permission.Set) error {
		if in.Description != nil {
			s.Description = *in.Description
		}
		s.RelayState = aws.ToString(in.RelayState)
		if in.SessionDuration == nil {
			return nil
		}
		d, err := permission.ParseDuration(*in.SessionDuration)
		if err != nil {
			return invalid("%s", err)
		}
		s.SetDuration(d)
		return nil
	})
	return &sdk.UpdatePermissionSetOutput{}, err
}

func deletePermissionSet(ctx context.Context, c *api.Call, in *sdk.DeletePermissionSetInput) (*sdk.DeletePermissionSetOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		n, err := store.Assignments.Count(tx, "set", set.ARN)
		if err != nil {
			return err
		}
		if n > 0 {
			return conflict("PermissionSet with ARN %s cannot be deleted because it is assigned to users or groups in %d places.", set.ARN, n)
		}
		if err := provision.Forget(tx, set); err != nil {
			return err
		}
		return store.PermissionSets.Delete(tx, set)
	})
	return &sdk.DeletePermissionSetOutput{}, err
}

// edit changes a permission set. Roles keep the version that they were provisioned with.
func edit(ctx context.Context, c *api.Call, instanceARN, arn *string, change func(*permission.Set) error) error {
	i, err := instance(c, instanceARN)
	if err != nil {
		return err
	}
	return c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, arn)
		if err != nil {
			return err
		}
		if err := change(set); err != nil {
			return err
		}
		return store.PermissionSets.Save(tx, set)
	})
}

// readSet reads a permission set in a transaction of its own.
func readSet(ctx context.Context, c *api.Call, instanceARN, arn *string) (*permission.Set, error) {
	i, err := instance(c, instanceARN)
	if err != nil {
		return nil, err
	}
	return api.Look(ctx, c, func(tx *store.Tx) (*permission.Set, error) { return findSet(tx, i, arn) })
}

// findSet returns a permission set of the instance.
func findSet(tx *store.Tx, i *permission.Instance, arn *string) (*permission.Set, error) {
	set, err := store.PermissionSets.Get(tx, aws.ToString(arn))
	if err == nil && set.InstanceARN != i.ARN {
		err = store.ErrNotFound
	}
	return set, missing(err, "PermissionSet with PermissionSetArn %s was not found", aws.ToString(arn))
}

func describe(s *permission.Set) *types.PermissionSet {
	return &types.PermissionSet{
		PermissionSetArn: &s.ARN, Name: &s.Name, Description: given(s.Description), RelayState: given(s.RelayState),
		SessionDuration: aws.String(permission.FormatDuration(s.SessionDuration)), CreatedDate: &s.CreatedAt,
	}
}
