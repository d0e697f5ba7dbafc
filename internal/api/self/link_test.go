package self_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const chosen = "six otters paint the quay"

// lettered is a gate whose person has an address, on a server with a mailbox.
func lettered(t *testing.T, edit func(*factor.Policy)) *gate {
	t.Helper()
	g := newGate(t, edit)
	g.Mailbox = new(mail.Box)
	g.change(func(u *directory.User) {
		u.Emails = []directory.Email{{Value: "paula@acme.example", Primary: true}}
	})
	return g
}

func (g *gate) change(change func(*directory.User)) {
	g.t.Helper()
	apitest.Change(g.World, store.Users, any(g.person.ID), change)
}

// user reads the person.
func (g *gate) user() (u *directory.User) {
	g.t.Helper()
	g.Update(func(tx *store.Tx) (err error) {
		u, err = store.Users.Get(tx, g.person.ID)
		return err
	})
	return u
}

// link hands out a link.
func (g *gate) link(purpose link.Purpose) string {
	g.t.Helper()
	secret := g.NewSecret()
	g.Secret(secret)
	g.Update(func(tx *store.Tx) error {
		u, err := store.Users.Get(tx, g.person.ID)
		if err != nil {
			return err
		}
		_, err = api.NewLink(tx, api.Person(u), purpose, secret, "Ines Marek")
		return err
	})
	return secret
}

func (g *gate) invite() string {
	g.t.Helper()
	g.change(func(u *directory.User) { u.PasswordHash = "" })
	return g.link(link.Invitation)
}

func (g *gate) describe(secret string) (*self.DescribeLinkOutput, error) {
	g.t.Helper()
	return call[self.DescribeLinkOutput](g, "DescribeLink", &self.DescribeLinkInput{Secret: secret})
}

func (g *gate) spend(secret, word string) (*self.SignInOutput, error) {
	g.t.Helper()
	g.Secret(word)
	return g.step("SpendLink", &self.SpendLinkInput{Secret: secret, Password: word})
}

// TestAnInvitationIsSpentByChoosingAPassword looks at the link as often as mail scanners do, is refused a weak password,
// and gets in once. See OWASP ASVS 5.0 section 6.4.
func TestAnInvitationIsSpentByChoosingAPassword(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	secret, other := g.invite(), g.link(link.Invitation)
	for range 3 {
		is, err := g.describe(secret)
		if err != nil || is.Purpose != "INVITATION" || is.UserName != "pcollins" || is.By != "Ines Marek" || is.Email != "paula@acme.example" ||
			is.Organization != "Acme" || is.Rules.MinLength != 15 || !is.WantsDevice || is.ExpiresAt.Sub(is.CreatedAt) != 7*24*time.Hour {
			t.Fatalf("got %+v, %v", is, err)
		}
	}
	_, err := g.spend(secret, "Pcollins-Acme-12")
	if !fault.Is(err, api.PasswordRefused) || !slices.Equal(fault.As(err).Fields["Objections"].([]string), []string{"It is little more than a name of yours, or of your organization."}) {
		t.Errorf("got %v", err)
	}
	g.want(factor.Register)(g.spend(secret, chosen))
	if _, err := g.spend(secret, "a further quite different one"); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("spent twice: %v", err)
	}
	if _, err := g.describe(other); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("another link outlives it: %v", err)
	}
	if letters := g.Letters(); len(letters) != 0 {
		t.Errorf("a first password was told of as a change: %+v", letters[0])
	}
	g.registerApp()
	if _, err := g.who(); err != nil {
		t.Errorf("in the end: %v", err)
	}
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestLinksOpenNothingElse forges, changes and keeps links, and changes the account under them. See OWASP ASVS 5.0
// sections 6.4.1 and 6.6.3, and NIST SP 800-63B-4 section 4.2.1.
func TestLinksOpenNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		purpose link.Purpose
		spoil   func(*gate, string) string
	}{
		"forged":           {link.Reset, func(g *gate, _ string) string { return g.NewSecret() }},
		"empty":            {link.Reset, func(*gate, string) string { return "" }},
		"a letter changed": {link.Reset, func(_ *gate, s string) string { return strings.Map(func(c rune) rune { return c ^ 1 }, s[:1]) + s[1:] }},
		"the hash instead": {link.Reset, func(_ *gate, s string) string { return string(api.HashSecret(s)) }},
		"cut short":        {link.Reset, func(_ *gate, s string) string { return s[:42] }},
		"a day later":      {link.Reset, func(g *gate, s string) string { g.Time.Pass(24 * time.Hour); return s }},
		"a week later":     {link.Invitation, func(g *gate, s string) string { g.Time.Pass(7 * 24 * time.Hour); return s }},
		"the address changed": {link.Reset, func(g *gate, s string) string {
			g.change(func(u *directory.User) { u.Emails[0].Value = "p@acme.example" })
			return s
		}},
		"the password changed":        {link.Reset, func(g *gate, s string) string { g.change(func(u *directory.User) { u.PasswordHash += "x" }); return s }},
		"shut out":                    {link.Reset, func(g *gate, s string) string { g.change(func(u *directory.User) { u.Disabled = true }); return s }},
		"shut out, and let in again":  {link.Reset, func(g *gate, s string) string { g.change(func(u *directory.User) { u.Generation++ }); return s }},
		"an attempt's secret instead": {link.Reset, func(g *gate, _ string) string { g.want(factor.Register)(g.password()); return g.attempt }},
		"the person is gone": {link.Reset, func(g *gate, s string) string {
			g.Update(func(tx *store.Tx) error { return store.Users.Delete(tx, g.person) })
			return s
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := lettered(t, nil)
			secret := c.spoil(g, g.link(c.purpose))
			before := g.Time.Now()
			_, err := g.describe(secret)
			_, err2 := g.spend(secret, chosen)
			if !fault.Is(err, "ResourceNotFoundException") || !fault.Is(err2, "ResourceNotFoundException") || err.Error() != err2.Error() {
				t.Errorf("got %v, %v", err, err2)
			}
			if g.browser.Session != "" || !before.Equal(g.Time.Now()) {
				t.Error("somebody is in")
			}
		})
	}
}

