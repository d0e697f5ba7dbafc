package clients_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// lockedDown is an organization with a portal of its own look, whose sign-in asks for a second factor where the browser is
// new, and whose group Builders may use services in two accounts.
func lockedDown(t *testing.T, d *testkit.Dev) {
	t.Helper()
	logo := filepath.Join(t.TempDir(), "logo.png")
	var picture bytes.Buffer
	if err := errors.Join(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 10))), os.WriteFile(logo, picture.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if res := d.Command(t, append(args, "--data", d.Dir)...); res.Exit != 0 {
			t.Fatalf("gatehouse %v: %+v", args, res)
		}
	}
	run("sign-in-policy", "set", "--mfa", "context", "--devices", "app,key", "--without-device", "register")
	run("identity-center", "set-portal", "--address", "builders", "--name", "The Builders", "--logo", logo)
	run("group", "create", "Builders")
	run("user", "create", "paula", "--given", "Paula", "--family", "Collins", "--email", "paula@acme.example")
	run("group", "add", "Builders", "paula")
	aws := func(args ...string) string {
		t.Helper()
		res := testkit.AWS(t, d, "management", args...)
		if res.Exit != 0 {
			t.Fatalf("aws %v: %+v", args, res)
		}
		return strings.TrimSpace(res.Stdout)
	}
	instance := aws("sso-admin", "list-instances", "--query", "Instances[0].InstanceArn", "--output", "text")
	set := aws("sso-admin", "create-permission-set", "--instance-arn", instance, "--name", "Builder", "--tags", "Key=team,Value=platform",
		"--query", "PermissionSet.PermissionSetArn", "--output", "text")
	aws("sso-admin", "attach-managed-policy-to-permission-set", "--instance-arn", instance, "--permission-set-arn", set,
		"--managed-policy-arn", "arn:aws:iam::aws:policy/PowerUserAccess")
	if tags := aws("sso-admin", "list-tags-for-resource", "--instance-arn", instance, "--resource-arn", set, "--query", "Tags[0].Value", "--output", "text"); tags != "platform" {
		t.Fatalf("the set has the tag %q", tags)
	}
	for _, account := range []string{"Development", "Production"} {
		run("assignment", "create", "--account", account, "--set", "Builder", "--group", "Builders")
	}
}

// TestALockedDownSignIn is a person's first day where sign-in is strict: the invitation, the second step that they must
// add, the portal, its keys in a shell, and what their role keeps from them. A browser that they trust asks for the
// password alone; a new one, and an administrator, ask for more. See "Configure MFA in IAM Identity Center" and "Using the
// AWS access portal" in the IAM Identity Center User Guide.
func TestALockedDownSignIn(t *testing.T) {
	t.Parallel()
	d, post := posted(t, "--all-services")
	lockedDown(t, d)
	if res := d.Command(t, "user", "invite", "paula", "--data", d.Dir); res.Exit != 0 {
		t.Fatalf("user invite: %+v", res)
	}
	const words = "six otters paint the quay"
	b := testkit.NewBrowser(t, d.URL)
	b.Open(local(t, d, post.Next().Read(t).Link(t)))
	b.Fill("#password", words)
	b.Press("Set the password")
	b.Shows("Add a second step", "Passkey or security key", "Authenticator app")
	b.Open("/start/builders")
	b.Shows("Sign in", "Password") // not before the second step
	b.WaitUntil(`document.querySelector("img.logo[alt='The Builders']")?.naturalWidth === 40`)
	passwordOf(b, "paula", words)
	code := enrol(t, b, "Phone")
	if told := post.Next().Read(t); !strings.HasPrefix(told.Subject, "A second step was added") {
		t.Errorf("told %q", told.Subject)
	}
	b.Shows("AWS accounts", "(2)", "Development", "Production")
	b.Eval(`(document.querySelectorAll("details.account").forEach(d => d.open = true), "")`)
	b.Shows("Builder", "Console", "Access keys")

	keys := portalKeys(t, b)
	for _, shell := range []string{"bash", "powershell", "cmd"} {
		if keys[shell] == "" {
			t.Errorf("no keys for %s", shell)
		}
	}
	for _, test := range []struct{ command, says string }{
		{"aws ec2 describe-instances", "Allowed by PowerUserAccess (statement 1). Gatehouse decides; it does not run ec2."},
		{"aws iam create-user --user-name robot", "is not authorized to perform: iam:CreateUser"},
		{"aws iam create-group --group-name robots", "is not authorized to perform: iam:CreateGroup"},
		{"aws organizations list-accounts", "AccessDeniedException"},
	} {
		res := testkit.Run(t, d.Env("AWS_ENDPOINT_URL="+d.URL, "AWS_DEFAULT_REGION=us-east-1"), "bash", "-c",
			keys["bash"]+"\n"+strings.Replace(test.command, "aws ", testkit.AWSPath(t)+" --endpoint-url "+d.URL+" ", 1))
		if res.Exit == 0 || !strings.Contains(res.Stderr, test.says) {
			t.Errorf("%s: %+v", test.command, res)
		}
	}

	signOut(b)
	passwordOf(b, "paula", words)
	b.Shows("Enter your code")
	b.Fill("#code", code.next())
	b.Click(`input[name="trust"]`)
	b.Press("Continue")
	b.Shows("AWS accounts")
	signOut(b)
	passwordOf(b, "paula", words) // the context is the same
	b.Shows("AWS accounts")
	other := testkit.NewBrowser(t, d.URL)
	passwordOf(other, "paula", words)
	other.Shows("Enter your code")
}

// passwordOf signs somebody in as far as a password does.
func passwordOf(b *testkit.Browser, user, password string) {
	b.Open("/start")
	b.Fill(`input[autocomplete~="username"]`, user)
	b.Fill(`input[autocomplete~="current-password"]`, password)
	b.Press("Sign in")
}

// enrol adds an app where sign-in asks for one, and goes on to the accounts.
func enrol(t testing.TB, b *testkit.Browser, name string) *steps {
	t.Helper()
	b.Shows("Add a second step")
	b.Click(`input[value="TOTP"]`)
	b.Press("Continue")
	secret, err := base32.StdEncoding.DecodeString(strings.Join(strings.Fields(b.Eval(`document.querySelector("pre").textContent`)), ""))
	if err != nil {
		t.Fatal(err)
	}
	code := &steps{secret: secret}
	b.Fill("#code", code.next())
	b.Fill("#name", name)
	b.Press("Connect")
	b.Shows("Keep these codes")
	b.Click(`input[name="kept"]`)
	b.Press("Go to my accounts")
	return code
}

// portalKeys takes access keys in the portal's dialog, and returns what it would copy for each shell.
func portalKeys(t *testing.T, b *testkit.Browser) map[string]string {
	t.Helper()
	b.WaitFor("Keys end at", func() { b.Click("li:has(> details.account):nth-of-type(2) .roles button") })
	of := func(id string) string { return b.Eval(`document.querySelector("#` + id + ` pre").textContent`) }
	keys := map[string]string{}
	for shell, line := range map[string]string{
		"bash":       `(?m)^export AWS_SESSION_TOKEN="[^"]+"$`,
		"powershell": `(?m)^\$Env:AWS_SESSION_TOKEN="[^"]+"$`,
		"cmd":        `(?m)^SET "AWS_SESSION_TOKEN=[^"]+"$`,
	} {
		if text := of(shell); regexp.MustCompile(line).MatchString(text) {
			keys[shell] = text
		}
	}
	b.Open("/start")
	return keys
}
