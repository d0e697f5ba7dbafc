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

// provisionSet moves the roles of a permission set to what it says now, in one account or in all that have one.
func provisionSet(ctx context.Context, c *api.Call, in *sdk.ProvisionPermissionSetInput) (*sdk.ProvisionPermissionSetOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	all := in.TargetType == types.ProvisionTargetTypeAllProvisionedAccounts
	if all == (in.TargetId != nil) {
		return nil, invalid("TargetId is needed for the target type AWS_ACCOUNT, and for no other.")
	}
	status := newStatus(c, i, permission.Provision)
	err = c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		places, err := provisionedPlaces(tx, c, i, set, in.TargetId)
		if err != nil {
			return err
		}
		for _, p := range places {
			if err := provision.Update(tx, p); err != nil {
				return missing(err, "PermissionSet with ARN %s is not provisioned to account %s.", set.ARN, p.Account)
			}
			c.Effect(p.Account, service, "UpdateRole", p.RoleARN())
		}
		status.SetARN, status.CreatedAt = set.ARN, tx.Now
		if !all {
			status.Account = places[0].Account
		}
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	answer := provisioningStatus(status)
	answer.Status = types.StatusValuesInProgress
	return &sdk.ProvisionPermissionSetOutput{PermissionSetProvisioningStatus: answer}, nil
}

// provisionedPlaces returns the one account that is named, or all that have a role of the set.
func provisionedPlaces(tx *store.Tx, c *api.Call, i *permission.Instance, set *permission.Set, id *string) ([]provision.Place, error) {
	if id != nil {
		account, err := findAccount(tx, i, id)
		return []provision.Place{{Set: set, Account: account, Region: c.Services.Region}}, err
	}
	rows, _, err := store.Provisioned.List(tx, "set", []any{set.ARN}, "", 0)
	if err != nil {
		return nil, err
	}
	places := make([]provision.Place, len(rows))
	for n, r := range rows {
		places[n] = provision.Place{Set: set, Account: r.Account, Region: c.Services.Region}
	}
	return places, nil
}

func listSetsInAccount(ctx context.Context, c *api.Call, in *sdk.ListPermissionSetsProvisionedToAccountInput) (*sdk.ListPermissionSetsProvisionedToAccountOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	filter := []string{i.ARN, aws.ToString(in.AccountId), string(in.ProvisioningStatus)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListPermissionSetsProvisionedToAccountOutput{PermissionSets: []string{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		account, err := findAccount(tx, i, in.AccountId)
		if err != nil {
			return err
		}
		rows, next, err := store.Provisioned.List(tx, "account", []any{i.ARN, account}, after, c.Limit(in.MaxResults, pageLength))
		if err != nil {
			return err
		}
		for _, r := range rows {
			set, err := store.PermissionSets.Get(tx, r.SetARN)
			if err != nil {
				return err
			}
			if wanted(in.ProvisioningStatus, r, set) {
				out.PermissionSets = append(out.PermissionSets, r.SetARN)
			}
		}
		out.NextToken = c.NextToken(filter, next)
		return nil
	})
}

func listAccountsOfSet(ctx context.Context, c *api.Call, in *sdk.ListAccountsForProvisionedPermissionSetInput) (*sdk.ListAccountsForProvisionedPermissionSetOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	filter := []string{aws.ToString(in.PermissionSetArn), string(in.ProvisioningStatus)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccountsForProvisionedPermissionSetOutput{AccountIds: []string{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		rows, next, err := store.Provisioned.List(tx, "set", []any{set.ARN}, after, c.Limit(in.MaxResults, pageLength))
		for _, r := range rows {
			if wanted(in.ProvisioningStatus, r, set) {
				out.AccountIds = append(out.AccountIds, string(r.Account))
			}
		}
		out.NextToken = c.NextToken(filter, next)
		return err
	})
}

// wanted applies the filter of provisioning lists: whether the role says what the set says.
func wanted(status types.ProvisioningStatus, r *permission.Provisioned, set *permission.Set) bool {
	switch status {
	case types.ProvisioningStatusLatestPermissionSetProvisioned:
		return r.Version == set.Version
	case types.ProvisioningStatusLatestPermissionSetNotProvisioned:
		return r.Version != set.Version
	}
	return true
}
