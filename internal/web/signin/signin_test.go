package signin

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

const (
	origin  = "https://id.alderfreight.example"
	hostile = `<script>alert("x")</script>`
)

type answers = map[string]func(any) (any, error)

// browser is signed in at a site with these answers.
func browser(a answers) kittest.Browser {
	if a["WhoAmI"] == nil {
		a["WhoAmI"] = kittest.Always(&self.WhoAmIOutput{
			UserName: "pcollins", DisplayName: "Paula Collins", Organization: "Alder Freight", InstanceID: "ssoins-7223a1b0c9d8e7f6",
			SignedInAt: kittest.Now().Add(-time.Hour), ExpiresAt: kittest.Now().Add(119 * time.Minute),
		})
	}
	site := kittest.Site(kittest.Corridor{Answers: a, Open: map[string]bool{"SignIn": true}}, origin)
	pages := New(site)
	mux := http.NewServeMux()
	pages.Routes(mux)
	return kittest.Browser{Site: site, Handler: pages.Middleware(mux), Session: kittest.Secret}
}

func signedOut(a answers) kittest.Browser {
	b := browser(a)
	b.Session = ""
	return b
}

func TestTemplatesRenderZeroValues(t *testing.T) {
	t.Parallel()
	kittest.WantTemplates(t, New(kittest.Site(kittest.Corridor{}, origin)).Area, files, map[string][]any{
		"choice.html":      {choicePage{}},
		"choose.html":      {choosePage{}},
		"code.html":        {codePage{}},
		"codes.html":       {codesPage{}},
		"consent.html":     {consentPage{}},
		"device-done.html": {deviceDonePage{}, deviceDonePage{Refused: true}},
		"device-new.html":  {newDevicePage{}, newDevicePage{Kind: app}, newDevicePage{Kind: key, Wrong: "x", Pause: true}},
		"device.html":      {devicePage{}},
		"door-step.html":   {doorStepPage{}, doorStepPage{Wants: door.DescribeSignInOutput{Next: door.Code}, Pause: true}},
		"door.html":        {doorPage{}, doorPage{Door: door.Root}},
		"forgot.html":      {forgotPage{}, forgotPage{Asked: true}},
		"link-dead.html":   {deadLinkPage{}},
		"link.html":        {linkPage{}, linkPage{Is: self.DescribeLinkOutput{Purpose: "VERIFICATION"}}},
		"verified.html":    {verifiedPage{}},
		"onward.html":      {onwardPage{}, onwardPage{Refused: true}},
		"signin.html":      {signInPage{}},
		"step.html":        {stepPage{}, stepPage{Way: byKey}, stepPage{Way: byCode}, stepPage{Way: byRecovery}, stepPage{Way: byMail, Sent: true}},
	})
}

func TestSignInServesWhatItsPagesName(t *testing.T) {
	t.Parallel()
	b := signedOut(answers{})
	found := regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(b.Get("/signin").Body.String(), -1)
	if len(found) < 5 {
		t.Errorf("page names %d assets", len(found))
	}
	for _, m := range found {
		if w := b.Get(m[1]); w.Code != http.StatusOK {
			t.Errorf("%s answers %d", m[1], w.Code)
		}
	}
}

