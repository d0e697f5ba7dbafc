package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdkorg "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// office is an organization with a person, an IAM user and a root user who work in its member, and an account beside it.
type office struct {
	*apitest.World
	url                 string
	o                   *organization.Organization
	main, member, alone *account.Account
	set                 *permission.Set
	ann, ci, root       apitest.Keys
}

func newOffice(t *testing.T) *office {
	t.Helper()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), "iam": iam.Table(), "organizations": organizations.Table(), "sts": sts.Table()})
	apitest.Save(w, store.Settings, &store.Setting{Name: store.AuditStrict, Value: "true"})
	f := &office{World: w, main: w.Account("111111111111", "Main"), member: w.Account("222222222222", "Dev"), alone: w.Account("333333333333", "Alone")}
	f.o = w.Organization(f.main, f.member)
	i := w.Instance(f.o)
	f.set = w.Set(i, "Admins", permission.Grants{Inline: apitest.Allow("iam:*")})
	ann := w.Person(i, "ann", "correct horse battery staple")
	w.Assign(f.set, f.member.ID, ann)
	r, _ := w.State.Current().Reserved(f.set.ARN, f.member.ID)
	f.ann = w.Session(r, func(k *seal.Claims) { k.SessionName, k.UserID, k.UserGeneration = "ann", ann.ID, ann.Generation })
	f.ci = w.Key(w.User(f.member.ID, "ci", apitest.Inline(apitest.Allow("iam:List*"))))
	f.root = w.Root(f.main)
	server := httptest.NewServer(w.Corridor)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// clock signs with the time of the world.
type clock struct {
	*v4.Signer
	now func() time.Time
}

func (c clock) SignHTTP(ctx context.Context, k aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.Signer.SignHTTP(ctx, k, r, hash, service, region, c.now(), options...)
}

// call is what somebody does with the SDK of IAM.
type call struct {
	name string
	keys apitest.Keys
	do   func(context.Context, *sdkiam.Client) error
}

func listUsers(ctx context.Context, c *sdkiam.Client) error {
	_, err := c.ListUsers(ctx, &sdkiam.ListUsersInput{})
	return err
}

func listRoles(ctx context.Context, c *sdkiam.Client) error {
	_, err := c.ListRoles(ctx, &sdkiam.ListRolesInput{})
	return err
}

func getUser(ctx context.Context, c *sdkiam.Client) error {
	_, err := c.GetUser(ctx, &sdkiam.GetUserInput{UserName: aws.String("ci")})
	return err
}

// make makes calls and returns the names of those that are denied.
func (f *office) make(t *testing.T, calls []call) (denied []string) {
	t.Helper()
	for _, k := range calls {
		client := sdkiam.New(sdkiam.Options{Region: "us-east-1", BaseEndpoint: &f.url, Retryer: aws.NopRetryer{}, HTTPSignerV4: clock{v4.NewSigner(), f.Time.Now},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: k.keys.ID, SecretAccessKey: k.keys.Secret, SessionToken: k.keys.Token}, nil
			})})
		err := k.do(t.Context(), client)
		var refused smithy.APIError
		switch {
		case errors.As(err, &refused) && refused.ErrorCode() == "AccessDenied":
			denied = append(denied, k.name)
		case err != nil:
			t.Fatalf("%s: %v", k.name, err)
		}
	}
	return denied
}

// ask asks as the root user of the management account.
func (f *office) ask(t *testing.T, changes ...admin.PolicyChange) *admin.WhatIfOutput {
	t.Helper()
	return apitest.CallAs[admin.WhatIfOutput](f.World, apitest.Root(f.main.ID), admin.Name, "WhatIf", &admin.WhatIfInput{Changes: changes})
}

// lines are the differences in short.
func lines(out *admin.WhatIfOutput) (list []string) {
	for _, d := range out.Differences {
		list = append(list, fmt.Sprintf("%s%s/%s in %s %s %s on %s %d times", d.UserName, d.IAMUserName, d.PermissionSetName, d.AccountName, d.Effect, d.Action, d.Resource, d.Count))
	}
	return list
}

func (f *office) deny(action, target string) admin.PolicyChange {
	return admin.PolicyChange{Operation: "AttachPolicy", PolicyType: organization.ServiceControlPolicy, PolicyName: "guard", Content: apitest.Deny(action), TargetId: target}
}

