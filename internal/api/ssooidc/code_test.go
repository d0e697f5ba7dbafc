package ssooidc_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
)

// authorize asks the person's browser for an authorization code.
func (w *world) authorize(change func(*self.ApproveAuthorizationInput)) (*url.URL, error) {
	w.t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	in := &self.ApproveAuthorizationInput{ResponseType: "code", ClientID: w.id, RedirectURI: "http://127.0.0.1:4711/oauth/callback", State: "s",
		CodeChallenge: base64.RawURLEncoding.EncodeToString(sum[:]), CodeChallengeMethod: "S256", Scopes: "sso:account:access"}
	if change != nil {
		change(in)
	}
	out, err := api.Invoke[self.ApproveAuthorizationOutput](w.t.Context(), w.Corridor, w.browser, self.Name, "ApproveAuthorization", in)
	if err != nil {
		return nil, err
	}
	to, err := url.Parse(out.RedirectTo)
	w.Secret(to.Query().Get("code"))
	return to, err
}

func (w *world) code() string {
	w.t.Helper()
	to, err := w.authorize(nil)
	if err != nil || to.Query().Get("code") == "" {
		w.t.Fatal(to, err)
	}
	return to.Query().Get("code")
}

func (w *world) redeem(code string, more map[string]any) *apitest.Answer {
	in := map[string]any{"grantType": "authorization_code", "code": code, "codeVerifier": verifier, "redirectUri": "http://127.0.0.1:4711/oauth/callback"}
	for k, v := range more {
		in[k] = v
	}
	return w.token(in)
}

// TestAuthorizationCodes redeems codes late, twice, for another program or address, and without what the challenge was made of.
// See RFC 7636 section 4.6, and RFC 6749 sections 4.1.2 and 10.5.
func TestAuthorizationCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	theirs, theirSecret := w.register()
	for _, more := range []map[string]any{
		{"codeVerifier": verifier + "x"}, {"codeVerifier": ""}, {"codeVerifier": "short"}, {"redirectUri": callback},
		{"redirectUri": "http://127.0.0.1:4712/oauth/callback"}, {"clientId": theirs, "clientSecret": theirSecret}, {"code": "x"}, {"code": ""},
	} {
		invalidGrant(t, w.redeem(w.code(), more))
	}
	late := w.code()
	w.Time.Pass(time.Minute)
	invalidGrant(t, w.redeem(late, nil))
	code := w.code()
	a := w.redeem(code, nil)
	access, next := a.Text("accessToken"), a.Text("refreshToken")
	if got := w.accounts(access); a.Status != http.StatusOK || got.Status != http.StatusOK {
		t.Fatalf("got %d %s, then %d %s", a.Status, a.Body, got.Status, got.Body)
	}
	invalidGrant(t, w.redeem(code, nil)) // somebody has a copy
	if got := w.accounts(access); got.Status != http.StatusUnauthorized || got.Code() != "UnauthorizedException" {
		t.Errorf("the session of a code that was used twice goes on: %d %s", got.Status, got.Body)
	}
	invalidGrant(t, w.refresh(next))
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestAuthorizationsThatLeadNowhere has requests of another program, for another address, and without PKCE by S256. See RFC 7636
// sections 4.2 and 4.4.1, RFC 9700 section 2.1.1, and RFC 6749 section 4.1.2.1.
func TestAuthorizationsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]func(*self.ApproveAuthorizationInput){
		"a client that is not registered":    func(in *self.ApproveAuthorizationInput) { in.ClientID = "x" + in.ClientID },
		"a callback that was not registered": func(in *self.ApproveAuthorizationInput) { in.RedirectURI = "http://127.0.0.1/else" },
		"a callback elsewhere":               func(in *self.ApproveAuthorizationInput) { in.RedirectURI = "https://evil.example.com/oauth/callback" },
		"a callback with a query":            func(in *self.ApproveAuthorizationInput) { in.RedirectURI += "?x=y" },
		"the other loopback":                 func(in *self.ApproveAuthorizationInput) { in.RedirectURI = "http://[::1]/oauth/callback" },
	} {
		if to, err := w.authorize(change); err == nil {
			t.Errorf("%s: leads to %s", name, to)
		}
	}
	for name, c := range map[string]struct {
		want   string
		change func(*self.ApproveAuthorizationInput)
	}{
		"a token at once":               {"unsupported_response_type", func(in *self.ApproveAuthorizationInput) { in.ResponseType = "token" }},
		"a scope that nobody has":       {"invalid_scope", func(in *self.ApproveAuthorizationInput) { in.Scopes = "everything" }},
		"a person who refuses":          {"access_denied", func(in *self.ApproveAuthorizationInput) { in.Refuse = true }},
		"a challenge that is no secret": {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallengeMethod = "plain" }},
		"a challenge of no method":      {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallengeMethod = "" }},
		"no challenge":                  {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallenge = "" }},
		"neither of the two":            {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallenge, in.CodeChallengeMethod = "", "" }},
		"a challenge cut short":         {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallenge = in.CodeChallenge[:42] }},
		"a challenge that is longer":    {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallenge += "A" }},
		"a challenge with padding":      {"invalid_request", func(in *self.ApproveAuthorizationInput) { in.CodeChallenge = in.CodeChallenge[:42] + "=" }},
	} {
		to, err := w.authorize(c.change)
		if err != nil || to.Query().Get("error") != c.want || to.Query().Get("code") != "" || to.Query().Get("state") != "s" {
			t.Errorf("%s: want %s, got %s, %v", name, c.want, to, err)
		}
	}
}
