package kit_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// FuzzLocalPath takes addresses to come back to: as a browser reads it, what is taken is on this origin.
func FuzzLocalPath(f *testing.F) {
	for _, to := range []string{"/start", "//evil.example", `/\evil.example`, "/%2f%2fevil.example", "/.//evil.example", "https:evil.example", "/a?b=//c#d", "\t//x", "/\x00"} {
		f.Add(to)
	}
	origin, err := url.Parse("https://id.example/signin")
	if err != nil {
		f.Fatal(err)
	}
	browser := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/")
	f.Fuzz(func(t *testing.T, to string) {
		got := kit.LocalPath(to)
		if got != to && got != kit.Home {
			t.Fatalf("%q becomes %q", to, got)
		}
		at, err := origin.Parse(browser.Replace(strings.TrimSpace(got)))
		if err != nil || at.Host != origin.Host || at.Scheme != origin.Scheme || strings.HasPrefix(at.Path, "//") {
			t.Errorf("%q leads to %v, %v", to, at, err)
		}
		kit.PortalOf(got)
	})
}
