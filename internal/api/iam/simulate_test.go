package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	object     = "arn:aws:s3:::data/a"
	objectB    = "arn:aws:s3:::data/b"
	aliceARN   = "arn:aws:iam::111111111111:user/alice"
	hypothetic = "arn:aws:iam::111111111111:user/team/nobody"
)

// one is a policy of one statement with more members, such as `,"Resource":"*"`.
func one(effect, action, more string) string {
	if !strings.Contains(more, `"Resource"`) {
		more = `,"Resource":"*"` + more
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Action":%q%s}]}`, effect, action, more)
}

func custom(w *apitest.World, in *sdk.SimulateCustomPolicyInput) []types.EvaluationResult {
	if in.ActionNames == nil {
		in.ActionNames = []string{"s3:GetObject"}
	}
	if in.PolicyInputList == nil {
		in.PolicyInputList = []string{}
	}
	return apitest.Call[sdk.SimulateCustomPolicyOutput](w, service, "SimulateCustomPolicy", in).EvaluationResults
}

// shown is a result in one line: decision, resource, statements, missing keys, and what organization and boundary say.
func shown(r *types.EvaluationResult) string {
	line := fmt.Sprintf("%s %s %s", r.EvalDecision, *r.EvalResourceName, statements(r.MatchedStatements))
	if len(r.MissingContextValues) > 0 {
		line += " missing " + strings.Join(r.MissingContextValues, ",")
	}
	if d := r.OrganizationsDecisionDetail; d != nil {
		line += fmt.Sprintf(" organization %v", d.AllowedByOrganizations)
	}
	if d := r.PermissionsBoundaryDecisionDetail; d != nil {
		line += fmt.Sprintf(" boundary %v", d.AllowedByPermissionsBoundary)
	}
	for _, kind := range []types.PolicySourceType{identitySource, resourceSource, boundarySource} {
		if d, ok := r.EvalDecisionDetails[string(kind)]; ok {
			line += fmt.Sprintf(" %s=%s", kind, d)
		}
	}
	return line
}

func statements(list []types.Statement) string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s@%d:%d-%d:%d", *s.SourcePolicyId, s.StartPosition.Line, s.StartPosition.Column, s.EndPosition.Line, s.EndPosition.Column))
	}
	return "[" + strings.Join(out, " ") + "]"
}

