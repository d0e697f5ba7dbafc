package organizations

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

// client is an SDK client over HTTP, with the keys of an account's root user.
func client(t *testing.T) *sdk.Client {
	t.Helper()
	w := apitest.Empty(t, tables())
	w.Time.Pass(time.Since(w.Time.Now())) // the SDK signs with the time that it is
	k := w.Root(w.Account(apitest.Management, "Acme"))
	s := httptest.NewServer(w.Corridor)
	t.Cleanup(s.Close)
	return sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &s.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token)})
}

// ok returns the output of a call that has to succeed.
func ok[Out any](t *testing.T) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// is ends the test unless err is the error of the model that Terraform's provider looks for.
func is[E error](t *testing.T, err error) {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Errorf("got %v, want %T", err, want)
	}
}

// TestTerraformMakesAnOrganization makes the calls of hashicorp/aws for aws_organizations_organization,
// aws_organizations_organizational_unit, aws_organizations_policy and aws_organizations_policy_attachment: apply, plan,
// update and destroy, each to the end that the provider waits for.
func TestTerraformMakesAnOrganization(t *testing.T) {
	t.Parallel()
	c, ctx := client(t), t.Context()
	_, err := c.DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{})
	is[*types.AWSOrganizationsNotInUseException](t, err)
	created := ok[sdk.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll}))
	for _, service := range []string{"sso.amazonaws.com", "ram.amazonaws.com"} {
		ok[sdk.EnableAWSServiceAccessOutput](t)(c.EnableAWSServiceAccess(ctx, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: &service}))
	}
	root := func() types.Root {
		return ok[sdk.ListRootsOutput](t)(sdk.NewListRootsPaginator(c, &sdk.ListRootsInput{}).NextPage(ctx)).Roots[0]
	}
	rootID := root().Id
	ok[sdk.EnablePolicyTypeOutput](t)(c.EnablePolicyType(ctx, &sdk.EnablePolicyTypeInput{PolicyType: scp, RootId: rootID}))
	if got := root().PolicyTypes; len(got) != 1 || got[0].Type != scp || got[0].Status != types.PolicyTypeStatusEnabled {
		t.Errorf("the provider would wait for the policy type for ever: %v", got)
	}
	o := ok[sdk.DescribeOrganizationOutput](t)(c.DescribeOrganization(ctx, &sdk.DescribeOrganizationInput{})).Organization
	if *o.Id != *created.Organization.Id || *o.MasterAccountArn != *created.Organization.MasterAccountArn {
		t.Errorf("got %+v", o)
	}
	services := ok[sdk.ListAWSServiceAccessForOrganizationOutput](t)(c.ListAWSServiceAccessForOrganization(ctx, &sdk.ListAWSServiceAccessForOrganizationInput{}))
	if len(services.EnabledServicePrincipals) != 2 {
		t.Errorf("got %v", services.EnabledServicePrincipals)
	}

	ou := ok[sdk.CreateOrganizationalUnitOutput](t)(c.CreateOrganizationalUnit(ctx, &sdk.CreateOrganizationalUnitInput{Name: aws.String("Labs"), ParentId: rootID})).OrganizationalUnit
	ok[sdk.DescribeOrganizationalUnitOutput](t)(c.DescribeOrganizationalUnit(ctx, &sdk.DescribeOrganizationalUnitInput{OrganizationalUnitId: ou.Id}))
	ok[sdk.ListParentsOutput](t)(c.ListParents(ctx, &sdk.ListParentsInput{ChildId: ou.Id}))
	ok[sdk.ListAccountsForParentOutput](t)(c.ListAccountsForParent(ctx, &sdk.ListAccountsForParentInput{ParentId: ou.Id}))
	ok[sdk.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceId: ou.Id}))
	ok[sdk.UpdateOrganizationalUnitOutput](t)(c.UpdateOrganizationalUnit(ctx, &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: ou.Id, Name: aws.String("Lab")}))

	p := ok[sdk.CreatePolicyOutput](t)(c.CreatePolicy(ctx, &sdk.CreatePolicyInput{Name: aws.String("NoBilling"), Description: aws.String(""), Type: scp,
		Content: aws.String(apitest.Deny("aws-portal:*")), Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("terraform")}}})).Policy.PolicySummary
	if got := ok[sdk.DescribePolicyOutput](t)(c.DescribePolicy(ctx, &sdk.DescribePolicyInput{PolicyId: p.Id})).Policy; *got.Content != apitest.Deny("aws-portal:*") || got.PolicySummary.AwsManaged {
		t.Errorf("the plan would not be empty: %+v", got)
	}
	ok[sdk.UpdatePolicyOutput](t)(c.UpdatePolicy(ctx, &sdk.UpdatePolicyInput{PolicyId: p.Id, Description: aws.String("of members")}))
	ok[sdk.AttachPolicyOutput](t)(c.AttachPolicy(ctx, &sdk.AttachPolicyInput{PolicyId: p.Id, TargetId: ou.Id}))
	targets := ok[sdk.ListTargetsForPolicyOutput](t)(sdk.NewListTargetsForPolicyPaginator(c, &sdk.ListTargetsForPolicyInput{PolicyId: p.Id}).NextPage(ctx))
	if len(targets.Targets) != 1 || *targets.Targets[0].TargetId != *ou.Id {
		t.Errorf("got %v", targets.Targets)
	}

	ok[sdk.DetachPolicyOutput](t)(c.DetachPolicy(ctx, &sdk.DetachPolicyInput{PolicyId: p.Id, TargetId: ou.Id}))
	ok[sdk.DeletePolicyOutput](t)(c.DeletePolicy(ctx, &sdk.DeletePolicyInput{PolicyId: p.Id}))
	_, err = c.DescribePolicy(ctx, &sdk.DescribePolicyInput{PolicyId: p.Id})
	is[*types.PolicyNotFoundException](t, err)
	ok[sdk.DeleteOrganizationalUnitOutput](t)(c.DeleteOrganizationalUnit(ctx, &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: ou.Id}))
	_, err = c.DescribeOrganizationalUnit(ctx, &sdk.DescribeOrganizationalUnitInput{OrganizationalUnitId: ou.Id})
	is[*types.OrganizationalUnitNotFoundException](t, err)
	ok[sdk.DeleteOrganizationOutput](t)(c.DeleteOrganization(ctx, &sdk.DeleteOrganizationInput{}))
	_, err = c.DeleteOrganization(ctx, &sdk.DeleteOrganizationInput{})
	is[*types.AWSOrganizationsNotInUseException](t, err)
}

