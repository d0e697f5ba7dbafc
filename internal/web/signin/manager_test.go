package signin_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPasswordManagersAreWelcome looks at every field that a password manager or a paste may fill: it says what it is for,
// and nothing keeps a paste away. See NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 section 6.2.7, and "Autofill" in the
// HTML Standard.
func TestPasswordManagersAreWelcome(t *testing.T) {
	t.Parallel()
	field := regexp.MustCompile(`<input[^>]*>`)
	wants := map[string][]string{
		"password": {"current-password", "new-password"}, "old": {"current-password"}, "user": {"username", "username webauthn", "email"},
		"code": {"one-time-code"}, "first": {"one-time-code", "off"}, "recovery": {"off", "one-time-code"},
	}
	attribute := regexp.MustCompile(`(name|autocomplete|type)="([^"]*)"`)
	seen := 0
	for _, dir := range []string{"../signin", "../portal", "../setup"} {
		for _, kind := range []string{"templates/*.html", "assets/*.js"} {
			names, err := filepath.Glob(filepath.Join(dir, kind))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(strings.ToLower(string(text)), "paste") {
					t.Errorf("%s has a say in pasting", name)
				}
				for _, input := range field.FindAllString(string(text), -1) {
					has := map[string]string{}
					for _, m := range attribute.FindAllStringSubmatch(input, -1) {
						has[m[1]] = m[2]
					}
					if want := wants[has["name"]]; want != nil && has["type"] != "hidden" {
						if seen++; !slices.Contains(want, has["autocomplete"]) {
							t.Errorf("%s: %s has autocomplete %q", name, has["name"], has["autocomplete"])
						}
					}
				}
			}
		}
	}
	if seen < 12 {
		t.Errorf("only %d fields were found", seen)
	}
}
