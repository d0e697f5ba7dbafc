package importer_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	iamapi "github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	orgs "github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/importer"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// world has an organization with an identity center.
func world(t testing.TB) *apitest.World {
	t.Helper()
	w := apitest.New(t, map[string]api.Table{admin.Name: importer.Table(), "identitystore": identitystore.Table(),
		"organizations": orgs.Table(), "iam": iamapi.Table(), "sso-admin": ssoadmin.Table()})
	made := apitest.Call[organizations.CreateOrganizationOutput](w, "organizations", "CreateOrganization", &organizations.CreateOrganizationInput{})
	roots := apitest.Call[organizations.ListRootsOutput](w, "organizations", "ListRoots", &organizations.ListRootsInput{})
	apitest.Change(w, store.Instances, apitest.InstanceARN, func(i *permission.Instance) { i.OrganizationID = *made.Organization.Id })
	if len(roots.Roots[0].PolicyTypes) == 0 {
		apitest.Call[organizations.EnablePolicyTypeOutput](w, "organizations", "EnablePolicyType",
			&organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: "SERVICE_CONTROL_POLICY"})
	}
	return w
}

// bring imports objects as p, and returns the outcomes and what failed.
func bring(t testing.TB, w *apitest.World, p *authz.Principal, dry bool, objects ...string) (outcomes []string, results []importer.Result) {
	t.Helper()
	out, err := apitest.As[importer.ImportObjectsOutput](w, p, admin.Name, "ImportObjects", &importer.ImportObjectsInput{Objects: objects, DryRun: dry})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Results {
		outcomes = append(outcomes, r.Outcome)
	}
	return outcomes, out.Results
}

// person finds a user by name.
func person(w *apitest.World, name string) *types.User {
	out := apitest.Call[sdk.ListUsersOutput](w, "identitystore", "ListUsers", &sdk.ListUsersInput{IdentityStoreId: aws.String(apitest.StoreID),
		Filters: []types.Filter{{AttributePath: aws.String("UserName"), AttributeValue: &name}}})
	if len(out.Users) == 0 {
		return nil
	}
	return &out.Users[0]
}

var root = apitest.Root(apitest.Management)

func example(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../examples/organization.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// all is an outcome for each object.
func all(outcome string, n int) []string { return slices.Repeat([]string{outcome}, n) }

func TestImportingTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := world(t)
	objects := example(t)
	if got, results := bring(t, w, root, true, objects...); !slices.Equal(got, all(importer.Created, len(objects))) {
		t.Errorf("a dry run says %+v", results)
	}
	if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(importer.Created, len(objects))) {
		t.Fatalf("the first time: %+v", results)
	}
	for _, dry := range []bool{false, true} {
		if got, results := bring(t, w, root, dry, objects...); !slices.Equal(got, all(importer.Unchanged, len(objects))) {
			t.Errorf("again, dry %v: %+v", dry, results)
		}
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := world(t)
	before := w.State.Current()
	bring(t, w, root, true, example(t)...)
	if w.State.Current() != before {
		t.Error("a dry run has changed something")
	}
}

func TestWhatDiffersIsChanged(t *testing.T) {
	t.Parallel()
	w := world(t)
	bring(t, w, root, false, example(t)...)
	objects := []string{
		`{"kind": "user", "name": "JDoe", "given": "Jane", "family": "Roe", "email": "jane.roe@example.com"}`,
		`{"kind": "group", "name": "Developers", "description": "Who writes the programs"}`,
		`{"kind": "account", "name": "Production", "email": "aws+production@example.com", "unit": "Sandbox"}`,
		`{"kind": "policy", "name": "DenyBilling", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "billing:*", "Resource": "*"}]}, "units": ["/", "Sandbox"]}`,
		`{"kind": "permission-set", "name": "ViewOnlyAccess", "duration": "PT2H", "policies": ["SecurityAudit"], "boundary": "ReadOnlyAccess"}`,
	}
	if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(importer.Updated, len(objects))) {
		t.Fatalf("got %+v", results)
	}
	if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(importer.Unchanged, len(objects))) {
		t.Errorf("again: %+v", results)
	}
	u := person(w, "jdoe")
	if u == nil || *u.Name.FamilyName != "Roe" || *u.Title != "Developer" {
		t.Errorf("the user is now %+v; what was not given has to stay", u)
	}
}

// TestPoliciesOfBothTypes has two policies of one name, and one in a form that is not the one in which it is kept.
func TestPoliciesOfBothTypes(t *testing.T) {
	t.Parallel()
	w := world(t)
	roots := apitest.Call[organizations.ListRootsOutput](w, "organizations", "ListRoots", &organizations.ListRootsInput{})
	apitest.Call[organizations.EnablePolicyTypeOutput](w, "organizations", "EnablePolicyType",
		&organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: "RESOURCE_CONTROL_POLICY"})
	control := `{"kind": "policy", "name": "Inside", "type": "RESOURCE_CONTROL_POLICY", "document": {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}}, "units": ["/"]}`
	objects := []string{
		`{"kind": "policy", "name": "Inside", "type": "SERVICE_CONTROL_POLICY", "document": {"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}, "units": ["/"]}`,
		control,
	}
	for _, want := range []string{importer.Created, importer.Unchanged} {
		if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(want, 2)) {
			t.Fatalf("want %s: %+v", want, results)
		}
	}
	if got, results := bring(t, w, root, false, strings.Replace(control, "sts:AssumeRole", "sts:*", 1)); got[0] != importer.Updated {
		t.Errorf("changed: %+v", results)
	}
}

