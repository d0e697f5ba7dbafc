package signin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// stranger is a browser that nobody is signed in with, at a site where these operations are open.
func stranger(a answers) kittest.Browser {
	b := browser(a)
	open := map[string]bool{}
	for name := range a {
		open[name] = true
	}
	site := kittest.Site(kittest.Corridor{Answers: a, Open: open}, origin)
	pages := New(site)
	mux := http.NewServeMux()
	pages.Routes(mux)
	b.Site, b.Handler, b.Session = site, pages.Middleware(mux), ""
	return b
}

func invitation() *self.DescribeLinkOutput {
	return &self.DescribeLinkOutput{Purpose: "INVITATION", UserName: "pcollins", Name: hostile, Email: "paula@alder.example", Organization: "Alder Freight",
		By: "Ines Marek", Portal: "acme", Rules: self.PasswordRules{MinLength: 8, MaxLength: 256}, WantsDevice: true, ExpiresAt: kittest.Now().Add(time.Hour)}
}

func refused(said ...string) error {
	return fault.New(fault.Invalid, api.PasswordRefused, "no").With("Objections", said)
}

// TestTheInvitationPage shows what is asked before anything is set, for people and for their password managers: see OWASP
// ASVS 5.0 section 6.2.7.
func TestTheInvitationPage(t *testing.T) {
	t.Parallel()
	b := stranger(answers{"DescribeLink": kittest.Always(invitation())})
	w := b.Get("/signin/link?secret=abc")
	kittest.WantPage(t, w, http.StatusOK, "Welcome, &lt;script&gt;", "Ines Marek invited you to Alder Freight.", "paula@alder.example", "At least 8 characters",
		`name="secret" value="abc"`, `autocomplete="new-password"`, `autocomplete="username"`, `data-show="password"`, "Next, you add a second step")
	if strings.Contains(w.Body.String(), "onpaste") || strings.Contains(w.Body.String(), "maxlength") {
		t.Error("a password cannot be pasted whole")
	}
}

func TestAWeakPasswordLosesNothing(t *testing.T) {
	t.Parallel()
	b := stranger(answers{"DescribeLink": kittest.Always(invitation()), "SpendLink": kittest.Never(refused("Use 8 characters or more.", "It is too easy."))})
	w := b.Post("/signin/link", url.Values{"secret": {"abc"}, "password": {"hunter2"}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "<li>Use 8 characters or more.</li><li>It is too easy.</li>", `name="secret" value="abc"`, `aria-invalid="true"`)
	if strings.Contains(w.Body.String(), "hunter2") {
		t.Error("the password came back")
	}
}

func TestALinkLeadsOn(t *testing.T) {
	t.Parallel()
	reset := invitation()
	reset.Purpose = "RESET"
	for name, c := range map[string]struct {
		is  *self.DescribeLinkOutput
		out self.SignInOutput
		to  string
	}{
		"invited, and a device is wanted": {invitation(), self.SignInOutput{Next: "REGISTER", Attempt: "a", ExpiresAt: kittest.Now()}, "/signin/device?to=%2Fstart%2Facme"},
		"invited, and in":                 {invitation(), self.SignInOutput{Next: "DONE", Secret: kittest.Secret, SessionEndsAt: kittest.Now()}, "/start/acme"},
		"reset":                           {reset, self.SignInOutput{}, "/signin?chosen=1&to=%2Fstart%2Facme"},
	} {
		b := stranger(answers{"DescribeLink": kittest.Always(c.is), "SpendLink": kittest.Always(&c.out)})
		w := b.Post("/signin/link", url.Values{"secret": {"abc"}, "password": {"six otters paint the quay"}})
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != c.to {
			t.Errorf("%s: %d to %q", name, w.Code, got)
		}
	}
	kittest.WantPage(t, stranger(answers{}).Get("/signin?chosen=1"), http.StatusOK, "Your new password is set.", `href="/signin/forgot"`)
}

// TestALinkConfirmsAnAddress by a button, and neither by a look nor with a password.
func TestALinkConfirmsAnAddress(t *testing.T) {
	t.Parallel()
	is := invitation()
	is.Purpose = "VERIFICATION"
	b := stranger(answers{"DescribeLink": kittest.Always(is), "SpendLink": kittest.Always(&self.SignInOutput{})})
	w := b.Get("/signin/link?secret=abc")
	kittest.WantPage(t, w, http.StatusOK, "Is this your address?", "paula@alder.example", "Yes, it is mine")
	if strings.Contains(w.Body.String(), `type="password"`) {
		t.Error("it asks for a password")
	}
	w = b.Post("/signin/link", url.Values{"secret": {"abc"}})
	kittest.WantPage(t, w, http.StatusOK, "Your address is confirmed", "paula@alder.example")
	if c := w.Header().Get("Set-Cookie"); c != "" {
		t.Errorf("it gave the cookie %q", c)
	}
}

// TestALinkRegistersADeviceAfterThePassword asks for the password that the person has, and for no other.
func TestALinkRegistersADeviceAfterThePassword(t *testing.T) {
	t.Parallel()
	is := invitation()
	is.Purpose = "REGISTRATION"
	a := answers{"DescribeLink": kittest.Always(is), "SpendLink": kittest.Always(&self.SignInOutput{Next: "REGISTER", Attempt: "a", ExpiresAt: kittest.Now()})}
	w := stranger(a).Get("/signin/link?secret=abc")
	kittest.WantPage(t, w, http.StatusOK, "Add a device", `autocomplete="current-password"`, `name="secret" value="abc"`)
	if strings.Contains(w.Body.String(), "new-password") {
		t.Error("another password is asked for")
	}
	form := url.Values{"secret": {"abc"}, "password": {"hunter2"}}
	kittest.WantRedirect(t, stranger(a).Post("/signin/link", form), http.StatusSeeOther, "/signin/device?to=%2Fstart%2Facme")
	for kind, want := range map[fault.Kind]struct {
		status int
		says   string
	}{fault.Denied: {http.StatusUnprocessableEntity, "The password is not right."}, fault.Throttled: {http.StatusTooManyRequests, "A short pause."},
		fault.NotFound: {http.StatusNotFound, "This link opens nothing any more"}} {
		a["SpendLink"] = kittest.Never(fault.New(kind, "X", "no"))
		w := stranger(a).Post("/signin/link", form)
		kittest.WantPage(t, w, want.status, want.says)
		if strings.Contains(w.Body.String(), "hunter2") {
			t.Error("the password came back")
		}
	}
}

func TestADeadLinkSaysWhatToDo(t *testing.T) {
	t.Parallel()
	gone := kittest.Never(fault.New(fault.NotFound, "ResourceNotFoundException", "gone"))
	b := stranger(answers{"DescribeLink": gone, "SpendLink": gone})
	kittest.WantPage(t, b.Get("/signin/link"), http.StatusNotFound, "This link opens nothing any more", `href="/signin/forgot"`)
	kittest.WantPage(t, b.Post("/signin/link", url.Values{"secret": {hostile}, "password": {"x"}}), http.StatusNotFound, "This link opens nothing any more")
	// Spent in another tab between the two.
	b = stranger(answers{"DescribeLink": kittest.Always(invitation()), "SpendLink": gone})
	kittest.WantPage(t, b.Post("/signin/link", url.Values{"secret": {"abc"}, "password": {"x"}}), http.StatusNotFound, "This link opens nothing any more")
}

// with is a request of a browser that keeps an attempt.
func with(method, target string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, origin+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "__Host-gatehouse-attempt", Value: "attempt"})
	return r
}

