package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const other ident.AccountID = "222222222222"

// managedPolicy makes a policy at /team/ and returns its ARN.
func managedPolicy(w *apitest.World, name, document string) *string {
	return apitest.Call[sdk.CreatePolicyOutput](w, service, "CreatePolicy",
		&sdk.CreatePolicyInput{PolicyName: &name, Path: aws.String("/team/"), PolicyDocument: &document}).Policy.Arn
}

// iamUser makes a user and returns it as who calls.
func iamUser(w *apitest.World, name string) *authz.Principal {
	u := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: &name}).User
	return &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: *u.Arn, IAMUserID: *u.UserId, RoleGeneration: 1}
}

// mayList asks whether p may list the users.
func mayList(w *apitest.World, p *authz.Principal) bool {
	_, err := apitest.As[sdk.ListUsersOutput](w, p, service, "ListUsers", &sdk.ListUsersInput{})
	return err == nil
}

func says(t *testing.T, got interface{ Error() string }, want string) {
	t.Helper()
	if !strings.HasSuffix(got.Error(), want) {
		t.Errorf("got %q, want %q", got.Error(), want)
	}
}

func TestAPolicyIsMadeReadAndDeleted(t *testing.T) {
	w := world(t)
	in := &sdk.CreatePolicyInput{PolicyName: aws.String("Work"), Path: aws.String("/team/"), Description: aws.String("what we do"),
		PolicyDocument: aws.String(allow), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("A"), Value: aws.String("2")}}}
	made := apitest.Call[sdk.CreatePolicyOutput](w, service, "CreatePolicy", in).Policy
	if *made.Arn != "arn:aws:iam::111111111111:policy/team/Work" || !strings.HasPrefix(*made.PolicyId, "ANPA") || made.Description != nil || len(made.Tags) != 2 {
		t.Errorf("made %+v", made)
	}
	got := apitest.Call[sdk.GetPolicyOutput](w, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: made.Arn}).Policy
	if *got.Description != "what we do" || *got.DefaultVersionId != "v1" || *got.AttachmentCount != 0 || !got.IsAttachable || len(got.Tags) != 2 {
		t.Errorf("got %+v", got)
	}
	elsewhere := *in
	elsewhere.PolicyName, elsewhere.Path = aws.String("WORK"), aws.String("/other/")
	says(t, apitest.Refused(w, "EntityAlreadyExists", service, "CreatePolicy", &elsewhere), "A policy called WORK already exists. Duplicate names are not allowed.")
	for _, wrong := range []string{"arn:aws:iam::111111111111:policy/Work", "arn:aws:iam::111111111111:policy/team/work", "arn:aws:iam::111111111111:policy/team/"} {
		says(t, apitest.Refused(w, "NoSuchEntity", service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: &wrong}), "Policy "+wrong+" was not found.")
	}
	apitest.Call[sdk.DeletePolicyOutput](w, service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: made.Arn})
	says(t, apitest.Refused(w, "NoSuchEntity", service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: made.Arn}), "Policy "+*made.Arn+" was not found.")
}

