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

// Python returns the interpreter that has boto3, or the path of another
// program of the same virtual environment.
func Python(t testing.TB, program string) string {
	t.Helper()
	return tool(t, filepath.Join("venv", "bin", program), "boto3, aws-sso-util and aws-export-credentials in a virtual environment")
}

// NodeModules returns the directory that holds the AWS SDK for JavaScript.
func NodeModules(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		Need(t, "Node.js", "apt-get install nodejs")
	}
	return tool(t, "node_modules", "@aws-sdk/client-sts and @aws-sdk/credential-providers")
}

func tool(t testing.TB, name, what string) string {
	t.Helper()
	dir := os.Getenv("GATEHOUSE_TOOLS")
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); dir == "" || err != nil {
		Need(t, what, "run .ci/run once, or set GATEHOUSE_TOOLS to a directory with venv and node_modules")
	}
	return path
}
