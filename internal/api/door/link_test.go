package door_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const chosen = "six otters paint the quay"

// lettered is a street on a server with a mailbox.
func lettered(t *testing.T) *street {
	t.Helper()
	s := newStreet(t, apitest.Allow("*"))
	s.Mailbox = new(mail.Box)
	s.Secret(chosen)
	return s
}

// link hands out a link to the root user.
func (s *street) link(purpose link.Purpose) string {
	s.t.Helper()
	secret := s.NewSecret()
	s.Secret(secret)
	s.Update(func(tx *store.Tx) error {
		a, err := store.Accounts.Get(tx, apitest.Management)
		if err != nil {
			return err
		}
		to, err := api.RootUser(tx, a)
		if err != nil {
			return err
		}
		_, err = api.NewLink(tx, to, purpose, secret, "")
		return err
	})
	return secret
}

func (s *street) describe(secret string) (*self.DescribeLinkOutput, error) {
	s.t.Helper()
	return api.Invoke[self.DescribeLinkOutput](s.t.Context(), s.Corridor, s.browser, self.Name, "DescribeLink", &self.DescribeLinkInput{Secret: secret})
}

func (s *street) spend(secret, word string) error {
	s.t.Helper()
	out, err := api.Invoke[self.SignInOutput](s.t.Context(), s.Corridor, s.browser, self.Name, "SpendLink", &self.SpendLinkInput{Secret: secret, Password: word})
	if err == nil && (out.Secret != "" || out.Attempt != "" || out.Next != "") {
		s.t.Errorf("the link alone signs in: %+v", out)
	}
	return err
}