func TestManagedPoliciesAreInThePresentLanguage(t *testing.T) {
	w := world(t)
	for _, document := range []string{strings.Replace(allow, `"Version":"2012-10-17",`, "", 1), strings.Replace(allow, "2012", "2008", 1)} {
		f := apitest.Refused(w, "MalformedPolicyDocument", service, "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: aws.String("x"), PolicyDocument: &document})
		says(t, f, "Policy document must be version 2012-10-17 or greater.")
	}
	big := strings.Replace(allow, "s3:*", "s3:"+strings.Repeat("x", limits[maxPolicySize].Default), 1)
	says(t, apitest.Refused(w, "LimitExceeded", service, "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: aws.String("x"), PolicyDocument: &big}),
		"Cannot exceed quota for PolicySize: 6144")
	wide := allow + strings.Repeat(" \n", 2*limits[maxPolicySize].Default)
	managedPolicy(w, "wide", wide)
}

func TestVersionsComeAndGo(t *testing.T) {
	w := world(t)
	arn := managedPolicy(w, "work", allow)
	add := func(inForce bool) (string, bool) {
		v := apitest.Call[sdk.CreatePolicyVersionOutput](w, service, "CreatePolicyVersion",
			&sdk.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(apitest.Deny("s3:*")), SetAsDefault: inForce}).PolicyVersion
		return *v.VersionId, v.IsDefaultVersion
	}
	for i, want := range []string{"v2", "v3", "v4", "v5"} {
		if id, inForce := add(i == 0); id != want || inForce != (i == 0) {
			t.Errorf("made %s, in force %v", id, inForce)
		}
	}
	says(t, apitest.Refused(w, "LimitExceeded", service, "CreatePolicyVersion", &sdk.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allow)}),
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeletePolicyVersion", &sdk.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v2")}),
		"Cannot delete the default version of a policy.")
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: arn}),
		"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	apitest.Call[sdk.DeletePolicyVersionOutput](w, service, "DeletePolicyVersion", &sdk.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v5")})
	if id, _ := add(false); id != "v6" {
		t.Errorf("a number was used again: %s", id)
	}
	var ids []string
	in := &sdk.ListPolicyVersionsInput{PolicyArn: arn, MaxItems: aws.Int32(2)}
	for more := true; more; {
		out := apitest.Call[sdk.ListPolicyVersionsOutput](w, service, "ListPolicyVersions", in)
		for _, v := range out.Versions {
			ids = append(ids, *v.VersionId)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	if !slices.Equal(ids, []string{"v6", "v4", "v3", "v2", "v1"}) {
		t.Errorf("listed %v", ids)
	}
	old := apitest.Call[sdk.GetPolicyVersionOutput](w, service, "GetPolicyVersion", &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")}).PolicyVersion
	if *old.Document != allow || old.IsDefaultVersion {
		t.Errorf("v1 is %+v", old)
	}
	nothing := strings.Replace(*arn, "work", "nothing", 1)
	for _, in := range []struct{ arn, version string }{{*arn, "v5"}, {*arn, "v9"}, {nothing, "v1"}} {
		want := "Policy " + in.arn + " version " + in.version + " does not exist or is not attachable."
		says(t, apitest.Refused(w, "NoSuchEntity", service, "GetPolicyVersion", &sdk.GetPolicyVersionInput{PolicyArn: &in.arn, VersionId: &in.version}), want)
		says(t, apitest.Refused(w, "NoSuchEntity", service, "SetDefaultPolicyVersion", &sdk.SetDefaultPolicyVersionInput{PolicyArn: &in.arn, VersionId: &in.version}), want)
		says(t, apitest.Refused(w, "NoSuchEntity", service, "DeletePolicyVersion", &sdk.DeletePolicyVersionInput{PolicyArn: &in.arn, VersionId: &in.version}), want)
	}
}

func TestTheDefaultVersionDecides(t *testing.T) {
	w := world(t)
	bob := iamUser(w, "bob")
	arn := managedPolicy(w, "work", apitest.Allow("iam:ListUsers"))
	apitest.Call[sdk.AttachUserPolicyOutput](w, service, "AttachUserPolicy", &sdk.AttachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: arn})
	if !mayList(w, bob) {
		t.Error("an attached policy does not grant")
	}
	apitest.Call[sdk.CreatePolicyVersionOutput](w, service, "CreatePolicyVersion",
		&sdk.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(apitest.Allow("s3:*")), SetAsDefault: true})
	if mayList(w, bob) {
		t.Error("the old version still grants")
	}
	apitest.Call[sdk.SetDefaultPolicyVersionOutput](w, service, "SetDefaultPolicyVersion", &sdk.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	w.Reload()
	if !mayList(w, bob) {
		t.Error("the version that was put back does not grant")
	}
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: arn}), "Cannot delete a policy attached to entities.")
	apitest.Call[sdk.PutUserPermissionsBoundaryOutput](w, service, "PutUserPermissionsBoundary",
		&sdk.PutUserPermissionsBoundaryInput{UserName: aws.String("bob"), PermissionsBoundary: managedPolicy(w, "bound", apitest.Allow("s3:*"))})
	if mayList(w, bob) {
		t.Error("the boundary does not bound")
	}
	apitest.Call[sdk.DeleteUserPermissionsBoundaryOutput](w, service, "DeleteUserPermissionsBoundary", &sdk.DeleteUserPermissionsBoundaryInput{UserName: aws.String("bob")})
	apitest.Call[sdk.DetachUserPolicyOutput](w, service, "DetachUserPolicy", &sdk.DetachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: arn})
	if mayList(w, bob) {
		t.Error("a detached policy grants")
	}
	says(t, apitest.Refused(w, "NoSuchEntity", service, "DetachUserPolicy", &sdk.DetachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: arn}), "Policy "+*arn+" was not found.")
}

