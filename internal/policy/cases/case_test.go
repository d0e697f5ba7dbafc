package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	request  = `"request":{"principal":"arn:aws:iam::111111111111:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111111111111","context":{}}`
	policies = `"policies":{"identity":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}]}`
)

func TestACaseThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{`: "x.jsonl:1: unexpected EOF",
		`{"id":"a",` + request + `,` + policies + `,"expected":{"decision":"Denied"}}`:                  `the expected decision is "Denied"`,
		`{"id":"a",` + request + `,` + policies + `,"expected":{"decision":"Allowed"},"wnat":1}`:        `unknown field "wnat"`,
		`{` + request + `,` + policies + `,"expected":{"decision":"Allowed"}}`:                          "a case has an id",
		`{"id":"a","request":{"principal":7},"expected":{"decision":"Allowed"}}`:                        "a principal is an ARN",
		`{"id":"a","request":{"action":"a:b","context":{"k":7}},"expected":{"decision":"Allowed"}}`:     "the value of a context key",
		`{"id":"a",` + request + `,` + policies + `,"expected":{"decision":"Allowed","statement":{}}}`:  "a Sid or a number",
		strings.Repeat(`{"id":"a",`+request+`,`+policies+`,"expected":{"decision":"Allowed"}}`+"\n", 2): `x.jsonl:2: the id "a" is that of line 1 too`,
		`{"id":"a",` + request + `,` + policies + `,"expected":{"decision":"Allowed"}} {}`:              "want one case a line",
	} {
		if _, err := read(strings.NewReader(line), "x.jsonl"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want … %s", line, err, want)
		}
	}
}

func TestACaseFailsForEachThingThatIsNotAsExpected(t *testing.T) {
	t.Parallel()
	list, err := read(strings.NewReader(`{"id":"a",`+request+`,`+policies+`,"expected":{"decision":"ImplicitlyDenied","blockedBy":["scp"],`+
		`"message":"m","policy":"p","statement":2}}`), "x.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	got, err := list[0].Run()
	if err != nil || got.Passed || len(got.Wrong) != 5 || got.Decision != "Allowed" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAPolicyMayBeAFileBesideItsCase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.json": "{\"Statement\":[\n{\"Sid\":\"Mine\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}",
		"c.jsonl": `{"id":"a",` + request + `,"policies":{"identity":[{"file":"p.json"}]},"expected":{"decision":"Allowed","policy":"p.json","statement":"Mine"}}` + "\n" +
			`{"id":"b",` + request + `,"policies":{"identity":[{"file":"none.json"}]},"expected":{"decision":"Allowed"}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := Read(filepath.Join(dir, "c.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := list[0].Run(); err != nil || !got.Passed || !strings.Contains(got.Explanation, "(line 2)") {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := list[1].Run(); err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("a policy that is not there: %v", err)
	}
}
