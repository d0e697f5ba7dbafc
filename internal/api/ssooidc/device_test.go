package ssooidc_test

import (
	"encoding/base64"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func (w *world) start() (deviceCode, userCode string) {
	w.t.Helper()
	a := w.OIDC("/device_authorization", map[string]any{"clientId": w.id, "clientSecret": w.secret, "startUrl": apitest.Origin + "/start"})
	if a.Status != http.StatusOK {
		w.t.Fatalf("StartDeviceAuthorization: %d %s", a.Status, a.Body)
	}
	w.Secret(a.Text("deviceCode"))
	return a.Text("deviceCode"), a.Text("userCode")
}

func (w *world) poll(code string) *apitest.Answer {
	return w.token(map[string]any{"grantType": deviceGrant, "deviceCode": code})
}

func (w *world) answer(code string, refuse bool) error {
	_, err := w.Corridor.Invoke(w.t.Context(), w.browser, self.Name, "ApproveDevice", &self.ApproveDeviceInput{UserCode: code, Refuse: refuse})
	return err
}

func pending(t *testing.T, a *apitest.Answer) {
	t.Helper()
	refused(t, a, 400, "AuthorizationPendingException", "authorization_pending")
}

// TestCodesAreHardToGuess asks for many. What a person types has letters that spell nothing and 20 bits at least, as RFC 8628
// section 6.1 has it; what the device keeps has far more. See its sections 5.1 and 5.2.
func TestCodesAreHardToGuess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shape := regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`)
	codes, letters := map[string]bool{}, map[rune]bool{}
	for range 50 {
		device, user := w.start()
		if raw, err := base64.RawURLEncoding.DecodeString(device); err != nil || len(raw) < 32 {
			t.Errorf("a device's code is %d bytes, %v", len(raw), err)
		}
		if codes[device], codes[user] = true, true; !shape.MatchString(user) {
			t.Errorf("a person has to type %q", user)
		}
		for _, r := range strings.ReplaceAll(user, "-", "") {
			letters[r] = true
		}
	}
	if bits := 8 * math.Log2(float64(len(letters))); bits < 20 || len(codes) != 100 {
		t.Errorf("codes have %.1f bits, and %d of 100 are different", bits, len(codes))
	}
}

// TestADeviceIsLetInOnce. See RFC 8628 sections 3.4 and 3.5.
func TestADeviceIsLetInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device, code := w.start()
	pending(t, w.poll(device))
	if err := w.answer(" "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), false); err != nil {
		t.Fatal("a code typed in lower case:", err)
	}
	a := w.poll(device)
	if a.Status != http.StatusOK || a.Text("tokenType") != "Bearer" || a.Text("refreshToken") == "" {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}
	if got := w.accounts(a.Text("accessToken")); got.Status != http.StatusOK {
		t.Errorf("ListAccounts: %d %s", got.Status, got.Body)
	}
	invalidGrant(t, w.poll(device))
	if err := w.answer(code, true); err == nil {
		t.Error("a code was answered twice")
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestADeviceIsKeptOut that the person refused, that asks with another program's name, comes late, or for somebody who was
// disabled. See RFC 8628 section 3.5.
func TestADeviceIsKeptOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device, code := w.start()
	if err := w.answer(code, true); err != nil {
		t.Fatal(err)
	}
	refused(t, w.poll(device), 400, "AccessDeniedException", "access_denied")
	late, code := w.start()
	approved, approvedCode := w.start()
	if err := w.answer(approvedCode, false); err != nil {
		t.Fatal(err)
	}
	theirs, theirSecret := w.register()
	invalidGrant(t, w.token(map[string]any{"grantType": deviceGrant, "deviceCode": approved, "clientId": theirs, "clientSecret": theirSecret}))
	invalidGrant(t, w.poll("no such code"))
	invalidGrant(t, w.poll(""))
	w.Time.Pass(10 * time.Minute)
	refused(t, w.poll(late), 400, "ExpiredTokenException", "expired_token")
	refused(t, w.poll(approved), 400, "ExpiredTokenException", "expired_token")
	if err := w.answer(code, false); err == nil {
		t.Error("a code was answered after its time")
	}
	device, code = w.start()
	if err := w.answer(code, false); err != nil {
		t.Fatal(err)
	}
	apitest.Change(w.World, store.Users, w.person.ID, func(u *directory.User) { u.Disabled = true })
	invalidGrant(t, w.poll(device))
}

// TestNobodyGetsInByACodeThatThePolicyForbids: the terminal is told so at once. See RFC 8628 section 5.4.
func TestNobodyGetsInByACodeThatThePolicyForbids(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	policy := func(f factor.DeviceFlow) {
		p := factor.Lenient(w.instance.ARN)
		p.Codes = f
		apitest.Save(w.World, store.SignInPolicies, p)
	}
	said := func(a *apitest.Answer) {
		t.Helper()
		refused(t, a, 400, "AccessDeniedException", "access_denied")
		if text := a.Text("error_description"); !strings.Contains(text, "switched off signing in by a code") {
			t.Errorf("said %q", text)
		}
	}
	waiting, waitingCode := w.start()
	approved, approvedCode := w.start()
	if err := w.answer(approvedCode, false); err != nil {
		t.Fatal(err)
	}
	policy(factor.DeviceFlow{NotFor: []string{"g1"}})
	apitest.Save(w.World, store.Memberships, &directory.Membership{ID: w.IDs.UUID(), StoreID: w.person.StoreID, GroupID: "g1", UserID: w.person.ID})
	pending(t, w.poll(waiting)) // others may still let it in
	said(w.poll(approved))
	if err := w.answer(waitingCode, false); err == nil {
		t.Error("who may not let devices in let one in")
	}
	if err := w.answer(waitingCode, true); err != nil {
		t.Fatal(err)
	}
	said(w.poll(waiting))

	waiting, _ = w.start()
	policy(factor.DeviceFlow{Off: true})
	said(w.poll(waiting))
	a := w.OIDC("/device_authorization", map[string]any{"clientId": w.id, "clientSecret": w.secret, "startUrl": apitest.Origin + "/start"})
	refused(t, a, 400, "UnauthorizedClientException", "unauthorized_client")
}

// TestPollingTooFastIsSlowedDown. See RFC 8628 section 3.5.
func TestPollingTooFastIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	device, code := w.start()
	slow := func() { t.Helper(); refused(t, w.poll(device), 400, "SlowDownException", "slow_down") }
	pending(t, w.poll(device))
	pending(t, w.poll(device)) // the AWS CLI begins with two at once
	slow()
	w.Time.Pass(2 * time.Second)
	slow()
	w.Time.Pass(5 * time.Second)
	pending(t, w.poll(device))
	other, _ := w.start()
	pending(t, w.poll(other))
	if err := w.answer(code, false); err != nil {
		t.Fatal(err)
	}
	if a := w.poll(device); a.Status != http.StatusOK {
		t.Errorf("whoever was let in has to wait: %d %s", a.Status, a.Body)
	}
	tokens := 0
	for _, r := range w.Records() {
		if r.Operation == "CreateToken" {
			tokens++
		}
	}
	if tokens != 1 {
		t.Errorf("%d records of CreateToken, want one of the token and none of the polls", tokens)
	}
}

func TestADeviceStaysWithThePortalOfItsRegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := &permission.Instance{ARN: "arn:aws:sso:::instance/ssoins-other", IdentityStoreID: "d-other", Owner: w.Account("222222222222", "Other").ID, Portal: "other"}
	apitest.Save(w.World, store.Instances, other)
	a := w.OIDC("/client/register", map[string]any{"clientName": "cli", "clientType": "public", "issuerUrl": apitest.Origin + "/start"})
	start := func(url string) *apitest.Answer {
		return w.OIDC("/device_authorization", map[string]any{"clientId": a.Text("clientId"), "clientSecret": a.Text("clientSecret"), "startUrl": url})
	}
	refused(t, start("https://identitycenter.amazonaws.com/"+other.ID()), 400, "InvalidRequestException", "invalid_request")
	if got := start("https://identitycenter.amazonaws.com/" + w.instance.ID()); got.Status != http.StatusOK {
		t.Errorf("another name of the same portal: %d %s", got.Status, got.Body)
	}
}

// TestGuessingCodesIsSlowedDown types codes that no device has. See RFC 8628 section 5.1.
func TestGuessingCodesIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	looked := 0
	for range 10 {
		if err := w.answer("BBBB-BBBB", true); err == nil || !strings.HasPrefix(err.Error(), "TooManyRequestsException") {
			looked++
		}
	}
	if looked != 6 {
		t.Errorf("%d guesses were looked at without a pause, want 6", looked)
	}
}
