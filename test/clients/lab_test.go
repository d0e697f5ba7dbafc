package clients_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"

// lab is a world with a policy in every layer, and callers that each feel one of them. Names for what it made stand in vars:
// $M, $D, $P and $Q are accounts of the organization, in which $D is the one that most is asked in, and $O one outside.
type lab struct {
	dev       *testkit.Dev
	vars      map[string]string
	callers   map[string]caller
	accountOf map[string]string
	arns      map[string]string
}

// fill puts what names stand for into a text; longer names go first.
func (l *lab) fill(text string) string {
	names := slices.SortedFunc(maps.Keys(l.vars), func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		text = strings.ReplaceAll(text, "$"+name, l.vars[name])
	}
	return text
}

// newLab makes the world. Guardrails come last, since they would bind its making too.
func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{dev: testkit.StartDev(t), vars: map[string]string{"M": "111111111111", "O": "999999999999"},
		callers: map[string]caller{}, accountOf: map[string]string{}, arns: map[string]string{}}
	l.accounts(t)
	l.people(t)
	l.conditionals(t)
	l.roles(t)
	l.sessions(t)
	l.guardrails(t)
	return l
}

// enter lets somebody call.
func (l *lab) enter(t *testing.T, who, account string, keys aws.CredentialsProvider) caller {
	t.Helper()
	c := caller{url: l.dev.URL, keys: keys}
	l.callers[who], l.accountOf[who], l.arns[who] = c, account, c.arn(t)
	return c
}

func (l *lab) root(t *testing.T, who, account string) caller {
	t.Helper()
	k := rootKeys(t, l.dev, account)
	return l.enter(t, who, account, credentials.NewStaticCredentialsProvider(k[0], k[1], k[2]))
}

func (l *lab) accounts(t *testing.T) {
	t.Helper()
	if res := l.dev.Command(t, "account", "create", "Else", "--email", "else@example.com", "--id", l.vars["O"], "--data", l.dev.Dir); res.Exit != 0 {
		t.Fatalf("account create: %+v", res)
	}
	org := l.root(t, "m-root", l.vars["M"]).organizations()
	made := must[*organizations.CreateAccountOutput](t)(org.CreateAccount(t.Context(),
		&organizations.CreateAccountInput{AccountName: aws.String("Quarantine"), Email: aws.String("quarantine@acme.example")}))
	status := must[*organizations.DescribeCreateAccountStatusOutput](t)(org.DescribeCreateAccountStatus(t.Context(),
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id}))
	l.vars["Q"] = *status.CreateAccountStatus.AccountId
	for _, a := range must[*organizations.ListAccountsOutput](t)(org.ListAccounts(t.Context(), &organizations.ListAccountsInput{})).Accounts {
		switch *a.Name {
		case "Development":
			l.vars["D"] = *a.Id
		case "Production":
			l.vars["P"] = *a.Id
		}
	}
	l.vars["Org"] = *must[*organizations.DescribeOrganizationOutput](t)(org.DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})).Organization.Id
	l.vars["Root"] = *must[*organizations.ListRootsOutput](t)(org.ListRoots(t.Context(), &organizations.ListRootsInput{})).Roots[0].Id
	l.vars["Unit"] = *must[*organizations.ListParentsOutput](t)(org.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: aws.String(l.vars["D"])})).Parents[0].Id
	for who, account := range map[string]string{"root": "D", "p-root": "P", "q-root": "Q", "o-root": "O"} {
		l.root(t, who, l.vars[account])
	}
	l.identityCenter(t)
}

// identityCenter names the instance, a permission set and a person.
func (l *lab) identityCenter(t *testing.T) {
	t.Helper()
	k := l.callers["m-root"].keys
	center := ssoadmin.New(ssoadmin.Options{Region: "us-east-1", BaseEndpoint: &l.dev.URL, Credentials: k})
	i := must[*ssoadmin.ListInstancesOutput](t)(center.ListInstances(t.Context(), &ssoadmin.ListInstancesInput{})).Instances[0]
	l.vars["Instance"] = *i.InstanceArn
	l.vars["Set"] = must[*ssoadmin.ListPermissionSetsOutput](t)(center.ListPermissionSets(t.Context(), &ssoadmin.ListPermissionSetsInput{InstanceArn: i.InstanceArn})).PermissionSets[0]
	people := identitystore.New(identitystore.Options{Region: "us-east-1", BaseEndpoint: &l.dev.URL, Credentials: k})
	l.vars["Pat"] = *must[*identitystore.ListUsersOutput](t)(people.ListUsers(t.Context(), &identitystore.ListUsersInput{IdentityStoreId: i.IdentityStoreId})).Users[0].UserId
}

