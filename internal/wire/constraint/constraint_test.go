package constraint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	admintypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

const instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef"

func permissionSet(change func(*ssoadmin.CreatePermissionSetInput)) *ssoadmin.CreatePermissionSetInput {
	in := &ssoadmin.CreatePermissionSetInput{InstanceArn: aws.String(instance), Name: aws.String("Admin")}
	change(in)
	return in
}

func tags(n int) []admintypes.Tag {
	return slices.Repeat([]admintypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}, n)
}

const arnRoleName = "arn:aws:iam::123456789012:role/Admin"

func TestBoundaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, service, operation string
		in                       any
		want                     []string // path and what is broken, in short
	}{
		{"the least", "sso-admin", "CreatePermissionSet", permissionSet(func(*ssoadmin.CreatePermissionSetInput) {}), nil},
		{"a value instead of a pointer", "sso-admin", "CreatePermissionSet", ssoadmin.CreatePermissionSetInput{}, []string{"instanceArn null", "name null"}},
		{"a nil pointer", "sso-admin", "CreatePermissionSet", (*ssoadmin.CreatePermissionSetInput)(nil), nil},
		{"an unknown operation", "sso-admin", "X", &ssoadmin.CreatePermissionSetInput{}, nil},
		{"the longest name", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Name = aws.String(strings.Repeat("a", 32)) }), nil},
		{"a name too long", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Name = aws.String(strings.Repeat("a", 33)) }), []string{"name length less than or equal to 32"}},
		{"an empty name", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Name = aws.String("") }), []string{"name length greater than or equal to 1", "name pattern"}},
		{"a pattern matches the whole", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Name = aws.String("Admin\n") }), []string{"name pattern"}},
		{"length is code points", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) {
			in.Description = aws.String(strings.Repeat("é", 700))
		}), nil},
		{"a code point too many", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) {
			in.Description = aws.String(strings.Repeat("é", 701))
		}), []string{"description length less than or equal to 700"}},
		{"a duration", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT12H") }), nil},
		{"a duration of nothing", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT") }), []string{"sessionDuration pattern"}},
		{"a tag without a key", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) {
			in.Tags = []admintypes.Tag{{Key: aws.String("a"), Value: aws.String("")}, {Value: aws.String("v")}}
		}), []string{"tags.2.member.key null"}},
		{"the longest list", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Tags = tags(75) }), nil},
		{"a list too long", "sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Tags = tags(76) }), []string{"tags length less than or equal to 75"}},
		{"a range", "sso-admin", "ListPermissionSets", &ssoadmin.ListPermissionSetsInput{InstanceArn: aws.String(instance), MaxResults: aws.Int32(101)}, []string{"maxResults value less than or equal to 100"}},
		{"the range's ends", "sso-admin", "ListPermissionSets", &ssoadmin.ListPermissionSetsInput{InstanceArn: aws.String(instance), MaxResults: aws.Int32(1)}, nil},
		{"below the range", "sso-admin", "ListPermissionSets", &ssoadmin.ListPermissionSetsInput{InstanceArn: aws.String(instance), MaxResults: aws.Int32(0)}, []string{"maxResults value greater than or equal to 1"}},
		{"an enum", "sso-admin", "CreateAccountAssignment", &ssoadmin.CreateAccountAssignmentInput{InstanceArn: aws.String(instance),
			PermissionSetArn: aws.String("arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"), PrincipalId: aws.String("12345678-1234-1234-1234-123456789012"),
			PrincipalType: "ROBOT", TargetId: aws.String("123456789012")}, []string{"principalType enum", "targetType null"}},
		{"an alias", "iam", "CreateAccountAlias", &iam.CreateAccountAliasInput{AccountAlias: aws.String("a-b-c")}, nil},
		{"an alias with two dashes", "iam", "CreateAccountAlias", &iam.CreateAccountAliasInput{AccountAlias: aws.String("a--c")}, []string{"accountAlias pattern"}},
		{"elements of a list", "iam", "SimulateCustomPolicy", &iam.SimulateCustomPolicyInput{PolicyInputList: []string{"{}"}, ActionNames: []string{"iam:GetUser", "x"}}, []string{"actionNames constraint: [Member"}},
		{"a session policy in Latin-1", "sts", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String(arnRoleName), RoleSessionName: aws.String("alice"), Policy: aws.String("{\"é\":\"\t\"}")}, nil},
		{"a session policy beyond it", "sts", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String(arnRoleName), RoleSessionName: aws.String("alice"), Policy: aws.String("{\"日\":1}")}, []string{"policy pattern"}},
		{"an ARN in any script", "sts", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/日本\U0001F600"), RoleSessionName: aws.String("alice")}, nil},
		{"a session too long", "sts", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String(arnRoleName), RoleSessionName: aws.String("alice"), DurationSeconds: aws.Int32(43201)}, []string{"durationSeconds value less than or equal to 43200"}},
		{"a member of a union", "identitystore", "GetUserId", &identitystore.GetUserIdInput{IdentityStoreId: aws.String("d-1234567890"),
			AlternateIdentifier: &idtypes.AlternateIdentifierMemberUniqueAttribute{Value: idtypes.UniqueAttribute{}}},
			[]string{"alternateIdentifier.uniqueAttribute.attributePath null", "alternateIdentifier.uniqueAttribute.attributeValue null"}},
		{"a member of a union whose own name has Member", "identitystore", "CreateGroupMembership", &identitystore.CreateGroupMembershipInput{IdentityStoreId: aws.String("d-1234567890"),
			GroupId: aws.String("12345678-1234-1234-1234-123456789012"), MemberId: &idtypes.MemberIdMemberUserId{Value: "x"}}, []string{"memberId.userId pattern"}},
		{"a required union", "identitystore", "GetUserId", &identitystore.GetUserIdInput{IdentityStoreId: aws.String("d-1234567890")}, []string{"alternateIdentifier null"}},
		{"an account name", "organizations", "CreateAccount", &organizations.CreateAccountInput{AccountName: aws.String("a"), Email: aws.String("a@b")}, []string{"email length greater than or equal to 6", "email pattern"}},
		{"a device code", "sso-oidc", "StartDeviceAuthorization", &ssooidc.StartDeviceAuthorizationInput{}, []string{"clientId null", "clientSecret null", "startUrl null"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := constraint.Check(c.service, c.operation, c.in)
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i, v := range got {
				path, what, _ := strings.Cut(c.want[i], " ")
				if v.Path != path || !strings.Contains(v.String(), what) {
					t.Errorf("got %v, want %s", v, c.want[i])
				}
			}
		})
	}
}

