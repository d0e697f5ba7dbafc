package door_test

import (
	"encoding/base32"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	apiiam "github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	rootSecret = "a lantern by the north gate"
	userSecret = "7 quiet Herons wade!"
	newSecret  = "8 quiet Herons fly!"
	email      = "root@acme.example"
)

// street is an account with a root user and an IAM user, and the browser that one of them sits at.
type street struct {
	*apitest.World
	t       *testing.T
	user    *iam.User
	browser api.Caller
	attempt string
	seed    []byte
	ahead   time.Duration
}

func newStreet(t *testing.T, document string) *street {
	t.Helper()
	t.Parallel()
	return streetIn(t, "", document)
}

// streetIn is newStreet in a database.
func streetIn(t *testing.T, database, document string) *street {
	t.Helper()
	tables := map[string]api.Table{door.Name: door.Table(), "iam": apiiam.Table(), "sts": sts.Table(), self.Name: self.Table()}
	s := &street{World: apitest.NewIn(t, database, tables), t: t,
		browser: api.Caller{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
	s.Secret(rootSecret, userSecret, newSecret)
	apitest.Save(s.World, store.Aliases, &iam.Alias{Name: "acme", Account: apitest.Management})
	s.user = s.User(apitest.Management, "ana", apitest.Inline(document))
	for owner, secret := range map[string]string{s.user.ID: userSecret, string(apitest.Management): rootSecret} {
		hash, err := s.Passwords.Hash(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		apitest.Save(s.World, store.Logins, &iam.Login{Owner: owner, Account: apitest.Management, Hash: hash, CreatedAt: s.Time.Now(), ChangedAt: s.Time.Now()})
	}
	return s
}

func call[Out any](s *street, operation string, in any) (*Out, error) {
	s.t.Helper()
	return api.Invoke[Out](s.t.Context(), s.Corridor, s.browser, door.Name, operation, in)
}

// must is call that has to succeed.
func must[Out any](s *street, operation string, in any) *Out {
	s.t.Helper()
	out, err := call[Out](s, operation, in)
	if err != nil {
		s.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// step calls an operation that brings a sign-in on, and keeps what the browser keeps.
func (s *street) step(operation string, in any) (string, error) {
	s.t.Helper()
	out, err := call[door.SignInOutput](s, operation, in)
	if err != nil {
		return "", err
	}
	s.Secret(out.Secret, out.Attempt)
	if s.attempt = out.Attempt; out.Secret != "" {
		s.browser.Session = out.Secret
	}
	return out.Next, nil
}

// comes ends the test unless a step leads to what comes next.
func (s *street) comes(next, operation string, in any) {
	s.t.Helper()
	if got, err := s.step(operation, in); got != next || err != nil {
		s.t.Fatalf("%s: %q, %v; want %q", operation, got, err, next)
	}
}

func (s *street) refused(kind fault.Kind, operation string, in any) {
	s.t.Helper()
	if got, err := s.step(operation, in); fault.As(err) == nil || fault.As(err).Kind != kind {
		s.t.Errorf("%s: %q, %v; want %v", operation, got, err, kind)
	}
}

func asRoot() *door.SignInInput {
	return &door.SignInInput{Door: door.Root, Name: email, Password: rootSecret}
}

func asUser() *door.SignInInput {
	return &door.SignInInput{Door: door.IAM, Account: "acme", Name: "ana", Password: userSecret}
}

// code is the next that the app shows.
func (s *street) code() string {
	s.ahead += 30 * time.Second
	return factor.CodeAt(s.seed, s.Time.Now().Add(s.ahead-30*time.Second))
}

// enrol registers a device for whoever is signed in.
func (s *street) enrol(name string) string {
	s.t.Helper()
	start := must[door.StartDeviceOutput](s, "StartDevice", &door.StartDeviceInput{Name: name})
	s.Secret(start.Secret)
	if !strings.HasPrefix(start.URI, "otpauth://totp/") || !strings.Contains(start.URI, start.Secret) {
		s.t.Errorf("got %s", start.URI)
	}
	s.seed, _ = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(start.Secret)
	s.ahead = -30 * time.Second
	must[door.CompleteDeviceOutput](s, "CompleteDevice", &door.CompleteDeviceInput{Serial: start.Serial, First: s.code(), Second: s.code()})
	return start.Serial
}

func (s *street) self() *door.DescribeSelfOutput {
	s.t.Helper()
	return must[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{})
}

func TestARootUserComesIn(t *testing.T) {
	s := newStreet(t, apitest.Deny("*"))
	s.comes(door.Done, "SignIn", asRoot())
	if got := s.self(); got.Door != door.Root || got.Email != email || got.MFA || !got.Fresh || len(got.Sessions) != 1 || got.Sessions[0].Client != "Firefox on Linux" {
		t.Errorf("got %+v", got)
	}
	serial := s.enrol("phone")
	if got := s.self(); !got.MFA || len(got.Devices) != 1 || got.Devices[0].Name != "phone" {
		t.Errorf("got %+v", got)
	}
	s.comes(door.Code, "SignIn", asRoot())
	if got := must[door.DescribeSignInOutput](s, "DescribeSignIn", &door.DescribeSignInInput{Attempt: s.attempt}); got.Door != door.Root || got.Next != door.Code || got.Devices[0] != "phone" {
		t.Errorf("got %+v", got)
	}
	attempt := s.attempt
	s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: "000000"})
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: s.code()})
	if got := s.self(); !got.MFA || len(got.Sessions) != 2 {
		t.Errorf("got %+v", got)
	}
	must[door.RemoveDeviceOutput](s, "RemoveDevice", &door.RemoveDeviceInput{Serial: serial})
	s.comes(door.Done, "SignIn", asRoot())
}

func TestAnIAMUserComesIn(t *testing.T) {
	s := newStreet(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*VirtualMFADevice","iam:*MFADevice"],"Resource":["arn:aws:iam::*:mfa/${aws:username}","arn:aws:iam::*:user/${aws:username}"]}]}`)
	for _, account := range []string{"acme", "ACME", "111111111111", "1111-1111-1111"} {
		in := asUser()
		in.Account = account
		s.comes(door.Done, "SignIn", in)
	}
	if got := s.self(); got.Door != door.IAM || got.Name != "ana" || got.ARN != "arn:aws:iam::111111111111:user/ana" || got.Alias != "acme" || len(got.Sessions) != 4 {
		t.Errorf("got %+v", got)
	}
	if _, err := call[door.StartDeviceOutput](s, "StartDevice", &door.StartDeviceInput{Name: "other"}); !fault.Is(err, "AccessDenied") {
		t.Errorf("what the policy does not allow: %v", err)
	}
	must[door.StartDeviceOutput](s, "StartDevice", &door.StartDeviceInput{Name: "ana"}) // begun and left
	serial := s.enrol("ana")
	if _, err := call[door.StartDeviceOutput](s, "StartDevice", &door.StartDeviceInput{Name: "ana"}); !fault.Is(err, "ConflictException") {
		t.Errorf("a name that is taken: %v", err)
	}
	s.comes(door.Code, "SignIn", asUser())
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: s.code()})
	must[door.RemoveDeviceOutput](s, "RemoveDevice", &door.RemoveDeviceInput{Serial: serial})
}