// user is an IAM user to make: policies are documents, ARNs are attached.
type user struct {
	name, account, path string
	inline, attached    string
	boundary, group     string
	tags                map[string]string
}

func (l *lab) user(t *testing.T, u user) {
	t.Helper()
	if u.account == "" {
		u.account = "D"
	}
	name := u.name
	if _, plain, prefixed := strings.Cut(name, "-"); prefixed && u.account != "D" {
		name = plain
	}
	by := map[string]string{"D": "root", "M": "m-root", "O": "o-root", "P": "p-root"}[u.account]
	c := l.callers[by].iam()
	in := &iam.CreateUserInput{UserName: &name}
	if u.path != "" {
		in.Path = &u.path
	}
	if u.boundary != "" {
		in.PermissionsBoundary = aws.String(l.fill(u.boundary))
	}
	for k, v := range u.tags {
		in.Tags = append(in.Tags, iamtypes.Tag{Key: &k, Value: &v})
	}
	must[*iam.CreateUserOutput](t)(c.CreateUser(t.Context(), in))
	if u.inline != "" {
		must[*iam.PutUserPolicyOutput](t)(c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("inline"),
			PolicyDocument: aws.String(l.fill(document(u.inline)))}))
	}
	if u.attached != "" {
		must[*iam.AttachUserPolicyOutput](t)(c.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: aws.String(l.fill(u.attached))}))
	}
	if u.group != "" {
		must[*iam.AddUserToGroupOutput](t)(c.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{UserName: &name, GroupName: &u.group}))
	}
	k := must[*iam.CreateAccessKeyOutput](t)(c.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})).AccessKey
	l.enter(t, u.name, l.vars[u.account], credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, ""))
}

// document is a policy of statements.
func document(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// allow and deny are statements; more are further members.
func allow(action, resource string, more ...string) string {
	return effect("Allow", action, resource, more)
}
func deny(action, resource string, more ...string) string {
	return effect("Deny", action, resource, more)
}

func effect(effect, action, resource string, more []string) string {
	return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

// when is a condition on one key.
func when(operator, key, value string) string {
	return `"Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}`
}

// people makes the users that policies without conditions decide.
func (l *lab) people(t *testing.T) {
	t.Helper()
	c := l.callers["root"].iam()
	l.vars["NoRoles"] = *must[*iam.CreatePolicyOutput](t)(c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("NoRoles"),
		PolicyDocument: aws.String(document(allow("*", "*") + "," + deny("iam:CreateRole", "*")))})).Policy.Arn
	must[*iam.CreateGroupOutput](t)(c.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("staff")}))
	must[*iam.AttachGroupPolicyOutput](t)(c.AttachGroupPolicy(t.Context(), &iam.AttachGroupPolicyInput{GroupName: aws.String("staff"), PolicyArn: aws.String(l.vars["NoRoles"])}))
	for _, u := range []user{
		{name: "admin", attached: administrator},
		{name: "nobody"},
		{name: "lister", inline: allow("iam:List*", "*") + "," + allow("organizations:Describe*", "*")},
		{name: "denied", attached: "$NoRoles", inline: deny("iam:CreateUser", "*")},
		{name: "member", group: "staff"},
		{name: "notusers", inline: `{"Effect":"Allow","NotAction":"iam:*User*","Resource":"*"}`},
		{name: "self", inline: allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}")},
		{name: "team", inline: allow("iam:GetUser", "arn:aws:iam::*:user/team/*")},
		{name: "tina", path: "/team/"},
		{name: "fenced", inline: allow("*", "*") + `,{"Effect":"Deny","Action":"iam:GetUser","NotResource":"arn:aws:iam::*:user/team/t?na"}`},
		{name: "muzzled", inline: deny("*", "*")},
		{name: "maker", inline: allow("iam:Create*", "*")},
		{name: "bounded", attached: administrator, boundary: viewOnly},
		{name: "bounded2", attached: administrator, boundary: "$NoRoles"},
		{name: "bounded3", boundary: administrator},
		{name: "m-admin", account: "M", attached: administrator},
		{name: "m-nobody", account: "M"},
		{name: "o-admin", account: "O", attached: administrator},
		{name: "p-admin", account: "P", attached: administrator},
	} {
		l.user(t, u)
	}
}