func TestSignInForm(t *testing.T) {
	t.Parallel()
	b := signedOut(answers{})
	kittest.WantPage(t, b.Get("/signin"), 200, `name="user"`, `name="password"`, `autocomplete="current-password"`, `name="to" value="/start"`)
	kittest.WantPage(t, b.Get("/signin?to=/device%3Fuser_code%3DSQSX-VKBN"), 200, `value="/device?user_code=SQSX-VKBN"`)
	kittest.WantPage(t, b.Get("/signin?to=https://evil.example"), 200, `name="to" value="/start"`)
	kittest.WantPage(t, b.Get("/signin?signed_out=1"), 200, "You are signed out.")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	var got self.SignInInput
	b := signedOut(answers{"SignIn": func(in any) (any, error) {
		got = *in.(*self.SignInInput)
		return &self.SignInOutput{Secret: kittest.Secret, ExpiresAt: kittest.Now().Add(time.Hour)}, nil
	}})
	w := b.Post("/signin", url.Values{"user": {" pcollins "}, "password": {" hunter 2 "}, "to": {"/start/acme"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/start/acme")
	if want := (self.SignInInput{Portal: "acme", UserName: "pcollins", Password: " hunter 2 "}); got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	if c := w.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-gatehouse="+kittest.Secret) || !strings.Contains(c, "HttpOnly; Secure; SameSite=Lax") {
		t.Errorf("cookie %q", c)
	}
	for _, to := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "javascript:alert(1)"} {
		w := b.Post("/signin", url.Values{"user": {"pcollins"}, "password": {"x"}, "to": {to}})
		kittest.WantRedirect(t, w, http.StatusSeeOther, "/start")
	}
}

func TestSignInNeverSaysWhatWasWrong(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, err := range []error{
		fault.New(fault.Unauthenticated, "A", "wrong password"),
		fault.New(fault.NotFound, "B", "no such user"),
		fault.New(fault.Denied, "C", "user disabled"),
	} {
		w := signedOut(answers{"SignIn": kittest.Never(err)}).Post("/signin", url.Values{"user": {"pcollins"}, "password": {"hunter2"}})
		kittest.WantPage(t, w, http.StatusUnprocessableEntity, "The user name or the password is not right.", `value="pcollins"`, `aria-invalid="true"`)
		if strings.Contains(w.Body.String(), "hunter2") || w.Header().Get("Set-Cookie") != "" {
			t.Error("the password or a session came back")
		}
		pages = append(pages, w.Body.String())
	}
	if pages[0] != pages[1] || pages[1] != pages[2] {
		t.Error("pages differ by what was wrong")
	}
}

func TestSignInUnderPressure(t *testing.T) {
	t.Parallel()
	form := url.Values{"user": {hostile}, "password": {"x"}}
	w := signedOut(answers{"SignIn": kittest.Never(fault.New(fault.Throttled, "T", "slow down"))}).Post("/signin", form)
	kittest.WantPage(t, w, http.StatusTooManyRequests, "A short pause.", "&lt;script&gt;")
	w = signedOut(answers{"SignIn": kittest.Never(errors.New("disk on fire"))}).Post("/signin", form)
	kittest.WantPage(t, w, http.StatusInternalServerError, "Something went wrong here")
	w = signedOut(answers{}).Post("/signin", url.Values{})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "The user name or the password is not right.")
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := browser(answers{"SignOut": kittest.Always(&self.SignOutOutput{})}).Post("/signout", nil)
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?signed_out=1")
	if c := w.Header().Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
		t.Errorf("cookie %q", c)
	}
	w = signedOut(answers{"SignOut": kittest.Always(&self.SignOutOutput{})}).Post("/signout", nil)
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?signed_out=1")
	kittest.WantPage(t, browser(answers{}).Get("/signout"), http.StatusNotFound)
}

func pending() *self.LookUpDeviceCodeOutput {
	return &self.LookUpDeviceCodeOutput{
		UserCode: "SQSX-VKBN", ClientName: "AWS CLI", Address: "192.0.2.1", UserAgent: "aws-cli/2.36", State: "PENDING",
		RequestedAt: kittest.Now().Add(-25 * time.Second), ExpiresAt: kittest.Now().Add(9 * time.Minute),
	}
}