// TestALinkIsSpentOnceByTwo has two tabs send their forms at once. See OWASP ASVS 5.0 section 6.4.3.
func TestALinkIsSpentOnceByTwo(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	secret := g.invite()
	var tabs sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		tabs.Go(func() {
			_, results[i] = api.Invoke[self.SignInOutput](t.Context(), g.Corridor, g.browser, self.Name, "SpendLink",
				&self.SpendLinkInput{Secret: secret, Password: chosen + strings.Repeat(" again", i)})
		})
	}
	tabs.Wait()
	won := -1
	for i, err := range results {
		switch f := fault.As(err); {
		case err == nil && won >= 0:
			t.Error("two won")
		case err == nil:
			won = i
		case f == nil || f.Kind != fault.NotFound && f.Kind != fault.Conflict && f.Kind != fault.Unavailable:
			t.Errorf("got %v", err)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	if ok, _, err := g.Passwords.Verify(t.Context(), g.user().PasswordHash, chosen+strings.Repeat(" again", won)); !ok || err != nil {
		t.Errorf("the password is not the winner's: %v", err)
	}
}

// TestAResetEndsEverythingElse resets the password of who is signed in with two factors: all sessions end, nobody is signed
// in by the link, the second factor is asked for as before, and the person is told. See OWASP ASVS 5.0 sections 6.4.3 and
// 7.4.3.
func TestAResetEndsEverythingElse(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	phone := g.enrolled()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(phone.show(), true))
	secret := g.link(link.Reset)
	out, err := g.spend(secret, chosen)
	if err != nil || out.Next != "" || out.Secret != "" || out.Attempt != "" {
		t.Fatalf("got %+v, %v", out, err)
	}
	if _, err := g.who(); err == nil {
		t.Error("an old session lives")
	}
	letters := slices.DeleteFunc(g.Letters(), func(l *mail.Letter) bool { return l.Kind == mail.DeviceAdded })
	if len(letters) != 1 || letters[0].Kind != mail.PasswordChanged || letters[0].To != "paula@acme.example" || letters[0].Client != "Firefox on Linux" || letters[0].Address != "192.0.2.7" {
		t.Errorf("letters %+v", letters)
	}
	g.forget()
	if _, err := g.password(); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("the old password: %v", err)
	}
	g.want(factor.Prove)(g.step("SignIn", &self.SignInInput{UserName: "pcollins", Password: chosen, Trust: g.trust})) // a trusted browser too
}