// conditionals makes the users that conditions decide.
func (l *lab) conditionals(t *testing.T) {
	t.Helper()
	const mfa = "aws:MultiFactorAuthPresent"
	list := func(condition string) string { return allow("iam:ListUsers", "*", condition) }
	for _, u := range []user{
		{name: "mfa", inline: list(when("Bool", mfa, "true"))},
		{name: "mfa-ifexists", inline: allow("*", "*") + "," + deny("iam:*", "*", when("BoolIfExists", mfa, "false"))},
		{name: "mfa-bool", inline: allow("*", "*") + "," + deny("iam:*", "*", when("Bool", mfa, "false"))},
		{name: "blue", tags: map[string]string{"team": "blue"}, inline: allow("iam:GetUser", "*", when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"))},
		{name: "red", tags: map[string]string{"team": "red", "Project": "mars"}},
		{name: "moon", tags: map[string]string{"Project": "moon"}},
		{name: "tagger", inline: `{"Effect":"Allow","Action":["iam:CreateUser","iam:TagUser"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}}`},
		{name: "here", inline: `{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["127.0.0.0/8","::1/128"]}}}`},
		{name: "elsewhere", inline: list(when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))},
		{name: "late", inline: list(when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))},
		{name: "secure", inline: allow("*", "*") + "," + deny("iam:*", "*", when("Bool", "aws:SecureTransport", "false"))},
		{name: "abroad", inline: list(when("StringEquals", "aws:RequestedRegion", "eu-west-1"))},
		{name: "agent", inline: list(when("StringLike", "aws:UserAgent", "aws-cli/*"))},
		{name: "inward", inline: allow("sts:AssumeRole", "*", when("StringEquals", "aws:ResourceOrgID", "$Org"))},
	} {
		l.user(t, u)
	}
}

// trusting is a statement of a trust policy.
func trusting(principal string, more ...string) string {
	return `{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Principal":{"AWS":"` + principal + `"}` +
		strings.Join(append([]string{""}, more...), ",") + `}`
}

func (l *lab) roles(t *testing.T) {
	t.Helper()
	const account = "arn:aws:iam::$D:root"
	plain := strings.Replace(trusting(account), `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, `"sts:AssumeRole"`, 1)
	for _, r := range []struct{ by, name, trust, grants string }{
		{"root", "worker", plain, allow("*", "*")},
		{"root", "named", trusting("arn:aws:iam::$D:user/nobody"), ""},
		{"root", "elsewhere", trusting("arn:aws:iam::$P:root"), ""},
		{"root", "barred", plain + `,{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::$D:user/admin"}}`, ""},
		{"root", "vendor", trusting(account, when("StringEquals", "sts:ExternalId", "secret")), ""},
		{"root", "tagged", trusting(account, when("StringEquals", "aws:RequestTag/Project", "moon")),
			allow("iam:GetUser", "*", when("StringEquals", "aws:ResourceTag/Project", "${aws:PrincipalTag/Project}"))},
		{"root", "nominal", trusting(account, when("StringEquals", "sts:RoleSessionName", "${aws:username}")), ""},
		{"root", "visited", trusting("arn:aws:iam::$M:root"), ""},
		{"root", "personal", trusting("arn:aws:iam::$M:user/nobody"), ""},
		{"root", "guarded", trusting("*"), ""},
		{"root", "inside", trusting("*", when("StringEquals", "aws:PrincipalOrgID", "$Org")), ""},
		{"root", "unit", trusting("*", when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "$Org/$Root/$Unit/*")), ""},
		{"root", "mfa", trusting(account), allow("*", "*") + "," + deny("iam:*", "*", when("Bool", "aws:MultiFactorAuthPresent", "false"))},
		{"root", "young", trusting(account), allow("iam:ListUsers", "*", when("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:00Z"))},
		{"m-root", "guarded", trusting("*"), ""},
		{"o-root", "guest", trusting(account), ""},
	} {
		c := l.callers[r.by].iam()
		must[*iam.CreateRoleOutput](t)(c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &r.name, AssumeRolePolicyDocument: aws.String(l.fill(document(r.trust)))}))
		if r.grants != "" {
			must[*iam.PutRolePolicyOutput](t)(c.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &r.name, PolicyName: aws.String("inline"),
				PolicyDocument: aws.String(document(r.grants))}))
		}
	}
}

