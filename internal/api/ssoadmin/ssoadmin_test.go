package ssoadmin

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	name = "sso-admin"
	view = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
)

var instanceARN = aws.String(apitest.InstanceARN)

// world has a user, and a permission set that allows to look.
func world(t *testing.T) (w *apitest.World, user, set *string) {
	t.Parallel()
	w = apitest.New(t, map[string]api.Table{name: Table()})
	u := &directory.User{ID: "90676f9b-1c2d-4e5f-8a9b-0c1d2e3f4a5b", StoreID: apitest.StoreID, UserName: "pcollins"}
	if err := w.Store.Update(t.Context(), func(tx *store.Tx) error { return store.Users.Save(tx, u) }); err != nil {
		t.Fatal(err)
	}
	made := apitest.Call[sdk.CreatePermissionSetOutput](w, name, "CreatePermissionSet", &sdk.CreatePermissionSetInput{
		InstanceArn: instanceARN, Name: aws.String("View"), SessionDuration: aws.String("PT8H"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("core")}}})
	set = made.PermissionSet.PermissionSetArn
	apitest.Call[sdk.AttachManagedPolicyToPermissionSetOutput](w, name, "AttachManagedPolicyToPermissionSet",
		&sdk.AttachManagedPolicyToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, ManagedPolicyArn: aws.String(view)})
	return w, &u.ID, set
}

func assignTo(user, set *string) *sdk.CreateAccountAssignmentInput {
	return &sdk.CreateAccountAssignmentInput{InstanceArn: instanceARN, PermissionSetArn: set, PrincipalId: user,
		PrincipalType: types.PrincipalTypeUser, TargetId: aws.String(string(apitest.Management)), TargetType: types.TargetTypeAwsAccount}
}

func unassignFrom(user, set *string) *sdk.DeleteAccountAssignmentInput {
	a := assignTo(user, set)
	return &sdk.DeleteAccountAssignmentInput{InstanceArn: a.InstanceArn, PermissionSetArn: a.PermissionSetArn, PrincipalId: a.PrincipalId,
		PrincipalType: a.PrincipalType, TargetId: a.TargetId, TargetType: a.TargetType}
}

// creation and deletion look at the status of a request.
func creation(w *apitest.World, out *sdk.CreateAccountAssignmentOutput) *types.AccountAssignmentOperationStatus {
	return apitest.Call[sdk.DescribeAccountAssignmentCreationStatusOutput](w, name, "DescribeAccountAssignmentCreationStatus",
		&sdk.DescribeAccountAssignmentCreationStatusInput{InstanceArn: instanceARN, AccountAssignmentCreationRequestId: out.AccountAssignmentCreationStatus.RequestId}).AccountAssignmentCreationStatus
}

func deletion(w *apitest.World, out *sdk.DeleteAccountAssignmentOutput) *types.AccountAssignmentOperationStatus {
	return apitest.Call[sdk.DescribeAccountAssignmentDeletionStatusOutput](w, name, "DescribeAccountAssignmentDeletionStatus",
		&sdk.DescribeAccountAssignmentDeletionStatusInput{InstanceArn: instanceARN, AccountAssignmentDeletionRequestId: out.AccountAssignmentDeletionStatus.RequestId}).AccountAssignmentDeletionStatus
}

// role returns the reserved role of the set, or nil.
func role(w *apitest.World, set *string) *iam.Role {
	s := w.State.Current().Set(*set)
	return w.State.Current().Role(apitest.Management, provision.Place{Set: s, Account: apitest.Management, Region: w.Region}.RoleName())
}

