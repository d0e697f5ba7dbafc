package clients_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// posted is a dev server that sends mail.
func posted(t *testing.T, args ...string) (*testkit.Dev, *mailtest.Server) {
	t.Helper()
	d, post := testkit.StartDev(t, args...), mailtest.New(t, mailtest.Options{NoTLS: true})
	res := d.Command(t, "mail", "set", "--data", d.Dir, "--host", post.Host, "--port", strconv.Itoa(post.Port), "--security", "none",
		"--from", "gatehouse@acme.example", "--from-name", "Acme")
	if res.Exit != 0 {
		t.Fatalf("mail set: %+v", res)
	}
	return d, post
}

// local is a link of this server without its origin.
func local(t *testing.T, d *testkit.Dev, link string) string {
	t.Helper()
	path, ok := strings.CutPrefix(link, d.URL)
	if !ok {
		t.Fatalf("the link %s does not lead to %s", link, d.URL)
	}
	return path
}

// TestAnInvitedPersonGetsIn invites a person by mail, who chooses a password in the browser, forgets it, chooses another,
// and is given one by the administrator in the end. See OWASP ASVS 5.0
// sections 6.3.8 and 6.4.
func TestAnInvitedPersonGetsIn(t *testing.T) {
	t.Parallel()
	d, post := posted(t)
	run := func(args ...string) string {
		t.Helper()
		res := d.Command(t, append(args, "--data", d.Dir)...)
		if res.Exit != 0 {
			t.Fatalf("%v: %+v", args, res)
		}
		return res.Stdout
	}
	run("mail", "test", "postmaster@acme.example")
	if sent := post.Next(); sent.To != "postmaster@acme.example" {
		t.Errorf("the test mail goes to %s", sent.To)
	}
	run("user", "create", "paula", "--given", "Paula", "--family", "Collins", "--email", "paula@acme.example")
	if said := run("user", "invite", "paula"); !strings.HasPrefix(said, "A mail with a link goes to paula@acme.example.") {
		t.Errorf("it says %q", said)
	}
	invited := post.Next()
	letter := invited.Read(t)
	if invited.To != "paula@acme.example" || letter.Subject != "Your invitation to Acme" {
		t.Errorf("to %s: %s", invited.To, letter.Subject)
	}
	link := local(t, d, letter.Link(t))
	b := testkit.NewBrowser(t, d.URL)
	b.Open(link)
	b.Shows("Welcome, Paula", "You are invited to Acme.", "At least 15 characters")
	picture(b, "invitation")
	b.Fill("#password", "Paula-Collins-Acme")
	b.Click(`[data-show]`)
	if b.Eval(`document.querySelector("#password").type`) != "text" {
		t.Error("the password is not shown")
	}
	b.Press("Set the password")
	b.Shows("Choose another password.", "It is little more than a name of yours, or of your organization.")
	picture(b, "invitation-objection")
	b.Fill("#password", "six otters paint the quay")
	b.Press("Set the password")
	b.Shows("You are in, but no account is open to you yet")
	b.Open(link)
	b.Shows("This link opens nothing any more")
	picture(b, "link-dead")

	other := testkit.NewBrowser(t, d.URL)
	other.Open("/signin")
	other.Press("I forgot my password")
	other.Fill("#user", "PAULA")
	picture(other, "forgot")
	other.Press("Send me a link")
	other.Shows("Look at your mail")
	picture(other, "forgot-asked")
	reset := post.Next().Read(t)
	other.Open(local(t, d, reset.Link(t)))
	other.Shows("Choose a new password", "You are signed out everywhere")
	other.Fill("#password", "nine herons cross the fen")
	other.Press("Set the password")
	other.Shows("Your new password is set.")
	other.SignIn("paula", "nine herons cross the fen")
	b.Open("/start")
	b.Shows("Sign in", "Password") // signed out
	if told := post.Next().Read(t); told.Subject != "Your password for Acme was changed" || !strings.Contains(told.Text, "on Linux") {
		t.Errorf("told %q:\n%s", told.Subject, told.Text)
	}

	run("user", "email", "paula", "--set", "collins@acme.example")
	to := []string{post.Next().To, post.Next().To} // both are due at once, and either may come first
	slices.Sort(to)
	if want := []string{"collins@acme.example", "paula@acme.example"}; !slices.Equal(to, want) {
		t.Errorf("of another address %q are told, not %q", to, want)
	}
	run("user", "email", "paula", "--verify") // and the link before ends
	other.Open(local(t, d, post.Next().Read(t).Link(t)))
	other.Press("Yes, it is mine")
	other.Shows("Your address is confirmed", "collins@acme.example")

	lines := strings.Split(strings.TrimSpace(run("user", "reset-password", "paula", "--one-time")), "\n")
	b.Open("/start")
	b.Fill(`input[autocomplete~="username"]`, "paula")
	b.Fill(`input[autocomplete~="current-password"]`, lines[len(lines)-1])
	b.Press("Sign in")
	b.Shows("Choose your own password")
	picture(b, "choose")
	b.Fill("#password", "four magpies share a roof")
	b.Press("Set the password")
	b.Shows("You are in, but no account is open to you yet")
}

// TestACodeByMail signs in who has no device where the policy has a code mailed then. See "Configure MFA device
// enforcement" in the IAM Identity Center User Guide.
func TestACodeByMail(t *testing.T) {
	t.Parallel()
	d, post := posted(t)
	if res := d.Command(t, "sign-in-policy", "set", "--data", d.Dir, "--mfa", "always", "--without-device", "email"); res.Exit != 0 {
		t.Fatalf("sign-in-policy set: %+v", res)
	}
	b := testkit.NewBrowser(t, d.URL)
	b.DisableScripts()
	passwordStep(t, b, d, "/start")
	b.Shows("Enter the code from your mail")
	picture(b, "signin-mail")
	first := post.Next().Read(t)
	b.Press("Send another code")
	b.Shows("Another code is on its way.")
	second := post.Next().Read(t)
	code := regexp.MustCompile(`your code is (\d{6})`)
	if a, b := code.FindStringSubmatch(first.Text), code.FindStringSubmatch(second.Text); a == nil || b == nil {
		t.Fatalf("no codes in:\n%s\n%s", first.Text, second.Text)
	}
	b.Fill("#code", "000000")
	b.Press("Continue")
	b.Shows("This code is not right. Type that of the newest mail.")
	b.Fill("#code", code.FindStringSubmatch(second.Text)[1])
	b.Press("Continue")
	b.Shows("AWS accounts")
}

// TestAMailboxTakesMailWhereNoneIsSent follows the link of a mail on the page that the banner of the dev server names.
func TestAMailboxTakesMailWhereNoneIsSent(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	if res := d.Command(t, "user", "reset-password", "notsure", "--data", d.Dir); res.Exit != 0 {
		t.Fatalf("%+v", res)
	}
	b := testkit.NewBrowser(t, d.URL)
	b.DisableScripts()
	mailbox := d.Find(`(?m)^Mail is not sent, but kept here: (http://\S+)$`)[1]
	for b.Open(mailbox); !strings.Contains(b.Text(), "A new password for Acme"); b.Open(mailbox) {
		b.Shows("Mailbox", "No mail yet") // the letter is on its way
	}
	b.Shows("To notsure@acme.example")
	picture(b, "mailbox")
	b.Press("Open the link")
	b.Shows("Choose a new password", "notsure")
}
