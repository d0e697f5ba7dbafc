package iam

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

// staffed is a world with a user, a group, a role and a policy, each named x.
func staffed(t *testing.T) *apitest.World {
	w, x := world(t), aws.String("x")
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: x})
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: x})
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: x, AssumeRolePolicyDocument: trusting("*")})
	apitest.Call[sdk.CreatePolicyOutput](w, service, "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: x, PolicyDocument: aws.String(allow)})
	return w
}

func TestLimits(t *testing.T) {
	t.Parallel()
	x, xPolicy := aws.String("x"), aws.String("arn:aws:iam::"+string(apitest.Management)+":policy/x")
	named := func(n int) *string { return aws.String(fmt.Sprint("x", n)) }
	// awsPolicy is the nth of AWS's policies that anybody may attach.
	var attachable []*string
	for p := range managed.List() {
		if len(attachable) < 4 && p.Path == "/" {
			attachable = append(attachable, aws.String(p.ARN))
		}
	}
	awsPolicy := func(n int) *string { return attachable[n-1] }
	sized := func(n int) *string { return aws.String(apitest.Sized(allow, n)) }
	fill := func(to, has int, operation string, in func(n int) any) apitest.Filling {
		return apitest.Filling{To: to, Has: has, Code: "LimitExceeded", Add: func(w *apitest.World, n int) error { return w.Do(service, operation, in(n)) }}
	}
	size := func(operation string, in func(n int) any) apitest.Filling {
		f := fill(300, 0, operation, in)
		f.Size = true
		return f
	}
	apitest.AtLimits(t, "iam", Limits(), staffed, map[string]apitest.Filling{
		"iam.users-per-account":  fill(3, 1, "CreateUser", func(n int) any { return &sdk.CreateUserInput{UserName: named(n)} }),
		"iam.groups-per-account": fill(3, 1, "CreateGroup", func(n int) any { return &sdk.CreateGroupInput{GroupName: named(n)} }),
		"iam.roles-per-account": fill(3, 1, "CreateRole", func(n int) any {
			return &sdk.CreateRoleInput{RoleName: named(n), AssumeRolePolicyDocument: trusting("*")}
		}),
		"iam.policies-per-account": fill(3, 1, "CreatePolicy", func(n int) any {
			return &sdk.CreatePolicyInput{PolicyName: named(n), PolicyDocument: aws.String(allow)}
		}),
		"iam.virtual-mfa-devices-per-account": fill(3, 0, "CreateVirtualMFADevice", func(n int) any {
			return &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: named(n)}
		}),
		"iam.access-keys-per-user": fill(1, 0, "CreateAccessKey", func(int) any { return &sdk.CreateAccessKeyInput{UserName: x} }),
		"iam.groups-per-user": {To: 2, Code: "LimitExceeded", Add: func(w *apitest.World, n int) error {
			_ = w.Do(service, "CreateGroup", &sdk.CreateGroupInput{GroupName: named(n)})
			return w.Do(service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: named(n), UserName: x})
		}},
		"iam.policies-per-user":  fill(2, 0, "AttachUserPolicy", func(n int) any { return &sdk.AttachUserPolicyInput{UserName: x, PolicyArn: awsPolicy(n)} }),
		"iam.policies-per-group": fill(2, 0, "AttachGroupPolicy", func(n int) any { return &sdk.AttachGroupPolicyInput{GroupName: x, PolicyArn: awsPolicy(n)} }),
		"iam.policies-per-role":  fill(2, 0, "AttachRolePolicy", func(n int) any { return &sdk.AttachRolePolicyInput{RoleName: x, PolicyArn: awsPolicy(n)} }),
		"iam.inline-size-of-user": size("PutUserPolicy", func(n int) any {
			return &sdk.PutUserPolicyInput{UserName: x, PolicyName: x, PolicyDocument: sized(n)}
		}),
		"iam.inline-size-of-group": size("PutGroupPolicy", func(n int) any {
			return &sdk.PutGroupPolicyInput{GroupName: x, PolicyName: x, PolicyDocument: sized(n)}
		}),
		"iam.inline-size-of-role": size("PutRolePolicy", func(n int) any {
			return &sdk.PutRolePolicyInput{RoleName: x, PolicyName: x, PolicyDocument: sized(n)}
		}),
		"iam.trust-policy-size": size("UpdateAssumeRolePolicy", func(n int) any {
			return &sdk.UpdateAssumeRolePolicyInput{RoleName: x, PolicyDocument: aws.String(apitest.Sized(*trusting("*"), n))}
		}),
		"iam.policy-size": size("CreatePolicy", func(n int) any { return &sdk.CreatePolicyInput{PolicyName: named(n), PolicyDocument: sized(n)} }),
		"iam.versions-per-policy": fill(3, 1, "CreatePolicyVersion", func(int) any {
			return &sdk.CreatePolicyVersionInput{PolicyArn: xPolicy, PolicyDocument: aws.String(allow)}
		}),
		"iam.tags-per-resource": fill(2, 0, "TagUser", func(n int) any { return &sdk.TagUserInput{UserName: x, Tags: []types.Tag{tag(*named(n), "")}} }),
	})
}

