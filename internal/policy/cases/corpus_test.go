package cases

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// corpus is where recorded decisions of AWS lie beside the checkout, for those who have them.
const corpus = "../../../../shared/captures/cases.jsonl"

func TestDecisionsAreThoseRecordedOnAWS(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no recorded corpus beside the checkout: %v", err)
	}
	if n := check(t, corpus); n < 500 {
		t.Errorf("the corpus has only %d cases", n)
	}
}

func TestDecisionsAreThoseDocumented(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/cases/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		check(t, file)
	}
}

// check runs the cases of a file: as they are, with their policies printed and parsed again, and by Decide.
func check(t *testing.T, file string) int {
	t.Helper()
	list, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		l, err := c.Layers()
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		r := c.Call()
		x := policy.Explain(r, l)
		result := c.compare(r, x)
		for _, wrong := range result.Wrong {
			t.Errorf("%s (%s): %s\n%s", c.ID, c.Why, wrong, result.Explanation)
		}
		if d := policy.Decide(r, l); d != x.Decision {
			t.Errorf("%s: Decide says %s, Explain %s", c.ID, d, x.Decision)
		}
		if d := policy.Decide(r, reprinted(t, l)); d != x.Decision {
			t.Errorf("%s: printed and parsed again it is decided %s, not %s", c.ID, d, x.Decision)
		}
		if !x.Decision.Allowed && !policy.Decide(r, policy.Amend(l, x.Changes)).Allowed {
			t.Errorf("%s: its changes do not allow it:\n%s", c.ID, x)
		}
	}
	return len(list)
}

// reprinted returns the layers with every policy printed and parsed again.
func reprinted(t *testing.T, l *policy.Layers) *policy.Layers {
	t.Helper()
	again := func(p policy.Policy) policy.Policy {
		d, err := policy.Parse([]byte(p.Doc.String()), p.Doc.Kind())
		if err != nil {
			t.Fatalf("Parse(%s): %v", p.Doc, err)
		}
		p.Doc = d
		return p
	}
	out := *l
	for _, one := range []**policy.Policy{&out.Resource, &out.Boundary, &out.Endpoint} {
		if *one != nil {
			p := again(**one)
			*one = &p
		}
	}
	several := func(list []policy.Policy) (printed []policy.Policy) {
		for _, p := range list {
			printed = append(printed, again(p))
		}
		return printed
	}
	levels := func(list [][]policy.Policy) (printed [][]policy.Policy) {
		for _, level := range list {
			printed = append(printed, several(level))
		}
		return printed
	}
	out.Identity, out.Session, out.SCP, out.RCP = several(l.Identity), several(l.Session), levels(l.SCP), levels(l.RCP)
	return &out
}
