package iam

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func TestTagsAreToldApartWithoutLetterCase(t *testing.T) {
	w := world(t)
	name := aws.String("r")
	f := apitest.Refused(w, "InvalidInput", service, "CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111"),
		Tags: []types.Tag{tag("Team", "a"), tag("team", "b")}})
	if f.Message != "Duplicate tag keys found. Please note that Tag keys are case insensitive." {
		t.Errorf("got %q", f.Message)
	}
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111"),
		Tags: []types.Tag{tag("Team", "a"), tag("b", "2")}})
	apitest.Call[sdk.TagRoleOutput](w, service, "TagRole", &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("team", "c"), tag("a", "1")}})
	apitest.Refused(w, "InvalidInput", service, "TagRole", &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("AWS:x", "c")}})
	var got []string
	in := &sdk.ListRoleTagsInput{RoleName: name, MaxItems: aws.Int32(2)}
	for more := true; more; {
		out := apitest.Call[sdk.ListRoleTagsOutput](w, service, "ListRoleTags", in)
		for _, tag := range out.Tags {
			got = append(got, *tag.Key+"="+*tag.Value)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	if want := []string{"a=1", "b=2", "team=c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	apitest.Call[sdk.UntagRoleOutput](w, service, "UntagRole", &sdk.UntagRoleInput{RoleName: name, TagKeys: []string{"TEAM", "nothing"}})
	if out := apitest.Call[sdk.ListRoleTagsOutput](w, service, "ListRoleTags", &sdk.ListRoleTagsInput{RoleName: name}); len(out.Tags) != 2 {
		t.Errorf("got %v", out.Tags)
	}
}

// TestTagsAtTheMakingTakeThePermissionToTag makes users, roles and policies as somebody who may tag none.
func TestTagsAtTheMakingTakeThePermissionToTag(t *testing.T) {
	w := world(t)
	tags := []types.Tag{tag("Team", "a")}
	name, doc := aws.String("made"), aws.String(apitest.Allow("s3:*"))
	for action, in := range map[string]struct {
		operation       string
		with, without   any
		taggingResource string
	}{
		"iam:TagUser": {"CreateUser", &sdk.CreateUserInput{UserName: name, Tags: tags}, &sdk.CreateUserInput{UserName: name}, "user/made"},
		"iam:TagRole": {"CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111"), Tags: tags},
			&sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111")}, "role/made"},
		"iam:TagPolicy": {"CreatePolicy", &sdk.CreatePolicyInput{PolicyName: name, PolicyDocument: doc, Tags: tags},
			&sdk.CreatePolicyInput{PolicyName: name, PolicyDocument: doc}, "policy/made"},
	} {
		u := w.User(apitest.Management, in.operation, apitest.Inline(apitest.Allow("iam:Create*")))
		p := &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: u.ARN(), IAMUserID: u.ID}
		_, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, service, in.operation, in.with)
		want := "User: " + u.ARN() + " is not authorized to perform: " + action + " on resource: arn:aws:iam::111111111111:" + in.taggingResource +
			" because no identity-based policy allows the " + action + " action"
		if f := fault.As(err); f == nil || f.Code != "AccessDenied" || f.Message != want {
			t.Errorf("%s with tags: got %v, want %s", in.operation, err, want)
		}
		if _, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, service, in.operation, in.without); err != nil {
			t.Errorf("%s without tags: %v", in.operation, err)
		}
	}
}

func TestAUserHasFiftyTags(t *testing.T) {
	w := world(t)
	var fifty []types.Tag
	for i := range limits[maxTags].Default {
		fifty = append(fifty, tag(fmt.Sprint("k", i), "v"))
	}
	name := aws.String("u")
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: name, Tags: fifty})
	apitest.Refused(w, "LimitExceeded", service, "TagUser", &sdk.TagUserInput{UserName: name, Tags: []types.Tag{tag("more", "v")}})
	apitest.Call[sdk.TagUserOutput](w, service, "TagUser", &sdk.TagUserInput{UserName: name, Tags: []types.Tag{tag("K0", "other")}})
	apitest.Call[sdk.UntagUserOutput](w, service, "UntagUser", &sdk.UntagUserInput{UserName: name, TagKeys: []string{"k1"}})
	apitest.Call[sdk.TagUserOutput](w, service, "TagUser", &sdk.TagUserInput{UserName: name, Tags: []types.Tag{tag("more", "v")}})
}

// caller is an IAM user with one inline policy.
func caller(w *apitest.World, name, document string) *authz.Principal {
	u := w.User(apitest.Management, name, apitest.Inline(document))
	return &authz.Principal{Kind: authz.IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID}
}

// do calls an operation for its error.
func do(t *testing.T, w *apitest.World, p *authz.Principal, operation string, in any) error {
	t.Helper()
	_, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, service, operation, in)
	return err
}