func (s *street) kinds() (kinds []mail.Kind) {
	s.t.Helper()
	for _, l := range s.Letters() {
		kinds = append(kinds, l.Kind)
		if l.To != email || l.Organization != "Acme (111111111111)" || l.UserName != "the root user" {
			s.t.Errorf("%s goes to %q of %q", l.Kind, l.To, l.Organization)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// TestALinkSetsTheRootPassword looks at the link as often as mail scanners do, is refused a weak password, and sets one once;
// then the root user signs in at their door, with the device they had. See OWASP ASVS 5.0 sections 6.4 and 7.4.3.
func TestALinkSetsTheRootPassword(t *testing.T) {
	s := lettered(t)
	s.comes(door.Done, "SignIn", asRoot())
	s.enrol("phone")
	secret, other := s.link(link.Reset), s.link(link.Reset)
	for range 3 {
		is, err := s.describe(secret)
		if err != nil || is.AccountID != string(apitest.Management) || is.UserName != email || is.Organization != "Acme" || is.Rules.MinLength != 15 || is.Purpose != "RESET" {
			t.Fatalf("got %+v, %v", is, err)
		}
	}
	if err := s.spend(secret, "Acme-root-111"); !fault.Is(err, api.PasswordRefused) || len(fault.As(err).Fields["Objections"].([]string)) == 0 {
		t.Errorf("a weak one: %v", err)
	}
	if err := s.spend(secret, chosen); err != nil {
		t.Fatal(err)
	}
	for name, again := range map[string]string{"replayed": secret, "its sister": other} {
		if err := s.spend(again, "a further quite different one"); !fault.Is(err, "ResourceNotFoundException") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := call[door.DescribeSelfOutput](s, "DescribeSelf", &door.DescribeSelfInput{}); err == nil {
		t.Error("an old session lives")
	}
	if got := s.kinds(); !slices.Equal(got, []mail.Kind{mail.DeviceAdded, mail.PasswordChanged}) {
		t.Errorf("the root user is told of %v", got)
	}
	s.refused(fault.Denied, "SignIn", asRoot())
	s.comes(door.Code, "SignIn", &door.SignInInput{Door: door.Root, Name: email, Password: chosen})
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: s.code()})
	if leaks := s.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestRootLinksOpenNothingElse forges, changes and keeps links of a root user, and changes the account under them. See OWASP
// ASVS 5.0 sections 6.4.1 and 6.6.3.
func TestRootLinksOpenNothingElse(t *testing.T) {
	change := func(s *street, change func(*account.Account)) {
		apitest.Change(s.World, store.Accounts, any(apitest.Management), change)
	}
	for name, spoil := range map[string]func(*street, string) string{
		"forged": func(s *street, _ string) string { return s.NewSecret() },
		"empty":  func(*street, string) string { return "" },
		"a letter changed": func(_ *street, l string) string {
			return strings.Map(func(c rune) rune { return c ^ 1 }, l[:1]) + l[1:]
		},
		"the hash instead": func(_ *street, l string) string { return string(api.HashSecret(l)) },
		"a day later":      func(s *street, l string) string { s.Time.Pass(24 * time.Hour); return l },
		"the account closed": func(s *street, l string) string {
			change(s, func(a *account.Account) { a.Status = account.Suspended })
			return l
		},
		"sessions ended": func(s *street, l string) string { change(s, func(a *account.Account) { a.RootGeneration++ }); return l },
		"the address changed": func(s *street, l string) string {
			change(s, func(a *account.Account) { a.Email = "new@acme.example" })
			return l
		},
		"the password changed": func(s *street, l string) string {
			apitest.Change(s.World, store.Logins, any(string(apitest.Management)), func(l *iam.Login) { l.Hash += "x" })
			return l
		},
		"the password was lost": func(s *street, l string) string {
			apitest.Change(s.World, store.Logins, any(string(apitest.Management)), func(l *iam.Login) { l.Hash = "" })
			return l
		},
		"an attempt's secret": func(s *street, _ string) string {
			s.comes(door.Done, "SignIn", asRoot())
			s.enrol("phone")
			s.comes(door.Code, "SignIn", asRoot())
			return s.attempt
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := lettered(t)
			secret := spoil(s, s.link(link.Reset))
			_, err := s.describe(secret)
			err2 := s.spend(secret, chosen)
			if !fault.Is(err, "ResourceNotFoundException") || !fault.Is(err2, "ResourceNotFoundException") || err.Error() != err2.Error() {
				t.Errorf("got %v, %v", err, err2)
			}
		})
	}
}

// TestLinksAreNotSwapped spends a person's link where the root user has one too: each sets its owner's password and ends
// nothing of the other's.
func TestLinksAreNotSwapped(t *testing.T) {
	s := lettered(t)
	u := s.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", "nobody knows this one")
	apitest.Change(s.World, store.Users, any(u.ID), func(u *directory.User) { u.Emails = []directory.Email{{Value: email, Primary: true}} })
	persons, roots := s.NewSecret(), s.link(link.Reset)
	s.Update(func(tx *store.Tx) error {
		u, err := store.Users.Get(tx, u.ID)
		if err == nil {
			_, err = api.NewLink(tx, api.Person(u), link.Reset, persons, "")
		}
		return err
	})
	if err := s.spend(persons, chosen); err != nil {
		t.Fatal(err)
	}
	s.refused(fault.Denied, "SignIn", &door.SignInInput{Door: door.Root, Name: email, Password: chosen})
	s.comes(door.Done, "SignIn", asRoot())
	if is, err := s.describe(roots); err != nil || is.AccountID == "" {
		t.Errorf("the root user's link ended with the person's: %+v, %v", is, err)
	}
}

// TestForgettingTheRootPasswordTellsNothing asks for a link for addresses that have an account, have none, and whose account
// is closed: the same answer by the same work, one letter and no hash. See OWASP ASVS 5.0 section 6.3.8.
func TestForgettingTheRootPasswordTellsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*street)
		links  int
	}{
		"known": {func(*street) {}, 1},
		"without a password": {func(s *street) {
			s.Update(func(tx *store.Tx) error {
				return store.Logins.Delete(tx, &iam.Login{Owner: string(apitest.Management)})
			})
		}, 1},
		"unknown": {func(s *street) {
			apitest.Change(s.World, store.Accounts, any(apitest.Management), func(a *account.Account) { a.Email = "else@acme.example" })
		}, 0},
		"closed": {func(s *street) {
			apitest.Change(s.World, store.Accounts, any(apitest.Management), func(a *account.Account) { a.Status = account.Suspended })
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := lettered(t)
			c.change(s)
			s.Services.Passwords = nil // nothing is hashed
			out := must[door.RequestRootPasswordResetOutput](s, "RequestRootPasswordReset", &door.RequestRootPasswordResetInput{Email: "ROOT@acme.example"})
			letters := s.Letters()
			if *out != (door.RequestRootPasswordResetOutput{}) || len(letters) != 1 || *letters[0] != (mail.Letter{Kind: mail.Forgotten, UserName: email, At: s.Time.Now()}) {
				t.Fatalf("got %+v, letters %+v", out, letters)
			}
			reached := 0
			for range 3 {
				s.Update(func(tx *store.Tx) error {
					to, err := s.Remind(tx, letters[0], s.NewSecret())
					if to != nil && to.Address() == email {
						reached++
					}
					return err
				})
			}
			if reached != c.links {
				t.Errorf("%d mails, want %d", reached, c.links)
			}
		})
	}
}

