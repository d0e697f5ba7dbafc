package ssooidc_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
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
	"github.com/gatehouse-sso/gatehouse/internal/store"
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
	w := &world{World: apitest.Empty(t, map[string]api.Table{"sso": sso.Table(), "sso-oidc": ssooidc.Table(), self.Name: self.Table()}), t: t}
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

func pending(t *testing.T, a *apitest.Answer) {
	t.Helper()
	refused(t, a, 400, "AuthorizationPendingException", "authorization_pending")
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

func TestGuessingCodesIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var last error
	for range 10 {
		last = w.answer("BBBB-BBBB", true)
	}
	if last == nil || !strings.HasPrefix(last.Error(), "TooManyRequestsException") {
		t.Errorf("the tenth guess: %v", last)
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
	refused(t, register(map[string]any{"grantTypes": []string{"password"}}), 400, "UnsupportedGrantTypeException", "unsupported_grant_type")
	refused(t, register(map[string]any{"issuerUrl": "https://else.example.com/start"}), 400, "InvalidRequestException", "invalid_request")
	for _, uri := range []string{"https://evil.example.com/", "http://127.0.0.1.evil.example.com/", "http://127.0.0.1@evil.example.com/",
		"http://user@127.0.0.1/", "javascript:alert(1)", "//127.0.0.1/", "http://localhost/", "http://127.0.0.1/#f", ""} {
		refused(t, register(map[string]any{"redirectUris": []string{uri}}), 400, "InvalidRedirectUriException", "invalid_redirect_uri")
	}
	a := w.OIDC("/device_authorization", map[string]any{"clientId": w.id, "clientSecret": w.secret, "startUrl": "https://else.awsapps.com/start"})
	refused(t, a, 400, "InvalidRequestException", "invalid_request")
}

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
	w.Time.Pass(5 * time.Minute)
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
	for want, change := range map[string]func(*self.ApproveAuthorizationInput){
		"unsupported_response_type": func(in *self.ApproveAuthorizationInput) { in.ResponseType = "token" },
		"invalid_request":           func(in *self.ApproveAuthorizationInput) { in.CodeChallengeMethod = "plain" },
		"invalid_scope":             func(in *self.ApproveAuthorizationInput) { in.Scopes = "everything" },
		"access_denied":             func(in *self.ApproveAuthorizationInput) { in.Refuse = true },
	} {
		to, err := w.authorize(change)
		if err != nil || to.Query().Get("error") != want || to.Query().Get("code") != "" || to.Query().Get("state") != "s" {
			t.Errorf("want %s: got %s, %v", want, to, err)
		}
	}
}

func (w *world) refresh(token string) *apitest.Answer {
	return w.token(map[string]any{"grantType": "refresh_token", "refreshToken": token})
}

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