func TestDeviceKeepsItsCodeThroughSignIn(t *testing.T) {
	t.Parallel()
	w := signedOut(answers{}).Get("/device?user_code=SQSX-VKBN")
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?to=%2Fdevice%3Fuser_code%3DSQSX-VKBN")
	w = signedOut(answers{}).Post("/device", url.Values{"user_code": {"sqsx vkbn"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?to=%2Fdevice%3Fuser_code%3Dsqsx%2Bvkbn")
	b := browser(answers{})
	b.Session = "ended"
	kittest.WantRedirect(t, b.Get("/device"), http.StatusSeeOther, "/signin?to=%2Fdevice")
}

func TestDeviceCode(t *testing.T) {
	t.Parallel()
	var asked string
	a := answers{"LookUpDeviceCode": func(in any) (any, error) {
		asked = in.(*self.LookUpDeviceCodeInput).UserCode
		return pending(), nil
	}}
	kittest.WantPage(t, browser(a).Get("/device"), 200, "Enter the code", `name="user_code"`)
	for _, typed := range []string{"SQSX-VKBN", "sqsxvkbn", " sqsx vkbn "} {
		w := browser(a).Post("/device", url.Values{"user_code": {typed}})
		kittest.WantPage(t, w, 200, "Is this your code?", "SQSX-VKBN", "AWS CLI", "192.0.2.1", "Same as this browser", "aws-cli/2.36",
			"14:40 UTC", "25 seconds ago", `value="allow"`, `value="stop"`, "pcollins")
		if asked != "SQSX-VKBN" {
			t.Errorf("%q was asked for as %q", typed, asked)
		}
	}
	kittest.WantPage(t, browser(a).Get("/device?user_code=SQSX-VKBN"), 200, "Is this your code?")
}

// TestADeviceElsewhereIsWarnedOf. See RFC 8628 section 5.4.
func TestADeviceElsewhereIsWarnedOf(t *testing.T) {
	t.Parallel()
	show := func(change func(*self.LookUpDeviceCodeOutput)) *httptest.ResponseRecorder {
		d := pending()
		change(d)
		return browser(answers{"LookUpDeviceCode": kittest.Always(d)}).Get("/device?user_code=SQSX-VKBN")
	}
	without := func(w *httptest.ResponseRecorder, text string) {
		t.Helper()
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("the page has %q", text)
		}
	}
	w := show(func(d *self.LookUpDeviceCodeOutput) { d.Address, d.Elsewhere = "203.0.113.24", true })
	kittest.WantPage(t, w, 200, `class="banner stop" role="alert"`, "It asked from 203.0.113.24, and this browser is at 192.0.2.1.", "Not this browser’s", `value="allow"`)
	w = show(func(d *self.LookUpDeviceCodeOutput) { d.ProveFirst = true })
	kittest.WantPage(t, w, 200, `href="/signin/again?to=%2Fdevice%3Fuser_code%3DSQSX-VKBN"`, `value="stop"`)
	without(w, `value="allow"`)
	w = show(func(d *self.LookUpDeviceCodeOutput) { d.Forbidden = true })
	kittest.WantPage(t, w, 200, "You cannot let programs in by a code.", `value="stop"`)
	without(w, `value="allow"`)
	without(w, "/signin/again")
}

func TestDeviceCodesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	unknown := answers{"LookUpDeviceCode": kittest.Never(fault.New(fault.NotFound, "N", "no such code"))}
	w := browser(unknown).Post("/device", url.Values{"user_code": {hostile}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "This code is not known.", "&lt;script&gt;")
	for _, change := range []func(*self.LookUpDeviceCodeOutput){
		func(d *self.LookUpDeviceCodeOutput) { d.State = "APPROVED" },
		func(d *self.LookUpDeviceCodeOutput) { d.ExpiresAt = kittest.Now() },
	} {
		device := pending()
		change(device)
		w := browser(answers{"LookUpDeviceCode": kittest.Always(device)}).Get("/device?user_code=SQSX-VKBN")
		kittest.WantPage(t, w, http.StatusConflict, "Ask your terminal for a new one.")
	}
}

// TestHostileNamesAreText shows names of programs that are markup. See OWASP ASVS 5.0 section 1.2.1.
func TestHostileNamesAreText(t *testing.T) {
	t.Parallel()
	device := pending()
	device.ClientName, device.UserAgent, device.Address, device.Elsewhere = hostile, `"><img src=x>`, hostile, true
	w := browser(answers{"LookUpDeviceCode": kittest.Always(device)}).Get("/device?user_code=SQSX-VKBN")
	kittest.WantPage(t, w, 200, "&lt;script&gt;", "&lt;img src=x&gt;", "Not this browser’s")
	if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
		t.Error("a name became markup")
	}
}

func TestAnswerToADevice(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct {
		refuse bool
		text   string
	}{"allow": {false, "You can close this page"}, "stop": {true, "Nothing was allowed"}} {
		var got *self.ApproveDeviceInput
		a := answers{"ApproveDevice": func(in any) (any, error) {
			got = in.(*self.ApproveDeviceInput)
			return &self.ApproveDeviceOutput{ClientName: "AWS CLI"}, nil
		}}
		w := browser(a).Post("/device/answer", url.Values{"user_code": {"SQSX-VKBN"}, "answer": {answer}})
		kittest.WantPage(t, w, 200, want.text)
		if got == nil || got.Refuse != want.refuse || got.UserCode != "SQSX-VKBN" {
			t.Errorf("%s asked %+v", answer, got)
		}
	}
	w := browser(answers{}).Post("/device/answer", url.Values{"user_code": {"SQSX-VKBN"}, "answer": {"maybe"}})
	kittest.WantPage(t, w, http.StatusBadRequest, "The answer is missing.")
	r := httptest.NewRequest(http.MethodPost, origin+"/device/answer", strings.NewReader("user_code=SQSX-VKBN&answer=allow"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	kittest.WantPage(t, browser(answers{}).Do(r), http.StatusForbidden, "Another site sent this form.")
}

func request() url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {"c1"}, "redirect_uri": {"http://127.0.0.1:49152/oauth/callback"},
		"state": {"s1"}, "code_challenge": {"ch"}, "code_challenge_method": {"S256"}, "scopes": {"sso:account:access"},
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	var got self.ApproveAuthorizationInput
	a := answers{"ApproveAuthorization": func(in any) (any, error) {
		got = *in.(*self.ApproveAuthorizationInput)
		out := &self.ApproveAuthorizationOutput{ClientName: "botocore-client"}
		if !got.Ask {
			out.RedirectTo = "http://127.0.0.1:49152/oauth/callback?code=abc&state=s1"
		}
		return out, nil
	}}
	w := browser(a).Get("/authorize?" + request().Encode())
	kittest.WantPage(t, w, 200, "Allow botocore-client?", "http://127.0.0.1:49152/oauth/callback", `name="state" value="s1"`)
	want := self.ApproveAuthorizationInput{ResponseType: "code", ClientID: "c1", RedirectURI: "http://127.0.0.1:49152/oauth/callback",
		State: "s1", CodeChallenge: "ch", CodeChallengeMethod: "S256", Scopes: "sso:account:access", Ask: true}
	if got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	form := request()
	form.Set("answer", "allow")
	w = browser(a).Post("/authorize", form)
	kittest.WantPage(t, w, 200, "You can close this page", `href="http://127.0.0.1:49152/oauth/callback?code=abc&amp;state=s1"`)
	if refresh := w.Header().Get("Refresh"); refresh != "0;url=http://127.0.0.1:49152/oauth/callback?code=abc&state=s1" {
		t.Errorf("Refresh %q", refresh)
	}
	form.Set("answer", "stop")
	kittest.WantPage(t, browser(a).Post("/authorize", form), 200, "Nothing was allowed")
	if !got.Refuse {
		t.Error("a refusal was an approval")
	}
	older := request()
	older.Set("scope", older.Get("scopes"))
	older.Del("scopes")
	browser(a).Get("/authorize?" + older.Encode())
	if got.Scopes != "sso:account:access" {
		t.Errorf("scope was read as %q", got.Scopes)
	}
}

func TestAuthorizationSignsInFirst(t *testing.T) {
	t.Parallel()
	w := signedOut(answers{}).Get("/authorize?client_id=c1&state=a%26b")
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?to=%2Fauthorize%3Fclient_id%3Dc1%26state%3Da%2526b")
}

func TestBadAuthorizationIsAPageAndNoRedirect(t *testing.T) {
	t.Parallel()
	bad := fault.New(fault.Invalid, "invalid_redirect_uri", "The callback is not one that the client registered.")
	for name, a := range map[string]answers{
		"a fault":         {"ApproveAuthorization": kittest.Never(bad)},
		"a script to run": {"ApproveAuthorization": kittest.Always(&self.ApproveAuthorizationOutput{RedirectTo: "javascript:alert(1)"})},
		"no host":         {"ApproveAuthorization": kittest.Always(&self.ApproveAuthorizationOutput{RedirectTo: "/start"})},
		"not an address":  {"ApproveAuthorization": kittest.Always(&self.ApproveAuthorizationOutput{RedirectTo: "http://%zz"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := browser(a).Get("/authorize?" + request().Encode())
			if w.Code < 400 || w.Header().Get("Location") != "" || w.Header().Get("Refresh") != "" {
				t.Errorf("status %d, headers %v", w.Code, w.Header())
			}
			body, _ := io.ReadAll(w.Body)
			if strings.Contains(string(body), "javascript:") {
				t.Error("the address is on the page")
			}
		})
	}
}
