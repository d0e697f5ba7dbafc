package server

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sso"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	links "github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// wayOut are addresses that a parser here and a browser there may read as two different things.
func wayOut() []string {
	return []string{"//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `/\/evil.example`, "https:evil.example", "https:/evil.example",
		"https://evil.example", "http://localhost@evil.example/", "//localhost@evil.example", "/%2f%2fevil.example", "/%2fevil.example", "%2f%2fevil.example",
		"/%5cevil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "//ｅvil.example",
		"/．．//evil.example", "/.//evil.example", "/..//evil.example", "/start/..//evil.example", "//evil。example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
		"java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "#//evil.example", "?//evil.example", "evil.example", "@evil.example",
		"//evil.example#/start", "//evil.example?/start", "/start\r\nLocation: https://evil.example", "blob:https://evil.example/x", "ftp://evil.example", "//[::1]/", "//2130706433/"}
}

// lands is the address that a browser on one of the server's pages goes to.
func (s *siege) lands(got *reply) *url.URL {
	s.t.Helper()
	to, err := s.URL.Parse(got.Header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return to
}

// TestNoReturnPathLeadsAway brings addresses to every page that leads on, to where it does lead on. See OWASP ASVS 5.0 section
// 3.7.2, and Keycloak CVE-2023-6291 and CVE-2024-8883.
func TestNoReturnPathLeadsAway(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	for _, to := range wayOut() {
		q := "?" + url.Values{"to": {to}}.Encode()
		steps := map[string]*reply{
			"sign-in":          s.post("/signin", url.Values{"user": {paula}, "password": {secret}, "to": {to}}),
			"the IAM door":     s.post("/signin/iam", url.Values{"account": {string(s.account)}, "user": {"ana"}, "password": {"7 quiet Herons wade!"}, "to": {to}}),
			"the root door":    s.post("/signin/root", url.Values{"user": {s.rootMail()}, "password": {secret}, "to": {to}}),
			"no attempt":       s.post("/signin/step", url.Values{"to": {to}}),
			"no attempt shown": s.get("/signin/step" + q),
			"no device":        s.get("/signin/device" + q),
			"no choice":        s.post("/signin/password", url.Values{"to": {to}}),
			"codes kept":       s.get("/signin/kept" + q),
			"a fresh proof":    s.get("/signin/again"+q, session),
			"a passkey":        s.post("/signin/passkey", url.Values{"to": {to}}),
			"a favourite":      s.post("/start/favourites", url.Values{"to": {to}, "account_id": {string(s.account)}}, session),
			"sign-out":         s.post("/signout", url.Values{"to": {to}, "door": {to}}),
		}
		for name, got := range steps {
			at := s.lands(got)
			if at.Scheme != s.URL.Scheme || at.Host != s.URL.Host || strings.HasPrefix(at.Path, "//") {
				t.Errorf("%s with %q leads to %s", name, to, got.Header.Get("Location"))
			}
			if back := at.Query().Get("to"); strings.Contains(back, "evil") {
				t.Errorf("%s with %q would come back to %s", name, to, back)
			}
		}
	}
}

// TestNoCallbackLeadsAway asks for a code at every kind of address that a program did not register. See RFC 9700 sections 2.1
// and 4.1.3, and RFC 8252 section 7.3.
func TestNoCallbackLeadsAway(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	wish := s.wish()
	ask := func(callback string) url.Values {
		form := maps.Clone(wish)
		form["redirect_uri"], form["answer"] = []string{callback}, []string{"allow"}
		return form
	}
	good := s.post("/authorize", ask(callback), session)
	if to := good.Header.Get("Refresh"); good.StatusCode != http.StatusOK || !strings.HasPrefix(to, "0;url="+callback+"?") {
		t.Fatalf("the registered address: %d %q", good.StatusCode, to)
	}
	more := []string{"http://127.0.0.1:4711/oauth/callback/", "http://127.0.0.1/oauth/callback#x", "http://127.0.0.1/oauth/callback?x=1", "http://localhost/oauth/callback",
		"https://127.0.0.1/oauth/callback", "http://127.0.0.1.evil.example/oauth/callback", "http://127.0.0.1@evil.example/oauth/callback",
		"http://evil.example/oauth/callback", "http://[::1]/oauth/callback", "http://127.0.0.1/oauth/callback/../x", "http://127.0.0.1:99999999/oauth/callback", ""}
	for _, callback := range append(wayOut(), more...) {
		for _, got := range []*reply{s.get("/authorize?"+ask(callback).Encode(), session), s.post("/authorize", ask(callback), session)} {
			if got.StatusCode != http.StatusBadRequest || got.Header.Get("Refresh")+got.Header.Get("Location") != "" {
				t.Errorf("%q: %d, leads to %q %q", callback, got.StatusCode, got.Header.Get("Refresh"), got.Header.Get("Location"))
			}
		}
	}
}

// TestNobodyAllowsAProgramForSomebodyElse has another site, a stranger and a link answer an authorization request in the place of
// who is signed in. See RFC 6749 section 10.12, RFC 9700 section 4.7, and Dex CVE-2022-39222.
func TestNobodyAllowsAProgramForSomebodyElse(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	ask := s.wish()
	ask.Set("answer", "allow")
	elsewhere := s.request(http.MethodPost, "/authorize", strings.NewReader(ask.Encode()), session)
	elsewhere.Header.Set("Sec-Fetch-Site", "cross-site")
	for name, got := range map[string]*reply{
		"another site":        s.do(elsewhere),
		"a stranger":          s.post("/authorize", ask),
		"a link":              s.get("/authorize?"+ask.Encode(), session),
		"a link that answers": s.post("/authorize?"+ask.Encode(), url.Values{}, session),
	} {
		if leads := got.Header.Get("Refresh") + got.Header.Get("Location"); strings.Contains(leads, "code=") || strings.Contains(got.body, "code=") && name != "a link" {
			t.Errorf("%s: %d leads to %q", name, got.StatusCode, leads)
		}
	}
	if got := s.post("/authorize", ask, session); !strings.Contains(got.Header.Get("Refresh"), "code=") {
		t.Errorf("who is signed in: %d", got.StatusCode)
	}
}

// TestForgedCookiesAreNobodys brings session cookies that are none to every page, and values that are cookies of another kind.
// See OWASP ASVS 5.0 section 7.2.1, and authentik CVE-2026-25748.
func TestForgedCookiesAreNobodys(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	attempt := s.signIn(carol).Attempt
	s.policy("DISABLED", "ALLOW")
	in := s.signIn(paula)
	raw, err := base64.RawURLEncoding.DecodeString(in.Secret)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{"nothing": "", "a word": "null", "a number": "0", "true": "true", "JSON": `{"user":"pcollins"}`, "a path": "../../x", "SQL": "' OR 1=1 --",
		"no base64": strings.Repeat("!", 43), "zeros": strings.Repeat("A", 43), "short": in.Secret[:42], "long": in.Secret + "A", "padded": in.Secret + "=",
		"standard base64": base64.StdEncoding.EncodeToString(raw), "the hash": base64.RawURLEncoding.EncodeToString(api.HashSecret(in.Secret)), "twice": in.Secret + in.Secret,
		"an attempt": attempt, "a note": in.Known, "a session's id": s.sessionOf(in.Secret), "in quotes": `"` + in.Secret[:42], "a megabyte": strings.Repeat("A", 1<<14)}
	pages := []string{"/start", "/start/security", "/start/security/password", "/device", s.rolePage("/start/keys"), "/authorize?client_id=x", "/security"}
	for name, value := range forged {
		for _, page := range pages {
			got := s.get(page, s.cookie("", value))
			if to := s.lands(got); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to.Path, "/signin") {
				t.Errorf("%s: %s is %d to %s", name, page, got.StatusCode, to)
			}
		}
		if got := s.post("/start/keys", url.Values{"account_id": {string(s.account)}, "role_name": {"AdministratorAccess"}}, s.cookie("", value)); strings.Contains(got.body, "ASIA") {
			t.Errorf("%s gets keys", name)
		}
	}
	if got := s.get("/start", s.cookie("", in.Secret)); got.StatusCode != http.StatusOK {
		t.Errorf("the real one: %d", got.StatusCode)
	}
	if got := s.get("/signin/step", s.cookie("attempt", in.Secret)); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a session as an attempt: %d", got.StatusCode)
	}
}

