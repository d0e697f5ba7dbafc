package constraint

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestEveryPatternCompiles(t *testing.T) {
	t.Parallel()
	n, classes := 0, 0
	for service, svc := range table() {
		for name, s := range svc.shapes {
			if s.pattern == nil {
				continue
			}
			if err := s.pattern.compile(); err != nil {
				t.Errorf("%s %s: %v", service, name, err)
			}
			if n++; s.pattern.class != nil {
				classes++
			}
		}
	}
	if n < 100 || classes < n/4 {
		t.Errorf("%d patterns, %d of them mere sets of characters", n, classes)
	}
}

func TestEveryNamedShapeIsInTheTable(t *testing.T) {
	t.Parallel()
	for service, svc := range table() {
		check := func(in, name string) {
			if name != "" && svc.shapes[name] == nil {
				t.Errorf("%s: %s names %s", service, in, name)
			}
		}
		for name, s := range svc.shapes {
			check(name, s.member)
			check(name, s.key)
			check(name, s.val)
			for _, m := range s.fields {
				check(name, m.shape)
			}
		}
		for name, s := range svc.operations {
			for _, m := range s.fields {
				check(name, m.shape)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		java, yes, no string
	}{
		{`[\w+=,.@-]+`, "a.b@c", "a b"},
		{`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`, "å 1", "a\nb"},
		{`[a-z]{2,3}`, "abc", "abcd"},
		{`[\s\S]*`, "a\nb", ""},
		{`a|b`, "b", "ab"},
		{`^(a)|(b)$`, "a", "ab"},
		{`\\u0041`, `\u0041`, "A"},
		{`(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:T(?:(\d+)H)?)?`, "-P1YT2H", "P"},
		{`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`, "a-b", "a--b"},
		{`[\u0009\u0020-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`, "\t\U0001F600", "\x01"},
	} {
		p := &pattern{java: c.java}
		if err := p.compile(); err != nil {
			t.Errorf("%s: %v", c.java, err)
		}
		if !p.matches(c.yes) || c.no != "" && p.matches(c.no) {
			t.Errorf("%s: %q %v, %q %v", c.java, c.yes, p.matches(c.yes), c.no, p.matches(c.no))
		}
	}
}

func TestTableIsWhatTheGeneratorWrites(t *testing.T) {
	t.Parallel()
	wheel := os.Getenv("BOTOCORE_WHEEL")
	if wheel == "" {
		t.Skip("BOTOCORE_WHEEL names no botocore wheel")
	}
	out := filepath.Join(t.TempDir(), "table.txt")
	if msg, err := exec.CommandContext(t.Context(), "go", "run", "./gen", "-out", out, wheel).CombinedOutput(); err != nil {
		t.Fatalf("gen: %v\n%s", err, msg)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != text {
		t.Errorf("table.txt is not what gen writes (%v); run go generate", err)
	}
}

func TestBrokenTablesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x", "string\tX\tmin=a", "string\tX\twhat=1", "string\tX\tpattern=`"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q parses", text)
		}
	}
}