// sessions lets sessions of roles call, and federated users.
func (l *lab) sessions(t *testing.T) {
	t.Helper()
	list := aws.String(document(allow("iam:ListUsers", "*")))
	for who, in := range map[string]*sts.AssumeRoleInput{
		"worker":         {RoleArn: aws.String("worker")},
		"narrow":         {RoleArn: aws.String("worker"), Policy: list},
		"narrow-deny":    {RoleArn: aws.String("worker"), Policy: aws.String(document(allow("*", "*") + "," + deny("iam:ListRoles", "*")))},
		"narrow-managed": {RoleArn: aws.String("worker"), PolicyArns: arns(viewOnly)},
		"narrow-named":   {RoleArn: aws.String("worker"), PolicyArns: arns(administrator, l.vars["NoRoles"])},
		"narrow-two":     {RoleArn: aws.String("worker"), Policy: list, PolicyArns: arns(viewOnly)},
		"tagged":         {RoleArn: aws.String("tagged"), Tags: []ststypes.Tag{{Key: aws.String("Project"), Value: aws.String("moon")}}},
		"mfa-session":    {RoleArn: aws.String("mfa")},
		"young":          {RoleArn: aws.String("young")},
	} {
		in.RoleArn, in.RoleSessionName = aws.String("arn:aws:iam::"+l.vars["D"]+":role/"+*in.RoleArn), aws.String("work")
		l.enter(t, who, l.vars["D"], l.callers["admin"].assume(t, in).keys)
	}
	for who, policy := range map[string]*string{"federated0": nil, "federated": aws.String(document(allow("sso:List*", "*") + "," + allow("sts:*", "*")))} {
		out := must[*sts.GetFederationTokenOutput](t)(l.callers["m-admin"].sts().GetFederationToken(t.Context(),
			&sts.GetFederationTokenInput{Name: aws.String("pat"), Policy: policy}))
		l.enter(t, who, l.vars["M"], credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken))
	}
}

func arns(list ...string) []ststypes.PolicyDescriptorType {
	var out []ststypes.PolicyDescriptorType
	for _, arn := range list {
		out = append(out, ststypes.PolicyDescriptorType{Arn: &arn})
	}
	return out
}

// guardrails puts policies of the organization on its root, a unit and accounts.
func (l *lab) guardrails(t *testing.T) {
	t.Helper()
	m := l.callers["m-root"]
	m.enableControls(t)
	l.guard(t, "AtRoot", "Root", orgtypes.PolicyTypeServiceControlPolicy, deny("iam:CreateAccountAlias", "*"))
	l.guard(t, "AtUnit", "Unit", orgtypes.PolicyTypeServiceControlPolicy, deny("iam:DeleteAccountAlias", "*"))
	l.guard(t, "AtAccount", "D", orgtypes.PolicyTypeServiceControlPolicy, deny("iam:UpdateRole", "*"))
	l.guard(t, "OnlyLists", "Q", orgtypes.PolicyTypeServiceControlPolicy, allow("iam:List*", "*"))
	must[*organizations.DetachPolicyOutput](t)(m.organizations().DetachPolicy(t.Context(),
		&organizations.DetachPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), TargetId: aws.String(l.vars["Q"])}))
	for _, target := range []string{"D", "M"} { // the second binds nothing
		l.guard(t, map[string]string{"D": "Control", "M": "Control2"}[target], target, orgtypes.PolicyTypeResourceControlPolicy,
			deny("sts:AssumeRole", "arn:aws:iam::*:role/guarded", `"Principal":"*"`))
	}
	member, err := json.Marshal(l.arns["lister"])
	if err != nil {
		t.Fatal(err)
	}
	principal := `"Principal":{"AWS":"$D"}`
	must[*organizations.PutResourcePolicyOutput](t)(m.organizations().PutResourcePolicy(t.Context(), &organizations.PutResourcePolicyInput{Content: aws.String(l.fill(document(
		allow("organizations:ListPolicies", "*", principal, when("StringEquals", "organizations:PolicyType", "SERVICE_CONTROL_POLICY")) + "," +
			deny("organizations:DescribeOrganization", "*", principal, `"Condition":{"ArnEquals":{"aws:PrincipalArn":`+string(member)+`}}`))))}))
}

func (l *lab) guard(t *testing.T, name, target string, kind orgtypes.PolicyType, statement string) {
	t.Helper()
	org := l.callers["m-root"].organizations()
	made := must[*organizations.CreatePolicyOutput](t)(org.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: &name, Description: aws.String(""),
		Type: kind, Content: aws.String(document(statement))})).Policy.PolicySummary
	l.vars[name] = *made.Arn
	must[*organizations.AttachPolicyOutput](t)(org.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: made.Id, TargetId: aws.String(l.vars[target])}))
}
