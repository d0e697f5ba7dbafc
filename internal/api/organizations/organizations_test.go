package organizations

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

const (
	name = "organizations"
	scp  = types.PolicyTypeServiceControlPolicy
)

// world has an organization; root is its root's id.
func world(t *testing.T) (w *apitest.World, root *string) {
	t.Parallel()
	w = apitest.New(t, map[string]api.Table{name: Table()})
	apitest.Call[sdk.CreateOrganizationOutput](w, name, "CreateOrganization", &sdk.CreateOrganizationInput{})
	return w, apitest.Call[sdk.ListRootsOutput](w, name, "ListRoots", &sdk.ListRootsInput{}).Roots[0].Id
}

func createAccountIn(t *testing.T, w *apitest.World, email string) *types.CreateAccountStatus {
	t.Helper()
	begun := apitest.Call[sdk.CreateAccountOutput](w, name, "CreateAccount", &sdk.CreateAccountInput{AccountName: aws.String("Development"), Email: &email})
	if got := begun.CreateAccountStatus.State; got != types.CreateAccountStateInProgress {
		t.Errorf("got %s", got)
	}
	return apitest.Call[sdk.DescribeCreateAccountStatusOutput](w, name, "DescribeCreateAccountStatus",
		&sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: begun.CreateAccountStatus.Id}).CreateAccountStatus
}

func unit(w *apitest.World, parent *string, called string) *string {
	return apitest.Call[sdk.CreateOrganizationalUnitOutput](w, name, "CreateOrganizationalUnit",
		&sdk.CreateOrganizationalUnitInput{ParentId: parent, Name: &called}).OrganizationalUnit.Id
}

func TestNewAccountsCanBeEntered(t *testing.T) {
	w, root := world(t)
	status := createAccountIn(t, w, "dev@acme.example")
	if status.State != types.CreateAccountStateSucceeded || status.AccountId == nil {
		t.Fatalf("got %+v", status)
	}
	r := w.State.Current().Role(ident.AccountID(*status.AccountId), "OrganizationAccountAccessRole")
	if r == nil || len(r.Policies.Managed) != 1 {
		t.Errorf("got role %+v", r)
	}
	for _, id := range []ident.AccountID{ident.AccountID(*status.AccountId), apitest.Management} {
		if r := w.State.Current().Role(id, "AWSServiceRoleForOrganizations"); r == nil || !r.ServiceLinked() {
			t.Errorf("%s has no service-linked role: %+v", id, r)
		}
	}
	again := createAccountIn(t, w, "DEV@acme.example")
	if again.State != types.CreateAccountStateFailed || again.FailureReason != types.CreateAccountFailureReasonEmailAlreadyExists {
		t.Errorf("got %+v", again)
	}
	ou := unit(w, root, "Workloads")
	move := &sdk.MoveAccountInput{AccountId: status.AccountId, SourceParentId: root, DestinationParentId: ou}
	apitest.Call[sdk.MoveAccountOutput](w, name, "MoveAccount", move)
	apitest.Refused(w, "SourceParentNotFoundException", name, "MoveAccount", move)
	in := apitest.Call[sdk.ListAccountsForParentOutput](w, name, "ListAccountsForParent", &sdk.ListAccountsForParentInput{ParentId: ou})
	if len(in.Accounts) != 1 || *in.Accounts[0].Id != *status.AccountId {
		t.Errorf("got %v", in.Accounts)
	}
	parents := apitest.Call[sdk.ListParentsOutput](w, name, "ListParents", &sdk.ListParentsInput{ChildId: status.AccountId})
	if len(parents.Parents) != 1 || *parents.Parents[0].Id != *ou {
		t.Errorf("got %v", parents.Parents)
	}
	apitest.Refused(w, "OrganizationalUnitNotEmptyException", name, "DeleteOrganizationalUnit", &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: ou})
}

