package ssoadmin

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// company is an organization: the management account, a delegated administrator of the identity center, and a member.
type company struct {
	*apitest.World
	instance *permission.Instance
	set      *permission.Set // not provisioned anywhere
	ours     *permission.Set // provisioned in the management account
	user     string
}

const (
	management ident.AccountID = "111111111111"
	delegate   ident.AccountID = "222222222222"
	member     ident.AccountID = "333333333333"
)

func newCompany(t *testing.T) *company {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{name: Table()})
	o := w.Organization(w.Account(management, "Main"), w.Account(delegate, "Security"), w.Account(member, "Dev"))
	apitest.Save(w, store.Delegates, &organization.Delegate{OrganizationID: o.ID, Account: delegate, Service: service})
	c := &company{World: w, instance: w.Instance(o)}
	person := w.Person(c.instance, "pcollins", "correct horse battery staple")
	c.user = person.ID
	c.set = w.Set(c.instance, "View", permission.Grants{Managed: []string{view}})
	c.ours = w.Set(c.instance, "Ours", permission.Grants{Managed: []string{view}})
	w.Assign(c.ours, management, person)
	return c
}

func (c *company) assignment(set *permission.Set, id ident.AccountID) *sdk.CreateAccountAssignmentInput {
	return &sdk.CreateAccountAssignmentInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &set.ARN, PrincipalId: &c.user,
		PrincipalType: types.PrincipalTypeUser, TargetId: aws.String(string(id)), TargetType: types.TargetTypeAwsAccount}
}