// OWASP ASVS 5.0 6.3.8 and NIST SP 800-63B-4 section 3.2.2: nobody learns who there is, neither by the answer nor by the work.
func TestNobodyIsToldWhoThereIs(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	s.User(apitest.Management, "nologin", iam.Policies{})
	apitest.Save(s.World, store.Accounts, &account.Account{ID: "222222222222", Name: "Closed", Email: "closed@acme.example", Status: account.Suspended})
	apitest.Save(s.World, store.Logins, &iam.Login{Owner: "222222222222", Account: "222222222222", Hash: "x"})
	var first string
	for name, in := range map[string]*door.SignInInput{
		"a wrong password":        {Door: door.IAM, Account: "acme", Name: "ana", Password: "wrong"},
		"no such user":            {Door: door.IAM, Account: "acme", Name: "nobody", Password: userSecret},
		"no such account":         {Door: door.IAM, Account: "999999999999", Name: "ana", Password: userSecret},
		"no such alias":           {Door: door.IAM, Account: "nobody", Name: "ana", Password: userSecret},
		"a user without password": {Door: door.IAM, Account: "acme", Name: "nologin", Password: userSecret},
		"a wrong root password":   {Door: door.Root, Name: email, Password: "wrong"},
		"no such address":         {Door: door.Root, Name: "x@acme.example", Password: rootSecret},
		"a closed account":        {Door: door.Root, Name: "closed@acme.example", Password: rootSecret},
		"the other's password":    {Door: door.Root, Name: email, Password: userSecret},
		"a password without end":  {Door: door.Root, Name: email, Password: strings.Repeat("x", 5000)},
		"nothing":                 {Door: door.Root},
	} {
		_, err := s.step("SignIn", in)
		f := fault.As(err)
		if f == nil || f.Kind != fault.Denied {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if first == "" {
			first = f.Error()
		}
		if f.Error() != first {
			t.Errorf("%s is answered by %q, another by %q", name, f.Error(), first)
		}
	}
}

// OWASP ASVS 5.0 6.3.1: guessing is slow at each door, for names that nobody has as well, and however an account is called.
func TestGuessingIsSlow(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	for name, in := range map[string]func(i int) *door.SignInInput{
		"a root user": func(i int) *door.SignInInput {
			return &door.SignInInput{Door: door.Root, Name: []string{email, "ROOT@acme.example"}[i%2], Password: "wrong"}
		},
		"an IAM user": func(i int) *door.SignInInput {
			return &door.SignInInput{Door: door.IAM, Account: []string{"acme", "111111111111", "1111-1111-1111"}[i%3], Name: []string{"ana", "ANA"}[i%2], Password: "wrong"}
		},
		"nobody": func(int) *door.SignInInput {
			return &door.SignInInput{Door: door.IAM, Account: "acme", Name: "nobody", Password: "wrong"}
		},
	} {
		s.browser.Address = netip.MustParseAddr("192.0.2." + fmt.Sprint(len(name)))
		for i := range 6 {
			s.refused(fault.Denied, "SignIn", in(i))
		}
		if _, err := s.step("SignIn", in(0)); fault.As(err) == nil || fault.As(err).Kind != fault.Throttled {
			t.Errorf("%s: the seventh try: %v", name, err)
		}
	}
	s.Time.Pass(time.Minute)
	s.comes(door.Done, "SignIn", asRoot()) // nobody is locked out
}

// TestAnotherSpellingOfTheAccountTellsNothing guesses at a name until that is slow, and then calls the account by another of
// its names: for who is there and who is not the tries are the same ones. See OWASP ASVS 5.0 section 6.3.8.
func TestAnotherSpellingOfTheAccountTellsNothing(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	for account, spellings := range map[string][]string{"acme": {"ACME", "111111111111", "1111-1111-1111", " acme "}, "999999999999": {"9999-9999-9999"}, "nowhere": {"NoWhere"}} {
		for _, name := range []string{"ana", "nobody"} {
			s.browser.Address = netip.AddrFrom4([4]byte{198, 51, byte(len(account)), byte(len(name))})
			guess := func(account string) error {
				_, err := s.step("SignIn", &door.SignInInput{Door: door.IAM, Account: account, Name: name, Password: "wrong"})
				return err
			}
			for range 6 {
				if err := guess(account); fault.As(err).Kind != fault.Denied {
					t.Fatal(err)
				}
			}
			for _, spelled := range spellings {
				s.browser.Address = s.browser.Address.Next()
				if err := guess(spelled); fault.As(err).Kind != fault.Throttled {
					t.Errorf("%s in %q, which is %s: %v", name, spelled, account, err)
				}
			}
		}
	}
}

// RFC 6238 section 5.2 and OWASP ASVS 5.0 6.5.1: a code is good once, in whatever attempt; guessing at codes is slow.
func TestCodesAreGoodOnceAndHardToGuess(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	s.comes(door.Done, "SignIn", asRoot())
	s.enrol("phone")
	s.comes(door.Code, "SignIn", asRoot())
	code := s.code()
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: code})
	s.comes(door.Code, "SignIn", asRoot())
	attempt := s.attempt
	s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: code})
	for range factor.MaxTries - 1 {
		s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: "123456"})
	}
	_, err := s.step("ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: s.code()})
	if f := fault.As(err); f == nil || f.Kind != fault.Throttled && f.Kind != fault.Unauthenticated {
		t.Errorf("after five wrong codes: %v", err)
	}
}

