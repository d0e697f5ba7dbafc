package testkit

import (
	"os"
	"testing"
)

// Need ends a test that needs something this machine does not have: missing says what, install says how to get it. The
// test is skipped, or fails when GATEHOUSE_NO_SKIP=1 is set, as it is where everything has to run.
func Need(t testing.TB, missing, install string) {
	t.Helper()
	if os.Getenv("GATEHOUSE_NO_SKIP") == "1" {
		t.Fatalf("%s is needed: %s", missing, install)
	}
	t.Skipf("%s is needed: %s", missing, install)
}
