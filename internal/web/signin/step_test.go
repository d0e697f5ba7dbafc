package signin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// onTheWay asks for pages in the midst of an attempt.
type onTheWay struct{ kittest.Browser }

func (b onTheWay) get(target string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, origin+target, nil))
}

func (b onTheWay) post(target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, origin+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b onTheWay) do(r *http.Request) *httptest.ResponseRecorder {
	r.AddCookie(&http.Cookie{Name: "__Host-gatehouse-attempt", Value: "attempt-secret"})
	return b.Do(r)
}

// attempt is a browser whose sign-in wants something.
func attempt(wants *self.DescribeSignInOutput, a answers) onTheWay {
	a["DescribeSignIn"] = kittest.Always(wants)
	open := map[string]bool{}
	for name := range a {
		open[name] = true
	}
	site := kittest.Site(kittest.Corridor{Answers: a, Open: open}, origin)
	pages := New(site)
	mux := http.NewServeMux()
	pages.Routes(mux)
	return onTheWay{kittest.Browser{Site: site, Handler: pages.Middleware(mux)}}
}

// both has every way.
func both() *self.DescribeSignInOutput {
	return &self.DescribeSignInOutput{Next: "PROVE", UserName: "pcollins", Organization: "Alder Freight", Apps: []string{hostile}, Keys: []string{"Blue key"},
		RecoveryCodes: 8, MayTrust: true}
}

func cookies(w *httptest.ResponseRecorder) map[string]*http.Cookie {
	all := map[string]*http.Cookie{}
	for _, c := range w.Result().Cookies() {
		all[c.Name] = c
	}
	return all
}

func TestASignInThatWantsMoreGoesOn(t *testing.T) {
	t.Parallel()
	until := kittest.Now().Add(10 * time.Minute)
	for next, path := range map[string]string{"PROVE": "/signin/step", "REGISTER": "/signin/device"} {
		b := signedOut(answers{"SignIn": kittest.Always(&self.SignInOutput{Next: next, Attempt: "attempt-secret", ExpiresAt: until})})
		w := b.Post("/signin", url.Values{"user": {"pcollins"}, "password": {"x"}, "to": {"/device?user_code=A"}})
		kittest.WantRedirect(t, w, http.StatusSeeOther, path+"?to=%2Fdevice%3Fuser_code%3DA")
		c := cookies(w)["__Host-gatehouse-attempt"]
		if c == nil || c.Value != "attempt-secret" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || !c.Expires.Equal(until.Truncate(time.Second)) {
			t.Errorf("the attempt's cookie is %v", c)
		}
		if cookies(w)["__Host-gatehouse"] != nil {
			t.Error("there is a session already")
		}
	}
}

func TestTheSecondStepOffersEveryWay(t *testing.T) {
	t.Parallel()
	b := attempt(both(), answers{"StartKeyProof": kittest.Always(&self.StartKeyProofOutput{Options: `{"challenge":"AAAA"}`})})
	w := b.get("/signin/step?to=%2Fdevice")
	kittest.WantPage(t, w, http.StatusOK, "Use your key or passkey", "“Blue key”", "Use a code", "Use a recovery code", "You have 8 left", "Trust this browser",
		`data-options="{&#34;challenge&#34;:&#34;AAAA&#34;}"`, "/signin/step?to=%2Fdevice&amp;way=code")
	kittest.WantPage(t, b.get("/signin/step?way=code"), http.StatusOK, "Enter your code", `autocomplete="one-time-code"`, "&lt;script&gt;", "Use a key or passkey")
	kittest.WantPage(t, b.get("/signin/step?way=recovery"), http.StatusOK, "Use a recovery code", "You will add a new device")
	kittest.WantPage(t, attempt(&self.DescribeSignInOutput{Next: "PASSWORD", UserName: "pcollins"}, answers{}).get("/signin/step?way=code"), http.StatusOK,
		"Type your password again", `autocomplete="current-password"`)
}

func TestAWrongProofIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	wrong := kittest.Never(fault.New(fault.Denied, "AccessDeniedException", "no"))
	asked := kittest.Always(&self.StartKeyProofOutput{Options: "{}"})
	for way, text := range map[string]string{"code": "This code is not right", "recovery": "none of your codes", "key": "This key is not one of yours"} {
		w := attempt(both(), answers{"ContinueSignIn": wrong, "StartKeyProof": asked}).post("/signin/step", url.Values{"way": {way}, "code": {"1"}})
		kittest.WantPage(t, w, http.StatusUnprocessableEntity, text)
	}
	w := attempt(&self.DescribeSignInOutput{Next: "PASSWORD"}, answers{"ContinueSignIn": wrong}).post("/signin/step", url.Values{"way": {"password"}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "The password is not right.")
	w = attempt(both(), answers{"ContinueSignIn": kittest.Never(fault.New(fault.Throttled, "T", "wait"))}).post("/signin/step", url.Values{"way": {"code"}})
	kittest.WantPage(t, w, http.StatusTooManyRequests, "A short pause.")
}

