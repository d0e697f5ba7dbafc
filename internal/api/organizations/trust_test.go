package organizations

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func tables() map[string]api.Table { return map[string]api.Table{name: Table()} }

const accountService = "account.amazonaws.com"

// delegate makes a member that administers a service.
func delegate(t *testing.T, w *apitest.World) *authz.Principal {
	t.Helper()
	id := createAccountIn(t, w, "security@acme.example").AccountId
	apitest.Call[sdk.EnableAWSServiceAccessOutput](w, name, "EnableAWSServiceAccess", &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(accountService)})
	apitest.Call[sdk.RegisterDelegatedAdministratorOutput](w, name, "RegisterDelegatedAdministrator",
		&sdk.RegisterDelegatedAdministratorInput{AccountId: id, ServicePrincipal: aws.String(accountService)})
	return apitest.Root(ident.AccountID(*id))
}

func TestADelegateLooksAndDoesNotTouch(t *testing.T) {
	w, root := world(t)
	d := delegate(t, w)
	own := aws.String(string(d.Account))
	for operation, in := range map[string]any{
		"ListAccounts": &sdk.ListAccountsInput{}, "ListRoots": &sdk.ListRootsInput{},
		"DescribeAccount": &sdk.DescribeAccountInput{AccountId: own}, "DescribePolicy": &sdk.DescribePolicyInput{PolicyId: aws.String("p-FullAWSAccess")},
		"ListPolicies": &sdk.ListPoliciesInput{Filter: scp}, "ListParents": &sdk.ListParentsInput{ChildId: own},
		"ListAWSServiceAccessForOrganization": &sdk.ListAWSServiceAccessForOrganizationInput{},
		"ListDelegatedAdministrators":         &sdk.ListDelegatedAdministratorsInput{},
		"ListHandshakesForOrganization":       &sdk.ListHandshakesForOrganizationInput{},
	} {
		if err := ask(t, w, d, operation, in); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
	}
	refused(t, w, d, "ResourcePolicyNotFoundException", "DescribeResourcePolicy", &sdk.DescribeResourcePolicyInput{})
	for operation, in := range map[string]any{
		"CreateAccount":                    &sdk.CreateAccountInput{AccountName: aws.String("X"), Email: aws.String("x@acme.example")},
		"CloseAccount":                     &sdk.CloseAccountInput{AccountId: own},
		"MoveAccount":                      &sdk.MoveAccountInput{AccountId: own, SourceParentId: root, DestinationParentId: root},
		"RemoveAccountFromOrganization":    &sdk.RemoveAccountFromOrganizationInput{AccountId: own},
		"CreateOrganizationalUnit":         &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("X")},
		"DeleteOrganization":               &sdk.DeleteOrganizationInput{},
		"EnablePolicyType":                 &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp},
		"EnableAWSServiceAccess":           &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("sso.amazonaws.com")},
		"RegisterDelegatedAdministrator":   &sdk.RegisterDelegatedAdministratorInput{AccountId: own, ServicePrincipal: aws.String("sso.amazonaws.com")},
		"DeregisterDelegatedAdministrator": &sdk.DeregisterDelegatedAdministratorInput{AccountId: own, ServicePrincipal: aws.String(accountService)},
		"PutResourcePolicy":                &sdk.PutResourcePolicyInput{Content: aws.String("{}")},
		"TagResource":                      &sdk.TagResourceInput{ResourceId: own, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}},
		"InviteAccountToOrganization":      &sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String("x@acme.example")}},
	} {
		refused(t, w, d, "AccessDeniedException", operation, in)
	}
	f := refused(t, w, d, "ConstraintViolationException", "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	if f.Fields["Reason"] != "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG" {
		t.Errorf("got %v", f.Fields)
	}
	apitest.Call[sdk.DeregisterDelegatedAdministratorOutput](w, name, "DeregisterDelegatedAdministrator",
		&sdk.DeregisterDelegatedAdministratorInput{AccountId: own, ServicePrincipal: aws.String(accountService)})
	refused(t, w, d, "AccessDeniedException", "ListAccounts", &sdk.ListAccountsInput{})
}

