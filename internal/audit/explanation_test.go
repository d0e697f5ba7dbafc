package audit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

func compiled(t *testing.T, kind policy.Kind, name, text string) policy.Policy {
	t.Helper()
	doc, err := policy.Parse([]byte(text), kind)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Policy{Name: name, Doc: doc}
}

// denial is a request that an SCP denies and nothing else allows.
func denial(t *testing.T) *policy.Explanation {
	scp := compiled(t, policy.SCP, "guard", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Sid":"NoKeys","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`)
	scp.ARN = "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-guard"
	identity := compiled(t, policy.Identity, "own", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*",
		"Condition":{"StringEquals":{"aws:RequestedRegion":["a","b","c","d","e","f","g","h","i","j","k","l"]}}}}`)
	x := policy.Explain(&policy.Request{Principal: policy.Principal{Kind: policy.User, ARN: "arn:aws:iam::222222222222:user/bob", Account: "222222222222"},
		Action: "iam:CreateUser", Resource: "arn:aws:iam::222222222222:user/eve", Context: policy.NewContext()},
		&policy.Layers{SCP: [][]policy.Policy{{scp}, {scp}}, Identity: []policy.Policy{identity}})
	return &x
}

func TestAnExplanationIsKept(t *testing.T) {
	t.Parallel()
	x := Explain(denial(t), "iam:CreateUser", "arn:aws:iam::222222222222:user/eve", Targets{SCP: []string{"r-a (root)", "222222222222 (Dev)"}})
	text, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got Explanation
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, &got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	guard := ExplainedBy{ARN: "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-guard", Name: "guard", Statement: 2, Sid: "NoKeys", Line: 3, Column: 3}
	if !got.Explicit || got.Layer != "scp" || got.Target != "r-a (root)" || got.By == nil || *got.By != guard {
		t.Errorf("%s", text)
	}
	if len(got.Layers) != 3 || got.Layers[2].Layer != "identity" || !got.Layers[2].Blocks || len(got.Changes) != 2 {
		t.Errorf("%s", text)
	}
	if f := got.Layers[2].Statements[0].Failures[0]; !f.Absent || f.Key != "aws:RequestedRegion" || len(f.Want) != 11 || f.Want[10] != "… and 2 more" {
		t.Errorf("%+v", f)
	}
}

func TestALargeExplanationIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	x := Explain(denial(t), "iam:CreateUser", "*", Targets{})
	long := strings.Repeat("x", 200)
	for i := range 300 {
		x.Layers[0].Statements = append(x.Layers[0].Statements, ExplainedStatement{By: ExplainedBy{ARN: long, Statement: i}, Effect: "Deny", Matches: i%2 == 0})
		x.Changes = append(x.Changes, ExplainedChange{Layer: "identity", Add: fmt.Sprint(long, i)})
	}
	statements, changes := len(x.Layers[0].Statements), len(x.Changes)
	text, err := x.Encode()
	if err != nil || len(text) > maxExplanation {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	var got Explanation
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	l := got.Layers[0]
	if len(l.Statements) == 0 || len(l.Statements)+l.Omitted != statements || len(got.Changes)+got.Omitted != changes || !l.Statements[len(l.Statements)-1].Matches {
		t.Errorf("%d and %d of %d statements, %d and %d of %d changes", len(l.Statements), l.Omitted, statements, len(got.Changes), got.Omitted, changes)
	}
	x.Resource = strings.Repeat("y", 12<<10)
	for range 100 {
		x.Layers = append(x.Layers, ExplainedLayer{Layer: "scp", Target: long})
	}
	if text, err = x.Encode(); err != nil || len(text) > maxExplanation {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// TestOfGuardrailsTheNameStays veils the SCPs of a denial, and leaves everything else.
func TestOfGuardrailsTheNameStays(t *testing.T) {
	t.Parallel()
	x := Explain(denial(t), "iam:CreateUser", "*", Targets{SCP: []string{"r-a (root)", "222222222222 (Dev)"}})
	x.Layers = append(x.Layers, ExplainedLayer{Layer: "scp", Omitted: 3, Statements: []ExplainedStatement{
		{By: ExplainedBy{ARN: "arn:p-other", Statement: 2, Sid: "Unseen"}, Effect: "Deny", Failures: []ExplainedFailure{{Element: "Condition", Want: []string{"a secret"}}}}}})
	before := len(x.Layers)
	x.Veil()
	if len(x.Layers) != before || x.Layers[before-1].Omitted != 3 {
		t.Errorf("with nothing to veil: %+v", x)
	}
	x.Veil(policy.LayerSCP)
	encoded, _ := x.Encode()
	text := string(encoded)
	for _, secret := range []string{"NoKeys", "root", "Dev", "Unseen", "a secret", "p-other"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows in %s", secret, text)
		}
	}
	if !strings.Contains(text, "p-guard") || x.By != nil && x.By.Statement != 0 && x.Layer == "scp" {
		t.Errorf("the policy's name is gone: %s", text)
	}
	(*Explanation)(nil).Veil(policy.LayerSCP)
}

func TestWhatIsAnothersIsHidden(t *testing.T) {
	t.Parallel()
	x := Explain(denial(t), "iam:CreateUser", "*", Targets{SCP: []string{"r-a (root)", "222222222222 (Dev)"}})
	for _, key := range []string{"aws:ResourceTag/Secret", "iam:ResourceTag/Secret", "aws:ResourceOrgPaths", "aws:RequestedRegion"} {
		f := &x.Layers[2].Statements[0].Failures
		*f = append(*f, ExplainedFailure{Element: "Condition", Key: key, Got: []string{"value of " + key}})
	}
	before, _ := x.Encode()
	x.Hide()
	if after, _ := x.Encode(); string(after) != string(before) {
		t.Errorf("with nothing to hide: %s", after)
	}
	x.Hide(policy.LayerSCP)
	encoded, _ := x.Encode()
	text := string(encoded)
	for _, secret := range []string{"NoKeys", "p-guard", "root", "Dev", "value of aws:Resource", "value of iam:"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows in %s", secret, text)
		}
	}
	if len(x.Layers) != 2 || !x.Layers[0].Hidden || !x.Layers[0].Blocks || len(x.Changes) != 2 || !strings.Contains(text, "value of aws:RequestedRegion") {
		t.Errorf("%s", text)
	}
	(*Explanation)(nil).Hide(policy.LayerSCP)
}
