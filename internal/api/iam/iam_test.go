package iam

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	service  = "iam"
	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	allow    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
)

func world(t *testing.T) *apitest.World {
	t.Parallel()
	return apitest.New(t, map[string]api.Table{service: Table()})
}

func TestUsersAndTheirKeys(t *testing.T) {
	w := world(t)
	alice := aws.String("alice")
	u := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: alice, Path: aws.String("/team/")}).User
	if *u.Arn != "arn:aws:iam::111111111111:user/team/alice" {
		t.Errorf("got %s", *u.Arn)
	}
	f := apitest.Refused(w, "EntityAlreadyExists", service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("Alice")})
	if f.Message != "User with name Alice already exists." {
		t.Errorf("got %q", f.Message)
	}
	key := apitest.Call[sdk.CreateAccessKeyOutput](w, service, "CreateAccessKey", &sdk.CreateAccessKeyInput{UserName: alice}).AccessKey
	kept := w.State.Current().AccessKey(*key.AccessKeyId)
	if secret, err := w.Seal.OpenValue(kept.SealedSecret, []byte(kept.ID)); err != nil || secret.Reveal() != *key.SecretAccessKey {
		t.Errorf("the secret does not come back: %v", err)
	}
	apitest.Call[sdk.CreateAccessKeyOutput](w, service, "CreateAccessKey", &sdk.CreateAccessKeyInput{UserName: alice})
	apitest.Refused(w, "LimitExceeded", service, "CreateAccessKey", &sdk.CreateAccessKeyInput{UserName: alice})
	apitest.Refused(w, "ValidationError", service, "CreateAccessKey", &sdk.CreateAccessKeyInput{})
	apitest.Refused(w, "DeleteConflict", service, "DeleteUser", &sdk.DeleteUserInput{UserName: alice})
	for _, k := range apitest.Call[sdk.ListAccessKeysOutput](w, service, "ListAccessKeys", &sdk.ListAccessKeysInput{UserName: alice}).AccessKeyMetadata {
		apitest.Call[sdk.DeleteAccessKeyOutput](w, service, "DeleteAccessKey", &sdk.DeleteAccessKeyInput{UserName: alice, AccessKeyId: k.AccessKeyId})
	}
	apitest.Call[sdk.DeleteUserOutput](w, service, "DeleteUser", &sdk.DeleteUserInput{UserName: alice})
	f = apitest.Refused(w, "NoSuchEntity", service, "GetUser", &sdk.GetUserInput{UserName: alice})
	if f.Message != "The user with name alice cannot be found." {
		t.Errorf("got %q", f.Message)
	}
}

func TestGetUserWithoutANameIsTheCaller(t *testing.T) {
	w := world(t)
	if got := apitest.Call[sdk.GetUserOutput](w, service, "GetUser", &sdk.GetUserInput{}).User; *got.Arn != "arn:aws:iam::111111111111:root" {
		t.Errorf("got %s", *got.Arn)
	}
	made := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("bob")}).User
	bob := &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: *made.Arn, IAMUserID: *made.UserId, RoleGeneration: 1}
	if _, err := apitest.As[sdk.GetUserOutput](w, bob, service, "GetUser", &sdk.GetUserInput{}); err == nil {
		t.Error("a user without policies was allowed")
	}
	self := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/${aws:username}"}]}`
	apitest.Call[sdk.PutUserPolicyOutput](w, service, "PutUserPolicy", &sdk.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("self"), PolicyDocument: &self})
	got, err := apitest.As[sdk.GetUserOutput](w, bob, service, "GetUser", &sdk.GetUserInput{})
	if err != nil || *got.User.UserName != "bob" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := apitest.As[sdk.CreateUserOutput](w, bob, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("eve")}); err == nil {
		t.Error("bob created a user")
	}
}