// TestExactlyTheListedCallsAreDeniedOnceThePolicyIsAttached makes calls with AWS's SDK, asks what a policy would do to
// them, attaches it and makes them again.
func TestExactlyTheListedCallsAreDeniedOnceThePolicyIsAttached(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	calls := []call{{"ann lists", f.ann, listUsers}, {"ann lists again", f.ann, listUsers}, {"ann gets", f.ann, getUser}, {"ci lists", f.ci, listUsers},
		{"ci lists roles", f.ci, listRoles}, {"ci gets", f.ci, getUser}, {"the chief lists", f.root, listUsers}, {"a stranger lists", f.Root(f.alone), listUsers}}
	if denied := f.make(t, calls); !slices.Equal(denied, []string{"ci gets"}) {
		t.Fatalf("denied before: %q", denied)
	}
	f.Time.Pass(time.Minute)
	out := f.ask(t, f.deny("iam:ListUsers", "ou-root-workload"))
	const users = "arn:aws:iam::222222222222:user/"
	if diff := cmp.Diff([]string{"ann/Admins in Dev LOSES iam:ListUsers on " + users + " 2 times", "ci/ in Dev LOSES iam:ListUsers on " + users + " 1 times"}, lines(out)); diff != "" {
		t.Errorf("who loses what (-want +got):\n%s", diff)
	}
	if out.Decisions != 7 || out.Asked != 6 || out.Lost != 3 || out.Gained+out.Gone+out.Drifted+out.UnreadableRecords+out.Unlisted != 0 {
		t.Errorf("counts: %+v", out)
	}
	if d := out.Differences[0]; d.Layer != "scp" || d.PolicyName != "guard" || !strings.Contains(d.DeniedBy, "guard") {
		t.Errorf("it does not say what denies: %+v", d)
	}
	if last := out.Differences[0].Last; !last.Equal(f.Time.Now().Add(-time.Minute)) {
		t.Errorf("last at %s", last)
	}
	chief := apitest.Root(f.main.ID)
	p := apitest.CallAs[sdkorg.CreatePolicyOutput](f.World, chief, "organizations", "CreatePolicy", &sdkorg.CreatePolicyInput{Name: aws.String("guard"),
		Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy, Content: aws.String(apitest.Deny("iam:ListUsers"))})
	apitest.CallAs[sdkorg.AttachPolicyOutput](f.World, chief, "organizations", "AttachPolicy",
		&sdkorg.AttachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: aws.String("ou-root-workload")})
	if diff := cmp.Diff([]string{"ann lists", "ann lists again", "ci lists", "ci gets"}, f.make(t, calls)); diff != "" {
		t.Errorf("denied afterwards (-want +got):\n%s", diff)
	}
	back := f.ask(t, admin.PolicyChange{Operation: "DetachPolicy", PolicyId: aws.ToString(p.Policy.PolicySummary.Id), TargetId: "ou-root-workload"})
	if diff := cmp.Diff([]string{"ann/Admins in Dev GAINS iam:ListUsers on " + users + " 4 times", "ci/ in Dev GAINS iam:ListUsers on " + users + " 2 times"}, lines(back)); diff != "" {
		t.Errorf("who gains what (-want +got):\n%s", diff)
	}
	if back.Drifted != 3 {
		t.Errorf("%d decisions were made by other policies, want the 3 of before", back.Drifted)
	}
}

func TestAnInlinePolicyIsTriedBeforeItIsPut(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	f.make(t, []call{{"ann lists", f.ann, listUsers}, {"ann gets", f.ann, getUser}, {"ci lists", f.ci, listUsers}})
	inline := admin.PolicyChange{Operation: "PutInlinePolicyToPermissionSet", PermissionSetArn: f.set.ARN, Content: apitest.Allow("iam:List*")}
	if got := lines(f.ask(t, inline)); !slices.Equal(got, []string{"ann/Admins in Dev LOSES iam:GetUser on arn:aws:iam::222222222222:user/ci 1 times"}) {
		t.Errorf("got %q", got)
	}
	inline.Operation, inline.Content = "DeleteInlinePolicyFromPermissionSet", ""
	if got := f.ask(t, inline); got.Lost != 2 || got.Differences[0].UserName != "ann" {
		t.Errorf("%+v", got)
	}
}

