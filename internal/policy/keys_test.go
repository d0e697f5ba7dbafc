package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeysAreThoseOfConditionsAndVariables(t *testing.T) {
	t.Parallel()
	const statements = `"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::${aws:UserName}/${*}${","arn:aws:s3:::${aws:PrincipalTag/team, 'a}b'}"],
		"Condition":{"StringLike":{"x:A":["${x:B}","${x:B, 'none'}"]},"Bool":{"x:C":"${x:D}"},"ArnLike":{"X:A":"arn:aws:s3:::${x:E}"}}}]}`
	for version, want := range map[string][]string{
		`{"Version":"2012-10-17",`: {"aws:UserName", "aws:PrincipalTag/team", "x:A", "x:B", "x:C", "X:A", "x:E"},
		`{`:                        {"x:A", "x:C", "X:A"}, // the older language has no variables
	} {
		d, err := Parse([]byte(version+statements), Session)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.Keys()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	const one = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	type span struct{ Start, End Position }
	for document, want := range map[string][]span{
		`{"Statement":[` + one + `]}`:                       {{Position{1, 15}, Position{1, 60}}},
		`{"Statement":` + one + `}`:                         {{Position{1, 15}, Position{1, 59}}},
		"{\"Statement\": [\n  " + one + " ,\n" + one + "]}": {{Position{1, 16}, Position{2, 48}}, {Position{2, 48}, Position{3, 46}}},
	} {
		d, err := Parse([]byte(document), Identity)
		if err != nil {
			t.Fatal(err)
		}
		var got []span
		for i := range d.Len() {
			start, end := d.Reach(i)
			got = append(got, span{start, end})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}
