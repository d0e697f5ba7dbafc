package clients_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
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
	for user, name := range map[string]string{"paula": "Paula", "quinn": "Quinn"} {
		run("user", "create", user, "--given", name, "--family", "Collins", "--email", user+"@acme.example")
		run("group", "add", "Builders", user)
	}
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

const builderWords = "six otters paint the quay"

// invited has a person of locked-down sign-in follow the link of their mail, and set a password.
func invited(t *testing.T, d *testkit.Dev, post *mailtest.Server, b *testkit.Browser, user string) {
	t.Helper()
	if res := d.Command(t, "user", "invite", user, "--data", d.Dir); res.Exit != 0 {
		t.Fatalf("user invite: %+v", res)
	}
	b.Open(local(t, d, post.Next().Read(t).Link(t)))
	b.Fill("#password", builderWords)
	b.Press("Set the password")
	b.Shows("Add a second step", "Passkey or security key", "Authenticator app")
}

// told reads the mail that tells of another device.
func told(t *testing.T, post *mailtest.Server) {
	t.Helper()
	if letter := post.Next().Read(t); !strings.HasPrefix(letter.Subject, "A second step was added") {
		t.Errorf("told %q", letter.Subject)
	}
}

// inShell runs a command of the AWS CLI in a bash that the portal's keys were pasted into.
func inShell(t *testing.T, d *testkit.Dev, keys, command string) testkit.Result {
	t.Helper()
	return testkit.Run(t, d.Env("AWS_ENDPOINT_URL="+d.URL, "AWS_DEFAULT_REGION=us-east-1"), "bash", "-c",
		keys+"\n"+strings.Replace(command, "aws ", testkit.AWSPath(t)+" --endpoint-url "+d.URL+" ", 1))
}

// worksAs fails the test unless the portal's keys in a shell are those of a person in the role Builder.
func worksAs(t *testing.T, d *testkit.Dev, b *testkit.Browser, user string) {
	t.Helper()
	res := inShell(t, d, portalKeys(t, b)["bash"], "aws sts get-caller-identity --query Arn --output text")
	if !regexp.MustCompile(`^arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_Builder_[0-9a-f]{16}/` + user + `\n$`).MatchString(res.Stdout) {
		t.Errorf("%s works as %+v", user, res)
	}
}

// TestALockedDownSignIn is a person's first day where sign-in is strict: the invitation, the second step that they must
// add, the portal, its keys in a shell, and what their role keeps from them. They add a security key to their app, and come
// back by either. A browser that they trust asks for the password alone; a new one, and an administrator, ask for more. See
// "Configure MFA in IAM Identity Center" and "Using the AWS access portal" in the IAM Identity Center User Guide.
func TestALockedDownSignIn(t *testing.T) {
	t.Parallel()
	d, post := posted(t, "--all-services")
	lockedDown(t, d)
	b := testkit.NewBrowser(t, d.URL)
	invited(t, d, post, b, "paula")
	b.Open("/start/builders")
	b.Shows("Sign in", "Password") // not before the second step
	b.WaitUntil(`document.querySelector("img.logo[alt='The Builders']")?.naturalWidth === 40`)
	passwordOf(b, "paula", builderWords)
	code := enrol(t, b, "Phone")
	told(t, post)
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
		res := inShell(t, d, keys["bash"], test.command)
		if res.Exit == 0 || !strings.Contains(res.Stderr, test.says) {
			t.Errorf("%s: %+v", test.command, res)
		}
	}

	b.AddAuthenticator(false)
	b.Open("/start/security")
	b.Press("Add a device")
	askKey(b, "Blue key", "Phone")
	b.Shows("My security", "Blue key", "Security key")
	told(t, post)
	returnByKey(b, false)
	worksAs(t, d, b, "paula")

	other := b.Tab(t)
	other.AddAuthenticator(false) // which is not hers
	other.WaitFor("Nothing was proved", func() { passwordOf(other, "paula", builderWords) })
	other.Shows("Use your key or passkey", "“Blue key”")
	other.Press("Use a code")
	other.Shows("Enter your code")
	other.Fill("#code", code.next())
	other.Click(`input[name="trust"]`)
	other.Press("Continue")
	other.Shows("AWS accounts")
	signOut(other)
	passwordOf(other, "paula", builderWords) // the context is the same
	other.Shows("AWS accounts")
	third := b.Tab(t)
	passwordOf(third, "paula", builderWords)
	third.Shows("Use your key or passkey")

	quinn := b.Tab(t) // whose laptop has a passkey, and who needs no app
	quinn.AddAuthenticator(true)
	invited(t, d, post, quinn, "quinn")
	enrolKey(quinn, "Laptop")
	told(t, post)
	quinn.Shows("AWS accounts", "(2)")
	returnByKey(quinn, true)
	worksAs(t, d, quinn, "quinn")
}

// passwordOf signs somebody in as far as a password does.
func passwordOf(b *testkit.Browser, user, password string) {
	b.Open("/start")
	b.Fill(`input[autocomplete~="username"]`, user)
	b.Fill(`input[autocomplete~="current-password"]`, password)
	b.Press("Sign in")
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