func (s *siege) sessionOf(secret string) string {
	return s.services.State.Current().PortalBySecret(api.HashSecret(secret)).ID
}

// TestASessionIsNeverTheOneThatWasBrought plants a cookie before somebody signs in. See OWASP ASVS 5.0 section 7.2.4, and
// Keycloak CVE-2024-7341.
func TestASessionIsNeverTheOneThatWasBrought(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	planted := s.services.NewSecret()
	theirs := s.signIn(carol).Secret // the attacker's own
	for _, value := range []string{planted, theirs} {
		got := s.post("/signin", url.Values{"user": {paula}, "password": {secret}}, s.cookie("", value))
		var fresh string
		for _, c := range got.Cookies() {
			if c.Name == s.cookie("", "").Name {
				fresh = c.Value
			}
		}
		if fresh == "" || fresh == value {
			t.Fatalf("the session is %q", fresh)
		}
		if page := s.get("/start/security", s.cookie("", value)); strings.Contains(page.body, "Pat Collins") {
			t.Error("who planted the cookie is in")
		}
	}
}

// TestOtherSitesChangeNothing sends every form as another site does, with a browser that is signed in. Browsers say where
// a form comes from by Sec-Fetch-Site, and older ones by Origin. See OWASP ASVS 5.0 section 3.5.1.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	for name, st := range s.stages() {
		s.policy(st.mode, st.none)
		cookies, pages := st.enter()
		before := s.state()
		for _, page := range pages {
			for _, f := range forms(s.get(page, cookies...).body) {
				if f.method != http.MethodPost {
					continue
				}
				values := url.Values{}
				for k, v := range f.fields {
					values.Set(k, v)
				}
				for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "none-of-these"}, {"Origin", "null"},
					{"Origin", "https://evil.example"}, {"Origin", "http://localhost:1"}, {"Origin", s.url + ".evil.example"}} {
					r := s.request(http.MethodPost, f.action, strings.NewReader(values.Encode()), cookies...)
					r.Header.Del("Sec-Fetch-Site")
					r.Header.Set(header[0], header[1])
					if got := s.do(r); got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
						t.Errorf("%s: %s with %s: %d", name, f.action, header, got.StatusCode)
					}
				}
			}
		}
		if s.state() != before {
			t.Errorf("%s: something changed", name)
		}
	}
}

