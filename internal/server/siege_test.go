package server

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	links "github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// siege is a server with people at every step of the way in, and an attacker who can send what they like.
type siege struct {
	*node
	account   ident.AccountID
	storeID   string
	paula     *directory.User // has an authenticator app
	carol     *directory.User // has none
	root, ana string          // who own what root users and IAM users prove themselves with
	ben       string          // has to replace his password
	hashes    map[string]string
}

// people of the siege, by their names in the sample.
const (
	paula = "pcollins"
	carol = "notsure"
)

// newSiege begins a siege in which tries cost nothing.
func newSiege(t *testing.T) *siege {
	t.Helper()
	endless := password.Limit{Free: 1 << 30, Base: time.Second, Max: time.Second, Forget: time.Minute}
	return newSlowSiege(t, password.ThrottleConfig{Now: time.Now, Account: endless, Address: endless})
}

// newSlowSiege begins a siege in which tries are slowed down. Requests may say where they come from.
func newSlowSiege(t *testing.T, slow password.ThrottleConfig, proxies ...netip.Prefix) *siege {
	t.Helper()
	c := config(shortDir(t))
	c.Mailbox, c.Proxies = true, proxies
	n := open(t, c)
	s := &siege{node: n}
	n.services.Passwords = password.NewHasher(password.Config{Rand: c.Random, Params: password.Params{Memory: 64, Time: 1, Threads: 1}})
	t.Cleanup(n.services.Passwords.Close)
	n.services.Throttle = password.NewThrottle(slow)
	n.serve()
	n.administrator()
	instance := n.services.State.Current().InstanceAt("")
	s.account, s.storeID, s.root = instance.Owner, instance.IdentityStoreID, string(instance.Owner)
	s.paula, s.carol = s.person(paula), s.person(carol)
	s.policy("ALWAYS_ON", "REQUIRE_REGISTRATION")
	s.enrol()
	s.openDoors()
	return s
}

func (s *siege) person(name string) (u *directory.User) {
	s.t.Helper()
	s.view(func(tx *store.Tx) (err error) {
		u, err = store.Users.By(tx, "name", s.storeID, name)
		return err
	})
	return u
}