// uses makes four policies that are used in the ways of their names.
func uses(w *apitest.World) map[string]*string {
	arns := map[string]*string{}
	for _, name := range []string{"attached", "both", "boundary", "unused"} {
		arns[name] = managedPolicy(w, name, allow)
	}
	u, g, r := aws.String("u"), aws.String("g"), aws.String("r")
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: u, PermissionsBoundary: arns["boundary"]})
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: g})
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: r, AssumeRolePolicyDocument: trusting("111111111111"), PermissionsBoundary: arns["both"]})
	apitest.Call[sdk.AttachUserPolicyOutput](w, service, "AttachUserPolicy", &sdk.AttachUserPolicyInput{UserName: u, PolicyArn: arns["attached"]})
	apitest.Call[sdk.AttachGroupPolicyOutput](w, service, "AttachGroupPolicy", &sdk.AttachGroupPolicyInput{GroupName: g, PolicyArn: arns["attached"]})
	apitest.Call[sdk.AttachRolePolicyOutput](w, service, "AttachRolePolicy", &sdk.AttachRolePolicyInput{RoleName: r, PolicyArn: arns["attached"]})
	apitest.Call[sdk.AttachGroupPolicyOutput](w, service, "AttachGroupPolicy", &sdk.AttachGroupPolicyInput{GroupName: g, PolicyArn: arns["both"]})
	return arns
}

func TestListPoliciesTellsWhatIsUsed(t *testing.T) {
	w := world(t)
	uses(w)
	for _, test := range []struct {
		only bool
		use  types.PolicyUsageType
		want []string
	}{
		{false, "", []string{"attached", "both", "boundary", "unused"}},
		{false, types.PolicyUsageTypePermissionsBoundary, []string{"attached", "both", "boundary", "unused"}},
		{true, "", []string{"attached", "both", "boundary"}},
		{true, types.PolicyUsageTypePermissionsPolicy, []string{"attached", "both"}},
		{true, types.PolicyUsageTypePermissionsBoundary, []string{"both", "boundary"}},
	} {
		for _, size := range []int32{1, 100} {
			var names []string
			in := &sdk.ListPoliciesInput{OnlyAttached: test.only, PolicyUsageFilter: test.use, PathPrefix: aws.String("/team/"), MaxItems: &size}
			for more := true; more; {
				out := apitest.Call[sdk.ListPoliciesOutput](w, service, "ListPolicies", in)
				for _, p := range out.Policies {
					names = append(names, *p.PolicyName)
				}
				in.Marker, more = out.Marker, out.IsTruncated
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("only attached %v, %q, %d a page: got %v", test.only, test.use, size, names)
			}
		}
	}
	if got := apitest.Call[sdk.ListPoliciesOutput](w, service, "ListPolicies", &sdk.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal}); len(got.Policies) != 4 {
		t.Errorf("local: %d", len(got.Policies))
	}
	aws1000 := apitest.Call[sdk.ListPoliciesOutput](w, service, "ListPolicies", &sdk.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, MaxItems: aws.Int32(1000)})
	if len(aws1000.Policies) != 1000 || !strings.HasPrefix(*aws1000.Policies[0].Arn, "arn:aws:iam::aws:policy/") {
		t.Errorf("AWS's: %d", len(aws1000.Policies))
	}
}

