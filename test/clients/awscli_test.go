package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// viewer is the profile of the sample in which `notsure` may only look.
func viewer(t *testing.T, d *testkit.Dev) testkit.Profile {
	t.Helper()
	return d.Profile(t, "sso_role_name", "ViewOnlyAccess")
}

// login runs `aws sso login` by device code and allows it in the browser. The
// CLI from 2.22 on prefers another flow for an sso-session; Debian's does not
// know it.
func login(t *testing.T, d *testkit.Dev, b *testkit.Browser, profile string) {
	t.Helper()
	cli := testkit.StartAWS(t, d, profile, "sso", "login", "--no-browser")
	code := cli.Find(`(?m)^([A-Z0-9]{4}-[A-Z0-9]{4})$`)[1]
	link := cli.Find(`(?m)^(http\S+user_code=\S+)$`)[1]
	b.ApproveDevice(link, code)
	if res := cli.Wait(); res.Exit != 0 || !strings.Contains(res.Stdout, "Successfully logged into") {
		t.Fatalf("aws sso login: %+v", res)
	}
}

func TestTheAWSCLISignsInByDeviceCode(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	p := viewer(t, d)
	account := p.Keys["sso_account_id"]
	arn := regexp.MustCompile(`^arn:aws:sts::` + account + `:assumed-role/AWSReservedSSO_ViewOnlyAccess_[0-9a-f]{16}/notsure$`)
	d.AddProfile(t, "legacy", "sso_start_url = "+d.Session(t, p).Keys["sso_start_url"], "sso_region = us-east-1",
		"sso_account_id = "+account, "sso_role_name = ViewOnlyAccess", "region = us-east-1")

	for _, profile := range []string{"legacy", p.Name} {
		login(t, d, b, profile)
		res := testkit.AWS(t, d, profile, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
		if got := strings.TrimSpace(res.Stdout); !arn.MatchString(got) {
			t.Fatalf("with profile %s the caller is %q, want %v\n%s", profile, got, arn, res.Stderr)
		}
	}
}

func TestARoleMayDoWhatItsPolicyAllowsAndNoMore(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := viewer(t, d)
	signIn(t, d, "notsure").token(d.Session(t, p))

	if res := testkit.AWS(t, d, p.Name, "iam", "list-users"); res.Exit != 0 || !strings.Contains(res.Stdout, `"Users"`) {
		t.Errorf("iam list-users: %+v", res)
	}
	arn := strings.TrimSpace(testkit.AWS(t, d, p.Name, "sts", "get-caller-identity", "--query", "Arn", "--output", "text").Stdout)
	res := testkit.AWS(t, d, p.Name, "iam", "create-user", "--user-name", "mallory")
	want := fmt.Sprintf("\nAn error occurred (AccessDenied) when calling the CreateUser operation: User: %s is not authorized to perform: "+
		"iam:CreateUser on resource: arn:aws:iam::%s:user/mallory because no identity-based policy allows the iam:CreateUser action\n",
		arn, p.Keys["sso_account_id"])
	if res.Stderr != want || res.Exit != 254 {
		t.Errorf("iam create-user ends with %d and\n%s\nwant 254 and\n%s", res.Exit, res.Stderr, want)
	}
}

func TestSSOLogoutEndsTheToken(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := viewer(t, d)
	session := d.Session(t, p)
	tok := signIn(t, d, "notsure").token(session)
	if res := testkit.AWS(t, d, p.Name, "sso", "logout"); res.Exit != 0 {
		t.Fatalf("aws sso logout: %+v", res)
	}
	if _, err := os.Stat(tokenFile(d, session.Name)); err == nil {
		t.Error("the CLI has kept the token")
	}
	// The token itself is dead, not only forgotten.
	writeToken(t, d, session.Name, tok)
	os.RemoveAll(filepath.Join(d.Home, ".aws", "cli"))
	if res := testkit.AWS(t, d, p.Name, "sts", "get-caller-identity"); res.Exit == 0 {
		t.Errorf("after the logout the token still gives credentials: %s", res.Stdout)
	}
}

func TestTheManagementProfileWorksWithoutSigningIn(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	res := testkit.AWS(t, d, "management", "sts", "get-caller-identity", "--query", "Account", "--output", "text")
	if got := strings.TrimSpace(res.Stdout); got != "111111111111" {
		t.Errorf("the account is %q, want 111111111111\n%s", got, res.Stderr)
	}
}

// TestADisabledUsersCredentialsDieWithinASecond shuts out who has keys. See OWASP ASVS 5.0 section 7.4.2.
func TestADisabledUsersCredentialsDieWithinASecond(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := viewer(t, d)
	signIn(t, d, "notsure").token(d.Session(t, p))
	if res := testkit.AWS(t, d, p.Name, "sts", "get-caller-identity"); res.Exit != 0 {
		t.Fatalf("before: %+v", res)
	}
	if res := d.Command(t, "user", "disable", "notsure", "--data", d.Dir); res.Exit != 0 {
		t.Fatalf("gatehouse user disable: %+v", res)
	}
	// The CLI holds credentials in its own cache and takes about as long to
	// start as the change may take to arrive.
	res := testkit.AWS(t, d, p.Name, "iam", "list-users")
	if res.Exit == 0 {
		t.Errorf("a disabled user lists users: %s", res.Stdout)
	}
}
