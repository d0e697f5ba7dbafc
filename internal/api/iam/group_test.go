package iam

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

func makeGroup(w *apitest.World, name string) *string {
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: &name})
	return &name
}

func join(w *apitest.World, group, user string) {
	apitest.Call[sdk.AddUserToGroupOutput](w, service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: &group, UserName: &user})
}

func TestGroupsAreMadeRenamedAndDeleted(t *testing.T) {
	w := world(t)
	g := apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: aws.String("Staff"), Path: aws.String("/a/")}).Group
	if *g.Arn != "arn:aws:iam::111111111111:group/a/Staff" {
		t.Errorf("got %s", *g.Arn)
	}
	makeGroup(w, "Crew")
	says(t, apitest.Refused(w, "EntityAlreadyExists", service, "CreateGroup", &sdk.CreateGroupInput{GroupName: aws.String("STAFF")}), "Group with name STAFF already exists.")
	bob := iamUser(w, "bob")
	join(w, "Staff", "bob")
	apitest.Call[sdk.PutGroupPolicyOutput](w, service, "PutGroupPolicy", &sdk.PutGroupPolicyInput{GroupName: aws.String("staff"), PolicyName: aws.String("p"), PolicyDocument: aws.String(apitest.Allow("iam:ListUsers"))})
	says(t, apitest.Refused(w, "EntityAlreadyExists", service, "UpdateGroup", &sdk.UpdateGroupInput{GroupName: aws.String("Staff"), NewGroupName: aws.String("crew")}), "Group with name crew already exists.")
	apitest.Call[sdk.UpdateGroupOutput](w, service, "UpdateGroup", &sdk.UpdateGroupInput{GroupName: aws.String("Staff"), NewGroupName: aws.String("People"), NewPath: aws.String("/b/")})
	apitest.Call[sdk.UpdateGroupOutput](w, service, "UpdateGroup", &sdk.UpdateGroupInput{GroupName: aws.String("People"), NewGroupName: aws.String("PEOPLE")})
	for range 2 {
		got := apitest.Call[sdk.GetGroupOutput](w, service, "GetGroup", &sdk.GetGroupInput{GroupName: aws.String("people")})
		if *got.Group.Arn != "arn:aws:iam::111111111111:group/b/PEOPLE" || *got.Group.GroupId != *g.GroupId || len(got.Users) != 1 || !mayList(w, bob) {
			t.Errorf("after the change of name: %+v", got)
		}
		w.Reload()
	}
	says(t, apitest.Refused(w, "NoSuchEntity", service, "GetGroup", &sdk.GetGroupInput{GroupName: aws.String("Staff")}), "The group with name Staff cannot be found.")
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeleteGroup", &sdk.DeleteGroupInput{GroupName: aws.String("PEOPLE")}), "Cannot delete entity, must remove users from group first.")
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeleteUser", &sdk.DeleteUserInput{UserName: aws.String("bob")}), "Cannot delete entity, must remove users from group first.")
	leave := &sdk.RemoveUserFromGroupInput{GroupName: aws.String("PEOPLE"), UserName: aws.String("bob")}
	apitest.Call[sdk.RemoveUserFromGroupOutput](w, service, "RemoveUserFromGroup", leave)
	apitest.Refused(w, "NoSuchEntity", service, "RemoveUserFromGroup", leave)
	if mayList(w, bob) {
		t.Error("who has left a group has its policies")
	}
	says(t, apitest.Refused(w, "DeleteConflict", service, "DeleteGroup", &sdk.DeleteGroupInput{GroupName: aws.String("PEOPLE")}), "Cannot delete entity, must delete policies first.")
	apitest.Call[sdk.DeleteGroupPolicyOutput](w, service, "DeleteGroupPolicy", &sdk.DeleteGroupPolicyInput{GroupName: aws.String("PEOPLE"), PolicyName: aws.String("p")})
	apitest.Call[sdk.DeleteGroupOutput](w, service, "DeleteGroup", &sdk.DeleteGroupInput{GroupName: aws.String("PEOPLE")})
	apitest.Call[sdk.DeleteUserOutput](w, service, "DeleteUser", &sdk.DeleteUserInput{UserName: aws.String("bob")})
}

