package clients_test

import (
	"encoding/base32"
	"os/exec"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

const rootWords = "a lantern by the north gate"

// rootPassword gives the root user of the sample's management account a password, as its operator.
func rootPassword(t *testing.T, d *testkit.Dev) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testkit.Binary(t), "account", "root-password", "111111111111", "--data", d.Dir, "--password-stdin")
	cmd.Env, cmd.Stdin = d.Env(), strings.NewReader(rootWords+"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("account root-password: %v: %s", err, out)
	}
}

// atDoor types what a door asks for.
func atDoor(b *testkit.Browser, path, account, user, password string) {
	b.Open(path)
	if account != "" {
		b.Fill("#account", account)
	}
	b.Fill("#user", user)
	b.Fill("#password", password)
	b.Press("Sign in")
}

// leaveDoor signs a root user or an IAM user out.
func leaveDoor(b *testkit.Browser) {
	pressSignOut(b)
	b.Shows("You are signed out")
}

// connect adds an app by its key, as who has no camera does.
func connect(t testing.TB, b *testkit.Browser, name string) *steps {
	t.Helper()
	b.Fill("#name", name)
	b.PressIn("form:has(#name)", "Add an authenticator app") // and not the link to it
	b.Shows("Connect your app")
	key := strings.Join(strings.Fields(b.Eval(`document.querySelector("pre").textContent`)), "")
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil {
		t.Fatalf("the key %q: %v", key, err)
	}
	picture(b, "door-app")
	b.Fill("#first", "000000")
	b.Fill("#second", "111111")
	b.Press("Connect")
	b.Shows("It is not connected yet")
	code := &steps{secret: secret}
	b.Fill("#first", code.next())
	b.Fill("#second", code.next())
	b.Press("Connect")
	b.Shows("My security", "Virtual MFA device")
	return code
}

// addKey registers the browser's authenticator under My security.
func addKey(b *testkit.Browser, name string) {
	b.Shows("My security", "A password alone lets you in")
	b.Fill("#name", name)
	b.PressIn("form:has(#name)", "Add a passkey or key")
	b.Shows("“" + name + "” lets you in beside your password")
	b.WaitFor("Passkey or security key · added", func() { b.Click("[data-ask]") })
	b.Shows("My security", name)
}

// residents gives the root user of the sample's management account a password, and makes the IAM user ana, who has to replace
// hers. It returns the root user's address and a profile that administers the account.
func residents(t *testing.T, d *testkit.Dev) (email, profile string) {
	t.Helper()
	rootPassword(t, d)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	for _, args := range [][]string{
		{"iam", "create-account-alias", "--account-alias", "acme"},
		{"iam", "create-user", "--user-name", "ana"},
		{"iam", "attach-user-policy", "--user-name", "ana", "--policy-arn", "arn:aws:iam::aws:policy/IAMFullAccess"},
		{"iam", "create-login-profile", "--user-name", "ana", "--password", "7 quiet Herons wade!", "--password-reset-required"},
	} {
		if res := testkit.AWS(t, d, p.Name, args...); res.Exit != 0 {
			t.Fatalf("aws %v: %+v", args, res)
		}
	}
	res := testkit.AWS(t, d, p.Name, "organizations", "describe-account", "--account-id", "111111111111", "--query", "Account.Email", "--output", "text")
	return strings.TrimSpace(res.Stdout), p.Name
}