func TestForgetting(t *testing.T) {
	t.Parallel()
	var got self.RequestPasswordResetInput
	b := stranger(answers{"RequestPasswordReset": func(in any) (any, error) {
		got = *in.(*self.RequestPasswordResetInput)
		return &self.RequestPasswordResetOutput{}, nil
	}})
	kittest.WantPage(t, b.Get("/signin/forgot?to=/start/acme"), http.StatusOK, "We mail you a link", `value="/start/acme"`)
	w := b.Post("/signin/forgot", url.Values{"user": {" pcollins "}, "to": {"/start/acme"}})
	kittest.WantPage(t, w, http.StatusOK, "Look at your mail", "If there is somebody with this user name")
	if got != (self.RequestPasswordResetInput{Portal: "acme", UserName: "pcollins"}) {
		t.Errorf("asked %+v", got)
	}
	if strings.Contains(w.Body.String(), "pcollins") {
		t.Error("the page differs by the name")
	}
	for kind, status := range map[fault.Kind]int{fault.Throttled: 429, fault.Unavailable: 503, fault.Invalid: 422} {
		b := stranger(answers{"RequestPasswordReset": kittest.Never(fault.New(kind, "X", "no mail"))})
		kittest.WantPage(t, b.Post("/signin/forgot", url.Values{"user": {hostile}}), status, "&lt;script&gt;")
	}
}

func TestChoosingOnTheWayIn(t *testing.T) {
	t.Parallel()
	wants := kittest.Always(&self.DescribeSignInOutput{Next: "CHOOSE", UserName: "pcollins", Organization: "Alder Freight", Rules: self.PasswordRules{MinLength: 8, Classes: true, History: 3}})
	b := stranger(answers{"DescribeSignIn": wants, "ChooseInSignIn": kittest.Never(refused("You had this password before."))})
	kittest.WantPage(t, b.Do(with("GET", "/signin/password?to=/start/acme", nil)), http.StatusOK, "Choose your own password", "a digit and a symbol", "Not one of your last 3.", `value="/start/acme"`)
	kittest.WantPage(t, b.Do(with("POST", "/signin/password", url.Values{"password": {"hunter2"}})), http.StatusUnprocessableEntity, "<li>You had this password before.</li>")
	kittest.WantRedirect(t, b.Do(with("GET", "/signin/step", nil)), http.StatusSeeOther, "/signin/password")
	kittest.WantRedirect(t, b.Get("/signin/password"), http.StatusSeeOther, "/signin?ended=1")
	ended := kittest.Never(fault.New(fault.Unauthenticated, "U", "ended"))
	b = stranger(answers{"DescribeSignIn": ended, "ChooseInSignIn": ended})
	kittest.WantRedirect(t, b.Do(with("POST", "/signin/password", url.Values{"password": {"x"}})), http.StatusSeeOther, "/signin?ended=1")
}