func TestListEntitiesForPolicyFilters(t *testing.T) {
	w := world(t)
	arns := uses(w)
	for _, test := range []struct {
		policy  string
		kind    types.EntityType
		use     types.PolicyUsageType
		u, g, r int
	}{
		{"unused", "", "", 0, 0, 0},
		{"attached", "", "", 1, 1, 1},
		{"attached", "", types.PolicyUsageTypePermissionsBoundary, 0, 0, 0},
		{"boundary", "", "", 1, 0, 0},
		{"boundary", "", types.PolicyUsageTypePermissionsPolicy, 0, 0, 0},
		{"both", "", "", 0, 1, 1},
		{"both", "", types.PolicyUsageTypePermissionsPolicy, 0, 1, 0},
		{"both", "", types.PolicyUsageTypePermissionsBoundary, 0, 0, 1},
		{"both", types.EntityTypeUser, "", 0, 0, 0},
		{"both", types.EntityTypeGroup, "", 0, 1, 0},
		{"both", types.EntityTypeRole, types.PolicyUsageTypePermissionsPolicy, 0, 0, 0},
		{"both", types.EntityTypeLocalManagedPolicy, "", 0, 0, 0},
	} {
		out := apitest.Call[sdk.ListEntitiesForPolicyOutput](w, service, "ListEntitiesForPolicy",
			&sdk.ListEntitiesForPolicyInput{PolicyArn: arns[test.policy], EntityFilter: test.kind, PolicyUsageFilter: test.use})
		if len(out.PolicyUsers) != test.u || len(out.PolicyGroups) != test.g || len(out.PolicyRoles) != test.r {
			t.Errorf("%+v: got %d users, %d groups, %d roles", test, len(out.PolicyUsers), len(out.PolicyGroups), len(out.PolicyRoles))
		}
	}
	in, seen := &sdk.ListEntitiesForPolicyInput{PolicyArn: arns["attached"], MaxItems: aws.Int32(1)}, 0
	for more := true; more; {
		out := apitest.Call[sdk.ListEntitiesForPolicyOutput](w, service, "ListEntitiesForPolicy", in)
		seen += len(out.PolicyUsers) + len(out.PolicyGroups) + len(out.PolicyRoles)
		in.Marker, more = out.Marker, out.IsTruncated
	}
	if seen != 3 {
		t.Errorf("%d entities in pages", seen)
	}
	got := apitest.Call[sdk.GetPolicyOutput](w, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: arns["both"]}).Policy
	if *got.AttachmentCount != 1 || *got.PermissionsBoundaryUsageCount != 1 {
		t.Errorf("both is attached %d times and bounds %d", *got.AttachmentCount, *got.PermissionsBoundaryUsageCount)
	}
	apitest.Refused(w, "NoSuchEntity", service, "ListEntitiesForPolicy", &sdk.ListEntitiesForPolicyInput{PolicyArn: aws.String(*arns["both"] + "x")})
}

func TestAPermissionSetHoldsItsPolicies(t *testing.T) {
	w := world(t)
	arn := managedPolicy(w, "work", allow)
	set := &permission.Set{ARN: "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef", InstanceARN: apitest.InstanceARN,
		Name: "Work", Version: 1, Grants: permission.Grants{Customer: []permission.PolicyReference{{Name: "work", Path: "/team/"}}}}
	place := provision.Place{Set: set, Account: apitest.Management, Region: w.Region}
	apitest.Save(w, store.PermissionSets, set)
	w.Update(func(tx *store.Tx) error {
		_, err := provision.Assign(tx, place, permission.UserPrincipal, "u")
		return err
	})
	got := apitest.Call[sdk.ListAttachedRolePoliciesOutput](w, service, "ListAttachedRolePolicies", &sdk.ListAttachedRolePoliciesInput{RoleName: aws.String(place.RoleName())})
	if len(got.AttachedPolicies) != 1 || *got.AttachedPolicies[0].PolicyArn != *arn {
		t.Errorf("attached: %v", got.AttachedPolicies)
	}
	if used := apitest.Call[sdk.GetPolicyOutput](w, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: arn}).Policy; *used.AttachmentCount != 1 {
		t.Errorf("attached %d times", *used.AttachmentCount)
	}
	apitest.Refused(w, "DeleteConflict", service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: arn})
}

