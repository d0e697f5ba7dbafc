package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// TestWhatCannotBeUnderstoodIsRefused has documents that nobody wrote in good faith. Each is refused with a reason, soon.
func TestWhatCannotBeUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	const statement = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	for name, c := range map[string]struct{ doc, want string }{
		"a megabyte":                   {`{"Statement":` + statement + strings.Repeat(" ", 1<<20) + `}`, "larger than"},
		"ten thousand statements":      {`{"Statement":[` + strings.Repeat(statement+",", 9_999) + statement + `]}`, "larger than"},
		"a thousand lists":             {`{"Statement":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, "nested too deeply"},
		"a thousand objects":           {strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000), "nested too deeply"},
		"an element twice":             {`{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}`, "twice"},
		"an element twice, escaped":    {`{"Statement":{"Effect":"Deny","\u0045ffect":"Allow","Action":"*","Resource":"*"}}`, "twice"},
		"an operator twice":            {`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"true"},"Bool":{"a:c":"true"}}}}`, "twice"},
		"a key twice":                  {`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"true","a:b":"false"}}}}`, "twice"},
		"a statement list twice":       {`{"Statement":` + statement + `,"Statement":[]}`, "twice"},
		"bytes that are no UTF-8":      {`{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::` + "\xff" + `"}}`, "UTF-8"},
		"half a surrogate":             {`{"Id":"\ud800","Statement":` + statement + `}`, "means no character"},
		"an element that is not known": {`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","effect":"Deny"}}`, `"effect"`},
		"text behind the document":     {`{"Statement":` + statement + `}{"Statement":[]}`, "unexpected text"},
		"nothing":                      {"", "expected"},
		"a byte order mark":            {"\ufeff" + `{"Statement":` + statement + `}`, "line 1"},
	} {
		for kind := Identity; kind <= Inline; kind++ {
			d, err := Parse([]byte(c.doc), kind)
			f := fault.As(err)
			if d != nil || f == nil || kind != RCP && !strings.Contains(f.Message, c.want) {
				t.Errorf("%s, as a %s: got %v, want %s", name, kind, err, c.want)
			}
		}
	}
}

// TestLongDocumentsAreDecided: as many statements as fit.
func TestLongDocumentsAreDecided(t *testing.T) {
	t.Parallel()
	const each = `{"Effect":"Allow","Action":"a:b%04d","Resource":"*"},`
	var b strings.Builder
	n := MaxSize/len(each) - 2
	for i := range n {
		fmt.Fprintf(&b, each, i)
	}
	l := &Layers{Identity: list(t, Identity, `{"Statement":[`+b.String()+`{"Effect":"Deny","Action":"a:b0001","Resource":"*"}]}`)}
	for action, want := range map[string]string{fmt.Sprintf("a:b%04d", n-1): "allowed", "a:b0001": "explicit", fmt.Sprintf("a:b%04d", n): "implicit"} {
		d := Decide(request(user, action, "x"), l)
		got := map[bool]string{true: "explicit", false: "implicit"}[d.Explicit]
		if d.Allowed {
			got = "allowed"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", action, got, want)
		}
	}
}

// hostileGlobs are patterns of a document as long as a service control policy may be, that a matcher which tries every way
// would not come to the end of.
var hostileGlobs = []string{strings.Repeat("*a", 5000), strings.Repeat("*?", 5000), strings.Repeat("a*", 5000) + "b",
	"*" + strings.Repeat("a?", 5000) + "b", strings.Repeat(`*?a","arn:aws:s3:::`, 500), strings.Repeat("?", 2000) + "*b",
	"*" + strings.Repeat("a?", 5000) + "b*", "*" + strings.Repeat("a?", 1000) + "b*", severalGlobs(500), severalGlobs(100), severalGlobs(10)}

// severalGlobs is a list of patterns whose one middle is long, and fits nowhere until its end.
func severalGlobs(pairs int) string {
	one := "*" + strings.Repeat("a?", pairs) + "b*"
	entry := one + `","arn:aws:s3:::`
	return strings.Repeat(entry, 10_000/len(entry)) + one
}

// hostile returns a request on the longest ARN, and the document of a pattern.
func hostile(t testing.TB, glob string) (*Request, *Layers) {
	doc, err := Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::`+glob+`"]}}`), SCP)
	if err != nil {
		t.Fatal(err)
	}
	return request(user, "s3:GetObject", "arn:aws:s3:::"+strings.Repeat("a", 2035)), &Layers{SCP: [][]Policy{{{Doc: doc}}}}
}