// TestAPasswordFromSomebodyElseIsChanged signs in with a one-time password. See OWASP ASVS 5.0 section 6.4.1.
func TestAPasswordFromSomebodyElseIsChanged(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	g.change(func(u *directory.User) { u.MustChange, u.PasswordUntil = true, g.Time.Now().Add(api.OneTimeLife) })
	g.want(factor.Choose)(g.password())
	is, err := call[self.DescribeSignInOutput](g, "DescribeSignIn", &self.DescribeSignInInput{Attempt: g.attempt})
	if err != nil || is.Next != "CHOOSE" || is.Rules.MinLength != 15 {
		t.Fatalf("got %+v, %v", is, err)
	}
	g.Secret(chosen)
	choose := func(word string) (*self.SignInOutput, error) {
		return g.step("ChooseInSignIn", &self.ChooseInSignInInput{Attempt: g.attempt, Password: word})
	}
	if _, err := choose(secret); !fault.Is(err, api.PasswordRefused) {
		t.Errorf("the same password again: %v", err)
	}
	if _, err := g.code("000000", false); !fault.Is(err, "UnauthorizedException") {
		t.Errorf("past the choice by a code: %v", err)
	}
	old := g.attempt
	g.want(factor.Register)(choose(chosen))
	g.registerApp()
	if _, err := g.who(); err != nil {
		t.Error(err)
	}
	g.attempt = old
	if _, err := choose("yet another one entirely"); !fault.Is(err, "UnauthorizedException") {
		t.Errorf("chosen twice: %v", err)
	}
	if u := g.user(); u.MustChange || !u.PasswordUntil.IsZero() {
		t.Errorf("got %+v", u)
	}
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

func TestAOneTimePasswordEnds(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	g.change(func(u *directory.User) { u.MustChange, u.PasswordUntil = true, g.Time.Now().Add(api.OneTimeLife) })
	g.Time.Pass(api.OneTimeLife)
	if _, err := g.password(); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("got %v", err)
	}
}

// TestHashesAreMadeAnewWithTodaysCosts signs in after the costs of hashes were raised. See OWASP ASVS 5.0
// section 11.4.2.
func TestHashesAreMadeAnewWithTodaysCosts(t *testing.T) {
	t.Parallel()
	g := lettered(t, func(p *factor.Policy) { *p = *factor.Lenient(p.InstanceARN) })
	dear := password.NewHasher(password.Config{Rand: g.Random, Params: password.Params{Memory: 128, Time: 2, Threads: 1}})
	t.Cleanup(dear.Close)
	g.Services.Passwords = dear
	before := g.user()
	g.want(factor.Done)(g.password())
	after := g.user()
	if !strings.Contains(after.PasswordHash, "m=128,t=2") || after.Generation != before.Generation || after.Revision != before.Revision {
		t.Errorf("before %q, after %q", before.PasswordHash, after.PasswordHash)
	}
	if _, err := g.who(); err != nil {
		t.Error(err)
	}
	g.want(factor.Done)(g.password())
	if again := g.user(); again.PasswordHash != after.PasswordHash {
		t.Error("made anew though it was fresh")
	}
}