// as calls as the root user of an account, and returns the code of the refusal.
func (c *company) as(id ident.AccountID, operation string, in any) string {
	_, err := c.Corridor.Invoke(context.Background(), api.Caller{Principal: apitest.Root(id)}, name, operation, in)
	if f := fault.As(err); f != nil {
		return f.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestADelegateDoesNotTouchTheManagementAccount(t *testing.T) {
	c := newCompany(t)
	i, set, ours, text := &c.instance.ARN, &c.set.ARN, &c.ours.ARN, aws.String("new")
	for _, test := range []struct {
		operation string
		in        any
		allowed   bool
	}{
		{"ListInstances", &sdk.ListInstancesInput{}, true},
		{"DescribeInstance", &sdk.DescribeInstanceInput{InstanceArn: i}, true},
		{"DescribePermissionSet", &sdk.DescribePermissionSetInput{InstanceArn: i, PermissionSetArn: ours}, true},
		{"CreatePermissionSet", &sdk.CreatePermissionSetInput{InstanceArn: i, Name: aws.String("Theirs")}, true},
		{"UpdatePermissionSet", &sdk.UpdatePermissionSetInput{InstanceArn: i, PermissionSetArn: set, Description: text}, true},
		{"UpdatePermissionSet", &sdk.UpdatePermissionSetInput{InstanceArn: i, PermissionSetArn: ours, Description: text}, false},
		{"PutInlinePolicyToPermissionSet", &sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: i, PermissionSetArn: ours, InlinePolicy: aws.String(apitest.Allow("*"))}, false},
		{"AttachManagedPolicyToPermissionSet", &sdk.AttachManagedPolicyToPermissionSetInput{InstanceArn: i, PermissionSetArn: ours, ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}, false},
		{"DeletePermissionSet", &sdk.DeletePermissionSetInput{InstanceArn: i, PermissionSetArn: ours}, false},
		{"TagResource", &sdk.TagResourceInput{ResourceArn: ours, Tags: []types.Tag{{Key: text, Value: text}}}, false},
		{"CreateAccountAssignment", c.assignment(c.set, member), true},
		{"CreateAccountAssignment", c.assignment(c.set, management), false},
		{"CreateAccountAssignment", c.assignment(c.ours, member), false},
		{"ProvisionPermissionSet", &sdk.ProvisionPermissionSetInput{InstanceArn: i, PermissionSetArn: ours, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts}, false},
		{"ProvisionPermissionSet", &sdk.ProvisionPermissionSetInput{InstanceArn: i, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts}, true},
	} {
		want := "AccessDeniedException"
		if test.allowed {
			want = ""
		}
		if got := c.as(delegate, test.operation, test.in); got != want {
			t.Errorf("the delegate, %s: got %q, want %q", test.operation, got, want)
		}
		if test.operation == "ListInstances" {
			continue
		}
		if got := c.as(member, test.operation, test.in); got != "AccessDeniedException" {
			t.Errorf("a member, %s: got %q", test.operation, got)
		}
	}
	apitest.Change(c.World, store.Organizations, c.instance.OrganizationID, func(*organization.Organization) {})
	apitest.Save(c.World, store.Delegates, &organization.Delegate{OrganizationID: c.instance.OrganizationID, Account: member, Service: "account.amazonaws.com"})
	if got := c.as(member, "ListPermissionSets", &sdk.ListPermissionSetsInput{InstanceArn: i}); got != "AccessDeniedException" {
		t.Errorf("a delegate of another service: got %q", got)
	}
}

// TestAssignmentsInTheManagementAccountNeedIAM gives a power user all of sso and nothing of IAM.
func TestAssignmentsInTheManagementAccountNeedIAM(t *testing.T) {
	c := newCompany(t)
	power := c.User(management, "power", apitest.Inline(apitest.Allow("sso:*")))
	p := &authz.Principal{Kind: authz.IAMUser, Account: management, ARN: power.ARN(), IAMUserID: power.ID}
	admin := c.Set(c.instance, "Admin", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	status := func(in *sdk.CreateAccountAssignmentInput) *types.AccountAssignmentOperationStatus {
		t.Helper()
		out, err := apitest.As[sdk.CreateAccountAssignmentOutput](c.World, p, name, "CreateAccountAssignment", in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := apitest.As[sdk.DescribeAccountAssignmentCreationStatusOutput](c.World, p, name, "DescribeAccountAssignmentCreationStatus",
			&sdk.DescribeAccountAssignmentCreationStatusInput{InstanceArn: in.InstanceArn, AccountAssignmentCreationRequestId: out.AccountAssignmentCreationStatus.RequestId})
		if err != nil {
			t.Fatal(err)
		}
		return got.AccountAssignmentCreationStatus
	}
	for _, set := range []*permission.Set{admin, c.ours} {
		in := c.assignment(set, management)
		other := c.Person(c.instance, "other"+set.Name, "correct horse battery staple")
		in.PrincipalId = &other.ID
		got := status(in)
		if got.Status != types.StatusValuesFailed || !strings.HasPrefix(aws.ToString(got.FailureReason), "Received a 403 status error: Access denied by IAM.") ||
			!strings.Contains(*got.FailureReason, power.ARN()+" is not authorized to perform: iam:") {
			t.Errorf("%s: got %s %s", set.Name, got.Status, aws.ToString(got.FailureReason))
		}
		if c.State.Current().Assigned(other.ID, set.ARN, management) {
			t.Errorf("%s is assigned all the same", set.Name)
		}
	}
	if got := status(c.assignment(admin, member)); got.Status != types.StatusValuesSucceeded {
		t.Errorf("in a member account: got %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	both := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sso:*","iam:*"],"Resource":"*"}]}`
	power.Policies = apitest.Inline(both)
	apitest.Save(c.World, store.IAMUsers, power)
	if got := status(c.assignment(admin, management)); got.Status != types.StatusValuesSucceeded {
		t.Errorf("with IAM: got %s %s", got.Status, aws.ToString(got.FailureReason))
	}
}

// TestAnEmptiedSetDoesNotOpenTheRoleThatItMade gives somebody all of sso, and of IAM what looks harmless. They empty a
// permission set, so that granting it takes nothing, and assign themselves the role that is still what it was.
func TestAnEmptiedSetDoesNotOpenTheRoleThatItMade(t *testing.T) {
	c := newCompany(t)
	admin := c.Set(c.instance, "Admin", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	if got := c.as(management, "CreateAccountAssignment", c.assignment(admin, management)); got != "" {
		t.Fatal(got)
	}
	mallory := c.Person(c.instance, "mallory", "correct horse battery staple")
	const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	const statement = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sso:*",%s],"Resource":"*"}%s]}`
	for _, policy := range []string{
		fmt.Sprintf(statement, `"iam:Get*"`, ""),
		fmt.Sprintf(statement, `"iam:*"`, `,{"Effect":"Deny","Action":"iam:AttachRolePolicy","Resource":"*",
			"Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AdministratorAccess"}}}`),
	} {
		power := c.User(management, "power"+c.IDs.Hex(4), apitest.Inline(policy))
		p := &authz.Principal{Kind: authz.IAMUser, Account: management, ARN: power.ARN(), IAMUserID: power.ID}
		_, err := c.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, name, "DetachManagedPolicyFromPermissionSet",
			&sdk.DetachManagedPolicyFromPermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &admin.ARN, ManagedPolicyArn: aws.String(administrator)})
		if err != nil && !fault.Is(err, "ResourceNotFoundException") { // the second finds it done
			t.Fatal(err)
		}
		in := c.assignment(admin, management)
		in.PrincipalId = &mallory.ID
		if _, err := apitest.As[sdk.CreateAccountAssignmentOutput](c.World, p, name, "CreateAccountAssignment", in); err != nil {
			t.Fatal(err)
		}
		if c.State.Current().Assigned(mallory.ID, admin.ARN, management) {
			t.Fatalf("with %s somebody makes an administrator of the management account", policy)
		}
	}
}

func TestNothingIsProvisionedInASuspendedAccount(t *testing.T) {
	c := newCompany(t)
	apitest.Change(c.World, store.Accounts, string(member), func(a *account.Account) { a.Status = account.Suspended })
	if got := c.as(management, "CreateAccountAssignment", c.assignment(c.set, member)); got != "ConflictException" {
		t.Errorf("CreateAccountAssignment: got %q", got)
	}
	if got := c.as(management, "ProvisionPermissionSet", &sdk.ProvisionPermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &c.set.ARN,
		TargetType: types.ProvisionTargetTypeAwsAccount, TargetId: aws.String(string(member))}); got != "ConflictException" {
		t.Errorf("ProvisionPermissionSet: got %q", got)
	}
}
