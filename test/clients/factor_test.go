package clients_test

import (
	"encoding/base32"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// strict is a dev server that asks everybody for a second factor.
func strict(t *testing.T) *testkit.Dev {
	t.Helper()
	d := testkit.StartDev(t)
	if res := d.Command(t, "sign-in-policy", "set", "--data", d.Dir, "--mfa", "context", "--without-device", "register"); res.Exit != 0 {
		t.Fatalf("sign-in-policy set: %+v", res)
	}
	return d
}

// passwordStep types a password and waits for what comes next.
func passwordStep(t *testing.T, b *testkit.Browser, d *testkit.Dev, to string) {
	t.Helper()
	typePassword(t, b, d, to)
	b.Press("Sign in")
}

func typePassword(t *testing.T, b *testkit.Browser, d *testkit.Dev, to string) {
	t.Helper()
	b.Open(to)
	b.Fill(`input[autocomplete~="username"]`, "notsure")
	b.Fill(`input[autocomplete~="current-password"]`, d.Password(t, "notsure"))
}

// signOut leaves the browser's trust, which is no session.
func signOut(b *testkit.Browser) {
	b.Open("/start")
	pressSignOut(b)
}

func pressSignOut(b *testkit.Browser) {
	b.Click("details.menu summary")
	b.Press("Sign out")
}

// enrol adds an app by its key where somebody adds a device for the first time, and goes on.
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
	keepCodes(b)
	return code
}

// enrolKey is enrol for the browser's authenticator.
func enrolKey(b *testkit.Browser, name string) {
	askKey(b, name, "Keep these codes")
	keepCodes(b)
}

func keepCodes(b *testkit.Browser) {
	b.Shows("Keep these codes")
	b.Click(`input[name="kept"]`)
	b.Press("Go to my accounts")
}

// askKey adds the browser's authenticator, and waits for what comes then.
func askKey(b *testkit.Browser, name, then string) {
	b.Shows("Add a second step")
	b.Press("Continue")
	b.Shows("Add a passkey or key")
	b.Fill("#name", name)
	b.WaitFor(then, func() { b.Click("[data-ask]") })
}

// atAccounts is what the list of the portal shows, and no page before it.
const atAccounts = "AWS accounts ("

// returnByKey signs somebody out who is at the portal, and in again by the browser's authenticator alone.
func returnByKey(b *testkit.Browser, builtIn bool) {
	b.Open("/start/security")
	if builtIn {
		b.WaitFor(atAccounts, func() { pressSignOut(b) }) // the browser offers the passkey by itself, and it is touched at once
		return
	}
	pressSignOut(b)
	b.Shows("You are signed out.")
	b.WaitFor(atAccounts, func() { b.Press("Sign in with a passkey") })
}

// TestASecondStepByApp registers an app by its key as a person without a camera does, with scripts off, and signs in by
// its code, by a trusted browser, and by a recovery code. See NIST SP 800-63B-4 section 3.1.
func TestASecondStepByApp(t *testing.T) {
	t.Parallel()
	d := strict(t)
	b := testkit.NewBrowser(t, d.URL)
	b.DisableScripts()
	passwordStep(t, b, d, "/start")
	b.Shows("Add a second step", "Passkey or security key", "Authenticator app")
	picture(b, "enrol")
	b.Click(`input[value="TOTP"]`)
	b.Press("Continue")
	b.Shows("Connect your app", "Name in the app: Acme (notsure)")
	picture(b, "enrol-app")
	typed := strings.Join(strings.Fields(b.Eval(`document.querySelector("pre").textContent`)), "")
	secret, err := base32.StdEncoding.DecodeString(typed)
	if err != nil || len(secret) < 20 {
		t.Fatalf("the key %q: %v", typed, err)
	}
	b.Fill("#code", "000000")
	b.Fill("#name", "Phone")
	b.Press("Connect")
	b.Shows("This is not right")
	if again := strings.Join(strings.Fields(b.Eval(`document.querySelector("pre").textContent`)), ""); again != typed {
		t.Error("the key changed while the person had it in the app")
	}
	code := &steps{secret: secret}
	b.Fill("#code", code.next())
	b.Press("Connect")
	b.Shows("Keep these codes", "We show them only now")
	picture(b, "enrol-codes")
	recovery := strings.Fields(b.Eval(`document.querySelector("pre").textContent`))
	if len(recovery) != factor.RecoveryCodes {
		t.Fatalf("got %q", recovery)
	}
	b.Click(`input[name="kept"]`)
	b.Press("Go to my accounts")
	b.Shows("AWS accounts")
	signOut(b)

	passwordStep(t, b, d, "/device?user_code=BCDF-GHJK")
	b.Shows("Enter your code", "“Phone”")
	picture(b, "signin-code")
	b.Fill("#code", "000000")
	b.Press("Continue")
	b.Shows("This code is not right, or it was used already.")
	picture(b, "signin-code-wrong")
	b.Fill("#code", code.next())
	b.Click(`input[name="trust"]`)
	b.Press("Continue")
	if b.Path() != "/device?user_code=BCDF-GHJK" {
		t.Errorf("sign-in led to %s", b.Path())
	}
	signOut(b)

	b.SignIn("notsure", d.Password(t, "notsure")) // trusted: one step
	other := testkit.NewBrowser(t, d.URL)
	passwordStep(t, other, d, "/start")
	other.Press("Use a recovery code")
	other.Shows("Use a recovery code")
	picture(other, "signin-recovery")
	other.Fill("#recovery", strings.ToUpper(recovery[2]))
	other.Press("Continue")
	other.Shows("Replace the device that you lost.")
	other.Open("/start")
	other.Shows("Sign in", "Password") // no session yet
	administered(t, d, "notsure")
	registered(t, d, other, "notsure")
}