// TestAfterSignOutNothingIsLeft goes back after signing out: no page is kept, the cookie is taken away and, brought again,
// nobody's. See OWASP ASVS 5.0 sections 7.4.1 and 14.3.2.
func TestAfterSignOutNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	pages := []string{"/start", "/start/security", s.rolePage("/start/keys"), "/device"}
	for _, page := range pages {
		if got := s.get(page, session); got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", page, got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
	out := s.post("/signout", url.Values{}, session)
	if c := out.Cookies(); len(c) == 0 || c[0].MaxAge >= 0 || c[0].Value != "" {
		t.Errorf("the cookie is %v", c)
	}
	for _, page := range pages {
		if got := s.get(page, session); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s after signing out: %d", page, got.StatusCode)
		}
	}
	if got := s.post("/signout", url.Values{}, session); got.StatusCode != http.StatusSeeOther {
		t.Errorf("signing out twice: %d", got.StatusCode)
	}
}

// TestSigningInAgainEndsTheSessionBefore has a copy of a browser's cookie, which is no good once somebody signed in with the
// browser again. See OWASP ASVS 5.0 section 7.2.4.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	old, other := s.cookie("", s.signIn(paula).Secret), s.cookie("", s.signIn(paula).Secret)
	if r := s.get("/start", old); r.StatusCode != http.StatusOK {
		t.Fatalf("before: %d", r.StatusCode)
	}
	if r := s.post("/signin", url.Values{"user": {paula}, "password": {secret}, "to": {"/start"}}, old); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in again: %d", r.StatusCode)
	}
	if r := s.get("/start", old); r.StatusCode == http.StatusOK {
		t.Error("the cookie of before still opens the portal")
	}
	if r := s.get("/start", other); r.StatusCode != http.StatusOK {
		t.Errorf("another browser is signed out, too: %d", r.StatusCode)
	}
}