func TestAssignmentMakesTheRole(t *testing.T) {
	w, user, set := world(t)
	out := apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(user, set))
	if got := out.AccountAssignmentCreationStatus.Status; got != types.StatusValuesInProgress {
		t.Errorf("got %s", got)
	}
	if got := creation(w, out).Status; got != types.StatusValuesSucceeded {
		t.Errorf("got %s", got)
	}
	first := role(w, set)
	if first == nil || !first.Reserved() || first.Path != "/aws-reserved/sso.amazonaws.com/eu-west-1/" || !strings.HasPrefix(first.Name, "AWSReservedSSO_View_") {
		t.Fatalf("got role %+v", first)
	}
	if !w.State.Current().Assigned(*user, *set, apitest.Management) {
		t.Error("the user is not assigned")
	}
	apitest.Refused(w, "ConflictException", name, "DeletePermissionSet", &sdk.DeletePermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set})
	apitest.Call[sdk.DeleteAccountAssignmentOutput](w, name, "DeleteAccountAssignment", unassignFrom(user, set))
	if role(w, set) != nil {
		t.Error("the role outlived its last assignment")
	}
	gone := apitest.Call[sdk.DeleteAccountAssignmentOutput](w, name, "DeleteAccountAssignment", unassignFrom(user, set))
	if got := deletion(w, gone); got.Status != types.StatusValuesFailed || !strings.Contains(*got.FailureReason, "EntitlementItem doesn't exist") {
		t.Errorf("deleting what is gone: got %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(user, set))
	if again := role(w, set); again == nil || again.ID != first.ID || again.ARN() != first.ARN() {
		t.Errorf("got %+v, want the same role again", again)
	}
}

func TestEditsWaitForProvisioning(t *testing.T) {
	w, user, set := world(t)
	apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(user, set))
	before := role(w, set).Version
	apitest.Call[sdk.PutInlinePolicyToPermissionSetOutput](w, name, "PutInlinePolicyToPermissionSet", &sdk.PutInlinePolicyToPermissionSetInput{
		InstanceArn: instanceARN, PermissionSetArn: set, InlinePolicy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)})
	if role(w, set).Version != before {
		t.Error("the edit reached the role by itself")
	}
	stale := apitest.Call[sdk.ListAccountsForProvisionedPermissionSetOutput](w, name, "ListAccountsForProvisionedPermissionSet",
		&sdk.ListAccountsForProvisionedPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, ProvisioningStatus: types.ProvisioningStatusLatestPermissionSetNotProvisioned})
	if len(stale.AccountIds) != 1 {
		t.Errorf("got %v", stale.AccountIds)
	}
	apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", &sdk.ProvisionPermissionSetInput{
		InstanceArn: instanceARN, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts})
	if got := role(w, set).Version; got != w.State.Current().Set(*set).Version {
		t.Errorf("got version %d", got)
	}
}

func TestPrincipalsHaveToExist(t *testing.T) {
	w, user, set := world(t)
	const nobody = "00000000-0000-4000-8000-000000000000"
	out := apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(aws.String(nobody), set))
	if out.AccountAssignmentCreationStatus.Status != types.StatusValuesInProgress {
		t.Errorf("the answer is final: %+v", out.AccountAssignmentCreationStatus)
	}
	got := creation(w, out)
	want := "Received a 404 status error: the USER assignee " + nobody + " was not found in directory " + apitest.StoreID + "."
	if got.Status != types.StatusValuesFailed || aws.ToString(got.FailureReason) != want {
		t.Errorf("got %s %q", got.Status, aws.ToString(got.FailureReason))
	}
	if role(w, set) != nil {
		t.Error("an assignment to nobody made a role")
	}
	other := assignTo(user, set)
	other.TargetId = aws.String("222222222222")
	apitest.Refused(w, "ResourceNotFoundException", name, "CreateAccountAssignment", other)
}

func TestPoliciesOfSets(t *testing.T) {
	w, _, set := world(t)
	apitest.Refused(w, "ConflictException", name, "AttachManagedPolicyToPermissionSet",
		&sdk.AttachManagedPolicyToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, ManagedPolicyArn: aws.String(view)})
	apitest.Refused(w, "ResourceNotFoundException", name, "GetPermissionsBoundaryForPermissionSet",
		&sdk.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set})
	apitest.Refused(w, "ValidationException", name, "PutInlinePolicyToPermissionSet",
		&sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, InlinePolicy: aws.String(`{"Statement":1}`)})
	list := apitest.Call[sdk.ListManagedPoliciesInPermissionSetOutput](w, name, "ListManagedPoliciesInPermissionSet",
		&sdk.ListManagedPoliciesInPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set})
	if len(list.AttachedManagedPolicies) != 1 || *list.AttachedManagedPolicies[0].Name != "ViewOnlyAccess" {
		t.Errorf("got %v", list.AttachedManagedPolicies)
	}
	tags := apitest.Call[sdk.ListTagsForResourceOutput](w, name, "ListTagsForResource", &sdk.ListTagsForResourceInput{ResourceArn: set})
	if len(tags.Tags) != 1 || *tags.Tags[0].Value != "core" {
		t.Errorf("got %v", tags.Tags)
	}
}

func TestDurationsReadAsTheyPrint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"PT1H": "PT1H", "PT90M": "PT1H30M", "PT12H": "PT12H", "PT13H": "", "PT": "", "1H": "", "PT59M": ""} {
		got := ""
		if d, err := permission.ParseDuration(text); err == nil {
			got = permission.FormatDuration(d)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