func TestSimulateCustomPolicy(t *testing.T) {
	w := world(t)
	allow, deny := one("Allow", "s3:GetObject", ""), one("Deny", "s3:GetObject", "")
	teamed := one("Allow", "s3:GetObject", `,"Condition":{"StringEquals":{"x:Team":"a"}}`)
	owned := one("Allow", "s3:GetObject", `,"Principal":{"AWS":"`+hypothetic+`"},"Resource":"arn:aws:s3:::data/*"`)
	lists := func(documents ...string) []string { return documents }
	entry := func(name string, kind types.ContextKeyTypeEnum, values ...string) []types.ContextEntry {
		return []types.ContextEntry{{ContextKeyName: &name, ContextKeyType: kind, ContextKeyValues: values}}
	}
	level := func(documents ...string) types.OrderedOrganizationPolicyType {
		return types.OrderedOrganizationPolicyType{ServiceControlPolicyInputList: documents}
	}
	for name, c := range map[string]struct {
		in   sdk.SimulateCustomPolicyInput
		want string
	}{
		"an Allow":        {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow)}, "allowed * [PolicyInputList.1@1:38-1:95]"},
		"nothing":         {sdk.SimulateCustomPolicyInput{}, "implicitDeny * []"},
		"only the Deny":   {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow, deny)}, "explicitDeny * [PolicyInputList.2@1:38-1:94]"},
		"the last first":  {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow, allow)}, "allowed * [PolicyInputList.2@1:38-1:95 PolicyInputList.1@1:38-1:95]"},
		"an absent key":   {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed)}, "implicitDeny * [] missing x:Team"},
		"a key beside":    {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed, allow)}, "allowed * [PolicyInputList.2@1:38-1:95]"},
		"a key in a Deny": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed, deny)}, "explicitDeny * [PolicyInputList.2@1:38-1:94]"},
		"a key that fits": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed), ContextEntries: entry("X:TEAM", "string", "a")}, "allowed * [PolicyInputList.1@1:38-1:139]"},
		"one that does not": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed), ContextEntries: entry("x:team", "string", "b")},
			"implicitDeny * []"},
		"a list where one is meant": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(teamed), ContextEntries: entry("x:team", "stringList", "a")},
			"implicitDeny * []"},
		"an empty entry": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), ContextEntries: []types.ContextEntry{{}}},
			"allowed * [PolicyInputList.1@1:38-1:95]"},
		"a boundary that is silent": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), PermissionsBoundaryPolicyInputList: lists(one("Allow", "s3:PutObject", ""))},
			"implicitDeny * [] boundary false"},
		"a boundary that allows": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), PermissionsBoundaryPolicyInputList: lists(allow)},
			"allowed * [PolicyInputList.1@1:38-1:95] boundary true"},
		"a boundary that denies": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), PermissionsBoundaryPolicyInputList: lists(deny)},
			"explicitDeny * [PermissionsBoundaryPolicyInputList.1@1:38-1:94] boundary false"},
		"guards that allow": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{level(allow), level(allow)}},
			"allowed * [PolicyInputList.1@1:38-1:95] organization true"},
		"a level that is silent": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{level(allow), level(one("Allow", "s3:PutObject", ""))}},
			"implicitDeny * [] organization false"},
		"a guard that denies": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{level(allow, deny)}},
			"explicitDeny * [] organization false"},
		"the resource's policy alone": {sdk.SimulateCustomPolicyInput{CallerArn: aws.String(hypothetic), ResourceArns: lists(object), ResourcePolicy: &owned},
			"allowed arn:aws:s3:::data/a [ResourcePolicy@1:38-1:178]"},
		"another account's resource": {sdk.SimulateCustomPolicyInput{CallerArn: aws.String(hypothetic), ResourceArns: lists(object), ResourcePolicy: &owned, ResourceOwner: aws.String("arn:aws:iam::222222222222:root")},
			"implicitDeny arn:aws:s3:::data/a [] IAM Policy=implicitDeny Resource Policy=allowed"},
		"another account's, both agree": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(allow), CallerArn: aws.String(hypothetic), ResourceArns: lists(object), ResourcePolicy: &owned, ResourceOwner: aws.String("arn:aws:iam::222222222222:root")},
			"allowed arn:aws:s3:::data/a [ResourcePolicy@1:38-1:178 PolicyInputList.1@1:38-1:95] IAM Policy=allowed Resource Policy=allowed"},
		"the caller's name": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(one("Allow", "s3:GetObject", `,"Condition":{"StringEquals":{"aws:username":"nobody"}}`)), CallerArn: aws.String(hypothetic)},
			"allowed * [PolicyInputList.1@1:38-1:150]"},
		"no caller": {sdk.SimulateCustomPolicyInput{PolicyInputList: lists(one("Allow", "s3:GetObject", `,"Condition":{"Null":{"aws:PrincipalArn":"false"}}`))},
			"implicitDeny * [] missing aws:PrincipalArn"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := shown(&custom(w, &c.in)[0]); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestASimulationOfSeveralResources(t *testing.T) {
	w := world(t)
	document := `{"Version":"2012-10-17","Statement":[` + "\n" + `{"Effect":"Allow","Action":"*","Resource":"` + object + `"},` +
		`{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"` + objectB + `"}` + "\n]}"
	got := custom(w, &sdk.SimulateCustomPolicyInput{PolicyInputList: []string{document}, ActionNames: []string{"s3:DeleteObject"},
		ResourceArns: []string{object, objectB, "arn:aws:s3:::elsewhere"}})
	if want := "explicitDeny arn:aws:s3:::${BucketName}/${KeyName} [PolicyInputList.1@1:38-2:65 PolicyInputList.1@2:65-2:143]"; shown(&got[0]) != want {
		t.Errorf("\n got %s\nwant %s", shown(&got[0]), want)
	}
	want := []string{"allowed [PolicyInputList.1@1:38-2:65]", "explicitDeny [PolicyInputList.1@2:65-2:143]", "implicitDeny []"}
	for i, r := range got[0].ResourceSpecificResults {
		if line := fmt.Sprintf("%s %s", r.EvalResourceDecision, statements(r.MatchedStatements)); line != want[i] {
			t.Errorf("got %s, want %s", line, want[i])
		}
	}
}

func TestWhatASimulationRefuses(t *testing.T) {
	w := world(t)
	p := []string{allow}
	entry := func(name string, kind types.ContextKeyTypeEnum, values ...string) []types.ContextEntry {
		return []types.ContextEntry{{ContextKeyName: &name, ContextKeyType: kind, ContextKeyValues: values}}
	}
	for want, in := range map[string]sdk.SimulateCustomPolicyInput{
		"The action is invalid since it is missing names":                                 {ActionNames: []string{"GetObject"}},
		"ResourceNames are not in a valid ARN format: x.":                                 {ResourceArns: []string{"x"}},
		"ResourceNames are not in a valid ARN format: arn:aws:s3.":                        {ResourceArns: []string{"arn:aws:s3"}},
		"Policy input list item 2 has invalid content":                                    {PolicyInputList: []string{allow, "{"}},
		"The list of Permissions Boundary policies cannot exceed 1 items.":                {PermissionsBoundaryPolicyInputList: []string{allow, allow}},
		"Organization policy at index 1 must contain at least one service control policy": {OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{}}}},
		"'222222222222' is not a valid as a Resource Owner.":                              {ResourceOwner: aws.String("222222222222")},
		"Invalid Entity Arn: * does not clearly define entity type and name.":             {ResourcePolicy: aws.String(one("Allow", "s3:*", `,"Principal":"*"`))},
		"ResourceNames are not in a valid ARN format: *.":                                 {ResourcePolicy: aws.String(one("Allow", "s3:*", `,"Principal":"*"`)), ResourceArns: []string{object}},
		"Invalid marker for pagination.":                                                  {Marker: aws.String("x")},
		"Invalid ARN provided in the request: arn:aws:iam::111111111111:root":             {CallerArn: aws.String("arn:aws:iam::111111111111:root")},
		"Context key x:key has invalid type null.":                                        {ContextEntries: entry("x:key", "", "a")},
		"ContextKeyName cannot be null or empty.":                                         {ContextEntries: []types.ContextEntry{{ContextKeyType: "string", ContextKeyValues: []string{"a"}}}},
		"Context values for context key x:key cannot be null or empty.":                   {ContextEntries: entry("x:key", "stringList")},
		"Context key string expected a single value, but received 2.":                     {ContextEntries: entry("x:key", "string", "a", "b")},
		"Duplicate context key: X:KEY.":                                                   {ContextEntries: append(entry("x:key", "string", "a"), entry("X:KEY", "string", "a")...)},
		"Invalid context value for key x:num: expected numeric format.":                   {ContextEntries: entry("x:num", "numericList", "1", "0x10")},
		"Invalid context value for key x:date: expected DateTime format.":                 {ContextEntries: entry("x:date", "date", "tomorrow")},
		"Invalid context value for key x:addr: expected IP address.":                      {ContextEntries: entry("x:addr", "ip", "192.0.2.0/24")},
		"Invalid context value for key x:bytes: expected base-64 encoded binary format.":  {ContextEntries: entry("x:bytes", "binary", "YQ")},
		"Invalid input resource handling options. Action does not support resource handling options: s3:GetObject. Please refer to the documentation for more details: " +
			"https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html": {ResourceArns: []string{object}, ResourceHandlingOption: aws.String("EC2-VPC-EBS")},
	} {
		if in.ActionNames == nil {
			in.ActionNames = []string{"s3:GetObject"}
		}
		if in.PolicyInputList == nil {
			in.PolicyInputList = p
		}
		if f := apitest.Refused(w, "InvalidInput", service, "SimulateCustomPolicy", &in); f.Message != want {
			t.Errorf("\n got %s\nwant %s", f.Message, want)
		}
	}
}

