package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// tree is an organization with a unit in a unit, and an account in each.
type tree struct {
	*provider
	root, outer, inner string // units
	shop, lab          string // accounts, in the outer and in the inner unit
}

func newTree(t *testing.T) tree {
	t.Helper()
	p := organized(t)
	made := func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	root := *p.root(t)
	outer := made(p.createUnit(t, root, "Workloads", nil))
	inner := made(p.createUnit(t, outer, "Experiments", tags{"team": "lab"}))
	return tree{p, root, outer, inner, made(p.createAccount(t, "Shop", outer, nil)), made(p.createAccount(t, "Lab", inner, nil))}
}

func (p tree) units(t *testing.T, parent string) []string {
	list, err := all(t.Context(), sdk.NewListOrganizationalUnitsForParentPaginator(p.organizations, &sdk.ListOrganizationalUnitsForParentInput{ParentId: &parent}),
		func(o *sdk.ListOrganizationalUnitsForParentOutput) []types.OrganizationalUnit {
			return o.OrganizationalUnits
		})
	if err != nil {
		t.Fatal(err)
	}
	return each(list, func(u types.OrganizationalUnit) string { return *u.Id })
}

func (p tree) children(t *testing.T, parent string) []string {
	list, err := all(t.Context(), sdk.NewListAccountsForParentPaginator(p.organizations, &sdk.ListAccountsForParentInput{ParentId: &parent}),
		func(o *sdk.ListAccountsForParentOutput) []types.Account { return o.Accounts })
	if err != nil {
		t.Fatal(err)
	}
	return each(list, func(a types.Account) string { return *a.Id })
}

// descendants are the accounts under a unit and under all units in it, as the provider finds them.
func (p tree) descendants(t *testing.T, parent string) []string {
	list := p.children(t, parent)
	for _, unit := range p.units(t, parent) {
		list = append(list, p.descendants(t, unit)...)
	}
	return list
}

func TestOrganizationAsData(t *testing.T) {
	t.Parallel()
	p := newTree(t)
	got, err := p.readOrganization(t)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got.Services, "sso.amazonaws.com") || got.MasterName != "Acme" || got.FeatureSet != types.OrganizationFeatureSetAll || len(got.Accounts) != 3 {
		t.Errorf("aws_organizations_organization: %+v", got)
	}
	for what, got := range map[string][2][]string{
		"aws_organizations_organizational_units":                    {p.units(t, p.root), {p.outer}},
		"aws_organizations_organizational_unit_child_accounts":      {p.children(t, p.outer), {p.shop}},
		"aws_organizations_organizational_unit_descendant_accounts": {p.descendants(t, p.outer), {p.shop, p.lab}},
	} {
		if !slices.Equal(got[0], got[1]) {
			t.Errorf("%s: got %v, want %v", what, got[0], got[1])
		}
	}
	if with, err := p.organizationTags(t, p.inner); err != nil || with["team"] != "lab" {
		t.Errorf("aws_organizations_resource_tags: %v, %v", with, err)
	}
	policies, err := all(t.Context(), sdk.NewListPoliciesForTargetPaginator(p.organizations, &sdk.ListPoliciesForTargetInput{TargetId: &p.root, Filter: types.PolicyTypeServiceControlPolicy}),
		func(o *sdk.ListPoliciesForTargetOutput) []types.PolicySummary { return o.Policies })
	if one, err := single(policies, err); err != nil || *one.Id != "p-FullAWSAccess" {
		t.Errorf("aws_organizations_policies_for_target: %v, %v", one, err)
	}
}

