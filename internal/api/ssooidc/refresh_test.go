package ssooidc_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func (w *world) refresh(token string) *apitest.Answer {
	return w.token(map[string]any{"grantType": "refresh_token", "refreshToken": token})
}

// TestRefreshTokensRotate uses refresh tokens again, which ends their family. See RFC 9700 section 4.14.
func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.redeem(w.code(), nil).Text("refreshToken")
	second := w.refresh(first).Text("refreshToken")
	if second == "" || second == first {
		t.Fatal("the token did not rotate")
	}
	w.Time.Pass(time.Minute)
	again := w.refresh(first)
	if got := again.Text("refreshToken"); got != second {
		t.Errorf("within the grace another program gets %q, not the same successor", got)
	}
	theirs, theirSecret := w.register()
	invalidGrant(t, w.token(map[string]any{"grantType": "refresh_token", "refreshToken": second, "clientId": theirs, "clientSecret": theirSecret}))
	for _, forged := range []string{"", "x", second[:len(second)-3], again.Text("accessToken")} {
		invalidGrant(t, w.refresh(forged))
	}
	third := w.refresh(second)
	if third.Text("refreshToken") == "" {
		t.Fatalf("the family ended although nobody replayed: %s", third.Body)
	}
	w.Time.Pass(time.Minute + time.Millisecond)
	invalidGrant(t, w.refresh(second)) // a replay after the grace
	invalidGrant(t, w.refresh(third.Text("refreshToken")))
	if got := w.accounts(third.Text("accessToken")); got.Status != http.StatusUnauthorized {
		t.Errorf("the session goes on after a replay: %d", got.Status)
	}
}

func TestAProgramIsSignedInNoLongerThanThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Time.Pass(7*time.Hour + 30*time.Minute) // of eight
	a := w.redeem(w.code(), nil)
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `"expiresIn":1800,`) {
		t.Fatalf("half an hour before the sign-in ends: %d %s", a.Status, a.Body)
	}
	device, code := w.start()
	if err := w.answer(code, false); err != nil {
		t.Fatal(err)
	}
	if b := w.poll(device); b.Status != http.StatusOK || !strings.Contains(b.Body, `"expiresIn":1800,`) {
		t.Errorf("a device: %d %s", b.Status, b.Body)
	}
	w.Time.Pass(30 * time.Minute)
	invalidGrant(t, w.refresh(a.Text("refreshToken")))
	if got := w.accounts(a.Text("accessToken")); got.Status != http.StatusUnauthorized {
		t.Errorf("the access token outlives the sign-in: %d", got.Status)
	}
}

// TestRefreshEndsWithTheSession signs out, and renews. See RFC 9700 section 4.14, and OWASP ASVS 5.0 section 7.4.1.
func TestRefreshEndsWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.redeem(w.code(), nil)
	if got := w.Portal(a.Text("accessToken"), http.MethodPost, "/logout"); got.Status != http.StatusOK || got.Body != "" {
		t.Errorf("Logout: %d %q, want 200 and nothing", got.Status, got.Body)
	}
	invalidGrant(t, w.refresh(a.Text("refreshToken")))
	b := w.redeem(w.code(), nil)
	apitest.Change(w.World, store.Users, w.person.ID, func(u *directory.User) { u.Generation++ })
	invalidGrant(t, w.refresh(b.Text("refreshToken")))
	invalidGrant(t, w.refresh(w.redeem(b.Text("refreshToken"), nil).Text("refreshToken")))
}
