package portal

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

func secure() *self.DescribeSecurityOutput {
	at := kittest.Now().Add(-48 * time.Hour)
	return &self.DescribeSecurityOutput{MayManage: true, MayAdd: true, HasPassword: true, RecoveryCodes: 8, RecoveryMadeAt: at, MinPassword: 15, Fresh: true,
		Devices: []self.OwnDevice{{ID: "d1", Name: hostile, Kind: "TOTP", AddedAt: at, UsedAt: at}, {ID: "d2", Name: "Blue key", Kind: "WEBAUTHN", PerhapsCopied: true, AddedAt: at, UsedAt: at},
			{ID: "d3", Name: "Laptop", Kind: "WEBAUTHN", BuiltIn: true, AddedAt: at, UsedAt: at}},
		Sessions: []self.OwnSession{{ID: "s1", Current: true, Client: "Firefox on Linux", Address: "192.0.2.7", Since: at, Until: at},
			{ID: "s2", Program: true, UserAgent: "aws-cli/2.36 " + hostile, Address: "192.0.2.8", Since: at, Until: at}}}
}

func TestMySecurityShowsWaysAndPlaces(t *testing.T) {
	t.Parallel()
	b := browser(nil, answers{"DescribeSecurity": kittest.Always(secure()), "CreateRecoveryCodes": kittest.Always(&self.CreateRecoveryCodesOutput{RecoveryCodes: []string{"aaaa-bbbb"}})})
	kittest.WantPage(t, b.Get("/start/security"), http.StatusOK, "&lt;script&gt;", "Authenticator app", "There may be a copy", "Passkey of this device", "8 left", "Add a device",
		"This browser", "AWS CLI 2.36</strong> on 192.0.2.8", "You allowed it 2 days ago", "End all the others")
	kittest.WantPage(t, b.Post("/start/security/codes", nil), http.StatusOK, "aaaa-bbbb", "We show them only now.")
	kittest.WantPage(t, b.Get("/start/security/device?id=d2"), http.StatusOK, "Blue key", "Remove it")
	if w := b.Get("/start/security/device?id=x"); w.Code != http.StatusNotFound {
		t.Errorf("a device that is not there: %d", w.Code)
	}
	last := secure()
	last.Devices = last.Devices[1:2]
	kittest.WantPage(t, browser(nil, answers{"DescribeSecurity": kittest.Always(last)}).Get("/start/security/device?id=d2"), http.StatusOK, "It is your last one")
}

func TestChangesAreMadeAndRefusalsSaid(t *testing.T) {
	t.Parallel()
	var got []any
	keep := func(out any) func(any) (any, error) {
		return func(in any) (any, error) { got = append(got, in); return out, nil }
	}
	until := kittest.Now().Add(time.Hour)
	b := browser(nil, answers{"DescribeSecurity": kittest.Always(secure()), "RenameDevice": keep(&self.RenameDeviceOutput{}), "RemoveDevice": keep(&self.RemoveDeviceOutput{}),
		"EndSessions": keep(&self.EndSessionsOutput{}), "ChangePassword": keep(&self.SignInOutput{Secret: "new", SessionEndsAt: until})})
	for path, form := range map[string]url.Values{"device": {"id": {"d1"}, "do": {"rename"}, "name": {"x"}}, "sessions": {"others": {"1"}}, "password": {"password": {"long enough it is"}}} {
		w := b.Post("/start/security/"+path, form)
		kittest.WantRedirect(t, w, http.StatusSeeOther, "/start/security")
		if path == "password" && (len(w.Result().Cookies()) != 1 || w.Result().Cookies()[0].Value != "new") {
			t.Errorf("the cookies are %v", w.Result().Cookies())
		}
	}
	kittest.WantRedirect(t, b.Post("/start/security/device", url.Values{"id": {"d1"}, "do": {"remove"}}), http.StatusSeeOther, "/start/security")
	if len(got) != 4 {
		t.Errorf("asked %v", got)
	}
	kittest.WantPage(t, b.Post("/start/security/device", url.Values{"id": {"d1"}}), http.StatusBadRequest, "Nothing was changed.")

	refuse := func(err error) kittest.Browser {
		no := kittest.Never(err)
		return browser(nil, answers{"DescribeSecurity": kittest.Always(secure()), "RenameDevice": no, "RemoveDevice": no, "EndSessions": no, "ChangePassword": no, "CreateRecoveryCodes": no})
	}
	said := refuse(fault.New(fault.Conflict, "ConflictException", "Not so."))
	stale := refuse(api.StepUpFirst())
	for path, c := range map[string]struct {
		form url.Values
		back string
	}{
		"device":   {url.Values{"id": {"d1"}, "do": {"remove"}}, "/start/security/device?id=d1"},
		"codes":    {nil, "/start/security"},
		"sessions": {url.Values{"id": {"s2"}}, "/start/security"},
		"password": {url.Values{"password": {"x"}}, "/start/security/password"},
	} {
		kittest.WantPage(t, said.Post("/start/security/"+path, c.form), http.StatusUnprocessableEntity, "Not so.")
		kittest.WantRedirect(t, stale.Post("/start/security/"+path, c.form), http.StatusSeeOther, "/signin/again?to="+url.QueryEscape(c.back))
	}
}

func TestAPasswordIsChangedAfterAFreshProof(t *testing.T) {
	t.Parallel()
	stale := secure()
	stale.Fresh = false
	kittest.WantRedirect(t, browser(nil, answers{"DescribeSecurity": kittest.Always(stale)}).Get("/start/security/password"), http.StatusSeeOther,
		"/signin/again?to=%2Fstart%2Fsecurity%2Fpassword")
	kittest.WantPage(t, browser(nil, answers{"DescribeSecurity": kittest.Always(secure())}).Get("/start/security/password"), http.StatusOK,
		"15 characters or more", `autocomplete="new-password"`, "signed out everywhere else")
}