func TestWhatAPermissionSetHasAndALineHasNotStays(t *testing.T) {
	t.Parallel()
	w := world(t)
	bring(t, w, root, false, `{"kind": "permission-set", "name": "s", "description": "d", "duration": "PT2H", "relayState": "https://example.com/x", "policies": ["ReadOnlyAccess"]}`)
	bring(t, w, root, false, `{"kind": "permission-set", "name": "s", "duration": "PT3H"}`)
	got, results := bring(t, w, root, true, `{"kind": "permission-set", "name": "s", "description": "d", "duration": "PT3H", "relayState": "https://example.com/x", "policies": ["ReadOnlyAccess"]}`)
	if got[0] != importer.Unchanged {
		t.Errorf("got %+v", results)
	}
}

func TestUsersAndRolesOfTheCallersAccount(t *testing.T) {
	t.Parallel()
	w := world(t)
	objects := []string{
		`{"kind": "iam-user", "name": "robot", "path": "/jobs/", "policies": ["job-function/ViewOnlyAccess"]}`,
		`{"kind": "iam-role", "name": "Auditor", "description": "Looks", "policies": ["SecurityAudit"], "trust": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}]}}`,
	}
	for _, want := range []string{importer.Created, importer.Unchanged} {
		if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(want, 2)) {
			t.Fatalf("want %s: %+v", want, results)
		}
	}
	objects[0] = strings.Replace(objects[0], "job-function/ViewOnlyAccess", "SecurityAudit", 1)
	objects[1] = strings.Replace(strings.Replace(objects[1], `"Looks"`, `"Looks on"`, 1), `"sts:AssumeRole"`, `["sts:AssumeRole", "sts:TagSession"]`, 1)
	for _, want := range []string{importer.Updated, importer.Unchanged} {
		if got, results := bring(t, w, root, false, objects...); !slices.Equal(got, all(want, 2)) {
			t.Fatalf("changed, want %s: %+v", want, results)
		}
	}
	reserved := strings.Replace(objects[1], "Auditor", "AWSReservedSSO_Mine_0123456789abcdef", 1)
	if got, results := bring(t, w, root, false, reserved); got[0] != importer.Failed {
		t.Errorf("a reserved role: %+v", results)
	}
}

func TestObjectsThatAreWrongSayWhy(t *testing.T) {
	t.Parallel()
	w := world(t)
	for _, c := range []struct{ object, want string }{
		{`nonsense`, "this is no JSON object"},
		{`[]`, "this is no JSON object"},
		{`{"name": "x"}`, `the object has no "kind": want one of unit, account, policy`},
		{`{"kind": "person"}`, `there is no kind "person" of objects: want one of unit`},
		{`{"kind": "user", "nmae": "x"}`, `user: unknown field "nmae"`},
		{`{"kind": "user", "name": "x"}`, `user: "given" and "family" are needed`},
		{`{"kind": "user", "name": 1}`, `user: cannot unmarshal number`},
		{`{"kind": "membership", "group": "g", "user": "u"}`, "there is no group g: an import has what is referred to before"},
		{`{"kind": "assignment", "account": "Acme", "set": "x", "user": "u", "group": "g"}`, `one of "user" and "group" is needed`},
		{`{"kind": "assignment", "account": "Acme", "set": "x", "user": "u"}`, "there is no permission set x"},
		{`{"kind": "assignment", "account": "Nowhere", "set": "x", "user": "u"}`, "there is no account nowhere"},
		{`{"kind": "unit", "path": "A/B"}`, "there is no unit /A"},
		{`{"kind": "unit", "path": "/"}`, `"path" is missing`},
		{`{"kind": "account", "name": "New", "email": "root@acme.example"}`, "EMAIL_ALREADY_EXISTS"},
		{`{"kind": "account", "name": "ACME", "email": "another@acme.example"}`, "has this name, and the e-mail address root@acme.example"},
		{`{"kind": "policy", "name": "P", "document": {"Version": "2012-10-17"}}`, "olicy"},
		{`{"kind": "policy", "name": "P", "type": "TAG_POLICY", "document": {}}`, `"type" is SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY`},
	} {
		_, results := bring(t, w, root, false, c.object)
		if r := results[0]; r.Outcome != importer.Failed || !strings.Contains(r.Message, c.want) {
			t.Errorf("%s: %s %q, want %q", c.object, r.Outcome, r.Message, c.want)
		}
	}
}

