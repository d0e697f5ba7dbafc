package organizations

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

const (
	rcp    = types.PolicyTypeResourceControlPolicy
	nobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`
)

func newControl(called, content string) *sdk.CreatePolicyInput {
	return &sdk.CreatePolicyInput{Name: &called, Description: aws.String(""), Content: &content, Type: rcp}
}

// controls enables resource control policies and makes one.
func controls(w *apitest.World, root *string) (id *string) {
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: rcp})
	return apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", newControl("Inside", nobody)).Policy.PolicySummary.Id
}

// on returns the ids of the policies of a type that are attached to a target.
func on(w *apitest.World, target *string, kind types.PolicyType) []string {
	var list []string
	for _, p := range apitest.Call[sdk.ListPoliciesForTargetOutput](w, name, "ListPoliciesForTarget",
		&sdk.ListPoliciesForTargetInput{TargetId: target, Filter: kind}).Policies {
		list = append(list, *p.Id)
	}
	return list
}

func TestResourceControlPoliciesLiveBesideServiceControlPolicies(t *testing.T) {
	w, root := world(t)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	before := createAccountIn(t, w, "before@acme.example").AccountId
	enabled := apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: rcp}).Root
	want := []types.PolicyTypeSummary{{Type: rcp, Status: types.PolicyTypeStatusPendingEnable}, {Type: scp, Status: types.PolicyTypeStatusEnabled}}
	if !slices.Equal(enabled.PolicyTypes, want) {
		t.Errorf("enabling answers %+v", enabled.PolicyTypes)
	}
	want[0].Status = types.PolicyTypeStatusEnabled
	if got := apitest.Call[sdk.ListRootsOutput](w, name, "ListRoots", &sdk.ListRootsInput{}).Roots[0].PolicyTypes; !slices.Equal(got, want) {
		t.Errorf("enabled are %+v", got)
	}
	apitest.Refused(w, "PolicyTypeAlreadyEnabledException", name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: rcp})

	full := aws.String(organization.FullResourceAccessID)
	after, ou := createAccountIn(t, w, "after@acme.example").AccountId, unit(w, root, "Workloads")
	for _, target := range []*string{root, ou, before, after, aws.String(string(apitest.Management))} {
		if got := on(w, target, rcp); !slices.Equal(got, []string{*full}) {
			t.Errorf("on %s are %v", *target, got)
		}
		if got := on(w, target, scp); !slices.Equal(got, []string{organization.FullAccessID}) {
			t.Errorf("on %s are %v", *target, got)
		}
		refused := apitest.Refused(w, "InvalidInputException", name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: full, TargetId: target})
		if refused.Fields["Reason"] != "IMMUTABLE_POLICY" {
			t.Errorf("got %v", refused.Fields)
		}
	}
	targets := apitest.Call[sdk.ListTargetsForPolicyOutput](w, name, "ListTargetsForPolicy", &sdk.ListTargetsForPolicyInput{PolicyId: full})
	if len(targets.Targets) != 5 {
		t.Errorf("RCPFullAWSAccess is on %+v", targets.Targets)
	}
	all := apitest.Call[sdk.ListPoliciesOutput](w, name, "ListPolicies", &sdk.ListPoliciesInput{Filter: rcp}).Policies
	if len(all) != 1 || *all[0].Arn != "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess" || !all[0].AwsManaged ||
		*all[0].Description != "Allows access to every resource" {
		t.Errorf("got %+v", all)
	}
	// The last service control policy stays, however many policies of another type are there.
	f := apitest.Refused(w, "ConstraintViolationException", name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: aws.String(organization.FullAccessID), TargetId: root})
	if f.Fields["Reason"] != "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED" {
		t.Errorf("got %v", f.Fields)
	}
}

func TestAResourceControlPolicyFromItsMakingToItsEnd(t *testing.T) {
	w, root := world(t)
	made := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", newControl("Inside", nobody)).Policy
	id := made.PolicySummary.Id
	if got := *made.PolicySummary.Arn; !strings.HasSuffix(got, "/resource_control_policy/"+*id) || made.PolicySummary.Type != rcp {
		t.Errorf("got %+v", made.PolicySummary)
	}
	attach, detach := &sdk.AttachPolicyInput{PolicyId: id, TargetId: root}, &sdk.DetachPolicyInput{PolicyId: id, TargetId: root}
	apitest.Refused(w, "PolicyTypeNotEnabledException", name, "AttachPolicy", attach)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: rcp})
	apitest.Refused(w, "DuplicatePolicyException", name, "CreatePolicy", newControl("Inside", nobody))
	apitest.Refused(w, "DuplicatePolicyException", name, "CreatePolicy", newControl("RCPFullAWSAccess", nobody))
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", attach)
	apitest.Refused(w, "DuplicatePolicyAttachmentException", name, "AttachPolicy", attach)
	apitest.Refused(w, "PolicyInUseException", name, "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: id})
	apitest.Call[sdk.DetachPolicyOutput](w, name, "DetachPolicy", detach)
	apitest.Refused(w, "PolicyNotAttachedException", name, "DetachPolicy", detach)
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", attach)
	apitest.Call[sdk.DisablePolicyTypeOutput](w, name, "DisablePolicyType", &sdk.DisablePolicyTypeInput{RootId: root, PolicyType: rcp})
	if got := on(w, root, rcp); len(got) > 0 {
		t.Errorf("disabling leaves %v", got)
	}
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: rcp})
	if got := on(w, root, rcp); !slices.Equal(got, []string{organization.FullResourceAccessID}) {
		t.Errorf("enabling again brings back %v", got)
	}
	full := aws.String(organization.FullResourceAccessID)
	apitest.Refused(w, "InvalidInputException", name, "UpdatePolicy", &sdk.UpdatePolicyInput{PolicyId: full, Content: aws.String(nobody)})
	apitest.Refused(w, "InvalidInputException", name, "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: full})
	apitest.Refused(w, "InvalidInputException", name, "TagResource", &sdk.TagResourceInput{ResourceId: full, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	apitest.Call[sdk.DeletePolicyOutput](w, name, "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: id})
	apitest.Refused(w, "PolicyNotFoundException", name, "DescribePolicy", &sdk.DescribePolicyInput{PolicyId: id})
}

// TestPagesOfOneTypeAreFull lists policies one by one, of each type among those of both.
func TestPagesOfOneTypeAreFull(t *testing.T) {
	w, root := world(t)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	ids := []*string{controls(w, root)}
	for i := range 3 {
		ids = append(ids, apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", newPolicy(i, guardrail)).Policy.PolicySummary.Id)
	}
	for _, id := range ids {
		apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: id, TargetId: root})
	}
	for kind, want := range map[types.PolicyType]int{scp: 4, rcp: 2} {
		in, got := &sdk.ListPoliciesForTargetInput{TargetId: root, Filter: kind, MaxResults: aws.Int32(1)}, []string{}
		for more := true; more; more = in.NextToken != nil {
			out := apitest.Call[sdk.ListPoliciesForTargetOutput](w, name, "ListPoliciesForTarget", in)
			if len(out.Policies) != 1 {
				t.Fatalf("%s: a page has %d", kind, len(out.Policies))
			}
			got, in.NextToken = append(got, *out.Policies[0].Id), out.NextToken
		}
		if slices.Sort(got); len(got) != want || len(slices.Compact(got)) != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

// TestAnOrganizationEndsWithItsResourceControlPolicies: nothing is left of them when it is made again.
func TestAnOrganizationEndsWithItsResourceControlPolicies(t *testing.T) {
	w, root := world(t)
	id := controls(w, root)
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: id, TargetId: root})
	o := w.State.Current().OrganizationOf(apitest.Management)
	apitest.Call[sdk.DeleteOrganizationOutput](w, name, "DeleteOrganization", &sdk.DeleteOrganizationInput{})
	if w.State.Current().OrganizationPolicy(o.ID, *id) != nil {
		t.Error("a resource control policy outlives its organization")
	}
}

// TestResourceControlPoliciesAreKeptAsAWSKeepsThem has the forms that were recorded.
func TestResourceControlPoliciesAreKeptAsAWSKeepsThem(t *testing.T) {
	w, _ := world(t)
	const kept = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`
	for i, c := range []struct{ given, want string }{
		{kept, kept},
		{"{\n \"Version\": \"2012-10-17\",\n \"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sqs:SendMessage\", \"Resource\": \"*\"} }", kept},
		{`{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}`, strings.Replace(kept, "2012", "2008", 1)},
		{strings.Replace(kept, "2012", "2008", 1), strings.Replace(kept, "2012", "2008", 1)},
		{`{"Statement":[{"Principal":{"AWS":"*"},"Effect":"Deny","Action":"SQS:StackdProbe","NotResource":"*","Sid":"S"}],"Id":"<&>","Version":"2012-10-17"}`,
			`{"Version":"2012-10-17","Id":"<&>","Statement":[{"Principal":{"AWS":"*"},"Effect":"Deny","Action":"SQS:StackdProbe","NotResource":"*","Sid":"S"}]}`},
	} {
		in := newControl("p"+string(rune('a'+i)), c.given)
		made := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", in).Policy
		read := apitest.Call[sdk.DescribePolicyOutput](w, name, "DescribePolicy", &sdk.DescribePolicyInput{PolicyId: made.PolicySummary.Id}).Policy
		if *made.Content != c.want || *read.Content != c.want {
			t.Errorf("%s\nis kept as %s,\nread as %s,\nwant %s", c.given, *made.Content, *read.Content, c.want)
		}
		changed := apitest.Call[sdk.UpdatePolicyOutput](w, name, "UpdatePolicy", &sdk.UpdatePolicyInput{PolicyId: made.PolicySummary.Id, Content: &c.given}).Policy
		if *changed.Content != c.want {
			t.Errorf("changed to %s", *changed.Content)
		}
	}
}

