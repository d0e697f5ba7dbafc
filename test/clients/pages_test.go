package clients_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// picture keeps the page in both widths and both colour schemes.
func picture(b *testkit.Browser, name string) { b.Pictures(name) }

func TestThePortalShowsAccountsRolesAndKeys(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.Open("/start")
	b.Shows("Sign in", strings.TrimPrefix(d.URL, "http://"))
	picture(b, "signin")
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Shows("AWS accounts", "(2)", "Development", "Production")
	picture(b, "portal")

	p := viewer(t, d)
	b.Eval(`(document.querySelectorAll("details.account").forEach(d => d.open = true), "")`)
	b.Shows("ViewOnlyAccess", "PowerUserAccess")
	picture(b, "portal-open")
	b.WaitFor("Keys end at", func() { b.Click("li:has(> details.account):nth-of-type(2) .roles button") })
	b.Shows("Access keys", "export AWS_ACCESS_KEY_ID=\"ASIA", "[sso-session ", "aws sso login --profile ")
	if html := b.Eval("document.documentElement.outerHTML"); !strings.Contains(html, "$Env:AWS_ACCESS_KEY_ID") || !strings.Contains(html, `SET "AWS_ACCESS_KEY_ID=`) {
		t.Error("the keys are not there for PowerShell and cmd")
	}
	picture(b, "keys")

	b.WaitFor("There is no console yet", func() {
		b.Open("/start#/console?account_id=" + p.Keys["sso_account_id"] + "&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fexample.com%2Fbucket")
	})
	b.Shows("Production", p.Keys["sso_account_id"], "ViewOnlyAccess", "https://example.com/bucket")
	picture(b, "console")
}

func TestSigningOutEndsTheBrowsersSession(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Click("details.menu summary")
	b.Press("Sign out")
	b.Shows("You are signed out.")
	b.Open("/start")
	b.Shows("Sign in", "Password")
}

func TestAWrongPasswordDoesNotSayWhatWasWrong(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	for _, user := range []string{"notsure", "nobody"} {
		b := testkit.NewBrowser(t, d.URL)
		b.Open("/start")
		b.Fill(`input[autocomplete~="username"]`, user)
		b.Fill(`input[autocomplete~="current-password"]`, "not the password")
		b.Press("Sign in")
		b.Shows("The user name or the password is not right.")
		if user == "notsure" {
			picture(b, "signin-wrong")
		}
	}
}

func TestAPersonWithoutAccountsIsToldSo(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("newcomer", d.Password(t, "newcomer"))
	b.Shows("no account is open to you yet", "newcomer")
	picture(b, "portal-empty")
}

func TestADeviceCanBeRefused(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Open("/device")
	picture(b, "code")
	b.Fill(`input[name="user_code"]`, "BCDF-GHJK")
	b.Press("Next")
	b.Shows("This code is not known.")

	cli := testkit.StartAWS(t, d, viewer(t, d).Name, "sso", "login", "--no-browser")
	code := cli.Find(`(?m)^([A-Z0-9]{4}-[A-Z0-9]{4})$`)[1]
	b.Fill(`input[name="user_code"]`, strings.ToLower(code))
	b.Press("Next")
	b.Shows("Is this your code?", code, "notsure")
	picture(b, "device")
	b.Press("Stop")
	b.Shows("The code is void.")
	if res := cli.Wait(); res.Exit == 0 || !strings.Contains(res.Stderr, "AccessDeniedException") {
		t.Errorf("a refused aws sso login ends with %+v", res)
	}
}

// TestPagesWorkWithoutJavaScript: sign-in, portal, search, keys and the answer to a device. The second step
// without scripts is in TestASecondStepByApp.
func TestPagesWorkWithoutJavaScript(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := viewer(t, d)
	b := testkit.NewBrowser(t, d.URL)
	b.DisableScripts()
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Open("/start?q=prod")
	b.Shows("1 account matches", "Production")
	b.Open("/start")
	b.Click("details.account summary")
	b.PressIn("details.account[open]", "Access keys")
	b.Shows("export AWS_ACCESS_KEY_ID=\"ASIA", "PowerShell", "$Env:AWS_ACCESS_KEY_ID")
	if text := b.Text(); strings.Contains(text, "Copy") {
		t.Errorf("a button that needs scripts is shown:\n%s", text)
	}
	login(t, d, b, p.Name)
}