func TestOnlyTheManagementAccountAsks(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	f.make(t, []call{{"ann lists", f.ann, listUsers}})
	in := &admin.WhatIfInput{Changes: []admin.PolicyChange{f.deny("*", "ou-root-workload")}}
	for name, c := range map[string]struct {
		by   *authz.Principal
		in   *admin.WhatIfInput
		code string
	}{
		"a member account":                      {apitest.Root(f.member.ID), in, "AccessDeniedException"},
		"a member that names the chief":         {apitest.Root(f.member.ID), &admin.WhatIfInput{AccountId: string(f.main.ID), Changes: in.Changes}, "AccessDeniedException"},
		"an account without an organization":    {apitest.Root(f.alone.ID), in, "AWSOrganizationsNotInUseException"},
		"an operator about a lone account":      {&authz.Principal{Kind: authz.Operator}, &admin.WhatIfInput{AccountId: string(f.alone.ID), Changes: in.Changes}, "AWSOrganizationsNotInUseException"},
		"somebody without permission":           {&authz.Principal{Kind: authz.IAMUser, Account: f.main.ID, IAMUserID: f.User(f.main.ID, "bob", apitest.Inline(apitest.Allow("iam:*"))).ID}, in, "AccessDeniedException"},
		"without a change":                      {apitest.Root(f.main.ID), &admin.WhatIfInput{}, "ValidationException"},
		"with days that there are not":          {apitest.Root(f.main.ID), &admin.WhatIfInput{Days: -1, Changes: in.Changes}, "ValidationException"},
		"about a permission set of nobody's":    {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "PutInlinePolicyToPermissionSet", PermissionSetArn: "arn:aws:sso:::permissionSet/x/y", Content: "{}"}}}, "ResourceNotFoundException"},
		"about a unit that is not there":        {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{f.deny("*", "ou-root-elsewhere")}}, "TargetNotFoundException"},
		"about an account of nobody's":          {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{f.deny("*", string(f.alone.ID))}}, "TargetNotFoundException"},
		"about a policy that is not there":      {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "DetachPolicy", PolicyId: "p-x", TargetId: "r-root"}}}, "PolicyNotFoundException"},
		"about something that cannot be tried":  {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "DeletePolicy"}}}, "ValidationException"},
		"about a policy that does not parse":    {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "AttachPolicy", PolicyType: organization.ServiceControlPolicy, Content: "{", TargetId: "r-root"}}}, "MalformedPolicyDocumentException"},
		"about a type that nobody has enabled":  {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "AttachPolicy", PolicyId: organization.FullResourceAccessID, TargetId: "r-root"}}}, "PolicyTypeNotEnabledException"},
		"about an inline policy without a text": {apitest.Root(f.main.ID), &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "PutInlinePolicyToPermissionSet", PermissionSetArn: f.set.ARN}}}, "ValidationException"},
	} {
		if out, err := apitest.As[admin.WhatIfOutput](f.World, c.by, admin.Name, "WhatIf", c.in); !fault.Is(err, c.code) {
			t.Errorf("%s: %+v %v, want %s", name, out, err, c.code)
		}
	}
	out, err := apitest.As[admin.WhatIfOutput](f.World, &authz.Principal{Kind: authz.Operator}, admin.Name, "WhatIf", in)
	if err != nil || out.Lost == 0 {
		t.Errorf("the operator: %+v %v", out, err)
	}
}

// TestNobodySeesTheCallsOfOthers has an account that calls while it stands alone and in another organization, and then
// joins. Only what it does from then on is its new organization's to see.
func TestNobodySeesTheCallsOfOthers(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	theirs := &organization.Organization{ID: "o-theirs12345", Management: f.alone.ID, RootID: "r-thr", FeatureSet: organization.AllFeatures,
		Enabled: []string{organization.ServiceControlPolicy}, CreatedAt: f.Time.Now()}
	move := func(o, parent string) {
		apitest.Change(f.World, store.Accounts, string(f.alone.ID), func(a *account.Account) { a.OrganizationID, a.ParentID = o, parent })
	}
	by := []call{{"they list", f.Root(f.alone), listUsers}}
	f.make(t, by)
	apitest.Save(f.World, store.Organizations, theirs)
	for _, target := range []string{theirs.RootID, string(f.alone.ID)} {
		apitest.Save(f.World, store.Attachments, &organization.Attachment{OrganizationID: theirs.ID, PolicyID: organization.FullAccessID, TargetID: target})
	}
	move(theirs.ID, theirs.RootID)
	f.make(t, by)
	f.make(t, []call{{"ann lists", f.ann, listUsers}})
	everything := f.deny("*", "r-root")
	if out := f.ask(t, everything); out.Decisions != 1 || out.Lost != 1 || out.Differences[0].UserName != "ann" {
		t.Errorf("beside another organization: %+v", out)
	}
	reply, err := apitest.As[admin.WhatIfOutput](f.World, apitest.Root(f.alone.ID), admin.Name, "WhatIf", &admin.WhatIfInput{Changes: []admin.PolicyChange{f.deny("*", "r-thr")}})
	if err != nil || reply.Decisions != 1 || reply.Lost != 0 {
		t.Errorf("the other organization: %+v %v", reply, err)
	}
	move(f.o.ID, f.o.RootID)
	apitest.Save(f.World, store.Attachments, &organization.Attachment{OrganizationID: f.o.ID, PolicyID: organization.FullAccessID, TargetID: string(f.alone.ID)})
	if out := f.ask(t, everything); slices.ContainsFunc(out.Differences, func(d admin.AccessDifference) bool { return d.AccountId == string(f.alone.ID) }) {
		t.Errorf("what an account did elsewhere is shown: %+v", out.Differences)
	}
	f.make(t, by)
	if out := f.ask(t, everything); !slices.ContainsFunc(out.Differences, func(d admin.AccessDifference) bool { return d.AccountId == string(f.alone.ID) && d.Count == 1 }) {
		t.Errorf("what an account does as a member is not shown: %+v", out.Differences)
	}
}