func TestObjectsOfOneNameAreBroughtInTheirOrder(t *testing.T) {
	t.Parallel()
	w := world(t)
	user := `{"kind": "user", "name": "jdoe", "given": "Jane", "family": "Doe"}`
	got, results := bring(t, w, root, false, user, user, strings.Replace(user, "Doe", "Roe", 1), `{"kind": "account", "name": "One", "email": "one@example.com"}`,
		`{"kind": "account", "name": "one", "email": "one@example.com"}`, `{"kind": "unit", "path": "A"}`, `{"kind": "unit", "path": "/A/"}`)
	want := []string{importer.Created, importer.Unchanged, importer.Updated, importer.Created, importer.Unchanged, importer.Created, importer.Unchanged}
	group, member := `{"kind": "group", "name": "g"}`, `{"kind": "membership", "group": "G", "user": "JDoe"}`
	set, assigned := `{"kind": "permission-set", "name": "s"}`, `{"kind": "assignment", "account": "one", "set": "s", "user": "jdoe"}`
	if got, results := bring(t, w, root, false, assigned, member, member, group, set, assigned); !slices.Equal(got,
		[]string{importer.Created, importer.Created, importer.Unchanged, importer.Created, importer.Created, importer.Unchanged}) {
		t.Errorf("of kinds in any order: %+v", results)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %v", results, want)
	}
}

// The import is no way around policies: who may import and nothing else, imports nothing.
func TestAnImportDoesWhatTheCallerMay(t *testing.T) {
	t.Parallel()
	w := world(t)
	r := w.Role(apitest.Management, "Importer", apitest.Trust("*"), apitest.Inline(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["gatehouse:ImportObjects","sso:List*","identitystore:List*","identitystore:CreateGroup"],"Resource":"*"}]}`))
	k := w.Session(r)
	answer := w.Call(k, admin.Name, apitest.JSON(admin.Name, "ImportObjects", `{"Objects":["{\"kind\":\"user\",\"name\":\"eve\",\"given\":\"E\",\"family\":\"V\"}","{\"kind\":\"group\",\"name\":\"Mine\"}"]}`))
	for _, want := range []string{"is not authorized to perform: identitystore:CreateUser on", `"Object":"user eve","Outcome":"failed"`, `"Object":"group mine","Outcome":"created"`} {
		if !strings.Contains(string(answer.Body), want) {
			t.Errorf("the answer lacks %s: %s", want, answer.Body)
		}
	}
	if person(w, "eve") != nil {
		t.Error("the user is there")
	}
	idle := w.Session(w.Role(apitest.Management, "Idle", apitest.Trust("*"), iam.Policies{}))
	if a := w.Call(idle, admin.Name, apitest.JSON(admin.Name, "ImportObjects", `{"Objects":[]}`)); a.Code() != "AccessDeniedException" {
		t.Errorf("without its action: %d %s", a.Status, a.Body)
	}
}

// A member account imports into nobody's organization or directory.
func TestAMemberAccountImportsNothing(t *testing.T) {
	t.Parallel()
	w := world(t)
	objects := example(t)
	bring(t, w, root, false, objects...)
	var member ident.AccountID
	for _, a := range apitest.Call[organizations.ListAccountsOutput](w, "organizations", "ListAccounts", &organizations.ListAccountsInput{}).Accounts {
		if *a.Name == "Production" {
			member = ident.AccountID(*a.Id)
		}
	}
	for i := range objects {
		objects[i] = strings.NewReplacer("jdoe", "eve", "Developers", "Evil", `"Developer"`, `"Evil"`, "Sandbox", "Evil", "Deny", "Evil").Replace(objects[i])
	}
	got, results := bring(t, w, apitest.Root(member), false, objects...)
	if slices.Contains(got, importer.Created) || slices.Contains(got, importer.Updated) {
		t.Errorf("got %+v", results)
	}
	if person(w, "eve") != nil {
		t.Error("the user is there")
	}
}

func TestEveryChangeIsOnRecordAsTheCallers(t *testing.T) {
	t.Parallel()
	w := world(t)
	bring(t, w, root, false, `{"kind": "group", "name": "Admins"}`)
	records := w.Records()
	i := slices.IndexFunc(records, func(r apitest.Record) bool { return r.Operation == "CreateGroup" })
	if i < 0 || records[i].Principal.ARN != root.ARN || records[i].SourceIP != "192.0.2.1" {
		t.Errorf("got %+v", records)
	}
}

func BenchmarkMemberships(b *testing.B) {
	w := world(b)
	var objects []string
	for i := range 1000 {
		objects = append(objects, fmt.Sprintf(`{"kind":"user","name":"user%d","given":"Given","family":"Family"}`, i))
	}
	bring(b, w, root, false, objects...)
	b.ResetTimer()
	for n := 0; n < b.N; n += 2000 {
		objects := []string{fmt.Sprintf(`{"kind":"group","name":"group%d"}`, n), fmt.Sprintf(`{"kind":"group","name":"group%d"}`, n+1)}
		for i := range 2000 {
			objects = append(objects, fmt.Sprintf(`{"kind":"membership","group":"group%d","user":"user%d"}`, n+i%2, i/2))
		}
		if got, results := bring(b, w, root, false, objects...); slices.Contains(got, importer.Failed) {
			b.Fatal(results)
		}
	}
}