// TestOneSentenceRefusesEveryResourceControlPolicy has a document for each rule of "RCP syntax" in the Organizations User
// Guide.
func TestOneSentenceRefusesEveryResourceControlPolicy(t *testing.T) {
	w, _ := world(t)
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	for _, content := range []string{
		"{", "[]", `{"Version":"2012-10-17"}`, `{"Version":"2011-10-17","Statement":[]}`,
		statement(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`), // what RCPFullAWSAccess says
		statement(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":"*","Action":"iam:CreateUser","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":"*","Action":"stackdprobe:Read","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":["*"],"Action":"sts:*","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":{"AWS":"222222222222"},"Action":"sts:*","Resource":"*"}`),
		statement(`{"Effect":"Deny","NotPrincipal":"*","Action":"sts:*","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":"*","NotAction":"sts:*","Resource":"*"}`),
		statement(`{"Effect":"Deny","Principal":"*","Action":"sts:*"}`),
		statement(`{"Effect":"Deny","Action":"sts:*","Resource":"*"}`),
	} {
		f := apitest.Refused(w, "MalformedPolicyDocumentException", name, "CreatePolicy", newControl("Bad", content))
		if f.Message != "The provided policy document does not meet the requirements of the specified policy type." {
			t.Errorf("%s: %s", content, f.Message)
		}
	}
}

