package clients_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// enableControls enables resource control policies.
func (c caller) enableControls(t *testing.T) {
	t.Helper()
	roots, err := c.organizations().ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.organizations().EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id,
		PolicyType: types.PolicyTypeResourceControlPolicy})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheAWSCLIKeepsOthersOutOfRoles makes a resource control policy, feels it, and takes it back.
func TestTheAWSCLIKeepsOthersOutOfRoles(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	root := rootKeys(t, d, "111111111111")
	cli := func(keys [3]string, args ...string) testkit.Result {
		return testkit.Run(t, d.Env("AWS_ENDPOINT_URL="+d.URL, "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID="+keys[0],
			"AWS_SECRET_ACCESS_KEY="+keys[1], "AWS_SESSION_TOKEN="+keys[2]), testkit.AWSPath(t), append(args, "--output", "text")...)
	}
	ok := func(args ...string) string {
		t.Helper()
		res := cli(root, args...)
		if res.Exit != 0 {
			t.Fatalf("aws %s: %+v", strings.Join(args, " "), res)
		}
		return strings.TrimSpace(res.Stdout)
	}
	const kind = "RESOURCE_CONTROL_POLICY"
	tree := ok("organizations", "list-roots", "--query", "Roots[0].Id")
	if got := ok("organizations", "enable-policy-type", "--root-id", tree, "--policy-type", kind, "--query", "Root.PolicyTypes[].Status"); got != "PENDING_ENABLE\tENABLED" {
		t.Errorf("enable-policy-type answers %q", got)
	}
	member := ok("organizations", "list-accounts", "--query", "Accounts[?Name=='Development'].Id")
	made := strings.Fields(ok("organizations", "create-policy", "--name", "Nobody", "--description", "", "--type", kind, "--content",
		`{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}}`, "--query", "Policy.PolicySummary.[Id,Arn]"))
	ok("organizations", "attach-policy", "--policy-id", made[0], "--target-id", member)
	if got := strings.Fields(ok("organizations", "list-policies-for-target", "--target-id", member, "--filter", kind, "--query", "Policies[].Name")); len(got) != 2 {
		t.Errorf("on the account are %v", got)
	}

	ok("iam", "create-user", "--user-name", "operator")
	ok("iam", "attach-user-policy", "--user-name", "operator", "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
	key := strings.Fields(ok("iam", "create-access-key", "--user-name", "operator", "--query", "AccessKey.[AccessKeyId,SecretAccessKey]"))
	role := "arn:aws:iam::" + member + ":role/OrganizationAccountAccessRole"
	assume := []string{"sts", "assume-role", "--role-arn", role, "--role-session-name", "visit"}
	res := cli([3]string{key[0], key[1]}, assume...)
	want := "\nAn error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::111111111111:user/operator is not authorized to " +
		"perform: sts:AssumeRole on resource: " + role + " with an explicit deny in a resource control policy: " + made[1] + "\n"
	if res.Stderr != want {
		t.Errorf("assume-role says\n%s\nwant\n%s", res.Stderr, want)
	}
	full := cli(root, "organizations", "detach-policy", "--policy-id", "p-RCPFullAWSAccess", "--target-id", member)
	if full.Exit == 0 || !strings.Contains(full.Stderr, "(InvalidInputException)") {
		t.Errorf("detach-policy of RCPFullAWSAccess: %+v", full)
	}
	ok("organizations", "detach-policy", "--policy-id", made[0], "--target-id", member)
	if res := cli([3]string{key[0], key[1]}, assume...); res.Exit != 0 {
		t.Errorf("assume-role, once the policy is gone: %+v", res)
	}
	ok("organizations", "delete-policy", "--policy-id", made[0])
	ok("organizations", "disable-policy-type", "--root-id", tree, "--policy-type", kind)
}
