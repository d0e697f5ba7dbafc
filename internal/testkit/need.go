package testkit

import (
	"os"
	"testing"
)

// Need ends a test for want of something on this machine: a skip that says
// how to install it, or a failure where skips are forbidden.
func Need(t testing.TB, missing, install string) {
	t.Helper()
	if os.Getenv("GATEHOUSE_NO_SKIP") == "1" {
		t.Fatalf("%s is missing (%s) and skips are forbidden", missing, install)
	}
	t.Skipf("%s is missing: %s", missing, install)
}