// An attempt is its browser's, ends with its time and with any change of what proves its user, and a person's is no door's.
func TestAttemptsEnd(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	s.comes(door.Done, "SignIn", asRoot())
	s.enrol("phone")
	for name, change := range map[string]func(){
		"its time is over": func() { s.Time.Pass(factor.AttemptLife) },
		"another password": func() {
			apitest.Change(s.World, store.Logins, string(apitest.Management), func(l *iam.Login) { l.Hash += "x" })
		},
	} {
		s.comes(door.Code, "SignIn", asRoot())
		change()
		s.ahead = 0
		s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: s.code()})
		if name == "another password" {
			break
		}
	}
	for _, forged := range []string{"", "x", s.NewSecret(), s.browser.Session} {
		s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: forged, Code: "123456"})
	}
}

func TestAPasswordThatHasToBeReplaced(t *testing.T) {
	s := newStreet(t, apitest.Deny("*"))
	edit := func(fn func(*iam.Login)) { apitest.Change(s.World, store.Logins, s.user.ID, fn) }
	edit(func(l *iam.Login) { l.ResetRequired = true })
	s.comes(door.Password, "SignIn", asUser())
	attempt := s.attempt
	s.refused(fault.Invalid, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, NewPassword: userSecret})
	s.refused(fault.Invalid, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, NewPassword: "short"})
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, NewPassword: newSecret})
	s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, NewPassword: userSecret})
	in := asUser()
	in.Password = newSecret
	s.comes(door.Done, "SignIn", in)
	apitest.Save(s.World, store.PasswordPolicies, &iam.PasswordPolicy{Account: apitest.Management, MinLength: 6, MaxAgeDays: 30})
	s.Time.Pass(30 * 24 * time.Hour)
	s.comes(door.Password, "SignIn", in)
	apitest.Save(s.World, store.PasswordPolicies, &iam.PasswordPolicy{Account: apitest.Management, MinLength: 6, MaxAgeDays: 30, HardExpiry: true})
	if _, err := s.step("SignIn", in); !fault.Is(err, door.Expired) {
		t.Errorf("hard expiry: %v", err)
	}
}