// TestEarlierPasswordsOfAWSsRules changes the password by the rules of IAM Identity Center: see "Password requirements" in
// its User Guide.
func TestEarlierPasswordsOfAWSsRules(t *testing.T) {
	t.Parallel()
	g := lettered(t, func(p *factor.Policy) { *p = *factor.Lenient(p.InstanceARN); p.Passwords = factor.AWS })
	words := []string{"Quay-otter-1", "Quay-otter-2", "Quay-otter-3", "Quay-otter-4"}
	for _, word := range words {
		if _, err := g.spend(g.link(link.Reset), word); err != nil {
			t.Fatalf("%s: %v", word, err)
		}
	}
	for _, word := range words[1:] {
		if _, err := g.spend(g.link(link.Reset), word); !fault.Is(err, api.PasswordRefused) {
			t.Errorf("%s again: %v", word, err)
		}
	}
	if _, err := g.spend(g.link(link.Reset), words[0]); err != nil {
		t.Errorf("the one before the last three: %v", err)
	}
	_, err := g.spend(g.link(link.Reset), "alllowercase")
	if f := fault.As(err); f == nil || len(f.Fields["Objections"].([]string)) != 3 {
		t.Errorf("got %v", err)
	}
}

// TestADeviceIsRegisteredByALinkAndThePassword has lost the only device, and registers another by a link: after the
// password, and once. See NIST SP 800-63B-4 section 4.1.2.
func TestADeviceIsRegisteredByALinkAndThePassword(t *testing.T) {
	t.Parallel()
	g := lettered(t, func(p *factor.Policy) { p.OwnDevices = false })
	g.enrolled()
	g.want(factor.Prove)(g.password())
	sent := g.link(link.Registration)
	is, err := g.describe(sent)
	if err != nil || is.Purpose != "REGISTRATION" {
		t.Fatalf("got %+v, %v", is, err)
	}
	_, err = g.spend(sent, "not the password")
	g.refused(fault.Denied, "without the password", err)
	if g.browser.Session != "" {
		t.Error("the link signs in")
	}
	g.want(factor.Register)(g.spend(sent, secret))
	g.want(factor.Register)(g.spend(sent, secret)) // who was interrupted comes back
	first := g.attempt
	g.want(factor.Register)(g.spend(sent, secret))
	g.registerKey()
	if _, err := g.who(); err != nil {
		t.Errorf("in the end: %v", err)
	}
	_, err = g.spend(sent, secret)
	g.refused(fault.NotFound, "used twice", err)
	g.attempt = first
	_, err = call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: first, Kind: "TOTP"})
	g.refused(fault.Unauthenticated, "a second device by the same link", err)
	g.forget()
	g.want(factor.Prove)(g.password())
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestALinkToADeviceIsNoWayAround ends with the password, the address and the person, registers no kind that is forbidden,
// and does not spare who has to choose a password from doing so.
func TestALinkToADeviceIsNoWayAround(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*directory.User){
		"another password": func(u *directory.User) { u.PasswordHash += "x" }, "another address": func(u *directory.User) { u.Emails[0].Value = "p@acme.example" },
		"shut out": func(u *directory.User) { u.Disabled = true }, "signed out everywhere": func(u *directory.User) { u.Generation++ },
	} {
		g := lettered(t, nil)
		sent := g.link(link.Registration)
		g.change(change)
		if _, err := g.spend(sent, secret); !fault.Is(err, "ResourceNotFoundException") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	g := lettered(t, func(p *factor.Policy) { p.Kinds = []factor.Kind{factor.Key} })
	g.change(func(u *directory.User) { u.MustChange, u.PasswordUntil = true, g.Time.Now().Add(time.Hour) })
	sent := g.link(link.Registration)
	g.want(factor.Register)(g.spend(sent, secret))
	_, err := call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: "TOTP"})
	g.refused(fault.Denied, "an app where keys are asked for", err)
	g.want(factor.Choose)(g.addKey(fidotest.New(t, apitest.Origin)))
	late := g.link(link.Registration)
	g.Time.Pass(time.Hour)
	_, err = g.spend(late, secret)
	g.refused(fault.Denied, "a password that has ended", err)
}

// TestALinkToADeviceIsNoWayToGuess slows down who has the link and not the password.
func TestALinkToADeviceIsNoWayToGuess(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	sent := g.link(link.Registration)
	var err error
	for range 8 {
		_, err = g.spend(sent, "a guess")
	}
	g.refused(fault.Throttled, "guessing", err)
}