func TestMembersComeInPages(t *testing.T) {
	w := world(t)
	g := makeGroup(w, "g")
	for i := range 5 {
		name := fmt.Sprint("user", i)
		iamUser(w, name)
		join(w, "g", name)
		join(w, "G", name) // again: changes nothing
	}
	var names []string
	in := &sdk.GetGroupInput{GroupName: g, MaxItems: aws.Int32(2)}
	for more := true; more; {
		out := apitest.Call[sdk.GetGroupOutput](w, service, "GetGroup", in)
		for _, u := range out.Users {
			names = append(names, *u.UserName)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != 5 {
		t.Errorf("members: %v", names)
	}
	marker := apitest.Call[sdk.GetGroupOutput](w, service, "GetGroup", &sdk.GetGroupInput{GroupName: g, MaxItems: aws.Int32(2)}).Marker
	apitest.Refused(w, "ValidationError", service, "GetGroup", &sdk.GetGroupInput{GroupName: makeGroup(w, "h"), Marker: marker})
	apitest.Refused(w, "NoSuchEntity", service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: g, UserName: aws.String("nobody")})
	apitest.Refused(w, "NoSuchEntity", service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: aws.String("none"), UserName: aws.String("user1")})
}

func TestGroupsComeInTheOrderOfTheirNames(t *testing.T) {
	w := world(t)
	iamUser(w, "bob")
	for i := range 10 {
		join(w, *makeGroup(w, fmt.Sprint("g", 10-i)), "bob")
	}
	want := []string{"g1", "g10", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9"}
	var all, ofBob []string
	in, of := &sdk.ListGroupsInput{MaxItems: aws.Int32(3)}, &sdk.ListGroupsForUserInput{UserName: aws.String("bob"), MaxItems: aws.Int32(4)}
	for more := true; more; {
		out := apitest.Call[sdk.ListGroupsOutput](w, service, "ListGroups", in)
		for _, g := range out.Groups {
			all = append(all, *g.GroupName)
		}
		in.Marker, more = out.Marker, out.IsTruncated
	}
	for more := true; more; {
		out := apitest.Call[sdk.ListGroupsForUserOutput](w, service, "ListGroupsForUser", of)
		for _, g := range out.Groups {
			ofBob = append(ofBob, *g.GroupName)
		}
		of.Marker, more = out.Marker, out.IsTruncated
	}
	if !slices.Equal(all, want) || !slices.Equal(ofBob, want) {
		t.Errorf("all %v, bob's %v", all, ofBob)
	}
	says(t, apitest.Refused(w, "LimitExceeded", service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: makeGroup(w, "more"), UserName: aws.String("bob")}),
		"Cannot exceed quota for GroupsPerUser: 10")
	none := apitest.Call[sdk.ListGroupsOutput](w, service, "ListGroups", &sdk.ListGroupsInput{PathPrefix: aws.String("/x/")})
	if len(none.Groups) != 0 {
		t.Errorf("under /x/: %v", none.Groups)
	}
}

func TestNamesOfInlinePoliciesAreFoundInAnyCase(t *testing.T) {
	w := world(t)
	g := makeGroup(w, "g")
	put := func(name, document string) {
		apitest.Call[sdk.PutGroupPolicyOutput](w, service, "PutGroupPolicy", &sdk.PutGroupPolicyInput{GroupName: g, PolicyName: &name, PolicyDocument: &document})
	}
	put("MixedName", allow)
	put("mixedname", apitest.Deny("s3:*"))
	names := apitest.Call[sdk.ListGroupPoliciesOutput](w, service, "ListGroupPolicies", &sdk.ListGroupPoliciesInput{GroupName: g}).PolicyNames
	got := apitest.Call[sdk.GetGroupPolicyOutput](w, service, "GetGroupPolicy", &sdk.GetGroupPolicyInput{GroupName: g, PolicyName: aws.String("MIXEDNAME")})
	if !slices.Equal(names, []string{"MixedName"}) || *got.PolicyName != "MIXEDNAME" || *got.PolicyDocument != apitest.Deny("s3:*") {
		t.Errorf("names %v, got %s", names, *got.PolicyDocument)
	}
	apitest.Call[sdk.DeleteGroupPolicyOutput](w, service, "DeleteGroupPolicy", &sdk.DeleteGroupPolicyInput{GroupName: g, PolicyName: aws.String("mixedNAME")})
	says(t, apitest.Refused(w, "NoSuchEntity", service, "GetGroupPolicy", &sdk.GetGroupPolicyInput{GroupName: g, PolicyName: aws.String("MixedName")}),
		"The group policy with name MixedName cannot be found.")
}