// OWASP ASVS 5.0 7.5.1: changes of what one proves oneself with take a fresh proof.
func TestChangesTakeAFreshProof(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	for _, in := range []*door.SignInInput{asRoot(), asUser()} {
		s.comes(door.Done, "SignIn", in)
		s.Time.Pass(11 * time.Minute)
		for operation, in := range map[string]any{"StartDevice": &door.StartDeviceInput{Name: "x"}, "CompleteDevice": &door.CompleteDeviceInput{Serial: "x"}, "RemoveDevice": &door.RemoveDeviceInput{Serial: "x"}} {
			if _, err := s.Corridor.Invoke(t.Context(), s.browser, door.Name, operation, in); !fault.Is(err, api.StepUp) {
				t.Errorf("%s: %v", operation, err)
			}
		}
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s := newStreet(t, apitest.Allow("iam:ChangePassword"))
	for _, c := range []struct {
		in  *door.SignInInput
		new string
	}{{asRoot(), "the lantern went out at last"}, {asUser(), newSecret}} {
		s.Secret(c.new)
		s.comes(door.Done, "SignIn", c.in)
		other := s.browser
		s.comes(door.Done, "SignIn", c.in)
		if _, err := call[door.ChangePasswordOutput](s, "ChangePassword", &door.ChangePasswordInput{Old: "wrong", New: c.new}); !fault.Is(err, "AccessDenied") {
			t.Errorf("a wrong old password: %v", err)
		}
		if _, err := call[door.ChangePasswordOutput](s, "ChangePassword", &door.ChangePasswordInput{Old: c.in.Password, New: "password"}); fault.As(err) == nil {
			t.Errorf("a password that everybody has: %v", err)
		}
		must[door.ChangePasswordOutput](s, "ChangePassword", &door.ChangePasswordInput{Old: c.in.Password, New: c.new})
		s.self() // goes on
		s.browser, other = other, s.browser
		if _, err := call[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{}); fault.As(err) == nil || fault.As(err).Kind != fault.Unauthenticated {
			t.Errorf("the other session: %v", err)
		}
		s.refused(fault.Denied, "SignIn", c.in)
		s.browser = other
	}
}

// Sessions are their owner's, and end with what they stand on.
func TestSessionsEnd(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	gone := func(name string) {
		t.Helper()
		if _, err := call[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{}); fault.As(err) == nil || fault.As(err).Kind != fault.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.comes(door.Done, "SignIn", asUser())
	mine := s.self().Sessions[0].ID
	s.comes(door.Done, "SignIn", asRoot())
	if _, err := call[door.EndSessionsOutput](s, "EndSessions", &door.EndSessionsInput{ID: mine}); fault.As(err) == nil || fault.As(err).Kind != fault.NotFound {
		t.Errorf("another's session: %v", err)
	}
	if _, err := s.Corridor.Invoke(t.Context(), s.browser, self.Name, "SignOut", &self.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	gone("signed out")
	s.comes(door.Done, "SignIn", asRoot())
	s.Time.Pass(12 * time.Hour)
	gone("after twelve hours")
	s.comes(door.Done, "SignIn", asUser())
	apitest.Change(s.World, store.IAMUsers, s.user.ID, func(u *iam.User) { u.Generation++ })
	gone("revoked")
	s.comes(door.Done, "SignIn", asUser())
	apitest.Change(s.World, store.Accounts, string(apitest.Management), func(a *account.Account) { _ = a.Close(s.Time.Now()) })
	gone("closed")
}

// A session at one door opens nothing behind another, and IAM users are bound by their policies behind theirs.
func TestDoorsAreApart(t *testing.T) {
	s := newStreet(t, apitest.Allow("iam:ListAccessKeys"))
	person := s.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", "correct horse battery staple")
	_, cookie, _ := s.SignIn(person)
	s.browser.Session = cookie
	if _, err := call[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{}); fault.As(err) == nil || fault.As(err).Kind != fault.Unauthenticated {
		t.Errorf("a person: %v", err)
	}
	if _, err := api.Invoke[iamsdk.ListUsersOutput](t.Context(), s.Corridor, s.browser, "iam", "ListUsers", &iamsdk.ListUsersInput{}); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("a person calls IAM: %v", err)
	}
	if got := must[door.WhoIsInOutput](s, "WhoIsIn", &door.WhoIsInInput{}); got.Door != "" || got.Name != "pcollins" {
		t.Errorf("got %+v", got)
	}
	for _, in := range []*door.SignInInput{asRoot(), asUser()} {
		s.comes(door.Done, "SignIn", in)
		for _, operation := range []string{"WhoAmI", "DescribeSecurity"} {
			row := s.Corridor.Row(self.Name, operation)
			if _, err := s.Corridor.Invoke(t.Context(), s.browser, self.Name, operation, row.NewInput()); fault.As(err) == nil || fault.As(err).Kind != fault.Unauthenticated {
				t.Errorf("%s at %s: %v", operation, in.Door, err)
			}
		}
	}
	if _, err := api.Invoke[iamsdk.ListAccessKeysOutput](t.Context(), s.Corridor, s.browser, "iam", "ListAccessKeys", &iamsdk.ListAccessKeysInput{}); err != nil {
		t.Errorf("what the policy allows: %v", err)
	}
	if _, err := api.Invoke[iamsdk.CreateAccessKeyOutput](t.Context(), s.Corridor, s.browser, "iam", "CreateAccessKey", &iamsdk.CreateAccessKeyInput{}); !fault.Is(err, "AccessDenied") {
		t.Errorf("what it does not: %v", err)
	}
}

// OWASP's Password Storage Cheat Sheet, "Upgrading Legacy Hashes": a hash made with lesser parameters is made anew at sign-in.
func TestHashesAreRaisedAtSignIn(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	old := password.NewHasher(password.Config{Rand: s.Random, Params: password.Params{Memory: 32, Time: 1, Threads: 1}})
	t.Cleanup(old.Close)
	weak, err := old.Hash(t.Context(), rootSecret)
	if err != nil {
		t.Fatal(err)
	}
	apitest.Change(s.World, store.Logins, string(apitest.Management), func(l *iam.Login) { l.Hash = weak })
	s.comes(door.Done, "SignIn", asRoot())
	apitest.Change(s.World, store.Logins, string(apitest.Management), func(l *iam.Login) {
		if l.Hash == weak || len(l.Earlier) > 0 {
			t.Errorf("got %+v", l)
		}
	})
	s.comes(door.Done, "SignIn", asRoot())
}

// What is recorded says who signed in and by what, and nothing that they typed.
func TestTheTrailHasSignIns(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	s.comes(door.Done, "SignIn", asUser())
	s.refused(fault.Denied, "SignIn", &door.SignInInput{Door: door.IAM, Account: "acme", Name: userSecret, Password: "x"})
	s.refused(fault.Denied, "SignIn", &door.SignInInput{Door: door.Root, Name: rootSecret, Password: "x"})
	var outcomes []string
	for _, e := range s.Records() {
		if e.Operation == "ConsoleLogin" {
			outcomes = append(outcomes, e.ErrorCode)
		}
	}
	slices.Sort(outcomes)
	if want := []string{"", "AccessDeniedException", "AccessDeniedException"}; !slices.Equal(outcomes, want) {
		t.Errorf("got %q", outcomes)
	}
}

// OWASP ASVS 5.0 7.2.4 and 7.3.1: each sign-in has a secret of its own, and a session that nobody uses ends.
func TestSessionsAreNewAndEndUnused(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	for _, in := range []*door.SignInInput{asRoot(), asUser()} {
		s.browser.Session = s.NewSecret() // one that somebody else planted
		planted := s.browser.Session
		s.comes(door.Done, "SignIn", in)
		if s.browser.Session == planted {
			t.Fatal("the session has the secret that the browser brought")
		}
		for range 4 {
			s.Time.Pass(50 * time.Minute)
			s.self() // in use
		}
		s.Time.Pass(time.Hour)
		if _, err := call[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{}); fault.As(err) == nil || fault.As(err).Kind != fault.Unauthenticated {
			t.Errorf("after an hour without use: %v", err)
		}
	}
}

// A burst counts as what it is: NIST SP 800-63B-4 section 3.2.2, OWASP ASVS 5.0 6.3.1.
func TestABurstOfGuessesIsCounted(t *testing.T) {
	s := newStreet(t, apitest.Allow("*"))
	const burst = 50
	kinds := make(chan fault.Kind, burst)
	for range burst {
		go func() {
			_, err := api.Invoke[door.SignInOutput](t.Context(), s.Corridor, s.browser, door.Name, "SignIn", &door.SignInInput{Door: door.Root, Name: email, Password: "wrong"})
			f := fault.As(err)
			if f == nil {
				f = &fault.Fault{}
			}
			kinds <- f.Kind
		}()
	}
	tried := 0
	for range burst {
		if k := <-kinds; k == fault.Denied {
			tried++
		}
	}
	if tried > 6 {
		t.Errorf("%d of %d guesses at once were looked at", tried, burst)
	}
}