// TestForgettingTellsNothing asks for a link for who is there, who is not, who is shut out and who has no password: the
// same answer, by the same work: one letter in the outbox, and no hash. See OWASP ASVS 5.0 section 6.3.8.
func TestForgettingTellsNothing(t *testing.T) {
	t.Parallel()
	var sizes []int
	for name, change := range map[string]func(*directory.User){
		"known": func(*directory.User) {}, "unknown": func(u *directory.User) { u.UserName = "somebody else" },
		"shut out": func(u *directory.User) { u.Disabled = true }, "without a password": func(u *directory.User) { u.PasswordHash = "" },
		"without an address": func(u *directory.User) { u.Emails = nil },
	} {
		g := lettered(t, nil)
		g.change(change)
		g.Services.Passwords = nil // nothing is hashed
		out, err := call[self.RequestPasswordResetOutput](g, "RequestPasswordReset", &self.RequestPasswordResetInput{UserName: " PCollins"[1:]})
		letters := g.Letters()
		if err != nil || *out != (self.RequestPasswordResetOutput{}) || len(letters) != 1 || *letters[0] != (mail.Letter{Kind: mail.Forgotten,
			StoreID: apitest.StoreID, UserName: "pcollins", At: g.Time.Now()}) {
			t.Fatalf("%s: got %+v, %v, letters %+v", name, out, err, letters)
		}
		g.Update(func(tx *store.Tx) error {
			list, _, err := store.Outbox.List(tx, "all", nil, "", 0)
			sizes = append(sizes, len(list[0].Sealed))
			return err
		})
		reached := 0
		for range 3 {
			g.Update(func(tx *store.Tx) error {
				u, err := g.Remind(tx, letters[0], g.NewSecret())
				if u != nil {
					reached++
				}
				return err
			})
		}
		if want := map[string]int{"known": 1}[name]; reached != want {
			t.Errorf("%s: %d mails, want %d", name, reached, want)
		}
		g.Time.Pass(5 * time.Minute)
		g.Update(func(tx *store.Tx) error {
			u, err := g.Remind(tx, letters[0], g.NewSecret())
			if (u != nil) != (name == "known") {
				t.Errorf("%s: after a while: %+v", name, u)
			}
			return err
		})
	}
	if slices.Min(sizes) != slices.Max(sizes) {
		t.Errorf("letters have the sizes %v", sizes)
	}
}

// TestForgettingIsSlowedDown asks often, for one name and from one address. See OWASP ASVS 5.0 section 6.3.1.
func TestForgettingIsSlowedDown(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	asked := func(name string) error {
		_, err := call[self.RequestPasswordResetOutput](g, "RequestPasswordReset", &self.RequestPasswordResetInput{UserName: name})
		return err
	}
	for i := range 6 {
		if err := asked("pcollins"); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	g.refused(fault.Throttled, "for one name", asked("PCOLLINS"))
	if _, err := g.password(); err != nil {
		t.Errorf("it keeps the person from signing in: %v", err)
	}
	var err error
	for i := 0; i < 40 && err == nil; i++ {
		err = asked("somebody" + g.IDs.Hex(4))
	}
	g.refused(fault.Throttled, "from one address", err)
	g.Mailbox = nil
	g.Time.Pass(time.Hour)
	g.refused(fault.Unavailable, "without mail", asked("pcollins"))
	g.refused(fault.Unavailable, "without mail, of nobody", asked("nobody"))
	g.refused(fault.Invalid, "of no name", asked(""))
}

// TestNewRecoveryCodesAreToldOf makes recovery codes anew, of which a mail tells: see NIST SP 800-63B-4 section 4.6.
func TestNewRecoveryCodesAreToldOf(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	g.want(factor.Register)(g.password())
	g.registerApp()
	made, err := call[self.CreateRecoveryCodesOutput](g, "CreateRecoveryCodes", &self.CreateRecoveryCodesInput{})
	if err != nil {
		t.Fatal(err)
	}
	g.Secret(made.RecoveryCodes...)
	letters := slices.DeleteFunc(g.Letters(), func(l *mail.Letter) bool { return l.Kind != mail.RecoveryRenewed })
	if len(letters) != 1 || letters[0].To != "paula@acme.example" || letters[0].Address != "192.0.2.7" {
		t.Errorf("got %+v", letters)
	}
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}