func TestPagesOfASimulation(t *testing.T) {
	w := world(t)
	in := &sdk.SimulateCustomPolicyInput{PolicyInputList: []string{allow}, ActionNames: []string{"s3:A", "iam:B", "s3:A"}, MaxItems: aws.Int32(2)}
	first := apitest.Call[sdk.SimulateCustomPolicyOutput](w, service, "SimulateCustomPolicy", in)
	in.Marker = first.Marker
	second := apitest.Call[sdk.SimulateCustomPolicyOutput](w, service, "SimulateCustomPolicy", in)
	if !first.IsTruncated || len(first.EvaluationResults) != 2 || second.IsTruncated || len(second.EvaluationResults) != 1 || second.Marker != nil {
		t.Errorf("got %d and %d results", len(first.EvaluationResults), len(second.EvaluationResults))
	}
	many := make([]string, mostSimulated+1)
	for i := range many {
		many[i] = object
	}
	apitest.Refused(w, "InvalidInput", service, "SimulateCustomPolicy",
		&sdk.SimulateCustomPolicyInput{PolicyInputList: []string{allow}, ActionNames: []string{"s3:A"}, ResourceArns: many})
}

func simulate(w *apitest.World, in *sdk.SimulatePrincipalPolicyInput) string {
	if in.ActionNames == nil {
		in.ActionNames = []string{"s3:GetObject"}
	}
	return shown(&apitest.Call[sdk.SimulatePrincipalPolicyOutput](w, service, "SimulatePrincipalPolicy", in).EvaluationResults[0])
}