func TestTaggingIsDecidedByTags(t *testing.T) {
	w := world(t)
	clerk := caller(w, "clerk", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["iam:TagUser","iam:UntagUser"],"Resource":"*","Condition":{
			"ForAllValues:StringEquals":{"aws:TagKeys":["team"]},"StringEquals":{"iam:ResourceTag/kind":"person"}}}]}`)
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("p"), Tags: []types.Tag{tag("kind", "person")}})
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("m")})
	if _, err := apitest.As[sdk.TagUserOutput](w, clerk, service, "TagUser", &sdk.TagUserInput{UserName: aws.String("p"), Tags: []types.Tag{tag("team", "x")}}); err != nil {
		t.Error(err)
	}
	for operation, in := range map[string]any{
		"TagUser":   &sdk.TagUserInput{UserName: aws.String("m"), Tags: []types.Tag{tag("team", "x")}},
		"UntagUser": &sdk.UntagUserInput{UserName: aws.String("p"), TagKeys: []string{"kind"}},
	} {
		if err := do(t, w, clerk, operation, in); !fault.Is(err, "AccessDenied") {
			t.Errorf("%s: got %v", operation, err)
		}
	}
}

func TestARenamedUserNeedsBothNames(t *testing.T) {
	w := world(t)
	clerk := caller(w, "clerk", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::*:user/dev/*"}]}`)
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("a"), Path: aws.String("/dev/")})
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("b"), Path: aws.String("/ops/")})
	as := func(in *sdk.UpdateUserInput) error {
		_, err := apitest.As[sdk.UpdateUserOutput](w, clerk, service, "UpdateUser", in)
		return err
	}
	if err := as(&sdk.UpdateUserInput{UserName: aws.String("a"), NewPath: aws.String("/ops/")}); !fault.Is(err, "AccessDenied") {
		t.Errorf("into another path: %v", err)
	}
	if err := as(&sdk.UpdateUserInput{UserName: aws.String("b"), NewPath: aws.String("/dev/")}); !fault.Is(err, "AccessDenied") {
		t.Errorf("out of another path: %v", err)
	}
	if err := as(&sdk.UpdateUserInput{UserName: aws.String("a"), NewUserName: aws.String("B")}); !fault.Is(err, "EntityAlreadyExists") {
		t.Errorf("a name that is taken: %v", err)
	}
	if err := as(&sdk.UpdateUserInput{UserName: aws.String("a"), NewUserName: aws.String("A2")}); err != nil {
		t.Error(err)
	}
	u := apitest.Call[sdk.GetUserOutput](w, service, "GetUser", &sdk.GetUserInput{UserName: aws.String("a2")}).User
	if *u.Arn != "arn:aws:iam::111111111111:user/dev/A2" {
		t.Errorf("got %s", *u.Arn)
	}
}

func TestListsComeByName(t *testing.T) {
	w := world(t)
	for _, name := range []string{"delta", "Bravo", "alpha", "charlie"} {
		apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: &name})
		apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: trusting("111111111111")})
	}
	var users, roles []string
	for in, more := (&sdk.ListUsersInput{MaxItems: aws.Int32(3)}), true; more; {
		out := apitest.Call[sdk.ListUsersOutput](w, service, "ListUsers", in)
		for _, u := range out.Users {
			users = append(users, *u.UserName)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	for in, more := (&sdk.ListRolesInput{MaxItems: aws.Int32(3)}), true; more; {
		out := apitest.Call[sdk.ListRolesOutput](w, service, "ListRoles", in)
		for _, r := range out.Roles {
			roles = append(roles, *r.RoleName)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	want := []string{"alpha", "Bravo", "charlie", "delta"}
	if !slices.Equal(users, want) || !slices.Equal(roles, want) {
		t.Errorf("got %v and %v, want %v", users, roles, want)
	}
}

func TestUpdateRoleSetsDescriptionAndSession(t *testing.T) {
	w := world(t)
	name := aws.String("r")
	made := apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111"),
		Description: aws.String("first"), MaxSessionDuration: aws.Int32(7200)}).Role
	if made.Description != nil || made.MaxSessionDuration != nil {
		t.Error("CreateRole tells what AWS leaves to GetRole")
	}
	get := func() string {
		r := apitest.Call[sdk.GetRoleOutput](w, service, "GetRole", &sdk.GetRoleInput{RoleName: name}).Role
		return fmt.Sprint(aws.ToString(r.Description), " ", aws.ToInt32(r.MaxSessionDuration))
	}
	for _, step := range []struct {
		operation string
		in        any
		want      string
	}{
		{"UpdateRole", &sdk.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(43200)}, "first 43200"},
		{"UpdateRoleDescription", &sdk.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("second")}, "second 43200"},
		{"UpdateRole", &sdk.UpdateRoleInput{RoleName: name, Description: aws.String("")}, " 3600"},
	} {
		if err := do(t, w, apitest.Root(apitest.Management), step.operation, step.in); err != nil {
			t.Error(err)
		}
		if got := get(); got != step.want {
			t.Errorf("%s: got %q, want %q", step.operation, got, step.want)
		}
	}
	apitest.Refused(w, "ValidationError", service, "UpdateRole", &sdk.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(43201)})
}
