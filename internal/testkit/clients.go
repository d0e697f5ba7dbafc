package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// AWSPath is the AWS CLI that tests drive: GATEHOUSE_AWS, else Debian's.
func AWSPath(t testing.TB) string {
	t.Helper()
	path := os.Getenv("GATEHOUSE_AWS")
	if path == "" {
		path = "/usr/bin/aws"
	}
	if _, err := exec.LookPath(path); err != nil {
		Need(t, "the AWS CLI v2", "apt-get install awscli")
	}
	return path
}

// AWS runs the AWS CLI with a profile of dev; no profile when it is empty.
func AWS(t testing.TB, d *Dev, profile string, args ...string) Result {
	t.Helper()
	return StartAWS(t, d, profile, args...).Wait()
}

// StartAWS starts the AWS CLI with a profile of dev.
func StartAWS(t testing.TB, d *Dev, profile string, args ...string) *Process {
	t.Helper()
	if profile != "" {
		args = append(args, "--profile", profile)
	}
	return Start(t, d.Env(), AWSPath(t), args...)
}

// NodeModules returns the directory that holds the AWS SDK for JavaScript.
func NodeModules(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		Need(t, "Node.js", "apt-get install nodejs")
	}
	return Tool(t, "node_modules")
}

// Tool returns the path of a file in the directory GATEHOUSE_TOOLS, which
// .ci/run fills: venv (boto3, aws-sso-util), export (aws-export-credentials)
// and node_modules (the AWS SDK for JavaScript, axe-core).
func Tool(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("GATEHOUSE_TOOLS")
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); dir == "" || err != nil {
		Need(t, name+" in the directory GATEHOUSE_TOOLS", "run .ci/run once and set it")
	}
	return path
}