func TestACodeByMailIsAskedFor(t *testing.T) {
	t.Parallel()
	wants := kittest.Always(&self.DescribeSignInOutput{Next: "CODE", UserName: "pcollins", Organization: "Alder Freight", MayTrust: true})
	var typed string
	a := answers{"DescribeSignIn": wants, "SendCode": kittest.Always(&self.SendCodeOutput{}), "ContinueSignIn": func(in any) (any, error) {
		typed = in.(*self.ContinueSignInInput).MailedCode
		return nil, fault.New(fault.Denied, "AccessDeniedException", "wrong")
	}}
	b := stranger(a)
	w := b.Do(with("GET", "/signin/step?to=/start/acme", nil))
	kittest.WantPage(t, w, http.StatusOK, "Enter the code from your mail", `autocomplete="one-time-code"`, `action="/signin/code"`)
	if strings.Contains(w.Body.String(), "Trust this browser") {
		t.Error("a code by mail makes no browser a trusted one")
	}
	kittest.WantPage(t, b.Do(with("POST", "/signin/code", url.Values{"to": {"/start/acme"}})), http.StatusOK, "Another code is on its way.", `value="/start/acme"`)
	kittest.WantPage(t, b.Do(with("POST", "/signin/step", url.Values{"way": {"mail"}, "code": {" 123456"}})), http.StatusUnprocessableEntity, "Type that of the newest mail.")
	if typed != "123456" {
		t.Errorf("asked %q", typed)
	}
	a["SendCode"] = kittest.Never(fault.New(fault.Throttled, "T", "slow down"))
	kittest.WantPage(t, b.Do(with("POST", "/signin/code", nil)), http.StatusTooManyRequests, "A short pause.")
	kittest.WantRedirect(t, b.Post("/signin/code", nil), http.StatusSeeOther, "/signin?ended=1")
}

// TestARootLinkLeadsToTheRootDoor has the root user of an account choose a password and ask for a link.
func TestARootLinkLeadsToTheRootDoor(t *testing.T) {
	t.Parallel()
	is := &self.DescribeLinkOutput{Purpose: "INVITATION", AccountID: "111111111111", UserName: "root@alder.example", Name: hostile, Email: "root@alder.example",
		Organization: hostile, Rules: self.PasswordRules{MinLength: 15}, ExpiresAt: kittest.Now().Add(time.Hour)}
	b := stranger(answers{"DescribeLink": kittest.Always(is), "SpendLink": kittest.Always(&self.SignInOutput{})})
	kittest.WantPage(t, b.Get("/signin/link?secret=abc"), http.StatusOK, "Set the root password", "for the root user of &lt;script&gt;", "111111111111", "root@alder.example", "At least 15 characters")
	kittest.WantRedirect(t, b.Post("/signin/link", url.Values{"secret": {"abc"}, "password": {"six otters paint the quay"}}), http.StatusSeeOther, "/signin/root?chosen=1")
	kittest.WantPage(t, signedOut(answers{}).Get("/signin/root?chosen=1"), http.StatusOK, "Your new password is set.", `href="/signin/root/forgot"`)

	var asked string
	b = stranger(answers{"RequestRootPasswordReset": func(in any) (any, error) {
		asked = in.(*door.RequestRootPasswordResetInput).Email
		return &door.RequestRootPasswordResetOutput{}, nil
	}})
	kittest.WantPage(t, b.Get("/signin/root/forgot"), http.StatusOK, "E-mail address of the account", `action="/signin/root/forgot"`, `href="/signin/root"`)
	w := b.Post("/signin/root/forgot", url.Values{"user": {" root@alder.example "}})
	kittest.WantPage(t, w, http.StatusOK, "Look at your mail", "If an account here has this address")
	if asked != "root@alder.example" || strings.Contains(w.Body.String(), asked) {
		t.Errorf("asked for %q, and the page may differ by it", asked)
	}
	for kind, status := range map[fault.Kind]int{fault.Throttled: 429, fault.Unavailable: 503, fault.Invalid: 422} {
		b := stranger(answers{"RequestRootPasswordReset": kittest.Never(fault.New(kind, "X", "no mail"))})
		kittest.WantPage(t, b.Post("/signin/root/forgot", url.Values{"user": {hostile}}), status, "&lt;script&gt;", "E-mail address of the account")
	}
}
