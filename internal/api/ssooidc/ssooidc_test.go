package ssooidc_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssooidc"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

const (
	deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"
	callback    = "http://127.0.0.1/oauth/callback"
	verifier    = "a-verifier-of-at-least-forty-three-characters-1234"
)

// world is an identity center with one person, who is signed in at a browser.
type world struct {
	*apitest.World
	t          *testing.T
	instance   *permission.Instance
	person     *directory.User
	browser    api.Caller
	id, secret string // of a registered client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, map[string]api.Table{"sso": sso.Table(), "sso-oidc": ssooidc.Table(), self.Name: self.Table()})
}

func newWorldOf(t *testing.T, tables map[string]api.Table) *world {
	t.Helper()
	w := &world{World: apitest.Empty(t, tables), t: t}
	w.instance = w.Instance(w.Organization(w.Account("111111111111", "Main")))
	w.person = w.Person(w.instance, "pcollins", "correct horse battery staple")
	_, cookie, _ := w.SignIn(w.person)
	w.browser = api.Caller{Session: cookie}
	w.id, w.secret = w.register()
	return w
}

func (w *world) register() (id, secret string) {
	w.t.Helper()
	a := w.OIDC("/client/register", map[string]any{"clientName": "cli", "clientType": "public", "scopes": []string{"sso:account:access"},
		"grantTypes": []string{"authorization_code", "refresh_token"}, "redirectUris": []string{callback}})
	id, secret = a.Text("clientId"), a.Text("clientSecret")
	if a.Status != http.StatusOK || secret == "" {
		w.t.Fatalf("RegisterClient: %d %s", a.Status, a.Body)
	}
	w.Secret(secret)
	return id, secret
}

// token calls CreateToken as the client; further members replace its own.
func (w *world) token(in map[string]any) *apitest.Answer {
	all := map[string]any{"clientId": w.id, "clientSecret": w.secret}
	for k, v := range in {
		all[k] = v
	}
	a := w.OIDC("/token", all)
	w.Secret(a.Text("accessToken"), a.Text("refreshToken"))
	return a
}

// refused checks the four places in which an error of the service stands. See the OIDC API Reference, and RFC 6749
// section 5.2.
func refused(t *testing.T, a *apitest.Answer, status int, code, oauth string) {
	t.Helper()
	if a.Status != status || a.Header.Get("X-Amzn-Errortype") != code || a.Text("__type") != code || a.Text("error") != oauth {
		t.Errorf("got %d %q %s, want %d %s %s", a.Status, a.Header.Get("X-Amzn-Errortype"), a.Body, status, code, oauth)
	}
	if a.Text("error_description") == "" || a.Text("message") != "" {
		t.Errorf("the text belongs in error_description: %s", a.Body)
	}
}

func invalidGrant(t *testing.T, a *apitest.Answer) {
	t.Helper()
	refused(t, a, 400, "InvalidGrantException", "invalid_grant")
}

func invalidClient(t *testing.T, a *apitest.Answer) {
	t.Helper()
	refused(t, a, 401, "InvalidClientException", "invalid_client")
}

func (w *world) accounts(token string) *apitest.Answer {
	return w.Portal(token, http.MethodGet, "/assignment/accounts")
}

// TestAnAddressIsSlowedDown registers programs and asks for codes and tokens faster than anybody needs. See RFC 7591 section 5.
func TestAnAddressIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	start := map[string]any{"clientId": w.id, "clientSecret": w.secret, "startUrl": apitest.Origin + "/start"}
	for path, in := range map[string]map[string]any{
		"/client/register":      {"clientName": "cli", "clientType": "public"},
		"/device_authorization": start,
		"/token":                {"clientId": w.id, "clientSecret": w.secret, "grantType": deviceGrant, "deviceCode": "x"},
	} {
		a := w.OIDC(path, in)
		for n := 0; n < 600 && a.Code() != "SlowDownException"; n++ {
			a = w.OIDC(path, in)
		}
		refused(t, a, 400, "SlowDownException", "slow_down")
	}
	w.Time.Pass(time.Second)
	if a := w.OIDC("/device_authorization", start); a.Status != http.StatusOK {
		t.Errorf("a second later: %d %s", a.Status, a.Body)
	}
	for _, r := range w.Records() {
		if r.ErrorCode == "SlowDownException" {
			t.Fatal("a stranger fills the record with refusals")
		}
	}
}

func TestClientsHaveToBeWhoTheySay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	theirs, theirSecret := w.register()
	for _, in := range []map[string]any{
		{"clientSecret": theirSecret}, {"clientSecret": ""}, {"clientSecret": "###"}, {"clientId": theirs},
		{"clientId": w.id[:len(w.id)-2]}, {"clientId": "x" + w.id[1:]}, {"clientId": "a", "clientSecret": "YQ"},
	} {
		in["grantType"], in["deviceCode"] = deviceGrant, "x"
		invalidClient(t, w.token(in))
	}
	refused(t, w.token(map[string]any{"grantType": "password"}), 400, "UnsupportedGrantTypeException", "unsupported_grant_type")
	w.Time.Pass(91 * 24 * time.Hour)
	invalidClient(t, w.poll("x"))
}

// TestRegistrationsThatAreRefused asks for callbacks and grants that no program may have, and for too much. See RFC 7591
// section 5, and RFC 9700 section 2.1.
func TestRegistrationsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	register := func(more map[string]any) *apitest.Answer {
		in := map[string]any{"clientName": "cli", "clientType": "public"}
		for k, v := range more {
			in[k] = v
		}
		return w.OIDC("/client/register", in)
	}
	refused(t, register(map[string]any{"clientType": "confidential"}), 400, "InvalidClientMetadataException", "invalid_client_metadata")
	for _, size := range []int{3 << 10, 4050, 4 << 10, 20 << 10} {
		large := register(map[string]any{"scopes": []string{strings.Repeat("s", size)}})
		refused(t, large, 400, "InvalidClientMetadataException", "invalid_client_metadata")
	}
	many := slices.Repeat([]string{"http://127.0.0.1/"}, 11)
	refused(t, register(map[string]any{"redirectUris": many}), 400, "InvalidClientMetadataException", "invalid_client_metadata")
	refused(t, register(map[string]any{"grantTypes": []string{"password"}}), 400, "UnsupportedGrantTypeException", "unsupported_grant_type")
	refused(t, register(map[string]any{"issuerUrl": "https://else.example.com/start"}), 400, "InvalidRequestException", "invalid_request")
	for _, uri := range []string{"https://evil.example.com/", "http://127.0.0.1.evil.example.com/", "http://127.0.0.1@evil.example.com/",
		"http://user@127.0.0.1/", "javascript:alert(1)", "//127.0.0.1/", "http://localhost/", "http://127.0.0.1/#f", ""} {
		refused(t, register(map[string]any{"redirectUris": []string{uri}}), 400, "InvalidRedirectUriException", "invalid_redirect_uri")
	}
	a := w.OIDC("/device_authorization", map[string]any{"clientId": w.id, "clientSecret": w.secret, "startUrl": "https://else.awsapps.com/start"})
	refused(t, a, 400, "InvalidRequestException", "invalid_request")
}