func TestForgettingTheRootPasswordIsSlowedDown(t *testing.T) {
	s := lettered(t)
	asked := func(email string) error {
		_, err := call[door.RequestRootPasswordResetOutput](s, "RequestRootPasswordReset", &door.RequestRootPasswordResetInput{Email: email})
		return err
	}
	var err error
	for i := 0; i < 40 && err == nil; i++ {
		err = asked(email)
	}
	if f := fault.As(err); f == nil || f.Kind != fault.Throttled {
		t.Errorf("got %v", err)
	}
	s.comes(door.Done, "SignIn", asRoot()) // which it does not keep from signing in
	for _, none := range []string{"", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"} {
		if err := asked(none); fault.As(err) == nil || fault.As(err).Kind != fault.Invalid {
			t.Errorf("%q: %v", none, err)
		}
	}
	s.Mailbox = nil
	if err := asked("somebody@acme.example"); fault.As(err) == nil || fault.As(err).Kind != fault.Unavailable {
		t.Errorf("without mail: %v", err)
	}
}

// TestTheRootUserIsTold changes what a root user signs in with, of which each time a mail tells. See OWASP ASVS 5.0 section
// 6.3.7. An IAM user, who has no address, is told by the record alone.
func TestTheRootUserIsTold(t *testing.T) {
	s := lettered(t)
	s.comes(door.Done, "SignIn", asRoot())
	serial := s.enrol("phone")
	must[door.RemoveDeviceOutput](s, "RemoveDevice", &door.RemoveDeviceInput{Serial: serial})
	waiting := s.link(link.Reset)
	must[door.ChangePasswordOutput](s, "ChangePassword", &door.ChangePasswordInput{Old: rootSecret, New: chosen})
	want := []mail.Kind{mail.DeviceAdded, mail.DeviceRemoved, mail.PasswordChanged}
	if got := s.kinds(); !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
	if l := s.Letters()[0]; l.Client != "Firefox on Linux" || l.Address != "192.0.2.7" {
		t.Errorf("got %+v", l)
	}
	if _, err := s.describe(waiting); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("a link outlives the password: %v", err)
	}
	s.comes(door.Done, "SignIn", asUser())
	s.enrol("ana")
	must[door.ChangePasswordOutput](s, "ChangePassword", &door.ChangePasswordInput{Old: userSecret, New: newSecret})
	if got := s.kinds(); !slices.Equal(got, want) {
		t.Errorf("an IAM user's changes are mailed: %v", got)
	}
}
