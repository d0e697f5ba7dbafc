package testkit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRunReturnsBothStreamsAndTheExitCode(t *testing.T) {
	t.Parallel()
	got := Run(t, []string{"WHO=me"}, "/bin/sh", "-c", "echo $WHO; echo no >&2; exit 3")
	want := Result{Stdout: "me\n", Stderr: "no\n", Exit: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFindWaitsForOutputOfARunningCommand(t *testing.T) {
	t.Parallel()
	p := Start(t, nil, "/bin/sh", "-c", "echo code: ABCD-EFGH; exec sleep 60")
	if got := p.Find(`code: (\S+)`)[1]; got != "ABCD-EFGH" {
		t.Errorf("found %q", got)
	}
	if got := p.Stop(); got.Exit != -1 {
		t.Errorf("a command ended by a signal has the exit code %d, want -1", got.Exit)
	}
}

func TestProfilesAreReadWithTheirOwnKeysOnly(t *testing.T) {
	t.Parallel()
	d := &Dev{Dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(d.Dir, "aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := "# a = comment\n[sso-session s]\nsso_region = us-east-1\n[services g]\nsts =\n  endpoint_url = x\n[profile a]\nsso_session=s\nregion = us-east-1\n"
	if err := os.WriteFile(d.Config(), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d.AddProfile(t, "b", "sso_role_name = R")
	want := []Profile{
		{Name: "a", Keys: map[string]string{"sso_session": "s", "region": "us-east-1"}},
		{Name: "b", Keys: map[string]string{"sso_role_name": "R"}},
	}
	if diff := cmp.Diff(want, d.Profiles(t)); diff != "" {
		t.Error(diff)
	}
	if got := d.Session(t, want[0]).Keys["sso_region"]; got != "us-east-1" {
		t.Errorf("the session's region is %q", got)
	}
}