func (s *siege) view(fn func(*store.Tx) error) {
	s.t.Helper()
	if err := s.services.Store.View(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *siege) update(fn func(*store.Tx) error) {
	s.t.Helper()
	if err := s.services.Store.Update(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *siege) must(operation string, in any) {
	s.t.Helper()
	if err := s.operate(operation, in); err != nil {
		s.t.Fatalf("%s: %v", operation, err)
	}
}

func (s *siege) policy(mode, none string) {
	s.t.Helper()
	s.must("PutSignInPolicy", &admin.PutSignInPolicyInput{MfaMode: mode, NoMfaDevice: none})
}

// enrol gives paula an authenticator app.
func (s *siege) enrol() {
	s.t.Helper()
	attempt := s.signIn(paula).Attempt
	app := selfCall[self.StartDeviceOutput](s.node, "StartDevice", &self.StartDeviceInput{Attempt: attempt, Kind: "TOTP"})
	key, err := base32.StdEncoding.DecodeString(app.Secret)
	if err != nil {
		s.t.Fatal(err)
	}
	selfCall[self.SignInOutput](s.node, "CompleteDevice", &self.CompleteDeviceInput{Attempt: attempt, Kind: "TOTP", Name: "Phone", Code: factor.CodeAt(key, time.Now())})
}

// openDoors gives passwords to a root user, and to two IAM users of whom the second has to replace it.
func (s *siege) openDoors() {
	s.t.Helper()
	s.must("SetRootPassword", &admin.SetRootPasswordInput{AccountId: string(s.account), Password: secret})
	root := api.Caller{Principal: &authz.Principal{Kind: authz.Root, Account: s.account, ARN: ident.RootARN(s.account)}}
	for _, name := range []string{"ana", "ben"} {
		made, err := api.Invoke[iamsdk.CreateUserOutput](s.t.Context(), s.Corridor, root, "iam", "CreateUser", &iamsdk.CreateUserInput{UserName: &name})
		if err == nil {
			_, err = s.Corridor.Invoke(s.t.Context(), root, "iam", "CreateLoginProfile", &iamsdk.CreateLoginProfileInput{UserName: &name,
				Password: aws.String("7 quiet Herons wade!"), PasswordResetRequired: name == "ben"})
		}
		if err == nil {
			_, err = s.Corridor.Invoke(s.t.Context(), root, "iam", "PutUserPolicy", &iamsdk.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("keys"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}`)})
		}
		if err != nil {
			s.t.Fatal(err)
		}
		if s.ben = *made.User.UserId; name == "ana" {
			s.ana = s.ben
		}
	}
	s.hashes = map[string]string{}
	s.view(func(tx *store.Tx) error {
		l, err := store.Logins.Get(tx, s.ben)
		s.hashes[s.ben], s.hashes[s.carol.ID], s.hashes[s.paula.ID] = l.Hash, s.carol.PasswordHash, s.paula.PasswordHash
		return err
	})
}

// restore gives people the passwords that they began with, which hostile text may have replaced: some of it makes a good one.
// Ben has to replace his, and carol if the test wants it.
func (s *siege) restore(carol bool) {
	s.t.Helper()
	s.update(func(tx *store.Tx) error {
		for _, id := range []string{s.paula.ID, s.carol.ID} {
			u, err := store.Users.Get(tx, id)
			if err != nil {
				return err
			}
			u.PasswordHash, u.MustChange = s.hashes[id], carol && id == s.carol.ID
			if err := store.Users.Save(tx, u); err != nil {
				return err
			}
		}
		l, err := store.Logins.Get(tx, s.ben)
		if err != nil {
			return err
		}
		l.Hash, l.ResetRequired = s.hashes[s.ben], true
		return store.Logins.Save(tx, l)
	})
}

func (s *siege) signIn(name string) *self.SignInOutput {
	s.t.Helper()
	return selfCall[self.SignInOutput](s.node, "SignIn", &self.SignInInput{UserName: name, Password: secret})
}

func (s *siege) door(in *door.SignInInput) *door.SignInOutput {
	s.t.Helper()
	in.Account = string(s.account)
	out, err := api.Invoke[door.SignInOutput](s.t.Context(), s.Corridor, api.Caller{}, door.Name, "SignIn", in)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// cookie is one of the server's.
func (s *siege) cookie(thing, value string) *http.Cookie {
	name := "gatehouse-" + s.URL.Port()
	if thing != "" {
		name += "-" + thing
	}
	return &http.Cookie{Name: name, Value: value}
}

// newLink makes a link for carol.
func (s *siege) newLink() string {
	s.t.Helper()
	secret := s.services.NewSecret()
	s.update(func(tx *store.Tx) error {
		u, err := store.Users.Get(tx, s.carol.ID)
		if err == nil {
			_, err = api.NewLink(tx, api.Person(u), links.Reset, secret, "")
		}
		return err
	})
	return secret
}

// deviceCode is the code of a program that waits to be let in.
func (s *siege) deviceCode() string {
	s.t.Helper()
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	d := &session.Device{CodeHash: api.HashSecret(s.services.NewSecret()), UserCode: s.services.IDs.Text(4, letters) + "-" + s.services.IDs.Text(4, letters),
		InstanceARN: s.services.State.Current().InstanceAt("").ARN, ClientName: "<b>cli</b>", State: session.Pending,
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
	s.update(func(tx *store.Tx) error { return store.Devices.Save(tx, d) })
	return d.UserCode
}

// callback is where the programs of a siege want their answers.
const callback = "http://127.0.0.1:4711/oauth/callback"

// wish is the authorization request of a program that is registered.
func (s *siege) wish() url.Values {
	s.t.Helper()
	client, err := s.oidc().RegisterClient(s.t.Context(), &ssooidc.RegisterClientInput{ClientName: aws.String("cli"), ClientType: aws.String("public"),
		RedirectUris: []string{"http://127.0.0.1/oauth/callback"}, GrantTypes: []string{"authorization_code"}, IssuerUrl: aws.String(s.url + "/start")})
	if err != nil {
		s.t.Fatal(err)
	}
	return url.Values{"response_type": {"code"}, "client_id": {*client.ClientId}, "redirect_uri": {callback}, "state": {"s"},
		"code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"}}
}

// request asks the server as a page of its own does, and does not follow where it leads.
func (s *siege) request(method, target string, body io.Reader, cookies ...*http.Cookie) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+target, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range cookies {
		r.Header.Add("Cookie", c.Name+"="+c.Value) // as it is: http.Request.AddCookie mends it
	}
	return r
}

// reply is what came back.
type reply struct {
	*http.Response
	body string
}

func (s *siege) do(r *http.Request) *reply {
	s.t.Helper()
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return &reply{got, string(body)}
}

func (s *siege) get(target string, cookies ...*http.Cookie) *reply {
	s.t.Helper()
	return s.do(s.request(http.MethodGet, target, nil, cookies...))
}

func (s *siege) post(target string, form url.Values, cookies ...*http.Cookie) *reply {
	s.t.Helper()
	return s.do(s.request(http.MethodPost, target, strings.NewReader(form.Encode()), cookies...))
}

// stage is somebody at one step of the way: which pages they see, and what their browser keeps.
type stage struct {
	mode, none string // of the policy
	enter      func() (cookies []*http.Cookie, pages []string)
}

// stages are all steps that there are.
func (s *siege) stages() map[string]stage {
	always := func(enter func() ([]*http.Cookie, []string)) stage { return stage{"DISABLED", "ALLOW", enter} }
	attempt := func(name string) []*http.Cookie { return []*http.Cookie{s.cookie("attempt", s.signIn(name).Attempt)} }
	in := func(in *door.SignInInput) string { return s.door(in).Secret }
	wish := "/authorize?" + s.wish().Encode()
	ana := &door.SignInInput{Door: door.IAM, Name: "ana", Password: "7 quiet Herons wade!"}
	return map[string]stage{
		"outside": always(func() ([]*http.Cookie, []string) {
			return nil, []string{"/signin", "/signin/root", "/signin/iam", "/signin/forgot", "/signin/root/forgot"}
		}),
		"with a link": always(func() ([]*http.Cookie, []string) {
			s.restore(false)
			return nil, []string{"/signin/link?secret=" + s.newLink()}
		}),
		"at the second step": {"ALWAYS_ON", "REQUIRE_REGISTRATION", func() ([]*http.Cookie, []string) {
			return attempt(paula), []string{"/signin/step", "/signin/step?way=recovery"}
		}},
		"before a device": {"ALWAYS_ON", "REQUIRE_REGISTRATION", func() ([]*http.Cookie, []string) {
			s.restore(false)
			return attempt(carol), []string{"/signin/device", "/signin/device?kind=TOTP", "/signin/device?kind=WEBAUTHN"}
		}},
		"with a code by mail": {"ALWAYS_ON", "EMAIL_OTP", func() ([]*http.Cookie, []string) {
			s.restore(false)
			return attempt(carol), []string{"/signin/step"}
		}},
		"choosing a password": always(func() ([]*http.Cookie, []string) {
			s.restore(true)
			return attempt(carol), []string{"/signin/password"}
		}),
		"in the portal": always(func() ([]*http.Cookie, []string) {
			s.restore(false)
			device := s.devices(s.paula.ID)[0]
			return []*http.Cookie{s.cookie("", s.signIn(paula).Secret)}, []string{"/start", "/start/security", "/start/security/password",
				"/start/security/device?id=" + device, "/device", "/device?user_code=" + s.deviceCode(), s.rolePage("/start/keys"),
				s.rolePage("/start/shortcut"), s.rolePage("/start/console")}
		}),
		"asked by a program": always(func() ([]*http.Cookie, []string) {
			s.restore(false)
			return []*http.Cookie{s.cookie("", s.signIn(paula).Secret)}, []string{wish}
		}),
		"an IAM user": always(func() ([]*http.Cookie, []string) {
			return []*http.Cookie{s.cookie("", in(ana))}, []string{"/security", "/security/password"}
		}),
		"a root user": always(func() ([]*http.Cookie, []string) {
			return []*http.Cookie{s.cookie("", in(&door.SignInInput{Door: door.Root, Name: s.rootMail(), Password: secret}))}, []string{"/security"}
		}),
		"an IAM user with a new password": always(func() ([]*http.Cookie, []string) {
			s.restore(false)
			out := s.door(&door.SignInInput{Door: door.IAM, Name: "ben", Password: "7 quiet Herons wade!"})
			return []*http.Cookie{s.cookie("door", out.Attempt)}, []string{"/signin/door"}
		}),
	}
}

func (s *siege) rootMail() string { return s.services.State.Current().Account(s.account).Email }

func (s *siege) rolePage(path string) string {
	for a := range s.services.State.Current().AccountsOf(s.paula.ID, "") {
		for _, set := range s.services.State.Current().GrantsIn(s.paula.ID, a.ID) {
			return path + "?" + url.Values{"account_id": {string(a.ID)}, "role_name": {set.Name}}.Encode()
		}
	}
	s.t.Fatal("paula has no role")
	return ""
}

func (s *siege) devices(owner string) (ids []string) {
	s.t.Helper()
	s.view(func(tx *store.Tx) error {
		list, _, err := store.Factors.List(tx, "owner", []any{owner}, "", 0)
		for _, d := range list {
			ids = append(ids, d.ID)
		}
		return err
	})
	return ids
}

// state is what nobody may change without proving who they are.
func (s *siege) state() (text string) {
	s.t.Helper()
	s.view(func(tx *store.Tx) error {
		text = ""
		var errs []error
		for _, id := range []string{s.paula.ID, s.carol.ID} {
			u, err := store.Users.Get(tx, id)
			devices, _, err2 := store.Factors.List(tx, "owner", []any{id}, "", 0)
			text += fmt.Sprint(u.PasswordHash, u.Generation, u.Disabled, len(devices), " ")
			errs = append(errs, err, err2)
		}
		for _, owner := range []string{s.root, s.ana} {
			l, err := store.Logins.Get(tx, owner)
			devices, _, err2 := store.Virtuals.List(tx, "owner", []any{owner}, "", 0)
			text += fmt.Sprint(l.Hash, len(devices), " ")
			errs = append(errs, err, err2)
		}
		return errors.Join(errs...)
	})
	return text
}