func TestPoliciesOfOthersAreOutOfReach(t *testing.T) {
	w := world(t)
	w.Account(other, "Other")
	document := aws.String(allow)
	made, err := apitest.As[sdk.CreatePolicyOutput](w, apitest.Root(other), service, "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: aws.String("open"), PolicyDocument: document})
	if err != nil {
		t.Fatal(err)
	}
	u, r, g := aws.String("u"), aws.String("r"), aws.String("g")
	iamUser(w, "u")
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: g})
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: r, AssumeRolePolicyDocument: trusting("111111111111")})
	v1 := aws.String("v1")
	for _, arn := range []*string{made.Policy.Arn, aws.String("arn:aws:iam::222222222222:policy/nothing")} {
		for operation, test := range map[string]struct {
			in    any
			words string
		}{
			"GetPolicy":                  {&sdk.GetPolicyInput{PolicyArn: arn}, "Policy is outside your own account."},
			"GetPolicyVersion":           {&sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: v1}, "Policy is outside your own account."},
			"ListPolicyVersions":         {&sdk.ListPolicyVersionsInput{PolicyArn: arn}, "Policy is outside your own account."},
			"ListPolicyTags":             {&sdk.ListPolicyTagsInput{PolicyArn: arn}, "Policy is outside your own account."},
			"ListEntitiesForPolicy":      {&sdk.ListEntitiesForPolicyInput{PolicyArn: arn}, "Policy is outside your own account."},
			"DeletePolicy":               {&sdk.DeletePolicyInput{PolicyArn: arn}, "Cannot delete policies outside your own account."},
			"CreatePolicyVersion":        {&sdk.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document}, "Cannot create versions for policies outside your own account."},
			"SetDefaultPolicyVersion":    {&sdk.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: v1}, "Cannot update policies outside your own account."},
			"DeletePolicyVersion":        {&sdk.DeletePolicyVersionInput{PolicyArn: arn, VersionId: v1}, "Cannot delete policy versions for policies outside your own account."},
			"TagPolicy":                  {&sdk.TagPolicyInput{PolicyArn: arn, Tags: []types.Tag{{Key: v1, Value: v1}}}, "Policy is outside your own account."},
			"UntagPolicy":                {&sdk.UntagPolicyInput{PolicyArn: arn, TagKeys: []string{"v1"}}, "Policy is outside your own account."},
			"AttachUserPolicy":           {&sdk.AttachUserPolicyInput{UserName: u, PolicyArn: arn}, "Policy is outside your own account."},
			"AttachRolePolicy":           {&sdk.AttachRolePolicyInput{RoleName: r, PolicyArn: arn}, "Policy is outside your own account."},
			"AttachGroupPolicy":          {&sdk.AttachGroupPolicyInput{GroupName: g, PolicyArn: arn}, "Policy is outside your own account."},
			"PutUserPermissionsBoundary": {&sdk.PutUserPermissionsBoundaryInput{UserName: u, PermissionsBoundary: arn}, "Policy is outside your own account."},
			"PutRolePermissionsBoundary": {&sdk.PutRolePermissionsBoundaryInput{RoleName: r, PermissionsBoundary: arn}, "Policy is outside your own account."},
			"CreateUser":                 {&sdk.CreateUserInput{UserName: aws.String("v"), PermissionsBoundary: arn}, "Policy is outside your own account."},
			"CreateRole":                 {&sdk.CreateRoleInput{RoleName: aws.String("s"), AssumeRolePolicyDocument: trusting("111111111111"), PermissionsBoundary: arn}, "Policy is outside your own account."},
		} {
			says(t, apitest.Refused(w, "AccessDenied", service, operation, test.in), test.words)
		}
	}
}