// TestSigningOutEndsKeys signs out where keys were taken. See OWASP ASVS 5.0 section 7.4.1.
func TestSigningOutEndsKeys(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	role, err := url.Parse(s.rolePage(""))
	if err != nil {
		t.Fatal(err)
	}
	out, err := api.Invoke[sso.GetRoleCredentialsOutput](t.Context(), s.Corridor, api.Caller{Session: session.Value}, "sso", "GetRoleCredentials",
		&sso.GetRoleCredentialsInput{AccountId: aws.String(role.Query().Get("account_id")), RoleName: aws.String(role.Query().Get("role_name"))})
	if err != nil {
		t.Fatal(err)
	}
	k := out.RoleCredentials
	keys := credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
	if _, err := s.caller(keys); err != nil {
		t.Fatal(err)
	}
	s.post("/signout", url.Values{}, session)
	if arn, err := s.caller(keys); code(err) != "InvalidClientTokenId" {
		t.Errorf("after signing out the keys are %s's, %v", arn, err)
	}
}

// race posts a form from four tabs at once and counts the answers that won says are good.
func (s *siege) race(target string, form url.Values, won func(*reply) bool, cookies ...*http.Cookie) int {
	s.t.Helper()
	var wins atomic.Int32
	var all sync.WaitGroup
	for range 4 { // one attempt bears five

		r := s.request(http.MethodPost, target, strings.NewReader(form.Encode()), cookies...)
		all.Go(func() {
			got, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				s.t.Error(err)
				return
			}
			defer got.Body.Close()
			if won(&reply{Response: got}) {
				wins.Add(1)
			}
		})
	}
	all.Wait()
	return int(wins.Load())
}

// TestOneTabWins spends what is good once from many tabs at the same time. See OWASP ASVS 5.0 sections 2.3.4 and 6.5.1, and RFC
// 8628 section 3.4.
func TestOneTabWins(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	link := url.Values{"secret": {s.newLink()}, "password": {"six geese cross the river"}}
	if n := s.race("/signin/link", link, func(r *reply) bool { return r.StatusCode == http.StatusSeeOther }); n != 1 {
		t.Errorf("one link sets %d passwords", n)
	}
	device := url.Values{"user_code": {s.deviceCode()}, "answer": {"allow"}}
	if n := s.race("/device/answer", device, func(r *reply) bool { return r.StatusCode == http.StatusOK }, session); n != 1 {
		t.Errorf("one code lets %d devices in", n)
	}
	s.policy("ALWAYS_ON", "REQUIRE_REGISTRATION")
	codes := s.recoveryCodes()
	attempt := s.cookie("attempt", s.signIn(paula).Attempt)
	recovery := url.Values{"way": {"recovery"}, "recovery": {codes[0]}}
	toDevice := func(r *reply) bool { return strings.HasPrefix(r.Header.Get("Location"), "/signin/device") }
	if n := s.race("/signin/step", recovery, toDevice, attempt); n != 1 {
		t.Errorf("one recovery code is taken %d times", n)
	}
}

