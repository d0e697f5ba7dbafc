package policy

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTheIndexFindsWhatMatchingFinds compares the index of a document with its patterns, tried one by one.
func TestTheIndexFindsWhatMatchingFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]string{"a", "b", "B", "*", "?", "ab"})
		name := func(label string) string { return strings.Join(rapid.SliceOfN(letters, 1, 4).Draw(t, label), "") }
		var statements []string
		var matches []func(action string) bool
		for range rapid.IntRange(1, 150).Draw(t, "statements") {
			not := rapid.Bool().Draw(t, "not")
			actions := []string{"s:" + name("first"), "s:" + name("second")}
			statements = append(statements, fmt.Sprintf(`{"Effect":"Deny",%q:["%s"],"Resource":"*"}`, pick(not, "NotAction", "Action"), strings.Join(actions, `","`)))
			matches = append(matches, func(action string) bool {
				for _, a := range actions {
					if match(wild(lowerASCII(a)), action) {
						return !not
					}
				}
				return not
			})
		}
		d := compile(t, SCP, statements).Doc
		action := "s:" + strings.NewReplacer("*", "", "?", "c").Replace(strings.ToLower(name("request")))
		e := newEvaluation(&Request{}, &Layers{}, []byte(action))
		for i := range d.blocks {
			found := d.blocks[i].candidates(&e)
			for j := range d.blocks[i].statements {
				if got, want := found>>j&1 == 1, matches[d.blocks[i].first+j](action); got != want {
					t.Fatalf("%s: candidate %v, want %v, for %s", action, got, want, statements[d.blocks[i].first+j])
				}
			}
		}
	})
}

// TestPatternsAreSplitAtTheirStars compares a split pattern with the matching of its text.
func TestPatternsAreSplitAtTheirStars(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "*", "*", "?", "é", "𐐀"}), 0, 8).Draw(t, "pattern"), "")
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "é", "𐐀"}), 0, 8).Draw(t, "text"), "")
		p := newPattern(wild(text))
		if got, want := p.match(s), match(wild(text), s); got != want {
			t.Fatalf("%q matches %q: %v, want %v", text, s, got, want)
		}
		if again := newPattern(p.compiled()); again.match(s) != p.match(s) {
			t.Fatalf("%q is compiled again as %q, which is something else", text, p.compiled())
		}
	})
}

// TestADecisionNamesAStatementBeyondTheFirstBlock: statements are numbered through the blocks.
func TestADecisionNamesAStatementBeyondTheFirstBlock(t *testing.T) {
	t.Parallel()
	statements := []string{}
	for i := range 200 {
		statements = append(statements, fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":"s3:Get%d","Resource":"*"}`, i, i))
	}
	doc := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	for _, i := range []int{0, 63, 64, 128, 199} {
		d := Decide(request(user, fmt.Sprintf("s3:get%d", i), "*"), &Layers{Identity: list(t, Identity, doc)})
		if d.StatementIndex != i || d.Sid != fmt.Sprintf("S%d", i) || !d.Allowed {
			t.Errorf("statement %d: got %+v", i, d)
		}
	}
}
