package clients_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// TestTheAWSCLISimulatesPolicies asks what a permission set's role may do, and what a policy that nobody has would allow.
func TestTheAWSCLISimulatesPolicies(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	iam := func(args ...string) string {
		t.Helper()
		res := testkit.AWS(t, d, p.Name, append([]string{"iam"}, args...)...)
		if res.Exit != 0 {
			t.Fatalf("aws iam %v: %+v", args, res)
		}
		return strings.Join(strings.Fields(res.Stdout), " ")
	}
	role := iam("list-roles", "--query", "Roles[?starts_with(RoleName,'AWSReservedSSO_AdministratorAccess')].Arn | [0]", "--output", "text")
	const decisions = "EvaluationResults[].[EvalActionName,EvalDecision]"
	if got, want := iam("simulate-principal-policy", "--policy-source-arn", role, "--action-names", "iam:CreateUser", "s3:GetObject",
		"--query", decisions, "--output", "text"), "iam:CreateUser allowed s3:GetObject allowed"; got != want {
		t.Errorf("simulate-principal-policy: got %q, want %q", got, want)
	}
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/${aws:username}/*",` +
		`"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}]}`
	custom := []string{"simulate-custom-policy", "--policy-input-list", document, "--action-names", "s3:GetObject", "--resource-arns", "arn:aws:s3:::data/alice/x"}
	if got, want := iam(append(custom, "--query", "EvaluationResults[0].[EvalDecision,join(',',MissingContextValues),length(MatchedStatements)]", "--output", "text")...),
		"implicitDeny aws:CurrentTime,aws:username 0"; got != want {
		t.Errorf("simulate-custom-policy without context: got %q, want %q", got, want)
	}
	custom = append(custom, "--context-entries", "ContextKeyName=aws:username,ContextKeyType=string,ContextKeyValues=alice",
		"ContextKeyName=aws:CurrentTime,ContextKeyType=date,ContextKeyValues=2031-01-01T00:00:00Z")
	if got, want := iam(append(custom, "--query", "EvaluationResults[0].MatchedStatements[0].[SourcePolicyId,SourcePolicyType,StartPosition.Column,EndPosition.Column]", "--output", "text")...),
		"PolicyInputList.1 IAM Policy 38 204"; got != want {
		t.Errorf("simulate-custom-policy: got %q, want %q", got, want)
	}
	if got, want := iam("get-context-keys-for-custom-policy", "--policy-input-list", document, "--output", "text"), "CONTEXTKEYNAMES aws:CurrentTime CONTEXTKEYNAMES aws:username"; got != want {
		t.Errorf("get-context-keys-for-custom-policy: got %q, want %q", got, want)
	}
	if got := iam("get-context-keys-for-principal-policy", "--policy-source-arn", role); !strings.Contains(got, `"ContextKeyNames": []`) {
		t.Errorf("get-context-keys-for-principal-policy: got %q", got)
	}
}
