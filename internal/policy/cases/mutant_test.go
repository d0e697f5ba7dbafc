package cases

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var killMutants = flag.Bool("mutants", false, "break the engine in each named way, and see whether the cases notice")

// mutant is a way to break the engine: an edit of one of its files.
type mutant struct{ Name, File, Old, New string }

// TestTheCasesKillEveryMutant: the documented cases alone fail for an engine that is broken in any of the named ways. Without
// its flag it only sees that every edit can still be made:
//
//	go test ./internal/policy/cases -run Mutant -mutants
func TestTheCasesKillEveryMutant(t *testing.T) {
	t.Parallel()
	lines, err := os.ReadFile("../testdata/mutants.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		var m mutant
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile("../" + m.File)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), m.Old); n != 1 {
			t.Errorf("%s: what it edits is %d times in %s, and must be there once", m.Name, n, m.File)
		} else if *killMutants {
			m.kill(t, strings.Replace(string(source), m.Old, m.New, 1), filepath.Join(t.TempDir(), strconv.Itoa(i)))
		}
	}
}

// kill runs the cases with the edited file in the place of its original.
func (m *mutant) kill(t *testing.T, source, prefix string) {
	t.Helper()
	original, err := filepath.Abs("../" + m.File)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: prefix + ".go"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{prefix + ".go": []byte(source), prefix + ".json": overlay} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "test", "-vet=off", "-count=1", "-overlay", prefix+".json", "-run", "DecisionsAreThoseDocumented", ".").CombinedOutput()
	switch {
	case strings.Contains(string(out), "[build failed]"):
		t.Errorf("%s: does not compile:\n%s", m.Name, out)
	case err == nil:
		t.Errorf("%s: lives", m.Name)
	}
}
