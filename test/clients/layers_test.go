package clients_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// ask is one request of a real client, and what it is answered: nothing means that it is allowed.
type ask struct {
	layer string // what decides, and what about it
	by    string // the client: "" for the Go SDK, "boto3", "cli"
	who   string
	what  string // "iam:GetUser"
	in    string // its input as JSON; $NAME stands for what the lab calls so
	// A denial is AWS's sentence on an action and a resource, and the reason. See "Troubleshoot access denied error messages"
	// in the IAM User Guide.
	resource string
	because  string
	action   string // where it is another than what is called
	says     string // the whole message, where it is another sentence
}

// The reasons without a name in them.
const (
	byIdentity = "with an explicit deny in an identity-based policy"
	bySession  = "with an explicit deny in a session policy"
	byTrust    = "with an explicit deny in the role trust policy"
	byControl  = "with an explicit deny in a resource control policy"
	noIdentity = "because no identity-based policy allows the $ACTION action"
	noBoundary = "because no permissions boundary allows the $ACTION action"
	noSession  = "because no session policy allows the $ACTION action"
	noTrust    = "because no role trust policy allows the $ACTION action"
	noGuard    = "because no service control policy allows the $ACTION action"
	byOrg      = "You don't have permissions to access this resource."
)

// asked is every request. The world that it is asked in is made in lab_test.go.
var asked = []ask{
	// Identity-based policies.
	{layer: "identity: none", who: "nobody", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "identity: none, by boto3", by: "boto3", who: "nobody", what: "iam:ListRoles", resource: "role/", because: noIdentity},
	{layer: "identity: none, by the CLI", by: "cli", who: "nobody", what: "iam:ListGroups", resource: "group/", because: noIdentity},
	{layer: "identity: allowed", who: "lister", what: "iam:ListUsers"},
	{layer: "identity: allowed, by the CLI", by: "cli", who: "lister", what: "iam:ListUsers"},
	{layer: "identity: another action", who: "lister", what: "iam:GetUser", in: `{"UserName":"nobody"}`, resource: "user/nobody", because: noIdentity},
	{layer: "identity: inline deny", by: "boto3", who: "denied", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: byIdentity},
	{layer: "identity: managed deny", who: "denied", what: "iam:CreateRole", in: `{"RoleName":"x","AssumeRolePolicyDocument":"{}"}`, resource: "role/x", because: byIdentity + ": $NoRoles"},
	{layer: "identity: managed deny, by the CLI", by: "cli", who: "denied", what: "iam:CreateRole", in: `{"RoleName":"x","AssumeRolePolicyDocument":"{}"}`, resource: "role/x", because: byIdentity + ": $NoRoles"},
	{layer: "identity: the group allows", by: "boto3", who: "member", what: "iam:ListGroups"},
	{layer: "identity: the group denies", who: "member", what: "iam:CreateRole", in: `{"RoleName":"x","AssumeRolePolicyDocument":"{}"}`, resource: "role/x", because: byIdentity + ": $NoRoles"},
	{layer: "identity: NotAction", who: "notusers", what: "iam:ListRoles"},
	{layer: "identity: NotAction leaves out", by: "boto3", who: "notusers", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "identity: a variable in Resource", who: "self", what: "iam:GetUser", in: `{"UserName":"self"}`},
	{layer: "identity: a variable in Resource, somebody else", by: "boto3", who: "self", what: "iam:GetUser", in: `{"UserName":"nobody"}`, resource: "user/nobody", because: noIdentity},
	{layer: "identity: a pattern in Resource", who: "team", what: "iam:GetUser", in: `{"UserName":"tina"}`},
	{layer: "identity: a pattern in Resource, elsewhere", who: "team", what: "iam:GetUser", in: `{"UserName":"nobody"}`, resource: "user/nobody", because: noIdentity},
	{layer: "identity: Deny with NotResource", by: "boto3", who: "fenced", what: "iam:GetUser", in: `{"UserName":"nobody"}`, resource: "user/nobody", because: byIdentity},
	{layer: "identity: Deny with NotResource, the resource", who: "fenced", what: "iam:GetUser", in: `{"UserName":"tina"}`},
	{layer: "identity: GetCallerIdentity under Deny *", who: "muzzled", what: "sts:GetCallerIdentity"},
	{layer: "identity: tags at the making", who: "maker", what: "iam:CreateUser", in: `{"UserName":"t","Tags":[{"Key":"a","Value":"b"}]}`, resource: "user/t", action: "iam:TagUser", because: noIdentity},

	// Permissions boundaries.
	{layer: "boundary: allowed by both", who: "bounded", what: "iam:ListUsers"},
	{layer: "boundary: does not allow", by: "boto3", who: "bounded", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noBoundary},
	{layer: "boundary: does not allow, by the CLI", by: "cli", who: "bounded", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noBoundary},
	{layer: "boundary: denies", who: "bounded2", what: "iam:CreateRole", in: `{"RoleName":"x","AssumeRolePolicyDocument":"{}"}`, resource: "role/x", because: "with an explicit deny in a permissions boundary: $NoRoles"},
	{layer: "boundary: grants nothing", who: "bounded3", what: "iam:ListUsers", resource: "user/", because: noIdentity},

	// Session policies.
	{layer: "session: allowed", by: "boto3", who: "narrow", what: "iam:ListUsers"},
	{layer: "session: does not allow", who: "narrow", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noSession},
	{layer: "session: does not allow, by the CLI", by: "cli", who: "narrow", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noSession},
	{layer: "session: denies", by: "boto3", who: "narrow-deny", what: "iam:ListRoles", resource: "role/", because: bySession},
	{layer: "session: a managed one does not allow", who: "narrow-managed", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noSession},
	{layer: "session: a managed one denies", who: "narrow-named", what: "iam:CreateRole", in: `{"RoleName":"x","AssumeRolePolicyDocument":"{}"}`, resource: "role/x", because: bySession + ": $NoRoles"},
	{layer: "session: their union, one", who: "narrow-two", what: "iam:ListUsers"},
	{layer: "session: their union, other", by: "boto3", who: "narrow-two", what: "iam:ListAccountAliases"},
	{layer: "session: none", who: "worker", what: "iam:ListRoles"},

	// Trust policies, in one account and across.
	{layer: "trust: names the caller, who has nothing", who: "nobody", what: "sts:AssumeRole", in: role("$D", "named")},
	{layer: "trust: names the account, the caller has nothing", by: "boto3", who: "nobody", what: "sts:AssumeRole", in: role("$D", "worker"), resource: "role/worker", because: noIdentity},
	{layer: "trust: names another", who: "admin", what: "sts:AssumeRole", in: role("$D", "elsewhere"), resource: "role/elsewhere", because: noTrust},
	{layer: "trust: names another, by the CLI", by: "cli", who: "admin", what: "sts:AssumeRole", in: role("$D", "elsewhere"), resource: "role/elsewhere", because: noTrust},
	{layer: "trust: denies", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$D", "barred"), resource: "role/barred", because: byTrust},
	{layer: "trust: no such role", who: "admin", what: "sts:AssumeRole", in: role("$D", "missing"), resource: "role/missing", because: noTrust},
	{layer: "trust: without the external id", who: "admin", what: "sts:AssumeRole", in: role("$D", "vendor"), resource: "role/vendor", because: noTrust},
	{layer: "trust: with the external id", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$D", "vendor", `"ExternalId":"secret"`)},
	{layer: "trust: tags that it does not let in", who: "admin", what: "sts:AssumeRole", in: role("$D", "worker", `"Tags":[{"Key":"Project","Value":"moon"}]`), resource: "role/worker", action: "sts:TagSession", because: noTrust},
	{layer: "trust: tags with the right value", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$D", "tagged", `"Tags":[{"Key":"Project","Value":"moon"}]`)},
	{layer: "trust: tags with another value", who: "admin", what: "sts:AssumeRole", in: role("$D", "tagged", `"Tags":[{"Key":"Project","Value":"mars"}]`), resource: "role/tagged", because: noTrust},
	{layer: "trust: a source identity that it does not let in", who: "admin", what: "sts:AssumeRole", in: role("$D", "worker", `"SourceIdentity":"pat"`), resource: "role/worker", action: "sts:SetSourceIdentity", because: noTrust},
	{layer: "trust: a source identity", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$D", "tagged", `"SourceIdentity":"pat"`, `"Tags":[{"Key":"Project","Value":"moon"}]`)},
	{layer: "trust: the session named as its user", who: "admin", what: "sts:AssumeRole", in: role("$D", "nominal"), resource: "role/nominal", because: noTrust},
	{layer: "cross-account: both sides", who: "m-admin", what: "sts:AssumeRole", in: role("$D", "visited")},
	{layer: "cross-account: both sides, by the CLI", by: "cli", who: "m-admin", what: "sts:AssumeRole", in: role("$D", "visited")},
	{layer: "cross-account: the caller's side is silent", by: "boto3", who: "m-nobody", what: "sts:AssumeRole", in: role("$D", "visited"), resource: "role/visited", because: noIdentity},
	{layer: "cross-account: naming the caller spares nothing", who: "m-nobody", what: "sts:AssumeRole", in: role("$D", "personal"), resource: "role/personal", because: noIdentity},
	{layer: "cross-account: the role's side is silent", who: "o-admin", what: "sts:AssumeRole", in: role("$D", "visited"), resource: "role/visited", because: noTrust},
	{layer: "cross-account: out of the organization", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$O", "guest")},
	{layer: "root: assumes no role", who: "root", what: "sts:AssumeRole", in: role("$D", "worker"), says: "Roles may not be assumed by root accounts."},

	// Service control policies.
	{layer: "scp: at the root", who: "admin", what: "iam:CreateAccountAlias", in: `{"AccountAlias":"acme-a"}`, resource: "*", because: "with an explicit deny in a service control policy: $AtRoot"},
	{layer: "scp: at the root, by the CLI", by: "cli", who: "admin", what: "iam:CreateAccountAlias", in: `{"AccountAlias":"acme-a"}`, resource: "*", because: "with an explicit deny in a service control policy: $AtRoot"},
	{layer: "scp: at the unit", by: "boto3", who: "admin", what: "iam:DeleteAccountAlias", in: `{"AccountAlias":"acme-a"}`, resource: "*", because: "with an explicit deny in a service control policy: $AtUnit"},
	{layer: "scp: at the account", who: "admin", what: "iam:UpdateRole", in: `{"RoleName":"worker"}`, resource: "role/worker", because: "with an explicit deny in a service control policy: $AtAccount"},
	{layer: "scp: binds the root user", who: "root", what: "iam:CreateAccountAlias", in: `{"AccountAlias":"acme-a"}`, resource: "*", because: "with an explicit deny in a service control policy: $AtRoot"},
	{layer: "scp: binds sessions of roles", by: "boto3", who: "worker", what: "iam:UpdateRole", in: `{"RoleName":"worker"}`, resource: "role/worker", because: "with an explicit deny in a service control policy: $AtAccount"},
	{layer: "scp: not the management account", who: "m-admin", what: "iam:CreateAccountAlias", in: `{"AccountAlias":"acme-m"}`},
	{layer: "scp: not an account outside", by: "boto3", who: "o-admin", what: "iam:CreateAccountAlias", in: `{"AccountAlias":"acme-o"}`},
	{layer: "scp: not another account", who: "p-root", what: "iam:UpdateRole", in: `{"RoleName":"OrganizationAccountAccessRole"}`},
	{layer: "scp: an allow list allows", who: "q-root", what: "iam:ListUsers"},
	{layer: "scp: an allow list does not allow", by: "boto3", who: "q-root", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noGuard},
	{layer: "scp: an allow list does not allow, by the CLI", by: "cli", who: "q-root", what: "iam:CreateUser", in: `{"UserName":"x"}`, resource: "user/x", because: noGuard},
	{layer: "scp: not a service in the account", who: "m-admin", what: "sso-admin:CreateAccountAssignment",
		in: `{"InstanceArn":"$Instance","TargetId":"$Q","TargetType":"AWS_ACCOUNT","PermissionSetArn":"$Set","PrincipalType":"USER","PrincipalId":"$Pat"}`},

	// Resource control policies.
	{layer: "rcp: a caller of the account", who: "admin", what: "sts:AssumeRole", in: role("$D", "guarded"), resource: "role/guarded", because: byControl + ": $Control"},
	{layer: "rcp: the management account's caller", by: "boto3", who: "m-admin", what: "sts:AssumeRole", in: role("$D", "guarded"), resource: "role/guarded", because: byControl + ": $Control"},
	{layer: "rcp: the management account's caller, by the CLI", by: "cli", who: "m-admin", what: "sts:AssumeRole", in: role("$D", "guarded"), resource: "role/guarded", because: byControl + ": $Control"},
	{layer: "rcp: a caller from outside", who: "o-admin", what: "sts:AssumeRole", in: role("$D", "guarded"), resource: "role/guarded", because: byControl},
	{layer: "rcp: not a role of the management account", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$M", "guarded")},

	// The delegation policy of the organization, which says no reason.
	{layer: "delegation: nothing given", who: "p-root", what: "organizations:ListPolicies", in: `{"Filter":"SERVICE_CONTROL_POLICY"}`, says: byOrg},
	{layer: "delegation: given", who: "admin", what: "organizations:ListPolicies", in: `{"Filter":"SERVICE_CONTROL_POLICY"}`},
	{layer: "delegation: given for one type of policy", by: "boto3", who: "admin", what: "organizations:ListPolicies", in: `{"Filter":"RESOURCE_CONTROL_POLICY"}`, says: byOrg},
	{layer: "delegation: given, to one who may not", who: "nobody", what: "organizations:ListPolicies", in: `{"Filter":"SERVICE_CONTROL_POLICY"}`, says: byOrg},
	{layer: "delegation: denies what members may", by: "boto3", who: "lister", what: "organizations:DescribeOrganization", says: byOrg},
	{layer: "delegation: binds not the management account", who: "m-admin", what: "organizations:DescribeOrganization"},
	{layer: "delegation: nobody else's", by: "cli", who: "p-root", what: "organizations:ListPolicies", in: `{"Filter":"SERVICE_CONTROL_POLICY"}`, says: byOrg},

	// The root user, service-linked and reserved roles, AWS's own policies.
	{layer: "root: needs no policy", by: "boto3", who: "root", what: "iam:CreateUser", in: `{"UserName":"byroot"}`},
	{layer: "hard-wired: a policy of AWS's", who: "admin", what: "iam:DeletePolicy", in: `{"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, says: "Cannot delete policies outside your own account."},

	// Federated users.
	{layer: "federated: without a session policy", who: "federated0", what: "sso-admin:ListInstances", resource: "*", action: "sso:ListInstances", because: noSession},
	{layer: "federated: allowed by both", by: "boto3", who: "federated", what: "sso-admin:ListInstances"},
	{layer: "federated: more than the session policy", who: "federated", what: "organizations:ListAccounts", says: byOrg},
	{layer: "federated: assumes no role", who: "federated", what: "sts:AssumeRole", in: role("$D", "visited"), says: "Cannot call AssumeRole with session credentials"},
	{layer: "federated: calls nothing of IAM", by: "boto3", who: "federated", what: "iam:ListUsers", says: "The security token included in the request is invalid."},

	// Conditions: MFA, tags, where from, when, whose.
	{layer: "mfa: needed, a long-term key", who: "mfa", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "mfa: Deny with BoolIfExists, a long-term key", by: "boto3", who: "mfa-ifexists", what: "iam:ListUsers", resource: "user/", because: byIdentity},
	{layer: "mfa: Deny with Bool passes a long-term key", who: "mfa-bool", what: "iam:ListUsers"},
	{layer: "mfa: Deny with Bool, a session without", who: "mfa-session", what: "iam:ListUsers", resource: "user/", because: byIdentity},
	{layer: "tags: of the caller and the resource", who: "blue", what: "iam:GetUser", in: `{"UserName":"blue"}`},
	{layer: "tags: of another team", by: "boto3", who: "blue", what: "iam:GetUser", in: `{"UserName":"red"}`, resource: "user/red", because: noIdentity},
	{layer: "tags: of the session", who: "tagged", what: "iam:GetUser", in: `{"UserName":"moon"}`},
	{layer: "tags: of the session, another", by: "boto3", who: "tagged", what: "iam:GetUser", in: `{"UserName":"red"}`, resource: "user/red", because: noIdentity},
	{layer: "tags: of the request", who: "tagger", what: "iam:CreateUser", in: `{"UserName":"t1","Tags":[{"Key":"team","Value":"blue"}]}`},
	{layer: "tags: of the request, another value", by: "boto3", who: "tagger", what: "iam:CreateUser", in: `{"UserName":"t2","Tags":[{"Key":"team","Value":"red"}]}`, resource: "user/t2", because: noIdentity},
	{layer: "tags: of the request, one key too many", who: "tagger", what: "iam:CreateUser", in: `{"UserName":"t3","Tags":[{"Key":"team","Value":"blue"},{"Key":"x","Value":"y"}]}`, resource: "user/t3", because: noIdentity},
	{layer: "source address: here", by: "boto3", who: "here", what: "iam:ListUsers"},
	{layer: "source address: elsewhere", who: "elsewhere", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "time: over", by: "boto3", who: "late", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "time: the session is young", who: "young", what: "iam:ListUsers"},
	{layer: "transport: without TLS", by: "boto3", who: "secure", what: "iam:ListUsers", resource: "user/", because: byIdentity},
	{layer: "region: another", who: "abroad", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "agent: the CLI", by: "cli", who: "agent", what: "iam:ListUsers"},
	{layer: "agent: not the CLI", who: "agent", what: "iam:ListUsers", resource: "user/", because: noIdentity},
	{layer: "org: a role for the organization", by: "boto3", who: "m-admin", what: "sts:AssumeRole", in: role("$D", "inside")},
	{layer: "org: a role for the organization, from outside", who: "o-admin", what: "sts:AssumeRole", in: role("$D", "inside"), resource: "role/inside", because: noTrust},
	{layer: "org: a role for one unit", who: "p-admin", what: "sts:AssumeRole", in: role("$D", "unit"), resource: "role/unit", because: noTrust},
	{layer: "org: a role for one unit, from there", by: "boto3", who: "admin", what: "sts:AssumeRole", in: role("$D", "unit")},
	{layer: "org: only resources of the organization", who: "inward", what: "sts:AssumeRole", in: role("$O", "guest"), resource: "role/guest", because: noIdentity},
	{layer: "org: only resources of the organization, one of it", by: "boto3", who: "inward", what: "sts:AssumeRole", in: role("$D", "worker")},
}

// role is the input of AssumeRole, with further members.
func role(account, name string, more ...string) string {
	return `{"RoleArn":"arn:aws:iam::` + account + `:role/` + name + `","RoleSessionName":"visit"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

// answer is a client's error, or nothing.
type answer struct{ Code, Message string }

// TestEveryLayerAnswersRealClients asks the Go SDK, boto3 and the AWS CLI, and compares whole messages.
func TestEveryLayerAnswersRealClients(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	l := newLab(t)
	answers := make([]answer, len(asked))
	var batch []int
	for i, a := range asked {
		switch a.by {
		case "":
			answers[i] = l.byGo(t, a)
		case "cli":
			answers[i] = l.byCLI(t, a)
		case "boto3":
			batch = append(batch, i)
		}
	}
	l.byBoto3(t, python, batch, answers)
	for i, a := range asked {
		got, want := answers[i], l.wanted(a)
		if got.Message != want || (want == "") != (got.Code == "") {
			t.Errorf("%s: %s %s\nis answered %s\n%q, want\n%q", a.layer, a.who, a.what, got.Code, got.Message, want)
		}
	}
}

// wanted is the message that a request is answered with.
func (l *lab) wanted(a ask) string {
	if a.because == "" {
		return a.says
	}
	service, _, _ := strings.Cut(a.what, ":")
	action, resource := a.action, a.resource
	if action == "" {
		action = a.what
	}
	if strings.HasPrefix(resource, "role/") && service == "sts" {
		resource = regexp.MustCompile(`arn:[^"]*`).FindString(a.in)
	} else if resource != "*" {
		resource = "arn:aws:iam::" + l.accountOf[a.who] + ":" + resource
	}
	return l.fill("User: " + l.arns[a.who] + " is not authorized to perform: " + action + " on resource: " + resource + " " +
		strings.ReplaceAll(a.because, "$ACTION", action))
}

// byGo calls the method of the SDK's client that is named as the operation.
func (l *lab) byGo(t *testing.T, a ask) answer {
	t.Helper()
	service, operation, _ := strings.Cut(a.what, ":")
	c := l.callers[a.who]
	client := map[string]any{"iam": c.iam(), "sts": c.sts(), "organizations": c.organizations(),
		"sso-admin": ssoadmin.New(ssoadmin.Options{Region: "us-east-1", BaseEndpoint: &c.url, Credentials: c.keys})}[service]
	method := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(method.Type().In(1).Elem())
	if a.in != "" {
		if err := json.Unmarshal([]byte(l.fill(a.in)), in.Interface()); err != nil {
			t.Fatal(err)
		}
	}
	err, _ := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface().(error)
	var failed smithy.APIError
	if errors.As(err, &failed) {
		return answer{failed.ErrorCode(), failed.ErrorMessage()}
	}
	if err != nil {
		t.Errorf("%s: %v", a.layer, err)
	}
	return answer{}
}

// said is how the CLI tells of an error.
var said = regexp.MustCompile(`(?s)\nAn error occurred \((\w+)\) when calling the \w+ operation: (.*)\n$`)

func (l *lab) byCLI(t *testing.T, a ask) answer {
	t.Helper()
	service, operation, _ := strings.Cut(a.what, ":")
	command := strings.ToLower(regexp.MustCompile(`(\w)([A-Z])`).ReplaceAllString(operation, "$1-$2"))
	args := []string{service, command}
	if a.in != "" {
		args = append(args, "--cli-input-json", l.fill(a.in))
	}
	res := testkit.Run(t, l.env(t, a.who), testkit.AWSPath(t), args...)
	if m := said.FindStringSubmatch(res.Stderr); m != nil {
		return answer{m[1], m[2]}
	}
	if res.Exit != 0 {
		t.Errorf("%s: %+v", a.layer, res)
	}
	return answer{}
}

// botoAsks makes the calls of argv[1] and prints the answers.
const botoAsks = `
import json, sys, boto3
from botocore.exceptions import ClientError
answers = []
for service, operation, args, key, secret, token in json.loads(sys.argv[1]):
    client = boto3.client(service, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token or None)
    method = next(m for m, name in client.meta.method_to_api_mapping.items() if name == operation)
    try:
        getattr(client, method)(**args)
        answers.append({})
    except ClientError as e:
        answers.append(e.response["Error"])
print(json.dumps(answers))
`

func (l *lab) byBoto3(t *testing.T, python string, batch []int, answers []answer) {
	t.Helper()
	calls := make([][]any, len(batch))
	for i, at := range batch {
		a := asked[at]
		service, operation, _ := strings.Cut(a.what, ":")
		args := json.RawMessage(l.fill(a.in))
		if a.in == "" {
			args = json.RawMessage("{}")
		}
		k, err := l.callers[a.who].keys.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		calls[i] = []any{service, operation, args, k.AccessKeyID, k.SecretAccessKey, k.SessionToken}
	}
	text, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	res := testkit.Run(t, l.env(t, "admin"), python, "-c", botoAsks, string(text))
	var got []answer
	if err := json.Unmarshal([]byte(res.Stdout), &got); err != nil || len(got) != len(batch) {
		t.Fatalf("boto3: %v %+v", err, res)
	}
	for i, at := range batch {
		answers[at] = got[i]
	}
}

// env is the environment of a program that calls as somebody.
func (l *lab) env(t *testing.T, who string) []string {
	t.Helper()
	k, err := l.callers[who].keys.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	env := l.dev.Env("AWS_ENDPOINT_URL="+l.dev.URL, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+k.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+k.SecretAccessKey)
	if k.SessionToken != "" {
		env = append(env, "AWS_SESSION_TOKEN="+k.SessionToken)
	}
	return env
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