// TestADelegateOfOneTypeOfPolicy may do nothing with those of the other, by whatever id.
func TestADelegateOfOneTypeOfPolicy(t *testing.T) {
	w, root := world(t)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	bound := controls(w, root)
	member := createAccountIn(t, w, "security@acme.example").AccountId
	apitest.Call[sdk.PutResourcePolicyOutput](w, name, "PutResourcePolicy", &sdk.PutResourcePolicyInput{Content: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + *member + `"},"Action":["organizations:CreatePolicy","organizations:UpdatePolicy",
		"organizations:DeletePolicy","organizations:AttachPolicy","organizations:DetachPolicy","organizations:ListPolicies"],"Resource":"*",
		"Condition":{"StringEquals":{"organizations:PolicyType":"RESOURCE_CONTROL_POLICY"}}}]}`)})
	d := apitest.Root(ident.AccountID(*member))
	mine := apitest.CallAs[sdk.CreatePolicyOutput](w, d, name, "CreatePolicy", newControl("Mine", nobody)).Policy.PolicySummary.Id
	apitest.CallAs[sdk.AttachPolicyOutput](w, d, name, "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: mine, TargetId: root})
	apitest.CallAs[sdk.DetachPolicyOutput](w, d, name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: mine, TargetId: root})
	apitest.CallAs[sdk.UpdatePolicyOutput](w, d, name, "UpdatePolicy", &sdk.UpdatePolicyInput{PolicyId: bound, Description: aws.String("x")})
	apitest.CallAs[sdk.DeletePolicyOutput](w, d, name, "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: mine})

	guard := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", newPolicy(1, guardrail)).Policy.PolicySummary.Id
	for operation, in := range map[string]any{
		"CreatePolicy": newPolicy(2, guardrail),
		"UpdatePolicy": &sdk.UpdatePolicyInput{PolicyId: guard, Description: aws.String("x")},
		"AttachPolicy": &sdk.AttachPolicyInput{PolicyId: guard, TargetId: root},
		"DetachPolicy": &sdk.DetachPolicyInput{PolicyId: aws.String(organization.FullAccessID), TargetId: root},
		"DeletePolicy": &sdk.DeletePolicyInput{PolicyId: guard},
		"ListPolicies": &sdk.ListPoliciesInput{Filter: scp},
	} {
		refused(t, w, d, "AccessDeniedException", operation, in)
	}
}
