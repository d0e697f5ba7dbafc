package signin

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

func TestDoorsTakeWhoComes(t *testing.T) {
	t.Parallel()
	var got *door.SignInInput
	until := kittest.Now().Add(time.Hour)
	b := signedOut(answers{"SignIn": func(in any) (any, error) {
		got = in.(*door.SignInInput)
		return &door.SignInOutput{Next: door.Done, Secret: "new", SessionEndsAt: until}, nil
	}})
	kittest.WantPage(t, b.Get("/signin/root"), http.StatusOK, "Sign in as root user", "E-mail address of the account")
	kittest.WantPage(t, b.Get("/signin/iam?account=acme"), http.StatusOK, "Sign in as an IAM user", `value="acme"`)
	for to, want := range map[string]string{"": "/security", "/security/password": "/security/password", "/start": "/security", "//evil.example": "/security", "/securitypage": "/security"} {
		w := b.Post("/signin/iam", url.Values{"account": {" acme "}, "user": {"ana"}, "password": {" x "}, "to": {to}})
		kittest.WantRedirect(t, w, http.StatusSeeOther, want)
		if c := cookies(w)["__Host-gatehouse"]; c == nil || c.Value != "new" {
			t.Errorf("the session's cookie is %v", c)
		}
	}
	if got.Door != door.IAM || got.Account != "acme" || got.Name != "ana" || got.Password != " x " {
		t.Errorf("got %+v", got)
	}
}

func TestDoorsRefuseAlike(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"wrong":   {fault.New(fault.Denied, "AccessDeniedException", "no"), http.StatusUnprocessableEntity, "What you typed is not right."},
		"pause":   {fault.New(fault.Throttled, "TooManyRequestsException", "no"), http.StatusTooManyRequests, "A short pause."},
		"expired": {fault.New(fault.Denied, door.Expired, "Ask one."), http.StatusForbidden, "Ask one."},
	} {
		b := signedOut(answers{"SignIn": kittest.Never(c.err)})
		t.Log(name)
		kittest.WantPage(t, b.Post("/signin/iam", url.Values{"account": {hostile}, "user": {hostile}, "password": {"hunter2"}}), c.status, c.text, "&lt;script&gt;")
	}
}

func TestASignInAtADoorGoesOn(t *testing.T) {
	t.Parallel()
	until := kittest.Now().Add(10 * time.Minute)
	b := signedOut(answers{"SignIn": kittest.Always(&door.SignInOutput{Next: door.Code, Attempt: "attempt-secret", ExpiresAt: until})})
	w := b.Post("/signin/root", url.Values{"user": {"a@b.example"}, "password": {"x"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin/door?to=%2Fsecurity")
	if c := cookies(w)["__Host-gatehouse-door"]; c == nil || c.Value != "attempt-secret" || !c.HttpOnly || cookies(w)["__Host-gatehouse"] != nil {
		t.Errorf("the attempt's cookie is %v", c)
	}
	open := browser // signed in, which does not matter here
	wants := &door.DescribeSignInOutput{Door: door.IAM, Next: door.Code, Name: hostile, Account: "Acme", AccountID: "111111111111", Devices: []string{hostile}}
	wrong := fault.New(fault.Denied, "AccessDeniedException", "This code is not right, or it was used already.")
	kittest.WantPage(t, open(answers{"DescribeSignIn": kittest.Always(wants)}).Get("/signin/door"), http.StatusOK, "Enter your code", "&lt;script&gt;")
	kittest.WantPage(t, open(answers{"DescribeSignIn": kittest.Always(wants), "ContinueSignIn": kittest.Never(wrong)}).Post("/signin/door", url.Values{"code": {"000000"}}),
		http.StatusUnprocessableEntity, "This code is not right")
	both := *wants
	both.Keys = []string{"blue", hostile}
	asked := kittest.Always(&door.StartKeyProofOutput{Options: `{"challenge":"AAAA"}`})
	withKey := open(answers{"DescribeSignIn": kittest.Always(&both), "StartKeyProof": asked, "ContinueSignIn": kittest.Never(wrong)})
	kittest.WantPage(t, withKey.Get("/signin/door?to=/security/password"), http.StatusOK, "Use your key or passkey", `data-fido="get"`, "challenge", "passkey", "data-now", "&lt;script&gt;",
		`href="/signin/door?to=%2Fsecurity%2Fpassword&amp;way=code"`)
	kittest.WantPage(t, withKey.Get("/signin/door?way=code"), http.StatusOK, "Enter your code", "Use a key or passkey")
	kittest.WantPage(t, withKey.Post("/signin/door", url.Values{"way": {"key"}, "key": {"{}"}}), http.StatusUnprocessableEntity, "This key is not one of yours.")
	both.Devices = nil
	kittest.WantPage(t, withKey.Get("/signin/door?way=code"), http.StatusOK, "Use your key or passkey")
	renew := *wants
	renew.Next, renew.MinLength = door.Password, 8
	kittest.WantPage(t, open(answers{"DescribeSignIn": kittest.Always(&renew), "ContinueSignIn": kittest.Never(fault.New(fault.Invalid, "PasswordPolicyViolation", "Too "+hostile))}).
		Post("/signin/door", url.Values{"password": {"x"}}), http.StatusUnprocessableEntity, "Set a new password", "Too &lt;script&gt;")
	lost := open(answers{"DescribeSignIn": kittest.Never(fault.New(fault.Unauthenticated, "UnauthorizedException", "no"))}).Get("/signin/door")
	kittest.WantRedirect(t, lost, http.StatusSeeOther, "/signin/iam?ended=1")
}

// Who signs in at a second door is told before, and leaves the first.
func TestASecondDoorReplacesTheSession(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ who, path string }{{door.IAM, "/signin"}, {"", "/signin/root"}, {door.Root, "/signin/iam"}} {
		ended := 0
		until := kittest.Now().Add(time.Hour)
		b := browser(answers{"WhoIsIn": kittest.Always(&door.WhoIsInOutput{Door: c.who, Name: hostile}),
			"SignOut": func(any) (any, error) { ended++; return &self.SignOutOutput{}, nil },
			"SignIn": func(in any) (any, error) {
				if _, ok := in.(*self.SignInInput); ok {
					return &self.SignInOutput{Next: "DONE", Secret: "new", SessionEndsAt: until}, nil
				}
				return &door.SignInOutput{Next: door.Done, Secret: "new", SessionEndsAt: until}, nil
			}})
		kittest.WantPage(t, b.Get(c.path), http.StatusOK, "Signed in with this browser", "&lt;script&gt;")
		w := b.Post(c.path, url.Values{"user": {"u"}, "account": {"a"}, "password": {"x"}})
		if got := cookies(w)["__Host-gatehouse"]; w.Code != http.StatusSeeOther || ended != 1 || got == nil || got.Value != "new" {
			t.Errorf("%s: %d, %d ended, %v", c.path, w.Code, ended, got)
		}
	}
}