func trusting(principal string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`)
}

func TestRolesTrustWhoExists(t *testing.T) {
	w := world(t)
	for _, principal := range []string{"222222222222", "arn:aws:iam::222222222222:root", "arn:aws:iam::111111111111:user/nobody", "AIDAAAAAAAAAAAAAAAAAA"} {
		f := apitest.Refused(w, "MalformedPolicyDocument", service, "CreateRole", &sdk.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: trusting(principal)})
		if want := `Invalid principal in policy: "AWS":"` + principal + `"`; f.Message != want {
			t.Errorf("got %q, want %q", f.Message, want)
		}
	}
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: trusting("arn:aws:iam::111111111111:root")})
	apitest.Refused(w, "EntityAlreadyExists", service, "CreateRole", &sdk.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: trusting("111111111111")})
	apitest.Refused(w, "ValidationError", service, "CreateRole", &sdk.CreateRoleInput{RoleName: aws.String("AWSReservedSSO_x"), AssumeRolePolicyDocument: trusting("111111111111")})
	apitest.Call[sdk.AttachRolePolicyOutput](w, service, "AttachRolePolicy", &sdk.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(readOnly)})
	apitest.Refused(w, "DeleteConflict", service, "DeleteRole", &sdk.DeleteRoleInput{RoleName: aws.String("r")})
	used := apitest.Call[sdk.GetPolicyOutput](w, service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: aws.String(readOnly)}).Policy
	if *used.AttachmentCount != 1 {
		t.Errorf("got %d attachments", *used.AttachmentCount)
	}
	apitest.Call[sdk.DetachRolePolicyOutput](w, service, "DetachRolePolicy", &sdk.DetachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(readOnly)})
	apitest.Call[sdk.DeleteRoleOutput](w, service, "DeleteRole", &sdk.DeleteRoleInput{RoleName: aws.String("r")})
}

func TestReservedRolesAreReadOnly(t *testing.T) {
	w := world(t)
	set := &permission.Set{ARN: "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef", InstanceARN: apitest.InstanceARN,
		Name: "Look", Version: 1, Grants: permission.Grants{Managed: []string{readOnly}, Inline: allow}}
	place := provision.Place{Set: set, Account: apitest.Management, Region: w.Region}
	err := w.Store.Update(t.Context(), func(tx *store.Tx) error {
		if err := store.PermissionSets.Save(tx, set); err != nil {
			return err
		}
		_, err := provision.Assign(tx, place, permission.UserPrincipal, "u")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	name := aws.String(place.RoleName())
	shown := apitest.Call[sdk.ListAttachedRolePoliciesOutput](w, service, "ListAttachedRolePolicies", &sdk.ListAttachedRolePoliciesInput{RoleName: name})
	if len(shown.AttachedPolicies) != 1 {
		t.Errorf("got %v", shown.AttachedPolicies)
	}
	want := "Cannot perform the operation on the protected role '" + *name + "' - this role is only modifiable by AWS"
	for operation, in := range map[string]any{
		"DeleteRole":                    &sdk.DeleteRoleInput{RoleName: name},
		"PutRolePolicy":                 &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("x"), PolicyDocument: aws.String(allow)},
		"DeleteRolePolicy":              &sdk.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("AwsSSOInlinePolicy")},
		"AttachRolePolicy":              &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(readOnly)},
		"DetachRolePolicy":              &sdk.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(readOnly)},
		"UpdateAssumeRolePolicy":        &sdk.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trusting("111111111111")},
		"PutRolePermissionsBoundary":    &sdk.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(readOnly)},
		"DeleteRolePermissionsBoundary": &sdk.DeleteRolePermissionsBoundaryInput{RoleName: name},
		"UpdateRole":                    &sdk.UpdateRoleInput{RoleName: name, Description: aws.String("x")},
		"UpdateRoleDescription":         &sdk.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("x")},
		"TagRole":                       &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("a", "b")}},
		"UntagRole":                     &sdk.UntagRoleInput{RoleName: name, TagKeys: []string{"a"}},
	} {
		if f := apitest.Refused(w, "UnmodifiableEntity", service, operation, in); f.Message != want {
			t.Errorf("%s: got %q", operation, f.Message)
		}
	}
}

func TestManagedPoliciesComeInPages(t *testing.T) {
	w := world(t)
	seen := map[string]bool{}
	in := &sdk.ListPoliciesInput{MaxItems: aws.Int32(500)}
	for {
		out := apitest.Call[sdk.ListPoliciesOutput](w, service, "ListPolicies", in)
		for _, p := range out.Policies {
			if seen[*p.Arn] {
				t.Fatalf("%s comes twice", *p.Arn)
			}
			seen[*p.Arn] = true
		}
		if in.Marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if len(seen) < 1000 || !seen[readOnly] {
		t.Errorf("got %d policies", len(seen))
	}
	apitest.Refused(w, "NoSuchEntity", service, "GetPolicy", &sdk.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/Nothing")})
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("x")})
	apitest.Refused(w, "ValidationError", service, "AttachUserPolicy", &sdk.AttachUserPolicyInput{UserName: aws.String("x"), PolicyArn: aws.String("longpolicynamewithoutarn")})
}

func TestInlinePoliciesAreBounded(t *testing.T) {
	t.Parallel()
	var p iam.Policies
	if err := p.Put("a", allow, len(allow)); err != nil {
		t.Error(err)
	}
	if err := p.Put("a", allow+" \n", len(allow)); err != nil {
		t.Errorf("a replacement with white space: %v", err)
	}
	if err := p.Put("b", allow, len(allow)); err == nil {
		t.Error("two fit where one does")
	}
}
