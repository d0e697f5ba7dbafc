package iam

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestServiceLinkedRolesBelongToTheirService(t *testing.T) {
	w := world(t)
	made := apitest.Call[sdk.CreateServiceLinkedRoleOutput](w, service, "CreateServiceLinkedRole",
		&sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("autoscaling.amazonaws.com"), CustomSuffix: aws.String("mine"), Description: aws.String("d")}).Role
	name := made.RoleName
	if *made.Arn != "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_mine" {
		t.Errorf("got %s", *made.Arn)
	}
	for want, in := range map[string]*sdk.CreateServiceLinkedRoleInput{
		"Custom suffix is not allowed for batch.amazonaws.com": {AWSServiceName: aws.String("batch.amazonaws.com"), CustomSuffix: aws.String("x")},
		"Service role name AWSServiceRoleForAutoScaling_mine has been taken in this account, please try a different suffix.": {
			AWSServiceName: aws.String("autoscaling.amazonaws.com"), CustomSuffix: aws.String("mine")},
		"nothing.amazonaws.com is not a service that roles can be linked to.": {AWSServiceName: aws.String("nothing.amazonaws.com")},
	} {
		if f := apitest.Refused(w, "InvalidInput", service, "CreateServiceLinkedRole", in); f.Message != want {
			t.Errorf("got %q, want %q", f.Message, want)
		}
	}
	for operation, in := range map[string]any{
		"DeleteRole":                 &sdk.DeleteRoleInput{RoleName: name},
		"UpdateAssumeRolePolicy":     &sdk.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trusting("111111111111")},
		"PutRolePolicy":              &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("x"), PolicyDocument: aws.String(allow)},
		"AttachRolePolicy":           &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(readOnly)},
		"PutRolePermissionsBoundary": &sdk.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(readOnly)},
		"UpdateRole":                 &sdk.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(7200)},
	} {
		apitest.Refused(w, "UnmodifiableEntity", service, operation, in)
	}
	apitest.Call[sdk.UpdateRoleDescriptionOutput](w, service, "UpdateRoleDescription", &sdk.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("x")})
	apitest.Call[sdk.UpdateRoleOutput](w, service, "UpdateRole", &sdk.UpdateRoleInput{RoleName: name, Description: aws.String("y")})
	apitest.Call[sdk.TagRoleOutput](w, service, "TagRole", &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("a", "b")}})
	gone := apitest.Call[sdk.DeleteServiceLinkedRoleOutput](w, service, "DeleteServiceLinkedRole", &sdk.DeleteServiceLinkedRoleInput{RoleName: name})
	if !strings.HasPrefix(*gone.DeletionTaskId, "task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_mine/") {
		t.Errorf("got %s", *gone.DeletionTaskId)
	}
	ask := &sdk.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: gone.DeletionTaskId}
	if out := apitest.Call[sdk.GetServiceLinkedRoleDeletionStatusOutput](w, service, "GetServiceLinkedRoleDeletionStatus", ask); out.Status != types.DeletionTaskStatusTypeSucceeded {
		t.Errorf("got %s", out.Status)
	}
	apitest.Refused(w, "NoSuchEntity", service, "GetRole", &sdk.GetRoleInput{RoleName: name})
	w.Account("222222222222", "Other")
	if err := do(t, w, apitest.Root("222222222222"), "GetServiceLinkedRoleDeletionStatus", ask); !fault.Is(err, "NoSuchEntity") {
		t.Errorf("another account's task: %v", err)
	}
	forged := strings.Replace(*gone.DeletionTaskId, "_mine", "_more", 1)
	apitest.Refused(w, "NoSuchEntity", service, "GetServiceLinkedRoleDeletionStatus", &sdk.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: &forged})
	plain := aws.String("plain")
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: plain, AssumeRolePolicyDocument: trusting("111111111111")})
	apitest.Refused(w, "InvalidInput", service, "DeleteServiceLinkedRole", &sdk.DeleteServiceLinkedRoleInput{RoleName: plain})
}

func TestSuffixesFillNoDatabase(t *testing.T) {
	w := world(t)
	w.Limit("iam.roles-per-account", 2)
	link := func(suffix string) *sdk.CreateServiceLinkedRoleInput {
		return &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("autoscaling.amazonaws.com"), CustomSuffix: &suffix}
	}
	for _, suffix := range []string{"a", "b"} {
		apitest.Call[sdk.CreateServiceLinkedRoleOutput](w, service, "CreateServiceLinkedRole", link(suffix))
	}
	apitest.Refused(w, "LimitExceeded", service, "CreateServiceLinkedRole", link("more"))
}

func TestALinkIsDecidedByItsService(t *testing.T) {
	w := world(t)
	clerk := caller(w, "clerk", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole",
		"Resource":"arn:aws:iam::*:role/aws-service-role/*","Condition":{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"}}}]}`)
	if err := do(t, w, clerk, "CreateServiceLinkedRole", &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")}); err != nil {
		t.Error(err)
	}
	if err := do(t, w, clerk, "CreateServiceLinkedRole", &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("rds.amazonaws.com")}); !fault.Is(err, "AccessDenied") {
		t.Errorf("got %v", err)
	}
}