func TestEntityPathAsData(t *testing.T) {
	t.Parallel()
	p := newTree(t)
	parts, child := []string{p.lab}, p.lab
	for child != p.root {
		parent, err := single(all(t.Context(), sdk.NewListParentsPaginator(p.organizations, &sdk.ListParentsInput{ChildId: &child}), func(o *sdk.ListParentsOutput) []types.Parent { return o.Parents }))
		if err != nil {
			t.Fatal(err)
		}
		if isRoot := parent.Type == types.ParentTypeRoot; isRoot != (*parent.Id == p.root) {
			t.Fatalf("%s is a %s", *parent.Id, parent.Type)
		}
		child = *parent.Id
		parts = append(parts, child)
	}
	slices.Reverse(parts)
	if want := []string{p.root, p.outer, p.inner, p.lab}; !slices.Equal(parts, want) {
		t.Errorf("aws_organizations_entity_path: got %v, want %v", parts, want)
	}
}

func TestDelegationsAsData(t *testing.T) {
	t.Parallel()
	p := organized(t)
	d := p.delegate(t)
	services, err := all(t.Context(), sdk.NewListDelegatedServicesForAccountPaginator(p.organizations, &sdk.ListDelegatedServicesForAccountInput{AccountId: &d.home}),
		func(o *sdk.ListDelegatedServicesForAccountOutput) []types.DelegatedService {
			return o.DelegatedServices
		})
	if s, err := single(services, err); err != nil || *s.ServicePrincipal != "sso.amazonaws.com" || s.DelegationEnabledDate == nil {
		t.Errorf("aws_organizations_delegated_services: %v, %v", s, err)
	}
	delegates, err := all(t.Context(), sdk.NewListDelegatedAdministratorsPaginator(p.organizations, &sdk.ListDelegatedAdministratorsInput{}),
		func(o *sdk.ListDelegatedAdministratorsOutput) []types.DelegatedAdministrator {
			return o.DelegatedAdministrators
		})
	if a, err := single(delegates, err); err != nil || *a.Id != d.home {
		t.Errorf("aws_organizations_delegated_administrators: %v, %v", a, err)
	}
}

func TestIAMAsData(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	if err := p.provisionSet(t, set); err != nil {
		t.Fatal(err)
	}
	if _, err := p.createRole(t, iamRole{Name: "Auditor", Path: "/platform/", Duration: 3600}, trusting(management)); err != nil {
		t.Fatal(err)
	}
	roles := func(prefix string) []iamtypes.Role {
		list, err := all(t.Context(), iam.NewListRolesPaginator(p.iam, &iam.ListRolesInput{PathPrefix: optional(prefix)}), func(o *iam.ListRolesOutput) []iamtypes.Role { return o.Roles })
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := roles("/aws-reserved/sso.amazonaws.com/"); len(got) != 1 || !strings.HasPrefix(*got[0].RoleName, "AWSReservedSSO_Operator_") {
		t.Errorf("aws_iam_roles of the identity center: %v", got)
	}
	if got := roles(""); !slices.ContainsFunc(got, func(r iamtypes.Role) bool { return *r.Arn == "arn:aws:iam::"+management+":role/platform/Auditor" }) {
		t.Errorf("aws_iam_roles: %v", got)
	}
	if _, err := p.createUser(t, iamUser{Name: "robot", Path: "/platform/"}); err != nil {
		t.Fatal(err)
	}
	users, err := all(t.Context(), iam.NewListUsersPaginator(p.iam, &iam.ListUsersInput{PathPrefix: aws.String("/platform/")}), func(o *iam.ListUsersOutput) []iamtypes.User { return o.Users })
	if u, err := single(users, err); err != nil || *u.UserName != "robot" {
		t.Errorf("aws_iam_users: %v, %v", u, err)
	}
	me, err := p.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *me.Account != management || *me.Arn != "arn:aws:iam::"+management+":root" || *me.UserId != management {
		t.Errorf("aws_caller_identity: %+v, %v", me, err)
	}
	if own, err := p.iam.GetUser(t.Context(), &iam.GetUserInput{}); err != nil || *own.User.Arn != *me.Arn {
		t.Errorf("the account's id by GetUser: %+v, %v", own, err)
	}
}