func TestAWSsPoliciesAreReadOnly(t *testing.T) {
	w := world(t)
	iamUser(w, "u")
	for _, arn := range []string{readOnly, "arn:aws:iam::aws:policy/Nothing"} {
		says(t, apitest.Refused(w, "AccessDenied", service, "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: &arn}), "Cannot delete policies outside your own account.")
		says(t, apitest.Refused(w, "InvalidInput", service, "TagPolicy", &sdk.TagPolicyInput{PolicyArn: &arn, Tags: []types.Tag{{Key: &arn, Value: aws.String("x")}}}), "Tags not supported for policies in this domain")
	}
	if got := apitest.Call[sdk.ListPolicyTagsOutput](w, service, "ListPolicyTags", &sdk.ListPolicyTagsInput{PolicyArn: aws.String(readOnly)}); len(got.Tags) != 0 {
		t.Errorf("tags %v", got.Tags)
	}
	says(t, apitest.Refused(w, "ValidationError", service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: aws.String("arn:aws-cn:iam::aws:policy/AdministratorAccess")}), "Invalid ARN partition")
	says(t, apitest.Refused(w, "InvalidInput", service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::111111111111:role/x")}), "ARN arn:aws:iam::111111111111:role/x is not valid.")
	kept := aws.String("arn:aws:iam::aws:policy/aws-service-role/AmazonTimestreamInfluxDBServiceRolePolicy")
	says(t, apitest.Refused(w, "PolicyNotAttachable", service, "AttachUserPolicy", &sdk.AttachUserPolicyInput{UserName: aws.String("u"), PolicyArn: kept}),
		"Cannot attach AWS reserved policy to an IAM user.")
	none := aws.String("arn:aws:iam::111111111111:policy/none")
	says(t, apitest.Refused(w, "NoSuchEntity", service, "AttachUserPolicy", &sdk.AttachUserPolicyInput{UserName: aws.String("u"), PolicyArn: none}),
		"Policy "+*none+" does not exist or is not attachable.")
	says(t, apitest.Refused(w, "NoSuchEntity", service, "PutUserPermissionsBoundary", &sdk.PutUserPermissionsBoundaryInput{UserName: aws.String("u"), PermissionsBoundary: none}),
		"Scope ARN: "+*none+" does not exist or is not attachable.")
}

func TestTagsOfPolicies(t *testing.T) {
	w := world(t)
	arn := managedPolicy(w, "work", allow)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	apitest.Call[sdk.TagPolicyOutput](w, service, "TagPolicy", &sdk.TagPolicyInput{PolicyArn: arn, Tags: []types.Tag{tag("a", "1"), tag("A", "2"), tag("b", "3")}})
	says(t, apitest.Refused(w, "InvalidInput", service, "TagPolicy", &sdk.TagPolicyInput{PolicyArn: arn, Tags: []types.Tag{tag("a", "1"), tag("a", "2")}}), "Duplicate tag keys found.")
	apitest.Call[sdk.UntagPolicyOutput](w, service, "UntagPolicy", &sdk.UntagPolicyInput{PolicyArn: arn, TagKeys: []string{"a", "none"}})
	got := apitest.Call[sdk.ListPolicyTagsOutput](w, service, "ListPolicyTags", &sdk.ListPolicyTagsInput{PolicyArn: arn, MaxItems: aws.Int32(1)})
	if len(got.Tags) != 1 || *got.Tags[0].Key != "A" || !got.IsTruncated {
		t.Errorf("got %+v", got)
	}
	bob := iamUser(w, "bob")
	tagged := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetPolicy","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/b":"3"}}}]}`
	apitest.Call[sdk.PutUserPolicyOutput](w, service, "PutUserPolicy", &sdk.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("p"), PolicyDocument: &tagged})
	if _, err := apitest.As[sdk.GetPolicyOutput](w, bob, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: arn}); err != nil {
		t.Errorf("the tag does not admit: %v", err)
	}
	if _, err := apitest.As[sdk.GetPolicyOutput](w, bob, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: managedPolicy(w, "untagged", allow)}); err == nil {
		t.Error("a policy without the tag was read")
	}
}

func TestMarkersAreGoodForTheirListOnly(t *testing.T) {
	w := world(t)
	w.Account(other, "Other")
	for i := range 3 {
		managedPolicy(w, fmt.Sprint("p", i), allow)
	}
	marker := apitest.Call[sdk.ListPoliciesOutput](w, service, "ListPolicies", &sdk.ListPoliciesInput{MaxItems: aws.Int32(1)}).Marker
	for _, in := range []*sdk.ListPoliciesInput{{Marker: aws.String("forged")}, {Marker: marker, Scope: types.PolicyScopeTypeLocal}, {Marker: marker, OnlyAttached: true}} {
		apitest.Refused(w, "ValidationError", service, "ListPolicies", in)
	}
	apitest.Refused(w, "ValidationError", service, "ListGroups", &sdk.ListGroupsInput{Marker: marker})
	if _, err := apitest.As[sdk.ListPoliciesOutput](w, apitest.Root(other), service, "ListPolicies", &sdk.ListPoliciesInput{Marker: marker}); err == nil {
		t.Error("another account's marker was taken")
	}
	got, err := apitest.As[sdk.ListPoliciesOutput](w, apitest.Root(other), service, "ListPolicies", &sdk.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	if err != nil || len(got.Policies) != 0 {
		t.Errorf("another account sees %v, %v", got, err)
	}
}

// TestOlderVersionsOfAWSsPoliciesAreNotKept: docs/divergences.md says so.
func TestOlderVersionsOfAWSsPoliciesAreNotKept(t *testing.T) {
	w := world(t)
	arn := aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")
	version := apitest.Call[sdk.GetPolicyOutput](w, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: arn}).Policy.DefaultVersionId
	apitest.Call[sdk.GetPolicyVersionOutput](w, service, "GetPolicyVersion", &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: version})
	says(t, apitest.Refused(w, "NoSuchEntity", service, "GetPolicyVersion", &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")}),
		"Policy "+*arn+" version v1 does not exist or is not attachable.")
	list := apitest.Call[sdk.ListPolicyVersionsOutput](w, service, "ListPolicyVersions", &sdk.ListPolicyVersionsInput{PolicyArn: arn}).Versions
	if len(list) != 1 || *list[0].VersionId != *version || !list[0].IsDefaultVersion {
		t.Errorf("got %+v", list)
	}
}