func TestARightProofSignsIn(t *testing.T) {
	t.Parallel()
	var got *self.ContinueSignInInput
	until := kittest.Now().Add(time.Hour)
	b := attempt(both(), answers{"ContinueSignIn": func(in any) (any, error) {
		got = in.(*self.ContinueSignInInput)
		return &self.SignInOutput{Next: "DONE", Secret: "s", SessionEndsAt: until, Trust: "t", TrustUntil: until}, nil
	}})
	w := b.post("/signin/step", url.Values{"way": {"code"}, "code": {"123456"}, "trust": {"1"}, "to": {"//evil.example"}, "password": {"not asked"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/start")
	if got.Attempt != "attempt-secret" || got.Code != "123456" || !got.Trust || got.Password != "" {
		t.Errorf("asked %+v", got)
	}
	all := cookies(w)
	if all["__Host-gatehouse"].Value != "s" || all["__Host-gatehouse-trust"].Value != "t" || all["__Host-gatehouse-attempt"].MaxAge != -1 {
		t.Errorf("the cookies are %v", all)
	}
}

// TestWhoIsLostBeginsAgain: without an attempt, with one that has ended, and by the back button after it.
func TestWhoIsLostBeginsAgain(t *testing.T) {
	t.Parallel()
	ended := kittest.Never(fault.New(fault.Unauthenticated, "UnauthorizedException", "x"))
	for _, path := range []string{"/signin/step", "/signin/device", "/signin/device?kind=TOTP"} {
		w := signedOut(answers{}).Get(path)
		kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?ended=1")
		b := attempt(both(), answers{"ContinueSignIn": ended, "CompleteDevice": ended, "SignInWithPasskey": ended})
		w = b.post(strings.Split(path, "?")[0], url.Values{"to": {"/device"}})
		kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?ended=1&to=%2Fdevice")
		if c := cookies(w)["__Host-gatehouse-attempt"]; c == nil || c.MaxAge != -1 {
			t.Error("the attempt's cookie stays")
		}
	}
	kittest.WantPage(t, signedOut(answers{}).Get("/signin?ended=1"), http.StatusOK, "Begin again.")
}

func TestRegistrationShowsTheKeyOnceAndTheCodes(t *testing.T) {
	t.Parallel()
	wants := &self.DescribeSignInOutput{Next: "REGISTER", Organization: "Alder Freight", MayRegister: []string{"TOTP", "WEBAUTHN"}}
	a := answers{
		"StartDevice": kittest.Always(&self.StartDeviceOutput{Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", URI: "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", Account: "pcollins", Options: "{}"}),
		"CompleteDevice": func(in any) (any, error) {
			if in.(*self.CompleteDeviceInput).Code == "123456" {
				out := &self.SignInOutput{Next: "DONE", Secret: "s", SessionEndsAt: kittest.Now(), RecoveryCodes: []string{"aaaa-bbbb", "cccc-dddd"}}
				if in.(*self.CompleteDeviceInput).Trust {
					out.Trust, out.TrustUntil = "t", kittest.Now()
				}
				return out, nil
			}
			return nil, fault.New(fault.Denied, "AccessDeniedException", "This is not right, or it was used already.")
		},
	}
	b := attempt(wants, a)
	kittest.WantPage(t, b.get("/signin/device"), http.StatusOK, "Passkey or security key", "Authenticator app", "Alder Freight asks everyone")
	kittest.WantPage(t, b.get("/signin/device?kind=TOTP"), http.StatusOK, "JBSW Y3DP EHPK 3PXP\nJBSW", "QR code with the key", "Alder Freight (pcollins)", "<path d=")
	kittest.WantPage(t, b.get("/signin/device?kind=WEBAUTHN"), http.StatusOK, `data-fido="create"`, "need JavaScript")
	w := b.post("/signin/device", url.Values{"kind": {"TOTP"}, "name": {hostile}, "code": {"1"}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "This is not right", "&lt;script&gt;", "JBSW Y3DP")
	w = b.post("/signin/device", url.Values{"kind": {"TOTP"}, "name": {"Phone"}, "code": {"123456"}, "to": {"/device"}})
	kittest.WantPage(t, w, http.StatusOK, "Keep these codes", "aaaa-bbbb\ncccc-dddd", "I have kept the codes.", `value="/device"`)
	if all := cookies(w); all["__Host-gatehouse"].Value != "s" || all["__Host-gatehouse-trust"] != nil {
		t.Errorf("the cookies are %v", all)
	}
	if w := b.get("/signin/device?kind=TOTP"); strings.Contains(w.Body.String(), "Trust this browser") {
		t.Error("trust is offered where there is none")
	}
	wants.MayTrust = true
	for _, kind := range []string{"TOTP", "WEBAUTHN"} {
		kittest.WantPage(t, b.get("/signin/device?kind="+kind), http.StatusOK, `name="trust"`)
	}
	w = b.post("/signin/device", url.Values{"kind": {"TOTP"}, "name": {"Phone"}, "code": {"123456"}, "trust": {"1"}})
	if c := cookies(w)["__Host-gatehouse-trust"]; c == nil || c.Value != "t" {
		t.Errorf("the browser does not keep that it is trusted: %v", cookies(w))
	}
	full := attempt(&self.DescribeSignInOutput{Next: "REGISTER", Recovered: true, SignedIn: true}, answers{})
	kittest.WantPage(t, full.get("/signin/device"), http.StatusOK, "You have as many devices as there may be", "Replace the device that you lost", "Back")
}

func TestAPasskeySignsInByThePage(t *testing.T) {
	t.Parallel()
	var got *self.SignInWithPasskeyInput
	b := attempt(both(), answers{
		"StartPasskeySignIn": kittest.Always(&self.StartPasskeySignInOutput{Options: `{"challenge":"AAAA"}`, Ticket: "ticket", ExpiresAt: kittest.Now()}),
		"SignInWithPasskey": func(in any) (any, error) {
			got = in.(*self.SignInWithPasskeyInput)
			if got.KeyAnswer == "good" {
				return &self.SignInOutput{Next: "DONE", Secret: "s", SessionEndsAt: kittest.Now()}, nil
			}
			return nil, fault.New(fault.Denied, "AccessDeniedException", "no")
		},
	})
	w := b.post("/signin/passkey/options", url.Values{"to": {"/start/acme"}})
	if w.Code != http.StatusOK || w.Body.String() != `{"challenge":"AAAA"}` || cookies(w)["__Host-gatehouse-ticket"].Value != "ticket" {
		t.Errorf("got %d %s, %v", w.Code, w.Body, cookies(w))
	}
	kittest.WantRedirect(t, b.post("/signin/passkey", url.Values{"key": {"good"}, "to": {"/start/acme"}}), http.StatusSeeOther, "/start/acme")
	if got.Portal != "acme" {
		t.Errorf("asked %+v", got)
	}
	kittest.WantPage(t, b.post("/signin/passkey", url.Values{"key": {"bad"}}), http.StatusUnprocessableEntity, "This passkey does not sign anybody in here.")
}

func TestABlockedPersonIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	blocked := fault.New(fault.Denied, self.Blocked, "You need a device as a second step. Ask your administrator to register one.")
	w := signedOut(answers{"SignIn": kittest.Never(blocked)}).Post("/signin", url.Values{"user": {"a"}, "password": {"b"}})
	kittest.WantPage(t, w, http.StatusForbidden, "You cannot sign in yet.", "Ask your administrator to register one.")
}

// TestLettingInWantsAFreshProofWhereThePolicySaysSo leads to it and back to the question.
func TestLettingInWantsAFreshProofWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	stale := kittest.Never(api.StepUpFirst())
	b := browser(answers{"ApproveDevice": stale, "ApproveAuthorization": stale})
	w := b.Post("/device/answer", url.Values{"user_code": {"ABCD-EFGH"}, "answer": {"allow"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin/again?to=%2Fdevice%3Fuser_code%3DABCD-EFGH")
	w = b.Post("/authorize", url.Values{"client_id": {"c"}, "answer": {"allow"}})
	if to := w.Header().Get("Location"); !strings.HasPrefix(to, "/signin/again?to=%2Fauthorize%3Fclient_id%3Dc%26") {
		t.Errorf("got %d to %q", w.Code, to)
	}
}

// TestOtherSitesBringNothingOn. See OWASP ASVS 5.0 section 3.5.
func TestOtherSitesBringNothingOn(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/signin", "/signin/step", "/signin/device", "/signin/passkey", "/signin/passkey/options", "/signout"} {
		for _, from := range []string{"cross-site", "same-site"} {
			r := httptest.NewRequest(http.MethodPost, origin+path, strings.NewReader("way=code&code=123456&user=a&password=b"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", from)
			// No answer is there to be given: the corridor is not reached.
			kittest.WantPage(t, attempt(both(), answers{}).do(r), http.StatusForbidden, "Another site sent this form.")
		}
	}
}