// TestCallersFromOutsideAreCountedOnly has somebody of another account assume a role of the organization, which a resource
// control policy would end.
func TestCallersFromOutsideAreCountedOnly(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	apitest.Change(f.World, store.Organizations, f.o.ID, func(o *organization.Organization) {
		o.Enabled = append(o.Enabled, organization.ResourceControlPolicy)
	})
	r := f.Role(f.member.ID, "shared", apitest.Trust(string(f.alone.ID)), apitest.Inline(apitest.Allow("s3:*")))
	u := f.User(f.alone.ID, "visitor", apitest.Inline(apitest.Allow("sts:*")))
	visitor := &authz.Principal{Kind: authz.IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID}
	apitest.CallAs[sdksts.AssumeRoleOutput](f.World, visitor, "sts", "AssumeRole", &sdksts.AssumeRoleInput{RoleArn: aws.String(r.ARN()), RoleSessionName: aws.String("visit")})
	out := f.ask(t, admin.PolicyChange{Operation: "AttachPolicy", PolicyType: organization.ResourceControlPolicy, PolicyName: "ours", TargetId: "ou-root-workload",
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-example123"}}}]}`})
	if out.OutsideLost != 1 || out.Lost+out.Decisions != 0 || len(out.Differences) != 0 {
		t.Errorf("%+v", out)
	}
}

// TestSessionPoliciesBindInARehearsalToo has a session that may list alone, whatever its role gains.
func TestSessionPoliciesBindInARehearsalToo(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	r := f.Role(f.member.ID, "ops", apitest.Trust(string(f.member.ID)), apitest.Inline(apitest.Allow("iam:*")))
	bound := f.Session(r, func(k *seal.Claims) { k.SessionPolicies = [][]byte{[]byte(apitest.Allow("iam:List*"))} })
	f.Guard(f.o, "noiam", apitest.Deny("iam:*"), "ou-root-workload")
	calls := []call{{"lists", bound, listUsers}, {"gets", bound, getUser}}
	if denied := f.make(t, calls); len(denied) != len(calls) {
		t.Fatalf("denied: %q", denied)
	}
	out := f.ask(t, admin.PolicyChange{Operation: "DetachPolicy", PolicyId: "p-noiam", TargetId: "ou-root-workload"})
	if out.Gained != 1 || out.Differences[0].Action != "iam:ListUsers" || out.Differences[0].RoleName != "ops" {
		t.Errorf("%+v", out)
	}
}

// TestOnlyTheLastDaysCount has calls of ten and of two days ago.
func TestOnlyTheLastDaysCount(t *testing.T) {
	t.Parallel()
	f := newOffice(t)
	by := []call{{"ci lists", f.ci, listUsers}}
	f.make(t, by)
	f.Time.Pass(8 * 24 * time.Hour)
	f.make(t, by)
	f.Time.Pass(2 * 24 * time.Hour)
	for days, want := range map[int32]int64{0: 1, 1: 0, 2: 1, 10: 2} {
		out := apitest.CallAs[admin.WhatIfOutput](f.World, apitest.Root(f.main.ID), admin.Name, "WhatIf", &admin.WhatIfInput{Days: days, Changes: []admin.PolicyChange{f.deny("*", "r-root")}})
		if out.Lost != want {
			t.Errorf("%d days: %d lost, want %d", days, out.Lost, want)
		}
	}
}
