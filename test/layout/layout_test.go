// Package layout keeps the architecture true: packages stand on levels, and
// imports point down.
//
// A package may import packages of a lower level, and a child may import its
// parent. Packages of one level never import each other, so that each can be
// read, tested and replaced alone.
package layout

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/gatehouse-sso/gatehouse/"

// levels holds the level of a folder and of all below it that have none of
// their own.
var levels = map[string]int{
	"internal/ident":         0,
	"internal/fault":         0,
	"internal/policy":        1,
	"internal/wire":          1,
	"internal/wire/botocore": 0,
	"internal/password":      1,
	"internal/account":       2,
	"internal/organization":  2,
	"internal/directory":     2,
	"internal/permission":    2,
	"internal/iam":           2,
	"internal/session":       2,
	"internal/factor":        2,
	"internal/link":          2,
	"internal/mail":          2,
	"internal/setup":         2,
	"internal/audit":         2,
	"internal/catalogue":     2,
	"internal/store":         3,
	"internal/seal":          3,
	"internal/oidc":          4,
	"internal/authz":         4,
	"internal/connect":       4,
	"internal/provision":     4,
	"internal/lifecycle":     5,
	"internal/replay":        5,
	"internal/api":           5,
	"internal/api/":          6,
	"internal/importer":      6,
	"internal/web/kit":       6,
	"internal/web/":          7,
	"internal/server":        8,
}

// free are the folders above the levels: programs, and what only tests and
// programs use. The server's own packages import none of them.
var free = []string{"cmd/", "test/", "internal/testkit", "internal/client", "internal/sample", "internal/dev"}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImportsPointToALowerLevel(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if isFree(from) {
			continue
		}
		if _, ok := level(from); !ok {
			t.Errorf("%s has no level: give it one in this test", from)
			continue
		}
		for _, imported := range p.Imports {
			if to, ok := strings.CutPrefix(imported, module); ok {
				checkImport(t, from, to)
			}
		}
	}
}

func TestTheTestkitStaysInTests(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(from, "internal/testkit") || strings.HasPrefix(from, "test/") {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module+"internal/testkit") {
				t.Errorf("%s imports %s outside its tests", from, imported)
			}
		}
	}
}

func checkImport(t *testing.T, from, to string) {
	t.Helper()
	if strings.HasPrefix(from, to+"/") || isHelperOf(from, to) {
		return
	}
	above, _ := level(from)
	below, ok := level(to)
	switch {
	case isFree(to):
		t.Errorf("%s imports %s, which is for programs and tests", from, to)
	case !ok:
		t.Errorf("%s imports %s, which has no level", from, to)
	case below == above:
		t.Errorf("%s imports its sibling %s; both are on level %d", from, to, above)
	case below > above:
		t.Errorf("%s (level %d) imports %s (level %d)", from, above, to, below)
	}
}

// isHelperOf reports whether the imported package is the data or the schema of
// the importer: a folder inside it that nobody else may import.
func isHelperOf(from, to string) bool {
	if !strings.HasPrefix(to, from+"/") {
		return false
	}
	_, own := levels[to]
	return !own && from != "internal/api" && from != "internal/wire"
}

// level is the level of the longest folder that has one.
func level(path string) (int, bool) {
	if l, ok := levels[path]; ok {
		return l, true
	}
	for {
		cut := strings.LastIndexByte(path, '/')
		if cut < 0 {
			return 0, false
		}
		path = path[:cut]
		if l, ok := levels[path+"/"]; ok {
			return l, true
		}
		if l, ok := levels[path]; ok {
			return l, true
		}
	}
}

func isFree(path string) bool {
	for _, prefix := range free {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