func TestSimulatePrincipalPolicy(t *testing.T) {
	w := world(t)
	w.User(apitest.Management, "alice", iam.Policies{Inline: map[string]string{"mine": allow}, Managed: []string{readOnly}, Boundary: readOnly})
	apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{GroupName: aws.String("staff")})
	apitest.Call[sdk.PutGroupPolicyOutput](w, service, "PutGroupPolicy", &sdk.PutGroupPolicyInput{GroupName: aws.String("staff"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(one("Allow", "sqs:*", `,"Resource":"arn:aws:sqs:*:*:${aws:username}"`))})
	apitest.Call[sdk.AddUserToGroupOutput](w, service, "AddUserToGroup", &sdk.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: aws.String("alice")})
	group := aws.String("arn:aws:iam::111111111111:group/any/staff")
	queue := []string{"arn:aws:sqs:us-east-1:111111111111:alice"}
	user := aws.String("arn:aws:iam::111111111111:user/any/path/ALICE")
	for name, c := range map[string]struct {
		in   sdk.SimulatePrincipalPolicyInput
		want string
	}{
		"a user, by any path and case": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: user, ActionNames: []string{"s3:PutObject"}}, "implicitDeny * [] missing aws:username,s3express:SessionMode boundary false"},
		"without the boundary": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: user, ActionNames: []string{"s3:PutObject"},
			PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyType{Value: "permission-boundary"}}}, "allowed * [user_alice_mine@1:38-1:87]"},
		"a group's policy": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: user, ActionNames: []string{"sqs:GetQueueUrl"}, ResourceArns: queue,
			PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyType{Value: "aws-managed"}}},
			"allowed arn:aws:sqs:us-east-1:111111111111:alice [group_staff_all@1:38-1:118] boundary true"},
		"the group itself has no name": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: group, ActionNames: []string{"sqs:SendMessage"}, ResourceArns: queue},
			"implicitDeny arn:aws:sqs:us-east-1:111111111111:alice [] missing aws:username"},
		"a name that is given": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: group, ActionNames: []string{"sqs:SendMessage"}, ResourceArns: queue,
			ContextEntries: []types.ContextEntry{{ContextKeyName: aws.String("aws:username"), ContextKeyType: "string", ContextKeyValues: []string{"alice"}}}},
			"allowed arn:aws:sqs:us-east-1:111111111111:alice [group_staff_all@1:38-1:118]"},
		"another caller with these policies": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: group, CallerArn: aws.String(aliceARN), ActionNames: []string{"sqs:SendMessage"}, ResourceArns: queue},
			"allowed arn:aws:sqs:us-east-1:111111111111:alice [group_staff_all@1:38-1:118]"},
		"without what is inline": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: user, ActionNames: []string{"s3:GetObject"},
			PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyType{Value: "inline"}, &types.PolicyIdentifierMemberPolicyArn{Value: "arn:aws:iam::aws:policy/ReadOnly*"}}},
			"implicitDeny * [] missing s3express:SessionMode boundary true"},
		"a boundary in its place": {sdk.SimulatePrincipalPolicyInput{PolicySourceArn: user, ActionNames: []string{"s3:PutObject"}, PermissionsBoundaryPolicyInputList: []string{allow},
			PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberInlinePolicyIdentifier{Value: types.InlinePolicyIdentifierType{
				PolicyName: aws.String("mine"), AttachmentType: "user", AttachmentName: aws.String("alice")}}}},
			"implicitDeny * [] missing aws:username,s3express:SessionMode boundary true"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := simulate(w, &c.in); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
	keys := apitest.Call[sdk.GetContextKeysForPrincipalPolicyOutput](w, service, "GetContextKeysForPrincipalPolicy",
		&sdk.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: group, PolicyInputList: []string{one("Allow", "s3:*", `,"Condition":{"Bool":{"b:B":"true"}}`)}}).ContextKeyNames
	if diff := cmp.Diff([]string{"aws:username", "b:B"}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCannotBeSimulated(t *testing.T) {
	w := world(t)
	for arn, want := range map[string]struct{ code, message string }{
		"arn:aws:iam::111111111111:user/nobody":                   {"NoSuchEntity", "Unable to retrieve specified IAM entity."},
		"arn:aws:iam::111111111111:root":                          {"InvalidInput", "Invalid ARN provided in the request: arn:aws:iam::111111111111:root"},
		"arn:aws:sts::111111111111:assumed-role/role/session":     {"InvalidInput", "Invalid ARN provided in the request: arn:aws:sts::111111111111:assumed-role/role/session"},
		"not-an-arn-but-long-enough":                              {"InvalidInput", "Invalid ARN provided in the request: not-an-arn-but-long-enough"},
		"arn:aws:iam::222222222222:user/alice":                    {"InvalidInput", "Invalid Policy Source Arn: caller's account 111111111111 does not have access to policies in account 222222222222."},
		"arn:aws:iam::111111111111:policy/path/of/something/else": {"InvalidInput", "Invalid ARN provided in the request: arn:aws:iam::111111111111:policy/path/of/something/else"},
	} {
		f := apitest.Refused(w, want.code, service, "SimulatePrincipalPolicy", &sdk.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject"}})
		if f.Message != want.message {
			t.Errorf("\n got %s\nwant %s", f.Message, want.message)
		}
		apitest.Refused(w, want.code, service, "GetContextKeysForPrincipalPolicy", &sdk.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &arn})
	}
}

// A user of another account tells nothing about itself, and the permission to simulate is that of the simulated user.
func TestASimulationIsNoWayIntoOtherAccounts(t *testing.T) {
	w := world(t)
	w.Account("222222222222", "other")
	w.User("222222222222", "eve", iam.Policies{})
	tagged := w.User("222222222222", "tagged", iam.Policies{})
	apitest.Change(w, store.IAMUsers, tagged.ID, func(u *iam.User) { u.Tags = map[string]string{"secret": "yes"} })
	own := w.User(apitest.Management, "tagged", iam.Policies{})
	apitest.Change(w, store.IAMUsers, own.ID, func(u *iam.User) { u.Tags = map[string]string{"secret": "yes"} })
	for _, account := range []string{"111111111111", "222222222222"} { // nor do those of one's own, to who may not read them
		got := custom(w, &sdk.SimulateCustomPolicyInput{CallerArn: aws.String("arn:aws:iam::" + account + ":user/tagged"),
			PolicyInputList: []string{one("Allow", "s3:GetObject", `,"Condition":{"StringLike":{"aws:PrincipalTag/secret":"*"}}`)}})
		if got[0].EvalDecision != "implicitDeny" {
			t.Errorf("the tags of a user of %s are seen", account)
		}
	}
	alice := w.User(apitest.Management, "alice", iam.Policies{Inline: map[string]string{"self": one("Allow", "iam:Simulate*", `,"Resource":"`+aliceARN+`"`)}})
	w.User(apitest.Management, "bob", iam.Policies{})
	p := &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: aliceARN, IAMUserID: alice.ID, RoleGeneration: alice.Generation}
	for arn, ok := range map[string]bool{"arn:aws:iam::111111111111:user/x/Alice": true, "arn:aws:iam::111111111111:user/bob": false} {
		_, err := apitest.As[sdk.SimulatePrincipalPolicyOutput](w, p, service, "SimulatePrincipalPolicy",
			&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject"}})
		if (err == nil) != ok {
			t.Errorf("%s: %v", arn, err)
		}
	}
	if _, err := apitest.As[sdk.SimulateCustomPolicyOutput](w, p, service, "SimulateCustomPolicy",
		&sdk.SimulateCustomPolicyInput{PolicyInputList: []string{allow}, ActionNames: []string{"s3:GetObject"}}); err == nil {
		t.Error("alice may simulate what she likes")
	}
}

func TestReservedRolesAreSimulatedUnderTheirGuards(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{service: Table()})
	management, member := w.Account(apitest.Management, "Acme"), w.Account("222222222222", "Work")
	o := w.Organization(management, member)
	i := w.Instance(o)
	set := w.Set(i, "Power", permission.Grants{Managed: []string{readOnly}, Inline: allow})
	person := w.Person(i, "pcollins", "a long secret of nobody")
	w.Assign(set, management.ID, person)
	w.Assign(set, member.ID, person)
	w.Guard(o, "nokeys", apitest.Deny("s3:PutObject"), o.RootID)
	for id, want := range map[ident.AccountID]string{
		management.ID: "allowed * [%s@1:38-1:87] organization true", // no guard binds the management account
		member.ID:     "explicitDeny * [] organization false",
	} {
		role, _ := w.State.Current().Reserved(set.ARN, id)
		got := apitest.CallAs[sdk.SimulatePrincipalPolicyOutput](w, apitest.Root(id), service, "SimulatePrincipalPolicy",
			&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(role.ARN()), ActionNames: []string{"s3:PutObject"}}).EvaluationResults
		want = strings.Replace(want, "%s", "role_"+role.Name+"_AwsSSOInlinePolicy", 1)
		if line := shown(&got[0]); line != want {
			t.Errorf("%s:\n got %s\nwant %s", id, line, want)
		}
	}
}