// recoveryCodes are new ones of paula's.
func (s *siege) recoveryCodes() []string {
	s.t.Helper()
	s.policy("DISABLED", "ALLOW")
	out, err := api.Invoke[self.CreateRecoveryCodesOutput](s.t.Context(), s.Corridor, api.Caller{Session: s.signIn(paula).Secret}, self.Name, "CreateRecoveryCodes",
		&self.CreateRecoveryCodesInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.policy("ALWAYS_ON", "REQUIRE_REGISTRATION")
	return out.RecoveryCodes
}

// still is a throttle whose clock does not move.
func still() password.ThrottleConfig {
	return password.ThrottleConfig{Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
}

// TestASpoofedAddressIsNoOtherAddress guesses with a new X-Forwarded-For each time, from where no proxy is. See OWASP ASVS 5.0
// section 4.1.3.
func TestASpoofedAddressIsNoOtherAddress(t *testing.T) {
	t.Parallel()
	s := newSlowSiege(t, still())
	looked := 0
	for i := range 60 {
		r := s.request(http.MethodPost, "/signin", strings.NewReader(url.Values{"user": {"user" + string(rune('a'+i%26)) + string(rune('a'+i/26))}, "password": {"x"}}.Encode()))
		from := "203.0.113." + string(rune('0'+i%10))
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip"} {
			r.Header.Set(name, from)
		}
		if s.do(r).StatusCode == http.StatusUnprocessableEntity {
			looked++
		}
	}
	if looked > 21 {
		t.Errorf("%d of 60 guesses were looked at", looked)
	}
}

// TestADisabledPersonRedeemsNothing shuts somebody out who holds one of everything that could be redeemed, all of which is good
// for the same person in a server where nobody shuts them out. See OWASP ASVS 5.0 section 7.4.2, and Keycloak CVE-2026-9798.
func TestADisabledPersonRedeemsNothing(t *testing.T) {
	t.Parallel()
	for name, disabled := range map[string]bool{"disabled": true, "enabled": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redeem(t, disabled)
		})
	}
}

// redeem tries all that a person holds, who is disabled or not. What changes the person comes last.
func redeem(t *testing.T, disabled bool) {
	t.Helper()
	s := newSiege(t)
	codes := s.recoveryCodes()
	attempt := s.cookie("attempt", s.signIn(paula).Attempt)
	reset := s.services.NewSecret()
	s.update(func(tx *store.Tx) error {
		_, err := api.NewLink(tx, api.Person(s.paula), links.Reset, reset, "")
		return err
	})
	s.policy("DISABLED", "ALLOW")
	session := s.cookie("", s.signIn(paula).Secret)
	token, renew := s.node.signIn(paula)
	role, err := url.ParseQuery(s.rolePage("")[1:])
	if err != nil {
		t.Fatal(err)
	}
	if disabled {
		s.must("DisableUser", &admin.DisableUserInput{IdentityStoreId: s.storeID, UserName: paula})
	}
	good := func(what string, is bool, said any) {
		t.Helper()
		if is == disabled {
			t.Errorf("%s is good: %t, %v", what, is, said)
		}
	}
	bearer := s.request(http.MethodGet, "/assignment/accounts", nil)
	bearer.Header.Set("X-Amz-Sso_bearer_token", *token.AccessToken)
	good("the access token", s.do(bearer).StatusCode == http.StatusOK, nil)
	err = renew(s.node)
	good("the refresh token", err == nil, err)
	if disabled && code(err) != "InvalidGrantException" {
		t.Errorf("the refresh token: %v", err)
	}
	for _, c := range []struct {
		what string
		got  *reply
	}{
		{"the session", s.get("/start", session)},
		{"the portal's keys", s.post("/start/keys", role, session)},
		{"a device let in", s.post("/device/answer", url.Values{"user_code": {s.deviceCode()}, "answer": {"allow"}}, session)},
		{"the password", s.post("/signin", url.Values{"user": {paula}, "password": {secret}})},
		{"the attempt", s.get("/signin/step", attempt)},
		{"a recovery code", s.post("/signin/step", url.Values{"way": {"recovery"}, "recovery": {codes[1]}}, attempt)},
		{"the link", s.get("/signin/link?secret=" + reset)},
		{"the link, sent", s.post("/signin/link", url.Values{"secret": {reset}, "password": {"six geese cross the river"}})},
	} {
		to := s.lands(c.got)
		in := !strings.HasPrefix(to.Path, "/signin") || to.Path == "/signin/device" || to.Query().Has("chosen")
		good(c.what, c.got.StatusCode == http.StatusOK || c.got.StatusCode == http.StatusSeeOther && in, to)
		for _, k := range c.got.Cookies() {
			if disabled && k.Name == session.Name && k.Value != "" {
				t.Errorf("%s begins a session", c.what)
			}
		}
	}
}

