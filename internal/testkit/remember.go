package testkit

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest/seen"
)

// Remember saves which operations succeeded for which clients of the server on a data directory, where package seen is
// told to. It reads the audit trail by the command gatehouse, whether or not the server still runs.
func Remember(t testing.TB, gatehouse, data string) {
	t.Helper()
	dir := os.Getenv(seen.Variable)
	if dir == "" {
		return
	}
	res := Run(t, []string{}, gatehouse, "audit", "tail", "--data", data, "--format", "json", "-n", strconv.Itoa(math.MaxInt32))
	if res.Exit != 0 {
		t.Errorf("gatehouse audit tail: %s", res.Stderr)
	}
	calls := seen.Calls{}
	for line := range strings.Lines(res.Stdout) {
		var e struct {
			EventSource, EventName, UserAgent, ErrorCode string
			AdditionalEventData                          json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("gatehouse audit tail: %v", err)
		}
		calls.AddEvent(strings.TrimSuffix(e.EventSource, ".amazonaws.com"), e.EventName, e.AdditionalEventData, e.UserAgent, e.ErrorCode)
	}
	if err := calls.Save(dir); err != nil {
		t.Error("remember which calls succeeded:", err)
	}
}

// End ends the servers of a script in order, so that their records are complete. The script waits for them itself.
func End(servers []*exec.Cmd) {
	for _, s := range servers {
		for s.Process.Signal(os.Interrupt) == nil {
			time.Sleep(20 * time.Millisecond)
		}
	}
}