func TestUnitsNestFiveDeep(t *testing.T) {
	w, root := world(t)
	at := root
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		at = unit(w, at, n)
	}
	f := apitest.Refused(w, "ConstraintViolationException", name, "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: at, Name: aws.String("6")})
	if f.Fields["Reason"] != "OU_DEPTH_LIMIT_EXCEEDED" {
		t.Errorf("got %v", f.Fields)
	}
	apitest.Refused(w, "DuplicateOrganizationalUnitException", name, "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("1")})
	apitest.Refused(w, "ParentNotFoundException", name, "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: aws.String("ou-none-00000000"), Name: aws.String("x")})
}

func TestGuardrails(t *testing.T) {
	w, root := world(t)
	doc := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"aws-portal:*","Resource":"*"}]}`)
	p := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", &sdk.CreatePolicyInput{Name: aws.String("NoBilling"), Description: aws.String(""), Type: scp, Content: doc}).Policy
	attach := &sdk.AttachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: root}
	apitest.Refused(w, "PolicyTypeNotEnabledException", name, "AttachPolicy", attach)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", attach)
	apitest.Refused(w, "DuplicatePolicyAttachmentException", name, "AttachPolicy", attach)
	apitest.Refused(w, "PolicyInUseException", name, "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: p.PolicySummary.Id})
	on := apitest.Call[sdk.ListPoliciesForTargetOutput](w, name, "ListPoliciesForTarget", &sdk.ListPoliciesForTargetInput{TargetId: root, Filter: scp})
	if len(on.Policies) != 2 {
		t.Errorf("got %v", on.Policies)
	}
	apitest.Call[sdk.DetachPolicyOutput](w, name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: aws.String(organization.FullAccessID), TargetId: root})
	f := apitest.Refused(w, "ConstraintViolationException", name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: root})
	if f.Fields["Reason"] != "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED" {
		t.Errorf("got %v", f.Fields)
	}
	apitest.Refused(w, "MalformedPolicyDocumentException", name, "CreatePolicy",
		&sdk.CreatePolicyInput{Name: aws.String("Bad"), Description: aws.String(""), Type: scp, Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps"}]}`)})
	first := apitest.Call[sdk.ListPoliciesOutput](w, name, "ListPolicies", &sdk.ListPoliciesInput{Filter: scp, MaxResults: aws.Int32(1)})
	second := apitest.Call[sdk.ListPoliciesOutput](w, name, "ListPolicies", &sdk.ListPoliciesInput{Filter: scp, MaxResults: aws.Int32(1), NextToken: first.NextToken})
	if !first.Policies[0].AwsManaged || *second.Policies[0].Name != "NoBilling" || second.NextToken != nil {
		t.Errorf("got %v and %v", first.Policies, second.Policies)
	}
	status := createAccountIn(t, w, "new@acme.example")
	guarded := apitest.Call[sdk.ListPoliciesForTargetOutput](w, name, "ListPoliciesForTarget", &sdk.ListPoliciesForTargetInput{TargetId: status.AccountId, Filter: scp})
	if len(guarded.Policies) != 1 || *guarded.Policies[0].Id != organization.FullAccessID {
		t.Errorf("got %v", guarded.Policies)
	}
}

func TestMembersMayDescribeAndNoMore(t *testing.T) {
	w, _ := world(t)
	member := apitest.Root(ident.AccountID(*createAccountIn(t, w, "dev@acme.example").AccountId))
	if _, err := apitest.As[sdk.DescribeOrganizationOutput](w, member, name, "DescribeOrganization", &sdk.DescribeOrganizationInput{}); err != nil {
		t.Errorf("DescribeOrganization: %v", err)
	}
	_, err := apitest.As[sdk.ListAccountsOutput](w, member, name, "ListAccounts", &sdk.ListAccountsInput{})
	if err == nil || err.Error() != "AccessDeniedException: You don't have permissions to access this resource." {
		t.Errorf("got %v", err)
	}
}