func TestGroupsHoldManagedPolicies(t *testing.T) {
	w := world(t)
	g, bob := makeGroup(w, "g"), iamUser(w, "bob")
	join(w, "g", "bob")
	arn := managedPolicy(w, "work", apitest.Allow("iam:ListUsers"))
	apitest.Call[sdk.AttachGroupPolicyOutput](w, service, "AttachGroupPolicy", &sdk.AttachGroupPolicyInput{GroupName: g, PolicyArn: arn})
	listed := apitest.Call[sdk.ListAttachedGroupPoliciesOutput](w, service, "ListAttachedGroupPolicies", &sdk.ListAttachedGroupPoliciesInput{GroupName: g, PathPrefix: aws.String("/team/")})
	if len(listed.AttachedPolicies) != 1 || *listed.AttachedPolicies[0].PolicyName != "work" || !mayList(w, bob) {
		t.Errorf("attached: %v", listed.AttachedPolicies)
	}
	if elsewhere := apitest.Call[sdk.ListAttachedGroupPoliciesOutput](w, service, "ListAttachedGroupPolicies", &sdk.ListAttachedGroupPoliciesInput{GroupName: g, PathPrefix: aws.String("/x/")}); len(elsewhere.AttachedPolicies) != 0 {
		t.Errorf("under /x/: %v", elsewhere.AttachedPolicies)
	}
	apitest.Call[sdk.DetachGroupPolicyOutput](w, service, "DetachGroupPolicy", &sdk.DetachGroupPolicyInput{GroupName: g, PolicyArn: arn})
	says(t, apitest.Refused(w, "NoSuchEntity", service, "DetachGroupPolicy", &sdk.DetachGroupPolicyInput{GroupName: g, PolicyArn: arn}), "Policy "+*arn+" was not found.")
	if mayList(w, bob) {
		t.Error("a detached policy grants")
	}
}

func TestGroupsOfAnotherAccountAreNotThere(t *testing.T) {
	w := world(t)
	w.Account(other, "Other")
	name := aws.String("theirs")
	if _, err := apitest.As[sdk.CreateGroupOutput](w, apitest.Root(other), service, "CreateGroup", &sdk.CreateGroupInput{GroupName: name}); err != nil {
		t.Fatal(err)
	}
	iamUser(w, "bob")
	bob := aws.String("bob")
	for operation, in := range map[string]any{
		"GetGroup":            &sdk.GetGroupInput{GroupName: name},
		"UpdateGroup":         &sdk.UpdateGroupInput{GroupName: name, NewGroupName: bob},
		"DeleteGroup":         &sdk.DeleteGroupInput{GroupName: name},
		"AddUserToGroup":      &sdk.AddUserToGroupInput{GroupName: name, UserName: bob},
		"RemoveUserFromGroup": &sdk.RemoveUserFromGroupInput{GroupName: name, UserName: bob},
		"PutGroupPolicy":      &sdk.PutGroupPolicyInput{GroupName: name, PolicyName: bob, PolicyDocument: aws.String(allow)},
		"AttachGroupPolicy":   &sdk.AttachGroupPolicyInput{GroupName: name, PolicyArn: aws.String(readOnly)},
	} {
		says(t, apitest.Refused(w, "NoSuchEntity", service, operation, in), "The group with name theirs cannot be found.")
	}
	_, err := apitest.As[sdk.AddUserToGroupOutput](w, apitest.Root(other), service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: name, UserName: bob})
	if err == nil {
		t.Error("a user of another account joined a group")
	}
}

func TestUpdateGroupNeedsBothNames(t *testing.T) {
	w := world(t)
	bob, g := iamUser(w, "bob"), makeGroup(w, "dev-a")
	only := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:UpdateGroup","Resource":"arn:aws:iam::*:group/dev-*"}]}`
	apitest.Call[sdk.PutUserPolicyOutput](w, service, "PutUserPolicy", &sdk.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("p"), PolicyDocument: &only})
	if _, err := apitest.As[sdk.UpdateGroupOutput](w, bob, service, "UpdateGroup", &sdk.UpdateGroupInput{GroupName: g, NewGroupName: aws.String("admins")}); err == nil {
		t.Error("a group got a name that the policy does not allow")
	}
	if _, err := apitest.As[sdk.UpdateGroupOutput](w, bob, service, "UpdateGroup", &sdk.UpdateGroupInput{GroupName: g, NewGroupName: aws.String("dev-b")}); err != nil {
		t.Error(err)
	}
}
