package ssoadmin

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// provisionSet moves the roles of a permission set to what it says now, in one account or in all that have one. Many
// accounts take longer than a transaction should: then the rest goes on after the answer.
func provisionSet(ctx context.Context, c *api.Call, in *sdk.ProvisionPermissionSetInput) (*sdk.ProvisionPermissionSetOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	all := in.TargetType == types.ProvisionTargetTypeAllProvisionedAccounts
	if all == (in.TargetId != nil) {
		return nil, invalid("TargetId is needed for the target type AWS_ACCOUNT, and for no other.")
	}
	id := c.IDs.UUID()
	var status *permission.Status
	err = c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		status = newStatus(tx, i, permission.Provision, id)
		status.SetARN = set.ARN
		if all {
			err = provisionAll(tx, c, i, set, status)
		} else {
			err = provisionOne(tx, c, i, in, status)
		}
		if err != nil {
			return err
		}
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	if status.State == permission.InProgress {
		c.Wake()
	}
	answer := provisioningStatus(status)
	answer.Status, answer.FailureReason = types.StatusValuesInProgress, nil
	return &sdk.ProvisionPermissionSetOutput{PermissionSetProvisioningStatus: answer}, nil
}

func provisionOne(tx *store.Tx, c *api.Call, i *permission.Instance, in *sdk.ProvisionPermissionSetInput, status *permission.Status) error {
	place, err := findPlace(tx, c, i, in.PermissionSetArn, in.TargetId)
	if err != nil {
		return err
	}
	status.Account = place.Account
	version, err := provision.Keep(tx, place.Set)
	if err != nil {
		return err
	}
	denied, err := deniedByIAM(tx, c, i, place, append(granting(place, &version.Grants), step{action: "iam:UpdateRole"}))
	if err != nil {
		return err
	}
	reason, err := bring(tx, place, version, denied, effects(c))
	if reason != "" {
		status.Fail(reason)
	}
	return err
}

// provisionAll does the first batch of accounts, which for most permission sets is all of them. Where nothing can keep an
// account from it, the new version is in force in all of them at once, and the rest of the work is to write that down.
func provisionAll(tx *store.Tx, c *api.Call, i *permission.Instance, set *permission.Set, status *permission.Status) error {
	version, err := provision.Keep(tx, set)
	if err != nil {
		return err
	}
	status.State, status.Job = permission.InProgress, &permission.Job{Version: version.Number}
	own := provision.Place{Set: set, Account: i.Owner, Region: c.Services.Region}
	_, err = store.Provisioned.Get(tx, set.ARN, i.Owner)
	if err == nil {
		status.Job.Denied, err = deniedByIAM(tx, c, i, own, append(granting(own, &version.Grants), step{action: "iam:UpdateRole"}))
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if status.Job.Denied == "" && set.Raise(version) {
		if err := store.PermissionSets.Save(tx, set); err != nil {
			return err
		}
	}
	return advance(tx, status, c.Services.Region, effects(c))
}

// effects notes effects with a call.
func effects(c *api.Call) func(api.Effect) {
	return func(e api.Effect) { c.Effect(e.Account, e.Service, e.Operation, e.Resource) }
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
		a, err := findAccount(tx, i, in.AccountId)
		if err != nil {
			return err
		}
		limit := c.Limit(in.MaxResults, pageLength)
		rows, next, err := filled(after, limit, func(after string) ([]*permission.Provisioned, string, error) {
			return store.Provisioned.List(tx, "account", []any{i.ARN, a.ID}, after, limit)
		}, store.Provisioned.Key, func(r *permission.Provisioned) bool {
			set := c.Snapshot.Set(r.SetARN)
			return set != nil && wanted(in.ProvisioningStatus, r, set)
		})
		for _, r := range rows {
			out.PermissionSets = append(out.PermissionSets, r.SetARN)
		}
		out.NextToken = c.NextToken(filter, next)
		return err
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
		limit := c.Limit(in.MaxResults, pageLength)
		rows, next, err := filled(after, limit, func(after string) ([]*permission.Provisioned, string, error) {
			return store.Provisioned.List(tx, "set", []any{set.ARN}, after, limit)
		}, store.Provisioned.Key, func(r *permission.Provisioned) bool { return wanted(in.ProvisioningStatus, r, set) })
		for _, r := range rows {
			out.AccountIds = append(out.AccountIds, string(r.Account))
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
