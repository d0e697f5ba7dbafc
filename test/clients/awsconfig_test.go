package clients_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

func TestProfilesAreMergedIntoTheUsersOwnConfiguration(t *testing.T) {
	t.Parallel()
	aws := testkit.AWSPath(t)
	d := testkit.StartDev(t)
	person := signIn(t, d, "notsure")
	own := filepath.Join(d.Home, ".aws", "config")
	if err := os.MkdirAll(filepath.Dir(own), 0o700); err != nil {
		t.Fatal(err)
	}
	const mine = "# mine\n[profile work]\nregion = eu-west-3"
	if err := os.WriteFile(own, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + d.Home, "PATH=" + os.Getenv("PATH"), "AWS_PAGER="}
	write := func() testkit.Result {
		t.Helper()
		p := testkit.Start(t, env, testkit.Binary(t), "aws-config", "--portal", d.URL+"/start", "--use-device-code", "--write")
		person.allow(p.FindError(`shows the code (\S+)`)[1])
		return p.Wait()
	}
	if res := write(); res.Exit != 0 || !strings.Contains(res.Stdout, "\n  production-viewonlyaccess\n") {
		t.Fatalf("%+v", res)
	}
	got, err := os.ReadFile(own)
	if err != nil || !strings.HasPrefix(string(got), mine+"\n\n# >>> gatehouse-") {
		t.Errorf("the file is %q, %v", got, err)
	}
	if res := testkit.Run(t, env, aws, "configure", "list-profiles"); res.Exit != 0 || !strings.Contains(res.Stdout, "work") || !strings.Contains(res.Stdout, "production-viewonlyaccess") {
		t.Errorf("%+v", res)
	}
	edited := strings.Replace(string(got), "sso_role_name = ViewOnlyAccess", "sso_role_name = Other", 1)
	if err := os.WriteFile(own, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if res := write(); res.Exit == 0 || !strings.Contains(res.Stderr, "changed by hand") || !strings.Contains(res.Stderr, "hint: move your changes out of the block") {
		t.Errorf("after an edit: %+v", res)
	}
}