// TestRootUsersAndIAMUsersComeIn walks through both doors with scripts off: a root user adds an app and comes back by its
// code; an IAM user whose password was chosen by somebody else sets one, makes an access key, and adds an app too.
func TestRootUsersAndIAMUsersComeIn(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	email, _ := residents(t, d)
	b := testkit.NewBrowser(t, d.URL)
	b.DisableScripts()
	atDoor(b, "/signin/root", "", email, "wrong")
	b.Shows("What you typed is not right")
	picture(b, "door-root")
	atDoor(b, "/signin/root", "", email, rootWords)
	b.Shows("My security", "Root user of", "A password alone lets you in")
	code := connect(t, b, "phone")
	picture(b, "door-security")
	leaveDoor(b)
	b.Shows("Sign in as root user")
	atDoor(b, "/signin/root", "", email, rootWords)
	b.Shows("Enter your code", "“phone”")
	picture(b, "door-code")
	b.Fill("#code", "000000")
	b.Press("Continue")
	b.Shows("This code is not right")
	b.Fill("#code", code.next())
	b.Press("Continue")
	b.Shows("My security", "Root user of")

	b.Open("/signin/iam")
	b.Shows("Signed in with this browser: the root user of")
	atDoor(b, "/signin/iam", "acme", "ana", "7 quiet Herons wade!")
	b.Shows("Set a new password")
	b.Fill("#password", "8 quiet Herons fly!")
	b.Press("Continue")
	b.Shows("My security", "IAM user ana", "Access keys")
	b.Press("Make one")
	b.Shows("We show the secret only now")
	b.Open("/security")
	b.Shows("AKIA")
	b.Press("Switch off")
	b.Shows("Off", "Delete")
	b.Press("Delete")
	connect(t, b, "ana")
	b.Open("/security/password")
	b.Fill("#old", "8 quiet Herons fly!")
	b.Fill("#password", "9 quiet Herons nest!")
	b.Press("Change the password")
	b.Shows("My security")
	b.Press("Remove")
	b.Shows("A password alone lets you in")
	other := testkit.NewBrowser(t, d.URL)
	atDoor(other, "/signin/iam", "1111-1111-1111", "ana", "9 quiet Herons nest!")
	other.Shows("My security", "End all the others")
	other.Press("End all the others")
	b.Open("/security")
	b.Shows("Sign in as an IAM user")
	b.Open("/start") // the portal is for people
	b.Shows("Sign in")
	if path := b.Path(); !strings.HasPrefix(path, "/signin") {
		t.Errorf("the portal let an IAM user in: %s", path)
	}
}

// TestKeysOpenTheDoors has a root user add a security key, and an IAM user a passkey of the device, and come back by password
// and key. An authenticator of somebody else proves nothing. See "Assign a passkey or security key" in the IAM User Guide.
func TestKeysOpenTheDoors(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	email, profile := residents(t, d)
	chromium := testkit.NewBrowser(t, d.URL)
	for name, c := range map[string]struct {
		builtIn             bool
		path, account, user string
		password            string
		reset               string // the password that has to be set first
		who                 string
	}{
		"root": {path: "/signin/root", user: email, password: rootWords, who: "Root user of"},
		"ana": {builtIn: true, path: "/signin/iam", account: "acme", user: "ana", password: "8 quiet Herons fly!", reset: "7 quiet Herons wade!",
			who: "IAM user ana"},
	} {
		t.Run(name, func(t *testing.T) {
			b, other := chromium.Tab(t), chromium.Tab(t)
			for _, tab := range []*testkit.Browser{b, other} {
				tab.Open(c.path)
				tab.AddAuthenticator(c.builtIn)
			}
			if c.reset != "" {
				atDoor(b, c.path, c.account, c.user, c.reset)
				b.Fill("#password", c.password)
				b.Press("Continue")
			} else {
				atDoor(b, c.path, c.account, c.user, c.password)
			}
			addKey(b, "blue")
			leaveDoor(b)
			b.WaitFor(c.who, func() { atDoor(b, c.path, c.account, c.user, c.password) }) // the key is asked for, and touched, at once
			b.Shows("My security", "blue", "Passkey or security key")

			other.WaitFor("Nothing was proved", func() { atDoor(other, c.path, c.account, c.user, c.password) })
			other.Shows("Use your key or passkey", "“blue”")
			other.Open("/security")
			other.Shows("Sign in as an IAM user")
		})
	}
	res := testkit.AWS(t, d, profile, "iam", "list-mfa-devices", "--user-name", "ana", "--query", "MFADevices[].SerialNumber", "--output", "text")
	if want := "arn:aws:iam::111111111111:u2f/user/ana/blue-"; !strings.HasPrefix(res.Stdout, want) {
		t.Errorf("got %+v, want %s and an id", res, want)
	}
}
