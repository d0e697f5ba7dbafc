package support

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const security = "../../docs/security.md"

// section returns what stands under a heading of a page.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", page, heading)
	}
	before, _, _ := strings.Cut(after, "\n## ")
	return before
}

var quoted = regexp.MustCompile("`([^`]+)`")

// cites finds a standard, or an attack on somebody else, in what a test says at its head.
var cites = regexp.MustCompile(`NIST|ASVS|RFC|Web Authentication|CVE|WHATWG`)

// TestEachRequirementHasItsTests looks for every test that docs/security.md names, in the package that it names. Each says at its
// head what it does, and one of each row at least by which standard.
func TestEachRequirementHasItsTests(t *testing.T) {
	t.Parallel()
	rows := 0
	for line := range strings.Lines(section(t, security, "Requirements and their tests")) {
		cell := strings.Split(strings.TrimSpace(line), "|")
		if len(cell) != 5 || strings.Contains(cell[1], "---") || strings.TrimSpace(cell[1]) == "requirement" {
			continue
		}
		rows++
		if strings.TrimSpace(cell[2]) == "" {
			t.Errorf("no standard is named for: %s", cell[1])
		}
		in, proven := "", false
		for _, m := range quoted.FindAllStringSubmatch(cell[3], -1) {
			if !strings.HasPrefix(m[1], "Test") {
				in = m[1]
				continue
			}
			head, found := headOf(t, in, m[1])
			if !found || head == "" {
				t.Errorf("%s has no test %s that says at its head how it proves: %s", in, m[1], cell[1])
			}
			proven = proven || cites.MatchString(head)
		}
		if !proven {
			t.Errorf("no test says by which standard it proves: %s", cell[1])
		}
	}
	if rows < 30 {
		t.Errorf("only %d requirements were found", rows)
	}
}

// headOf finds a test of a package, and what stands at its head.
func headOf(t *testing.T, dir, name string) (head string, found bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`(?m)^((?://.*\n)*)func ` + name + `\(t \*testing\.T\)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := pattern.FindStringSubmatch(string(text)); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// TestEachTableIsSaidToHoldSecretsOrNone compares the schemas with the list of secrets in docs/security.md.
func TestEachTableIsSaidToHoldSecretsOrNone(t *testing.T) {
	t.Parallel()
	var told []string
	for _, m := range quoted.FindAllStringSubmatch(section(t, security, "Secrets"), -1) {
		told = append(told, m[1])
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		schema, err := os.ReadFile(filepath.Join("../../internal/store/schema", engine, "00001_begin.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`CREATE TABLE ([a-z_]+)`).FindAllStringSubmatch(string(schema), -1) {
			if !slices.Contains(told, m[1]) {
				t.Errorf("%s: docs/security.md does not say what secrets are in %s", engine, m[1])
			}
		}
	}
}