// TestASimulationDecidesAsTheEvaluator is the promise of the package comment: whatever the policies, the simulator's answer
// is that of policy.Decide.
func TestASimulationDecidesAsTheEvaluator(t *testing.T) {
	w := world(t)
	rapid.Check(t, func(t *rapid.T) {
		in := &sdk.SimulateCustomPolicyInput{ActionNames: []string{"s3:GetObject", "s3:PutObject"}, ResourceArns: []string{object, objectB},
			CallerArn: aws.String(hypothetic), PolicyInputList: drawDocuments(t, "identity", "", 0, 2),
			PermissionsBoundaryPolicyInputList: drawDocuments(t, "boundary", "", 0, 1)}
		layers := policy.Layers{Identity: compiled(t, policy.Identity, in.PolicyInputList)}
		if b := compiled(t, policy.Boundary, in.PermissionsBoundaryPolicyInputList); len(b) > 0 {
			layers.Boundary = &b[0]
		}
		for range rapid.IntRange(0, 2).Draw(t, "levels") {
			level := drawDocuments(t, "level", "", 1, 2)
			in.OrderedOrganizationPolicyInputList = append(in.OrderedOrganizationPolicyInputList, types.OrderedOrganizationPolicyType{ServiceControlPolicyInputList: level})
			layers.SCP = append(layers.SCP, compiled(t, policy.SCP, level))
		}
		if r := drawDocuments(t, "resource", rapid.SampledFrom([]string{`,"Principal":"*"`, `,"Principal":{"AWS":"111111111111"}`, `,"Principal":{"AWS":"` + hypothetic + `"}`}).Draw(t, "principal"), 0, 1); len(r) > 0 {
			in.ResourcePolicy = &r[0]
			layers.Resource = &compiled(t, policy.Resource, r)[0]
		}
		owner := rapid.SampledFrom([]string{"111111111111", "222222222222"}).Draw(t, "owner")
		in.ResourceOwner = aws.String("arn:aws:iam::" + owner + ":root")
		x := policy.NewContext()
		x.Set("aws:username", "nobody")
		if rapid.Bool().Draw(t, "team") {
			in.ContextEntries = []types.ContextEntry{{ContextKeyName: aws.String("x:team"), ContextKeyType: "string", ContextKeyValues: []string{"a"}}}
			x.Set("x:team", "a")
		}
		for _, result := range custom(w, in) {
			for _, row := range result.ResourceSpecificResults {
				d := policy.Decide(&policy.Request{Action: *result.EvalActionName, Resource: *row.EvalResourceName, ResourceAccount: ident.AccountID(owner), Context: x,
					Principal: policy.Principal{Kind: policy.User, ARN: hypothetic, Account: apitest.Management}}, &layers)
				if (row.EvalResourceDecision == "allowed") != d.Allowed || (row.EvalResourceDecision == "explicitDeny") != d.Explicit {
					t.Fatalf("simulated %s, decided %+v", row.EvalResourceDecision, d)
				}
				if (result.EvalDecision == "allowed") && !d.Allowed || d.Explicit && result.EvalDecision != "explicitDeny" {
					t.Fatalf("%s stands for %s", result.EvalDecision, row.EvalResourceDecision)
				}
			}
		}
	})
}

func drawDocuments(t *rapid.T, what, principal string, least, most int) []string {
	list := []string{}
	for range rapid.IntRange(least, most).Draw(t, what) {
		var statements []string
		for range rapid.IntRange(1, 3).Draw(t, "statements") {
			statements = append(statements, fmt.Sprintf(`{"Effect":%q,"Action":%q,"Resource":%q%s%s}`, rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect"),
				rapid.SampledFrom([]string{"*", "s3:Get*", "s3:PutObject"}).Draw(t, "action"), rapid.SampledFrom([]string{"arn:aws:s3:::*", object, "arn:aws:s3:::${aws:username}"}).Draw(t, "resource"), principal,
				rapid.SampledFrom([]string{"", `,"Condition":{"StringEquals":{"x:team":"a"}}`, `,"Condition":{"StringNotEquals":{"x:team":"a"}}`}).Draw(t, "condition")))
		}
		list = append(list, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)
	}
	return list
}

func compiled(t *rapid.T, kind policy.Kind, documents []string) (list []policy.Policy) {
	for _, d := range documents {
		doc, err := policy.Parse([]byte(d), kind)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, policy.Policy{Doc: doc})
	}
	return list
}