func TestFaultsSpeakLikeAWS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		service, operation string
		in                 any
		code, message      string
		fields             map[string]any
	}{
		{"sso-admin", "ListPermissionSets", &ssoadmin.ListPermissionSetsInput{MaxResults: aws.Int32(101)}, "ValidationException",
			"2 validation errors detected: Value null at 'instanceArn' failed to satisfy constraint: Member must not be null; " +
				"Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100", nil},
		{"iam", "GetUser", &iam.GetUserInput{UserName: aws.String("a b")}, "ValidationError",
			`1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`, nil},
		{"sts", "AssumeRole", &sts.AssumeRoleInput{RoleArn: aws.String(arnRoleName)}, "ValidationError",
			"1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null", nil},
		{"sso", "ListAccounts", &sso.ListAccountsInput{}, "InvalidRequestException",
			"1 validation error detected: Value null at 'accessToken' failed to satisfy constraint: Member must not be null", nil},
		{"organizations", "ListPolicies", &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType("X")}, "InvalidInputException", "You specified an invalid value.", map[string]any{"Reason": "INVALID_ENUM:FILTER"}},
		{"organizations", "ListPolicies", &organizations.ListPoliciesInput{}, "InvalidInputException",
			"You must provide a value for the parameter.", map[string]any{"Reason": "INPUT_REQUIRED:FILTER"}},
		{"organizations", "ListHandshakesForAccount", &organizations.ListHandshakesForAccountInput{Filter: &orgtypes.HandshakeFilter{ActionType: "invalid"}},
			"InvalidInputException", "You specified an invalid value.", map[string]any{"Reason": "INVALID_ENUM:FILTER_ACTION_TYPE"}},
		{"organizations", "DescribeHandshake", &organizations.DescribeHandshakeInput{HandshakeId: aws.String("bad")}, "InvalidInputException",
			"You provided a value that does not match the required pattern.", map[string]any{"Reason": "INVALID_PATTERN:HANDSHAKE_ID"}},
		{"account", "PutAlternateContact", &account.PutAlternateContactInput{AlternateContactType: accounttypes.AlternateContactTypeBilling, EmailAddress: aws.String("secret"), Name: aws.String("n"), PhoneNumber: aws.String("1"), Title: aws.String("t")}, "ValidationException",
			`1 validation error detected: Value at 'emailAddress' failed to satisfy constraint: Member must satisfy regular expression pattern: [\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*`, map[string]any{"reason": "fieldValidationFailed"}},
	} {
		f := constraint.Fault(c.service, constraint.Check(c.service, c.operation, c.in))
		if f == nil {
			t.Errorf("%s %s: no fault", c.service, c.operation)
			continue
		}
		if f.Code != c.code || c.message != "" && f.Message != c.message {
			t.Errorf("got %s\nwant %s: %s", f, c.code, c.message)
		}
		if diff := cmp.Diff(c.fields, f.Fields); diff != "" {
			t.Errorf("%s: %s", f, diff)
		}
	}
	if f := constraint.Fault("iam", nil); f != nil {
		t.Errorf("no violations made %v", f)
	}
}

func TestMessagesStaySmall(t *testing.T) {
	t.Parallel()
	tags := make([]admintypes.Tag, 5000)
	for i := range tags {
		tags[i].Key = aws.String(strings.Repeat("é", 5000))
	}
	f := constraint.Fault("sso-admin", constraint.Check("sso-admin", "CreatePermissionSet", permissionSet(func(in *ssoadmin.CreatePermissionSetInput) { in.Tags = tags })))
	if f == nil || len(f.Message) > 32<<10 || strings.Contains(f.Message, "\uFFFD") {
		t.Errorf("the message has %d bytes", len(f.Message))
	}
}

func BenchmarkCheck(b *testing.B) {
	in := permissionSet(func(in *ssoadmin.CreatePermissionSetInput) {
		in.Description = aws.String("Everything")
		in.Tags = []admintypes.Tag{{Key: aws.String("team"), Value: aws.String("core")}}
	})
	b.ReportAllocs()
	for b.Loop() {
		if v := constraint.Check("sso-admin", "CreatePermissionSet", in); v != nil {
			b.Fatal(v)
		}
	}
}

func BenchmarkCheckGetUser(b *testing.B) {
	in := &iam.GetUserInput{UserName: aws.String("alice")}
	b.ReportAllocs()
	for b.Loop() {
		if v := constraint.Check("iam", "GetUser", in); v != nil {
			b.Fatal(v)
		}
	}
}
