package iam

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// full is an account with some of everything, and one beside it.
func full(t *testing.T) *apitest.World {
	w := world(t)
	own := apitest.Call[sdk.CreatePolicyOutput](w, service, "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: aws.String("own"), PolicyDocument: aws.String(allow)}).Policy
	apitest.Call[sdk.CreatePolicyVersionOutput](w, service, "CreatePolicyVersion", &sdk.CreatePolicyVersionInput{PolicyArn: own.Arn, PolicyDocument: aws.String(allow)})
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: aws.String("g")})
	for _, name := range []string{"b", "a", "c"} {
		apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: &name, Tags: []types.Tag{tag("k", name)}})
		apitest.Call[sdk.AddUserToGroupOutput](w, service, "AddUserToGroup", &sdk.AddUserToGroupInput{UserName: &name, GroupName: aws.String("g")})
	}
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: trusting("arn:aws:iam::111111111111:user/a")})
	apitest.Call[sdk.AttachRolePolicyOutput](w, service, "AttachRolePolicy", &sdk.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(readOnly)})
	apitest.Call[sdk.PutRolePolicyOutput](w, service, "PutRolePolicy", &sdk.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("in"), PolicyDocument: aws.String(allow)})
	w.Account("222222222222", "Other")
	w.User("222222222222", "theirs", apitest.Inline(allow))
	return w
}

func TestDetailsComeKindByKindInPages(t *testing.T) {
	w := full(t)
	want := []string{"user a", "user b", "user c", "group g", "role r", "policy own", "policy ReadOnlyAccess"}
	for _, most := range []int32{1, 2, 3, 4, 100} {
		in, got := &sdk.GetAccountAuthorizationDetailsInput{MaxItems: &most}, []string{}
		for more := true; more; {
			out := apitest.Call[sdk.GetAccountAuthorizationDetailsOutput](w, service, "GetAccountAuthorizationDetails", in)
			for _, u := range out.UserDetailList {
				got = append(got, "user "+*u.UserName)
			}
			for _, g := range out.GroupDetailList {
				got = append(got, "group "+*g.GroupName)
			}
			for _, r := range out.RoleDetailList {
				got = append(got, "role "+*r.RoleName)
			}
			for _, p := range out.Policies {
				got = append(got, "policy "+*p.PolicyName)
			}
			in.Marker, more = out.Marker, out.IsTruncated
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: got %v, want %v", most, got, want)
		}
	}
}

func TestDetailsTellWhatDecides(t *testing.T) {
	w := full(t)
	ask := func(kinds ...types.EntityType) *sdk.GetAccountAuthorizationDetailsOutput {
		return apitest.Call[sdk.GetAccountAuthorizationDetailsOutput](w, service, "GetAccountAuthorizationDetails", &sdk.GetAccountAuthorizationDetailsInput{Filter: kinds})
	}
	out := ask(types.EntityTypeRole, types.EntityTypeLocalManagedPolicy)
	if len(out.UserDetailList)+len(out.GroupDetailList) != 0 || len(out.RoleDetailList) != 1 || len(out.Policies) != 1 {
		t.Fatalf("got %+v", out)
	}
	r, p := out.RoleDetailList[0], out.Policies[0]
	if *r.AssumeRolePolicyDocument != *trusting("arn:aws:iam::111111111111:user/a") || *r.RolePolicyList[0].PolicyDocument != allow || *r.AttachedManagedPolicies[0].PolicyName != "ReadOnlyAccess" {
		t.Errorf("got %+v", r)
	}
	if len(p.PolicyVersionList) != 2 || *p.PolicyVersionList[0].VersionId != "v2" || *p.PolicyVersionList[0].Document != allow {
		t.Errorf("got %+v", p)
	}
	u := ask(types.EntityTypeUser).UserDetailList[0]
	if fmt.Sprint(u.GroupList) != "[g]" || *u.Tags[0].Value != "a" {
		t.Errorf("got %+v", u)
	}
	first := apitest.Call[sdk.GetAccountAuthorizationDetailsOutput](w, service, "GetAccountAuthorizationDetails", &sdk.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1)})
	err := do(t, w, apitest.Root("222222222222"), "GetAccountAuthorizationDetails", &sdk.GetAccountAuthorizationDetailsInput{Marker: first.Marker})
	if !fault.Is(err, "ValidationError") {
		t.Errorf("another account's marker: %v", err)
	}
	apitest.Refused(w, "ValidationError", service, "GetAccountAuthorizationDetails",
		&sdk.GetAccountAuthorizationDetailsInput{Marker: first.Marker, Filter: []types.EntityType{types.EntityTypeUser}})
}

func TestTheSummaryCountsTheAccountsOwn(t *testing.T) {
	w := full(t)
	got := apitest.Call[sdk.GetAccountSummaryOutput](w, service, "GetAccountSummary", &sdk.GetAccountSummaryInput{}).SummaryMap
	for key, want := range map[types.SummaryKeyType]int32{types.SummaryKeyTypeUsers: 3, types.SummaryKeyTypeGroups: 1, types.SummaryKeyTypeRoles: 1,
		types.SummaryKeyTypePolicies: 1, types.SummaryKeyTypePolicyVersionsInUse: 2, types.SummaryKeyTypeMFADevices: 0,
		types.SummaryKeyTypeAccessKeysPerUserQuota: 2, types.SummaryKeyTypeUsersQuota: 5000} {
		if n, ok := got[string(key)]; !ok || n != want {
			t.Errorf("%s: got %d, want %d", key, n, want)
		}
	}
}