func TestDelegatedAdministratorsAreRegisteredByTheRules(t *testing.T) {
	w, _ := world(t)
	id := createAccountIn(t, w, "security@acme.example").AccountId
	sso := aws.String("sso.amazonaws.com")
	register := func(id *string) *sdk.RegisterDelegatedAdministratorInput {
		return &sdk.RegisterDelegatedAdministratorInput{AccountId: id, ServicePrincipal: sso}
	}
	f := apitest.Refused(w, "ConstraintViolationException", name, "RegisterDelegatedAdministrator", register(id))
	if f.Fields["Reason"] != "SERVICE_ACCESS_NOT_ENABLED" {
		t.Errorf("got %v", f.Fields)
	}
	apitest.Refused(w, "InvalidInputException", name, "EnableAWSServiceAccess", &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("nobody.amazonaws.com")})
	apitest.Call[sdk.EnableAWSServiceAccessOutput](w, name, "EnableAWSServiceAccess", &sdk.EnableAWSServiceAccessInput{ServicePrincipal: sso})
	apitest.Call[sdk.EnableAWSServiceAccessOutput](w, name, "EnableAWSServiceAccess", &sdk.EnableAWSServiceAccessInput{ServicePrincipal: sso})
	apitest.Refused(w, "ConstraintViolationException", name, "RegisterDelegatedAdministrator", register(aws.String(string(apitest.Management))))
	apitest.Refused(w, "AccountNotFoundException", name, "RegisterDelegatedAdministrator", register(aws.String("999999999999")))
	apitest.Call[sdk.RegisterDelegatedAdministratorOutput](w, name, "RegisterDelegatedAdministrator", register(id))
	apitest.Refused(w, "AccountAlreadyRegisteredException", name, "RegisterDelegatedAdministrator", register(id))
	other := createAccountIn(t, w, "other@acme.example").AccountId
	apitest.Refused(w, "ConstraintViolationException", name, "RegisterDelegatedAdministrator", register(other))
	apitest.Refused(w, "AccountNotRegisteredException", name, "ListDelegatedServicesForAccount", &sdk.ListDelegatedServicesForAccountInput{AccountId: other})
	list := apitest.Call[sdk.ListDelegatedAdministratorsOutput](w, name, "ListDelegatedAdministrators", &sdk.ListDelegatedAdministratorsInput{ServicePrincipal: sso})
	if len(list.DelegatedAdministrators) != 1 || *list.DelegatedAdministrators[0].Id != *id {
		t.Errorf("got %v", list.DelegatedAdministrators)
	}
	services := apitest.Call[sdk.ListDelegatedServicesForAccountOutput](w, name, "ListDelegatedServicesForAccount", &sdk.ListDelegatedServicesForAccountInput{AccountId: id})
	if len(services.DelegatedServices) != 1 || *services.DelegatedServices[0].ServicePrincipal != *sso {
		t.Errorf("got %v", services.DelegatedServices)
	}
}