// TestEveryRedemptionIsSlowedDown sends fifty guesses at once to each place where something is guessed, in ten attempts where
// one bears five by itself. All of them count, and few are looked at. See NIST SP 800-63B-4 section 3.2.2, OWASP ASVS 5.0
// section 6.3.1, and Keycloak CVE-2024-4629.
func TestEveryRedemptionIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newSlowSiege(t, still(), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	attempts := func(name string) (cookies []*http.Cookie) {
		for range 50 / factor.MaxTries {
			cookies = append(cookies, s.cookie("attempt", s.signIn(name).Attempt))
			s.services.Throttle.Clear(api.MailTries(s.carol.ID))
		}
		return cookies
	}
	second, recovery := attempts(paula), attempts(paula)
	s.policy("ALWAYS_ON", "EMAIL_OTP")
	mailed := attempts(carol)
	s.policy("DISABLED", "ALLOW")
	session := []*http.Cookie{s.cookie("", s.signIn(paula).Secret)}
	nobody := []*http.Cookie{s.cookie("", "")}
	from := 0
	for name, at := range map[string]struct {
		target   string
		form     url.Values
		browsers []*http.Cookie // of each the cookie, in turn
	}{
		"a password":             {"/signin", url.Values{"user": {carol}, "password": {"x"}}, nobody},
		"a name that nobody has": {"/signin", url.Values{"user": {"nobody"}, "password": {"x"}}, nobody},
		"an app's code":          {"/signin/step", url.Values{"way": {"code"}, "code": {"000000"}}, second},
		"a recovery code":        {"/signin/step", url.Values{"way": {"recovery"}, "recovery": {"0000-0000-0000-0000"}}, recovery},
		"a code by mail":         {"/signin/step", url.Values{"way": {"mail"}, "code": {"000000"}}, mailed},
		"a device's code":        {"/device", url.Values{"user_code": {"BCDF-GHJK"}}, session},
		"an answer to a device":  {"/device/answer", url.Values{"user_code": {"BCDF-GHJK"}, "answer": {"allow"}}, session},
		"a root user's password": {"/signin/root", url.Values{"user": {s.rootMail()}, "password": {"x"}}, nobody},
		"an IAM user's password": {"/signin/iam", url.Values{"account": {string(s.account)}, "user": {"ana"}, "password": {"x"}}, nobody},
		"wishes for a link":      {"/signin/forgot", url.Values{"user": {paula}}, nobody},
	} {
		from++ // each alone, from an address of its own
		for _, tries := range []string{api.FactorTries(s.paula.ID), api.DeviceTries(s.paula.ID)} {
			s.services.Throttle.Clear(tries)
		}
		var looked atomic.Int32
		var all sync.WaitGroup
		for i := range 50 {
			r := s.request(http.MethodPost, at.target, strings.NewReader(at.form.Encode()), at.browsers[i%len(at.browsers)])
			r.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{203, 0, 113, byte(from)}).String())
			all.Go(func() {
				got, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Error(err)
					return
				}
				got.Body.Close()
				if got.StatusCode != http.StatusTooManyRequests {
					looked.Add(1)
				}
			})
		}
		all.Wait()
		if n := looked.Load(); n != 6 {
			t.Errorf("%s: %d of 50 were looked at, want 6", name, n)
		}
	}
}
