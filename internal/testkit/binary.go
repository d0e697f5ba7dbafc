package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built holds the one binary of this test process.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// Main runs the tests of a package that calls Binary and removes the binary
// after them. It is the body of TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// Binary returns the path of the gatehouse command, built from this checkout
// once for each test process, without cgo as it is released.
func Binary(t testing.TB) string {
	t.Helper()
	built.once.Do(build)
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "gatehouse")
}

func build() {
	built.dir, built.err = os.MkdirTemp("", "gatehouse-test-")
	if built.err != nil {
		return
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(built.dir, "gatehouse"), modulePath+"/cmd/gatehouse")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		built.err = fmt.Errorf("build cmd/gatehouse: %w\n%s", err, out)
	}
}

const modulePath = "github.com/gatehouse-sso/gatehouse"
