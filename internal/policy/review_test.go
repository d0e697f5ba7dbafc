package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAReviewSaysWhatValidatePolicyWould has documents that there is something to say about, and their like that there is
// nothing to say about, in testdata/findings.jsonl. Every finding that the page for users tells of has one.
func TestAReviewSaysWhatValidatePolicyWould(t *testing.T) {
	t.Parallel()
	findings, err := os.ReadFile("testdata/findings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]Kind{"identity": Identity, "resource": Resource, "session": Session, "scp": SCP}
	found := map[string]bool{}
	for line := range strings.Lines(string(findings)) {
		var c struct {
			Type, Document string
			Remarks        []string // severity, code and place of each
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, r := range Check([]byte(c.Document), kinds[c.Type]).Remarks {
			got = append(got, fmt.Sprintf("%s %s %d:%d", r.Severity, r.Code, r.At.Line, r.At.Column))
			found[r.Code] = true
		}
		if !slices.Equal(got, c.Remarks) {
			t.Errorf("Check(%s): %q, want %q", c.Document, got, c.Remarks)
		}
	}
	page, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Check policies")
	table, _, _ := strings.Cut(section, "\n## ")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("`([A-Z_]{8,})`").FindAllStringSubmatch(table, -1) {
		told[m[1]] = true
	}
	if !maps.Equal(told, found) {
		t.Errorf("docs/policies.md tells of %v, the findings are of %v", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(found)))
	}
}

func TestAReviewSaysWhereADocumentIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind           Kind
		doc, text, why string
		at             Position
	}{
		{Identity, "{\n\"Statement\":{\"Effect\":\"Allow\",\"Action\":\n\"Get\",\"Resource\":\"*\"}}",
			"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", `"Get" is not an action: actions are "*" or must be prefaced by a vendor, as in "iam:GetUser"`, Position{3, 1}},
		{SCP, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`, wordsOfType, "Has prohibited field Principal", Position{1, 14}},
		{RCP, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`, wordsOfType,
			"a resource control policy denies named actions of supported services to everyone", Position{1, 14}},
		{Trust, "{\"Statement\":\n{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"nobody\"},\"Action\":\"sts:AssumeRole\"}}",
			`Invalid principal in policy: "AWS":"nobody"`, "", Position{2, 38}},
		{Trust, "{\"Statement\":\n{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111111111111\"},\"Action\":\"sts:*\"}}",
			"AssumeRole policy may only specify STS AssumeRole actions.", "", Position{2, 1}},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111111111111"},"Resource":"*"}}`,
			"Has prohibited field Resource", "", Position{1, 14}},
		{Inline, `{`, "Syntax errors in policy. See line 1, column 2: expected a name in double quotes.", "", Position{1, 2}},
	} {
		got := Check([]byte(c.doc), c.kind)
		if len(got.Remarks) != 1 || got.Document != nil {
			t.Errorf("Check(%s) = %+v", c.doc, got)
			continue
		}
		if r := got.Remarks[0]; r.Text != c.text || r.Why != c.why || r.At != c.at || r.Severity != Error {
			t.Errorf("Check(%s)\n got %+v\nwant %s, %s, %v", c.doc, r, c.text, c.why, c.at)
		}
	}
}

func TestAReviewMeasures(t *testing.T) {
	t.Parallel()
	spaced := strings.Replace(denyIAM, ",", ",\n  ", 1)
	if got := Check([]byte(spaced), SCP).Sizes; len(got) != 1 || got[0].Used != len(spaced) || got[0].Left() != 10240-len(spaced) {
		t.Errorf("a service control policy: %+v", got)
	}
	if got := Check([]byte(spaced), Identity).Sizes; len(got) != 4 || got[0].Used != len(denyIAM) || got[0].Allowed != 6144 {
		t.Errorf("an identity policy: %+v", got)
	}
}