func TestADelegationPolicyGivesAwayWhatItNames(t *testing.T) {
	w, _ := world(t)
	doc := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"aws-portal:*","Resource":"*"}]}`)
	p := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", &sdk.CreatePolicyInput{Name: aws.String("NoBilling"), Description: aws.String(""), Type: scp, Content: doc}).Policy
	member := ident.AccountID(*createAccountIn(t, w, "dev@acme.example").AccountId)
	update := &sdk.UpdatePolicyInput{PolicyId: p.PolicySummary.Id, Description: aws.String("changed")}
	refused(t, w, apitest.Root(member), "AccessDeniedException", "UpdatePolicy", update)
	put := func(format string) {
		apitest.Call[sdk.PutResourcePolicyOutput](w, name, "PutResourcePolicy", &sdk.PutResourcePolicyInput{Content: aws.String(fmt.Sprintf(format, member))})
	}
	put(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":["organizations:UpdatePolicy"],"Resource":"*"}]}`)
	apitest.CallAs[sdk.UpdatePolicyOutput](w, apitest.Root(member), name, "UpdatePolicy", update)
	refused(t, w, apitest.Root(member), "AccessDeniedException", "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: p.PolicySummary.Id})
	w.Account(outsider, "Lab")
	refused(t, w, apitest.Root(outsider), "AWSOrganizationsNotInUseException", "UpdatePolicy", update)
	without := w.User(member, "bob", iam.Policies{})
	refused(t, w, &authz.Principal{Kind: authz.IAMUser, Account: member, ARN: without.ARN(), IAMUserID: without.ID}, "AccessDeniedException", "UpdatePolicy", update)

	put(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"organizations:Describe*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"%s"}}}]}`)
	refused(t, w, apitest.Root(member), "AccessDeniedException", "DescribeOrganization", &sdk.DescribeOrganizationInput{})
	apitest.Call[sdk.DescribeOrganizationOutput](w, name, "DescribeOrganization", &sdk.DescribeOrganizationInput{})
	apitest.Call[sdk.DeleteResourcePolicyOutput](w, name, "DeleteResourcePolicy", &sdk.DeleteResourcePolicyInput{})
	apitest.CallAs[sdk.DescribeOrganizationOutput](w, apitest.Root(member), name, "DescribeOrganization", &sdk.DescribeOrganizationInput{})
	apitest.Refused(w, "ResourcePolicyNotFoundException", name, "DeleteResourcePolicy", &sdk.DeleteResourcePolicyInput{})
}

func TestTagsOfEverything(t *testing.T) {
	w, root := world(t)
	account := createAccountIn(t, w, "dev@acme.example").AccountId
	ou := unit(w, root, "Workloads")
	tag := []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	for _, id := range []*string{root, account, ou} {
		apitest.Call[sdk.TagResourceOutput](w, name, "TagResource", &sdk.TagResourceInput{ResourceId: id, Tags: tag})
		got := apitest.Call[sdk.ListTagsForResourceOutput](w, name, "ListTagsForResource", &sdk.ListTagsForResourceInput{ResourceId: id}).Tags
		if len(got) != 1 || *got[0].Value != "blue" {
			t.Errorf("%s: got %v", *id, got)
		}
	}
	u := w.User(apitest.Management, "bob", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:UpdateOrganizationalUnit","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}]}`))
	bob := &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: u.ARN(), IAMUserID: u.ID}
	apitest.CallAs[sdk.UpdateOrganizationalUnitOutput](w, bob, name, "UpdateOrganizationalUnit", &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: ou, Name: aws.String("Works")})
	apitest.Call[sdk.UntagResourceOutput](w, name, "UntagResource", &sdk.UntagResourceInput{ResourceId: ou, TagKeys: []string{"team"}})
	refused(t, w, bob, "AccessDeniedException", "UpdateOrganizationalUnit", &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: ou, Name: aws.String("No")})
	w.Update(func(tx *store.Tx) error {
		u.Policies.Inline["make"] = apitest.Allow("organizations:CreateOrganizationalUnit")
		return store.IAMUsers.Save(tx, u)
	})
	apitest.CallAs[sdk.CreateOrganizationalUnitOutput](w, bob, name, "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("Plain")})
	refused(t, w, bob, "AccessDeniedException", "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String("Tagged"), Tags: tag})
	apitest.Refused(w, "TargetNotFoundException", name, "TagResource", &sdk.TagResourceInput{ResourceId: aws.String("999999999999"), Tags: tag})
	f := apitest.Refused(w, "InvalidInputException", name, "TagResource", &sdk.TagResourceInput{ResourceId: ou, Tags: append(tag, tag...)})
	if f.Fields["Reason"] != "DUPLICATE_TAG_KEY" {
		t.Errorf("got %v", f.Fields)
	}
}
