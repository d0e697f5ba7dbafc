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

// newStatus makes the status of an operation that commits with it, and so has ended wherever it can be read.
func newStatus(tx *store.Tx, i *permission.Instance, kind, requestID string) *permission.Status {
	s := &permission.Status{RequestID: requestID, Kind: kind, InstanceARN: i.ARN, State: permission.Succeeded}
	s.Begin(tx.Now)
	return s
}

// notThere is the reason of a failure, as AWS puts it, when another of its services has not found something.
func notThere(what string) string { return "Received a 404 status error: " + what }

// begun is the answer to the request itself, which clients expect to be under way.
func begun(s *types.AccountAssignmentOperationStatus) *types.AccountAssignmentOperationStatus {
	s.Status, s.FailureReason = types.StatusValuesInProgress, nil
	return s
}

func describeCreation(ctx context.Context, c *api.Call, in *sdk.DescribeAccountAssignmentCreationStatusInput) (*sdk.DescribeAccountAssignmentCreationStatusOutput, error) {
	s, err := readStatus(ctx, c, in.InstanceArn, permission.CreateAssignment, in.AccountAssignmentCreationRequestId)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeAccountAssignmentCreationStatusOutput{AccountAssignmentCreationStatus: assignmentStatus(s)}, nil
}

func describeDeletion(ctx context.Context, c *api.Call, in *sdk.DescribeAccountAssignmentDeletionStatusInput) (*sdk.DescribeAccountAssignmentDeletionStatusOutput, error) {
	s, err := readStatus(ctx, c, in.InstanceArn, permission.DeleteAssignment, in.AccountAssignmentDeletionRequestId)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeAccountAssignmentDeletionStatusOutput{AccountAssignmentDeletionStatus: assignmentStatus(s)}, nil
}

func describeProvisioning(ctx context.Context, c *api.Call, in *sdk.DescribePermissionSetProvisioningStatusInput) (*sdk.DescribePermissionSetProvisioningStatusOutput, error) {
	s, err := readStatus(ctx, c, in.InstanceArn, permission.Provision, in.ProvisionPermissionSetRequestId)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribePermissionSetProvisioningStatusOutput{PermissionSetProvisioningStatus: provisioningStatus(s)}, nil
}

func listCreations(ctx context.Context, c *api.Call, in *sdk.ListAccountAssignmentCreationStatusInput) (*sdk.ListAccountAssignmentCreationStatusOutput, error) {
	list, next, err := listStatuses(ctx, c, statusQuery{in.InstanceArn, permission.CreateAssignment, in.Filter, in.MaxResults, in.NextToken})
	return &sdk.ListAccountAssignmentCreationStatusOutput{AccountAssignmentsCreationStatus: list, NextToken: next}, err
}

func listDeletions(ctx context.Context, c *api.Call, in *sdk.ListAccountAssignmentDeletionStatusInput) (*sdk.ListAccountAssignmentDeletionStatusOutput, error) {
	list, next, err := listStatuses(ctx, c, statusQuery{in.InstanceArn, permission.DeleteAssignment, in.Filter, in.MaxResults, in.NextToken})
	return &sdk.ListAccountAssignmentDeletionStatusOutput{AccountAssignmentsDeletionStatus: list, NextToken: next}, err
}

func listProvisionings(ctx context.Context, c *api.Call, in *sdk.ListPermissionSetProvisioningStatusInput) (*sdk.ListPermissionSetProvisioningStatusOutput, error) {
	list, next, err := listStatuses(ctx, c, statusQuery{in.InstanceArn, permission.Provision, in.Filter, in.MaxResults, in.NextToken})
	out := &sdk.ListPermissionSetProvisioningStatusOutput{PermissionSetsProvisioningStatus: []types.PermissionSetProvisioningStatusMetadata{}, NextToken: next}
	for _, s := range list {
		out.PermissionSetsProvisioningStatus = append(out.PermissionSetsProvisioningStatus,
			types.PermissionSetProvisioningStatusMetadata{RequestId: s.RequestId, Status: s.Status, CreatedDate: s.CreatedDate})
	}
	return out, err
}

// statusQuery is what the three lists of statuses have in common.
type statusQuery struct {
	instance *string
	kind     string
	filter   *types.OperationStatusFilter
	max      *int32
	token    *string
}

func listStatuses(ctx context.Context, c *api.Call, q statusQuery) ([]types.AccountAssignmentOperationStatusMetadata, *string, error) {
	i, err := instance(c, q.instance)
	if err != nil {
		return nil, nil, err
	}
	state := types.StatusValues("")
	if q.filter != nil {
		state = q.filter.Status
	}
	bound := []string{i.ARN, q.kind, string(state)}
	after, err := c.After(bound, q.token)
	if err != nil {
		return nil, nil, err
	}
	list, token := []types.AccountAssignmentOperationStatusMetadata{}, (*string)(nil)
	err = c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := statusesIn(tx, i, q.kind, string(state), after, c.Limit(q.max, pageLength))
		for _, s := range rows {
			list = append(list, types.AccountAssignmentOperationStatusMetadata{
				RequestId: &s.RequestID, Status: types.StatusValues(s.State), CreatedDate: &s.CreatedAt})
		}
		token = c.NextToken(bound, next)
		return err
	})
	return list, token, err
}

// statusesIn reads a page of statuses, newest first, of one state or of all. What succeeded is picked from the list of
// all, which is full of it.
func statusesIn(tx *store.Tx, i *permission.Instance, kind, state, after string, limit int) ([]*permission.Status, string, error) {
	switch state {
	case "":
		return store.Statuses.List(tx, "kind", []any{i.ARN, kind}, after, limit)
	case permission.Succeeded:
		return filled(after, limit, func(after string) ([]*permission.Status, string, error) {
			return store.Statuses.List(tx, "kind", []any{i.ARN, kind}, after, limit)
		}, store.Statuses.Key, func(s *permission.Status) bool { return s.State == permission.Succeeded })
	}
	return store.Statuses.List(tx, "state", []any{i.ARN, kind, state}, after, limit)
}

func readStatus(ctx context.Context, c *api.Call, instanceARN *string, kind string, id *string) (*permission.Status, error) {
	i, err := instance(c, instanceARN)
	if err != nil {
		return nil, err
	}
	return api.Look(ctx, c, func(tx *store.Tx) (*permission.Status, error) {
		s, err := store.Statuses.By(tx, "request", aws.ToString(id))
		if err == nil && (s.InstanceARN != i.ARN || s.Kind != kind) {
			err = store.ErrNotFound
		}
		return s, missing(err, "Request with id %s was not found", aws.ToString(id))
	})
}

func assignmentStatus(s *permission.Status) *types.AccountAssignmentOperationStatus {
	return &types.AccountAssignmentOperationStatus{
		RequestId: &s.RequestID, Status: types.StatusValues(s.State), FailureReason: given(s.FailureReason), PermissionSetArn: &s.SetARN,
		PrincipalId: &s.PrincipalID, PrincipalType: types.PrincipalType(s.PrincipalType),
		TargetId: aws.String(string(s.Account)), TargetType: types.TargetTypeAwsAccount, CreatedDate: &s.CreatedAt,
	}
}

func provisioningStatus(s *permission.Status) *types.PermissionSetProvisioningStatus {
	return &types.PermissionSetProvisioningStatus{RequestId: &s.RequestID, Status: types.StatusValues(s.State),
		FailureReason: given(s.FailureReason), PermissionSetArn: &s.SetARN, AccountId: given(string(s.Account)), CreatedDate: &s.CreatedAt}
}
