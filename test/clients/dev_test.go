package clients_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

func TestDevRunsACommandAndReturnsItsExitCode(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	script := `aws() { "$GATEHOUSE_CLI" "$@"; }; aws sts get-caller-identity --query Account --output text; ` +
		`echo "inherited:$AWS_ACCESS_KEY_ID profile:$AWS_PROFILE metadata:$AWS_EC2_METADATA_DISABLED"; exit 7`
	env := []string{"HOME=" + home, "PATH=/usr/bin:/bin", "AWS_ACCESS_KEY_ID=AKIAINHERITED", "GATEHOUSE_CLI=" + testkit.AWSPath(t)}
	res := testkit.Run(t, env, testkit.Binary(t), "dev", "--listen", fmt.Sprintf("localhost:%d", testkit.FreePort(t)),
		"--data", filepath.Join(home, "data"), "--", "/bin/sh", "-c", script)
	if res.Exit != 7 {
		t.Errorf("the exit code is %d, want the command's 7\n%+v", res.Exit, res)
	}
	for _, want := range []string{"111111111111\n", "inherited: profile:management metadata:true\n"} {
		if !strings.Contains(res.Stdout, want) {
			t.Errorf("the output lacks %q:\n%s%s", want, res.Stdout, res.Stderr)
		}
	}
}

func TestDevEndsCleanlyOnSIGTERM(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := testkit.Start(t, []string{"HOME=" + home}, testkit.Binary(t), "dev", "--listen",
		fmt.Sprintf("localhost:%d", testkit.FreePort(t)), "--data", filepath.Join(home, "data"))
	p.Find(`export AWS_CONFIG_FILE=\S+ AWS_DATA_PATH=\S+`)
	if res := p.Stop(); res.Exit != 0 {
		t.Errorf("it ends with %d:\n%s", res.Exit, res.Stderr)
	}
}
