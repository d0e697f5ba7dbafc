package drill_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// Accounts that a permission set is provisioned in.
const (
	fewAccounts  = 500
	manyAccounts = 10000
	perAccount   = 150 * time.Microsecond // about what one takes
)

// TestProvisioningEndsTruthfullyAfterKill edits a permission set that stands in many accounts, provisions it everywhere,
// and kills the server amid that, again and again. Whatever was acknowledged has to end, and to have done what it says.
func TestProvisioningEndsTruthfullyAfterKill(t *testing.T) {
	seed := seedOf(t)
	t.Logf("GATEHOUSE_DRILL_SEED=%d repeats the timing of this run", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	site := newSite(t)
	client := site.client(t).sso
	accounts := fewAccounts
	if roundsOf(t) == manyRounds {
		accounts = manyAccounts
	}
	server := site.serve(t)
	site.run(t, "import", "--data", site.dir, described(t, site, accounts))
	set := spreadSet(t, client)
	cut := 0
	for round := range fewRounds {
		edit(t, client, set, round)
		began, err := client.ProvisionPermissionSet(t.Context(), &ssoadmin.ProvisionPermissionSetInput{InstanceArn: set.instance, PermissionSetArn: set.arn,
			TargetType: types.ProvisionTargetTypeAllProvisionedAccounts})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(accounts) * int64(perAccount))))
		server.kill()
		server.wait(t)
		site.verifyAudit(t)
		server = site.serve(t)
		status := describe(t, client, set, began.PermissionSetProvisioningStatus.RequestId)
		if status.Status == types.StatusValuesInProgress {
			cut++
		}
		for deadline := time.Now().Add(patience); status.Status == types.StatusValuesInProgress && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond)
			status = describe(t, client, set, status.RequestId)
		}
		if status.Status != types.StatusValuesSucceeded {
			t.Fatalf("round %d: the status is %s %s", round, status.Status, aws.ToString(status.FailureReason))
		}
		if n := standing(t, client, set, types.ProvisioningStatusLatestPermissionSetNotProvisioned); n != 0 {
			t.Fatalf("round %d: the status says %s, and %d accounts have another version", round, status.Status, n)
		}
		site.grants(t, fmt.Sprintf("drill-%d", random.IntN(accounts)), round)
	}
	if n := standing(t, client, set, types.ProvisioningStatusLatestPermissionSetProvisioned); n != accounts {
		t.Errorf("the permission set stands in %d accounts, want %d", n, accounts)
	}
	t.Logf("%d of %d jobs over %d accounts were cut short and went on", cut, fewRounds, accounts)
}

// grants checks what the role of the permission set really grants in an account: what was edited in a round.
func (s *site) grants(t *testing.T, account string, round int) {
	t.Helper()
	client := iam.NewFromConfig(s.config(t, account))
	roles, err := client.ListRoles(t.Context(), &iam.ListRolesInput{PathPrefix: aws.String("/aws-reserved/")})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles.Roles {
		if !strings.HasPrefix(*r.RoleName, "AWSReservedSSO_Spread_") {
			continue
		}
		out, err := client.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: r.RoleName, PolicyName: aws.String("AwsSSOInlinePolicy")})
		if err != nil {
			t.Fatalf("round %d: %s: %v", round, account, err)
		}
		if !strings.Contains(*out.PolicyDocument, fmt.Sprintf("Round%d%%22", round)) {
			t.Fatalf("round %d: the role in %s grants %s", round, account, *out.PolicyDocument)
		}
		return
	}
	t.Fatalf("round %d: there is no role in %s", round, account)
}

// described writes an organization of n accounts, in all of which pcollins has the permission set Spread.
func described(t *testing.T, s *site, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"kind": "permission-set", "name": "Spread", "policies": ["job-function/ViewOnlyAccess"]}` + "\n")
	for i := range n {
		fmt.Fprintf(&b, `{"kind": "account", "name": "drill-%[1]d", "email": "drill-%[1]d@example.com"}`+"\n", i)
		fmt.Fprintf(&b, `{"kind": "assignment", "account": "drill-%d", "set": "Spread", "user": "pcollins"}`+"\n", i)
	}
	file := filepath.Join(filepath.Dir(s.dir), "organization.jsonl")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// spread is the permission set of the drill.
type spread struct{ instance, arn *string }

func spreadSet(t *testing.T, client *ssoadmin.Client) spread {
	t.Helper()
	instances, err := client.ListInstances(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	instance := instances.Instances[0].InstanceArn
	pages := ssoadmin.NewListPermissionSetsPaginator(client, &ssoadmin.ListPermissionSetsInput{InstanceArn: instance})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, arn := range page.PermissionSets {
			out, err := client.DescribePermissionSet(t.Context(), &ssoadmin.DescribePermissionSetInput{InstanceArn: instance, PermissionSetArn: &arn})
			if err != nil {
				t.Fatal(err)
			}
			if *out.PermissionSet.Name == "Spread" {
				return spread{instance, &arn}
			}
		}
	}
	t.Fatal("the permission set Spread was not imported")
	return spread{}
}

func edit(t *testing.T, client *ssoadmin.Client, set spread, round int) {
	t.Helper()
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Round%d","Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`, round)
	_, err := client.PutInlinePolicyToPermissionSet(t.Context(), &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: set.instance, PermissionSetArn: set.arn, InlinePolicy: &policy})
	if err != nil {
		t.Fatalf("edit the permission set: %v", err)
	}
}

func describe(t *testing.T, client *ssoadmin.Client, set spread, id *string) *types.PermissionSetProvisioningStatus {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	out, err := client.DescribePermissionSetProvisioningStatus(ctx, &ssoadmin.DescribePermissionSetProvisioningStatusInput{InstanceArn: set.instance, ProvisionPermissionSetRequestId: id})
	if err != nil {
		t.Fatalf("a status that was acknowledged: %v", err)
	}
	return out.PermissionSetProvisioningStatus
}

// standing counts the accounts in which the permission set stands with this status.
func standing(t *testing.T, client *ssoadmin.Client, set spread, status types.ProvisioningStatus) (n int) {
	t.Helper()
	pages := ssoadmin.NewListAccountsForProvisionedPermissionSetPaginator(client, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
		InstanceArn: set.instance, PermissionSetArn: set.arn, ProvisioningStatus: status})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.AccountIds)
	}
	return n
}
