package ssoadmin

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

func TestStatusesAreListedNewestFirst(t *testing.T) {
	w, user, set := world(t)
	var good, bad []string
	for n := range 12 {
		w.Time.Pass(time.Second)
		who := user
		if n%3 == 0 {
			who = aws.String("00000000-0000-4000-8000-000000000000")
		}
		id := *apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(who, set)).AccountAssignmentCreationStatus.RequestId
		if n%3 == 0 {
			bad = append(bad, id)
		} else {
			good = append(good, id)
		}
	}
	list := func(filter *types.OperationStatusFilter) (ids []string) {
		in := &sdk.ListAccountAssignmentCreationStatusInput{InstanceArn: instanceARN, Filter: filter, MaxResults: aws.Int32(3)}
		for {
			out := apitest.Call[sdk.ListAccountAssignmentCreationStatusOutput](w, name, "ListAccountAssignmentCreationStatus", in)
			for i, s := range out.AccountAssignmentsCreationStatus {
				if filter != nil && s.Status != filter.Status {
					t.Errorf("the filter %s let %s pass", filter.Status, s.Status)
				}
				if i > 0 && s.CreatedDate.After(*out.AccountAssignmentsCreationStatus[i-1].CreatedDate) {
					t.Error("a newer status comes later")
				}
				ids = append(ids, *s.RequestId)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return ids
			}
		}
	}
	slices.Reverse(good)
	slices.Reverse(bad)
	if got := list(&types.OperationStatusFilter{Status: types.StatusValuesFailed}); !slices.Equal(got, bad) {
		t.Errorf("failed: got %v, want %v", got, bad)
	}
	if got := list(&types.OperationStatusFilter{Status: types.StatusValuesSucceeded}); !slices.Equal(got, good) {
		t.Errorf("succeeded: got %v, want %v", got, good)
	}
	if got := list(&types.OperationStatusFilter{Status: types.StatusValuesInProgress}); got != nil {
		t.Errorf("in progress: got %v", got)
	}
	if got := list(nil); len(got) != len(good)+len(bad) {
		t.Errorf("got %d of %d", len(got), len(good)+len(bad))
	}
	deletions := apitest.Call[sdk.ListAccountAssignmentDeletionStatusOutput](w, name, "ListAccountAssignmentDeletionStatus",
		&sdk.ListAccountAssignmentDeletionStatusInput{InstanceArn: instanceARN})
	if len(deletions.AccountAssignmentsDeletionStatus) != 0 {
		t.Error("creations are listed among deletions")
	}
	apitest.Refused(w, "ResourceNotFoundException", name, "DescribeAccountAssignmentDeletionStatus",
		&sdk.DescribeAccountAssignmentDeletionStatusInput{InstanceArn: instanceARN, AccountAssignmentDeletionRequestId: &good[0]})
}