// registered has a person without a device add one by a link from an administrator, after their password.
func registered(t *testing.T, d *testkit.Dev, b *testkit.Browser, user string) {
	t.Helper()
	res := d.Command(t, "user", "mfa", "register", user, "--show-link", "--data", d.Dir)
	at := strings.Index(res.Stdout, d.URL)
	if res.Exit != 0 || at < 0 {
		t.Fatalf("%+v", res)
	}
	link := strings.TrimSpace(res.Stdout[at+len(d.URL):])
	b.Open(link)
	b.Shows("Add a device", "Devices that you have stay.")
	picture(b, "link-device")
	b.Fill("#password", "not the password")
	b.Press("Continue")
	b.Shows("The password is not right.")
	b.Fill("#password", d.Password(t, user))
	b.Press("Continue")
	enrol(t, b, "New phone")
	b.Shows("AWS accounts")
	b.Open(link)
	b.Shows("This link opens nothing any more")
}

// administered renames a person's only device and removes it, as an administrator does.
func administered(t *testing.T, d *testkit.Dev, user string) {
	t.Helper()
	run := func(args ...string) string {
		t.Helper()
		res := d.Command(t, append([]string{"user", "mfa"}, append(args, "--data", d.Dir)...)...)
		if res.Exit != 0 {
			t.Fatalf("%v: %+v", args, res)
		}
		return res.Stdout
	}
	var devices []struct{ ID string }
	if err := json.Unmarshal([]byte(run("list", user, "--json")), &devices); err != nil || len(devices) != 1 {
		t.Fatalf("%v: %s has the devices %+v, want one", err, user, devices)
	}
	run("rename", user, devices[0].ID, "Lost phone")
	if list := run("list", user); !strings.Contains(list, "Lost phone") {
		t.Errorf("after renaming:\n%s", list)
	}
	run("remove", user, devices[0].ID)
	if list := run("list", user); strings.Contains(list, devices[0].ID) {
		t.Errorf("after removing:\n%s", list)
	}
}

// steps are the codes of an app, each of a step of its own: that of now and the next, both of which a server accepts.
type steps struct {
	secret []byte
	ahead  time.Duration
}

func (s *steps) next() string {
	code := factor.CodeAt(s.secret, time.Now().Add(s.ahead))
	s.ahead += 30 * time.Second
	return code
}

// TestASecondStepByKey registers an authenticator and signs in by it, after the password and alone: once built in, once
// plugged in. See sections 7.1 and 7.2 of Web Authentication Level 3.
func TestASecondStepByKey(t *testing.T) {
	t.Parallel()
	for name, builtIn := range map[string]bool{"built in": true, "plugged in": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := strict(t)
			b := testkit.NewBrowser(t, d.URL)
			b.Open("/signin")
			b.AddAuthenticator(builtIn)
			passwordStep(t, b, d, "/start")
			enrolKey(b, "Blue key")
			b.Shows("AWS accounts")
			returnByKey(b, builtIn)
			if !builtIn {
				signOut(b)
				typePassword(t, b, d, "/start")
				b.WaitFor(atAccounts, func() { b.Press("Sign in") }) // the key is asked for, and touched, at once
			}
			if cookies := b.Eval("document.cookie"); cookies != "" {
				t.Errorf("scripts read %q", cookies)
			}
		})
	}
}

// TestMySecurity has a person look after their devices, password and sessions. See OWASP ASVS 5.0 sections 6.4 and 7.5.
func TestMySecurity(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	other, b := testkit.NewBrowser(t, d.URL), testkit.NewBrowser(t, d.URL)
	other.SignIn("notsure", d.Password(t, "notsure"))
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Click("button.star")
	b.WaitUntil(`document.querySelector("button.star[aria-pressed=true]") !== null`)
	b.Press("My security")
	b.Shows("How you get in", "Password", "This browser")
	b.Press("Add a device")
	enrol(t, b, "Phone")
	b.Shows("My security", "Phone", "Authenticator app", "10 left")
	picture(b, "security")
	b.Press("Make new ones")
	b.Shows("Your new recovery codes")
	b.Press("Change")
	b.Fill("#name", "Old phone")
	picture(b, "security-device")
	b.Press("Keep this name")
	b.Shows("Old phone")
	b.Press("End all the others")
	if text := b.Text(); strings.Contains(text, "End all the others") {
		t.Error("other sessions are left")
	}
	other.Open("/start")
	other.Shows("Sign in", "Password")

	b.Open("/start/security/password")
	b.Fill("#password", "notsure notsure notsure")
	b.Press("Change the password")
	b.Shows("It is little more than a name of yours")
	b.Fill("#password", "a lantern over the northern gate")
	picture(b, "security-password")
	b.Press("Change the password")
	b.Shows("Where you are signed in", "This browser")
	other.Open("/start")
	other.Fill(`input[autocomplete~="username"]`, "notsure")
	other.Fill(`input[autocomplete~="current-password"]`, d.Password(t, "notsure"))
	other.Press("Sign in")
	other.Shows("The user name or the password is not right.")
	other.SignIn("notsure", "a lantern over the northern gate")
	b.Open("/start/security")
	b.PressIn("li:has(svg + div)", "Change")
	b.Press("Remove it")
	if text := b.Text(); strings.Contains(text, "Old phone") {
		t.Error("the device is still there")
	}
}