func TestHostileGlobsAreDecided(t *testing.T) {
	t.Parallel()
	for _, glob := range hostileGlobs {
		if d := Decide(hostile(t, glob)); d.Allowed {
			t.Errorf("%.40s: %s", glob, d)
		}
	}
}

// TestBothMatchersAgree on everything short, and on long texts that are nearly alike. A part of a pattern ends within a
// character, too.
func TestBothMatchersAgree(t *testing.T) {
	t.Parallel()
	tokens := []string{"*", "?", "a", "b", "é", "𐐀", "**", "*?"}
	rapid.Check(t, func(t *rapid.T) {
		glob := wild(strings.Join(rapid.SliceOfN(rapid.SampledFrom(tokens), 0, 8).Draw(t, "glob"), ""))
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "é", "𐐀", "a", "\xe9", "\x80"}), 0, 10).Draw(t, "text"), "")
		pad := rapid.IntRange(0, 130).Draw(t, "pad")
		glob, text = strings.Repeat("a", pad)+glob, strings.Repeat("a", pad)+text
		want := matchByTrying(glob, text)
		if at, by := matchAtOnce(glob, text), match(glob, text); at != want || by != want {
			t.Fatalf("%q on %q: at once %v, one by one %v, by trying %v", glob, text, at, by, want)
		}
	})
	long := strings.Repeat("ab", 3000)
	for glob, want := range map[string]bool{strings.Repeat("a?", 3000): true, "*" + strings.Repeat("?b", 2999): true, strings.Repeat("a?", 2999): false, "*b?": false} {
		if got := matchAtOnce(wild(glob), long); got != want {
			t.Errorf("%.20s: %v", glob, got)
		}
	}
}

// matchByTrying tries every way.
func matchByTrying(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == star:
		return matchByTrying(p[1:], s) || s != "" && matchByTrying(p, s[unit(s, 0):])
	case s == "":
		return false
	case p[0] == question:
		return matchByTrying(p[1:], s[unit(s, 0):])
	}
	return p[0] == s[0] && matchByTrying(p[1:], s[1:])
}

// BenchmarkHostileGlobs fails where a decision takes longer than anybody should wait.
func BenchmarkHostileGlobs(b *testing.B) {
	for i, glob := range hostileGlobs {
		b.Run(fmt.Sprint(i), func(b *testing.B) {
			r, l := hostile(b, glob)
			for b.Loop() {
				Decide(r, l)
			}
			if each := b.Elapsed() / time.Duration(b.N); each > 20*time.Millisecond {
				b.Errorf("%.40s: %v", glob, each)
			}
		})
	}
}

// TestValuesAreOnlyText: whatever a tag or a name holds, it stands for itself.
func TestValuesAreOnlyText(t *testing.T) {
	t.Parallel()
	const key = "aws:PrincipalTag/team"
	resource := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${` + key + `}/x"}}`
	like := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"s3:prefix":"${` + key + `}/x"}}}}`
	arn := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::${` + key + `}/x"}}}}`
	for _, value := range []string{"*", "?", "a*", "${*}", "${aws:username}", "${" + key + "}", "\\*", "[a-z]", ".*", "\x00", "a\nb", `","Resource":"*`, "", "%2a",
		strings.Repeat("*", 100_000)} {
		decide := func(doc, word string) bool {
			r := request(user, "s3:GetObject", "arn:aws:s3:::"+word+"/x")
			r.Context.Set(key, value)
			r.Context.Set("s3:prefix", word+"/x")
			r.Context.Set("aws:SourceArn", "arn:aws:s3:::"+word+"/x")
			return Decide(r, &Layers{Identity: list(t, Identity, doc)}).Allowed
		}
		for name, doc := range map[string]string{"Resource": resource, "StringLike": like, "ArnLike": arn} {
			if decide(doc, "secret") {
				t.Errorf("%s: %.40q reaches what it does not name", name, value)
			}
			if !decide(doc, value) {
				t.Errorf("%s: %.40q does not reach what it names", name, value)
			}
		}
	}
	// What is no text matches nothing, not even itself: it could hold the bytes that stand for wildcards inside.
	for _, value := range []string{"\xff", "\xfe\xfd", "a\xff*"} {
		r := request(user, "s3:GetObject", "arn:aws:s3:::"+value+"/x")
		r.Context.Set(key, value)
		if d := Decide(r, &Layers{Identity: list(t, Identity, resource)}); d.Allowed {
			t.Errorf("%q: %s", value, d)
		}
	}
}