// TestTerraformMakesAnAccount makes the calls for aws_organizations_account with close_on_deletion,
// aws_organizations_delegated_administrator and aws_organizations_resource_policy.
func TestTerraformMakesAnAccount(t *testing.T) {
	t.Parallel()
	c, ctx := client(t), t.Context()
	ok[sdk.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, &sdk.CreateOrganizationInput{}))
	rootID := ok[sdk.ListRootsOutput](t)(c.ListRoots(ctx, &sdk.ListRootsInput{})).Roots[0].Id
	begun := ok[sdk.CreateAccountOutput](t)(c.CreateAccount(ctx, &sdk.CreateAccountInput{AccountName: aws.String("Development"), Email: aws.String("dev@acme.example"),
		IamUserAccessToBilling: types.IAMUserAccessToBillingAllow, RoleName: aws.String("Admin"), Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("terraform")}}}))
	status := ok[sdk.DescribeCreateAccountStatusOutput](t)(c.DescribeCreateAccountStatus(ctx, &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: begun.CreateAccountStatus.Id})).CreateAccountStatus
	if status.State != types.CreateAccountStateSucceeded {
		t.Fatalf("got %+v", status)
	}
	id := status.AccountId
	if parent := ok[sdk.ListParentsOutput](t)(sdk.NewListParentsPaginator(c, &sdk.ListParentsInput{ChildId: id}).NextPage(ctx)).Parents; len(parent) != 1 || *parent[0].Id != *rootID {
		t.Errorf("got %v", parent)
	}
	ok[sdk.DescribeAccountOutput](t)(c.DescribeAccount(ctx, &sdk.DescribeAccountInput{AccountId: id}))

	sso := aws.String("sso.amazonaws.com")
	ok[sdk.EnableAWSServiceAccessOutput](t)(c.EnableAWSServiceAccess(ctx, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: sso}))
	ok[sdk.RegisterDelegatedAdministratorOutput](t)(c.RegisterDelegatedAdministrator(ctx, &sdk.RegisterDelegatedAdministratorInput{AccountId: id, ServicePrincipal: sso}))
	admins := ok[sdk.ListDelegatedAdministratorsOutput](t)(sdk.NewListDelegatedAdministratorsPaginator(c, &sdk.ListDelegatedAdministratorsInput{ServicePrincipal: sso}).NextPage(ctx))
	if len(admins.DelegatedAdministrators) != 1 || *admins.DelegatedAdministrators[0].Id != *id || admins.DelegatedAdministrators[0].DelegationEnabledDate == nil {
		t.Errorf("got %v", admins.DelegatedAdministrators)
	}
	ok[sdk.DeregisterDelegatedAdministratorOutput](t)(c.DeregisterDelegatedAdministrator(ctx, &sdk.DeregisterDelegatedAdministratorInput{AccountId: id, ServicePrincipal: sso}))

	content := `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + *id + `:root"},"Action":"organizations:ListAccounts","Resource":"*"}]}`
	put := ok[sdk.PutResourcePolicyOutput](t)(c.PutResourcePolicy(ctx, &sdk.PutResourcePolicyInput{Content: &content, Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("terraform")}}})).ResourcePolicy
	if *put.Content != content {
		t.Errorf("the plan would not be empty: %s", *put.Content)
	}
	if tags := ok[sdk.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceId: put.ResourcePolicySummary.Id})).Tags; len(tags) != 1 {
		t.Errorf("got %v", tags)
	}
	ok[sdk.DeleteResourcePolicyOutput](t)(c.DeleteResourcePolicy(ctx, &sdk.DeleteResourcePolicyInput{}))
	_, err := c.DescribeResourcePolicy(ctx, &sdk.DescribeResourcePolicyInput{})
	is[*types.ResourcePolicyNotFoundException](t, err)

	_, err = c.RemoveAccountFromOrganization(ctx, &sdk.RemoveAccountFromOrganizationInput{AccountId: id})
	var constraint *types.ConstraintViolationException
	if !errors.As(err, &constraint) || constraint.Reason != types.ConstraintViolationExceptionReasonWaitPeriodActive {
		t.Errorf("got %v", err)
	}
	ok[sdk.CloseAccountOutput](t)(c.CloseAccount(ctx, &sdk.CloseAccountInput{AccountId: id}))
	if a := ok[sdk.DescribeAccountOutput](t)(c.DescribeAccount(ctx, &sdk.DescribeAccountInput{AccountId: id})).Account; a.Status != types.AccountStatusSuspended {
		t.Errorf("the provider would wait for the account for ever: %+v", a)
	}
}