// TestTheTagsOfEveryResourceAreLimited comes to the limit by the other operations that set tags.
func TestTheTagsOfEveryResourceAreLimited(t *testing.T) {
	w := staffed(t)
	w.Limit("iam.tags-per-resource", 1)
	y, two := aws.String("y"), []types.Tag{tag("a", ""), tag("b", "")}
	for operation, in := range map[string]any{
		"CreateUser":   &sdk.CreateUserInput{UserName: y, Tags: two},
		"CreateRole":   &sdk.CreateRoleInput{RoleName: y, AssumeRolePolicyDocument: trusting("*"), Tags: two},
		"CreatePolicy": &sdk.CreatePolicyInput{PolicyName: y, PolicyDocument: aws.String(allow), Tags: two},
		"TagRole":      &sdk.TagRoleInput{RoleName: aws.String("x"), Tags: two},
		"TagPolicy":    &sdk.TagPolicyInput{PolicyArn: aws.String("arn:aws:iam::" + string(apitest.Management) + ":policy/x"), Tags: two},
	} {
		apitest.Refused(w, "LimitExceeded", service, operation, in)
	}
}

func TestTheSummaryTellsTheLimitsThatHold(t *testing.T) {
	w := world(t)
	w.Limit("iam.roles-per-account", 7)
	w.Limit("iam.versions-per-policy", 3)
	w.Limit("iam.policies-per-account", 1_000_000_000) // from a time when it might be
	got := apitest.Call[sdk.GetAccountSummaryOutput](w, service, "GetAccountSummary", &sdk.GetAccountSummaryInput{}).SummaryMap
	for key, want := range map[string]int32{"RolesQuota": 7, "VersionsPerPolicyQuota": 3, "PoliciesQuota": 100_000,
		"PolicyVersionsInUseQuota": 300_000, "UsersQuota": 5000, "AssumeRolePolicySizeQuota": 8192, "AttachedPoliciesPerRoleQuota": 25} {
		if got[key] != want {
			t.Errorf("%s is %d, want %d", key, got[key], want)
		}
	}
}

// TestALimitIsAnAccountsOwn has a limit count what an account has, and not what its neighbours have.
func TestALimitIsAnAccountsOwn(t *testing.T) {
	w := staffed(t)
	const other ident.AccountID = "999999999999"
	w.Account(other, "Other")
	w.Limit("iam.users-per-account", 1)
	apitest.Refused(w, "LimitExceeded", service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("y")})
	if _, err := apitest.As[sdk.CreateUserOutput](w, apitest.Root(other), service, "CreateUser", &sdk.CreateUserInput{UserName: aws.String("y")}); err != nil {
		t.Error(err)
	}
}
