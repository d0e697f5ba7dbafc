package self_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sso"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func TestTheFirstSignInRegistersADevice(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	if _, err := g.who(); err == nil {
		t.Error("a password alone began a session")
	}
	a, out := g.registerApp()
	if len(out.RecoveryCodes) != factor.RecoveryCodes {
		t.Errorf("recovery codes: %v", out.RecoveryCodes)
	}
	if _, err := g.who(); err != nil {
		t.Fatal(err)
	}
	g.forget()
	g.want(factor.Prove)(g.password())
	said, err := call[self.DescribeSignInOutput](g, "DescribeSignIn", &self.DescribeSignInInput{Attempt: g.attempt})
	if err != nil || len(said.Apps) != 1 || said.Apps[0] != "Phone" || said.RecoveryCodes != 10 || !said.MayTrust {
		t.Errorf("got %+v, %v", said, err)
	}
	g.want(factor.Done)(g.code(a.show(), false))
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

func TestAKeyIsASecondStep(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	k := g.enrolledKey()
	g.want(factor.Prove)(g.password())
	answer := g.proof(k)
	attempt := g.attempt
	g.want(factor.Done)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, KeyAnswer: answer}))
	// The answer, and the attempt, are good once.
	_, err := g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: attempt, KeyAnswer: answer})
	g.refused(fault.Unauthenticated, "a replayed answer", err)
}

// TestAPasskeySignsInAlone without a name before it, once, and in time. See NIST SP 800-63B-4 section 2.2.2, and Web
// Authentication Level 3 section 14.6.2.
func TestAPasskeySignsInAlone(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Always })
	k := g.enrolledKey()
	asked, err := call[self.StartPasskeySignInOutput](g, "StartPasskeySignIn", &self.StartPasskeySignInInput{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(asked.Options, "allowCredentials\":[") {
		t.Error("the options name credentials: " + asked.Options)
	}
	in := &self.SignInWithPasskeyInput{Ticket: asked.Ticket, KeyAnswer: string(k.Get([]byte(asked.Options)))}
	g.want(factor.Done)(g.step("SignInWithPasskey", in))
	if _, err := g.who(); err != nil {
		t.Error(err)
	}
	_, err = g.step("SignInWithPasskey", in)
	g.refused(fault.Unauthenticated, "a ticket that was used", err)

	asked, _ = call[self.StartPasskeySignInOutput](g, "StartPasskeySignIn", &self.StartPasskeySignInInput{})
	in = &self.SignInWithPasskeyInput{Ticket: asked.Ticket, KeyAnswer: string(k.Get([]byte(asked.Options)))}
	g.Time.Pass(factor.ChallengeLife)
	_, err = g.step("SignInWithPasskey", in)
	g.refused(fault.Unauthenticated, "a ticket whose time is over", err)

	asked, _ = call[self.StartPasskeySignInOutput](g, "StartPasskeySignIn", &self.StartPasskeySignInInput{})
	k.Flags = fidotest.Present
	_, err = g.step("SignInWithPasskey", &self.SignInWithPasskeyInput{Ticket: asked.Ticket, KeyAnswer: string(k.Get([]byte(asked.Options)))})
	g.refused(fault.Denied, "a passkey that verified nobody", err)
}

// TestAPasskeyOfADisabledPersonSignsNobodyIn and is answered as an unknown one is. See Web Authentication Level 3 section 14.6.2.
func TestAPasskeyOfADisabledPersonSignsNobodyIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	k := g.enrolledKey()
	apitest.Change(g.World, store.Users, g.person.ID, func(u *directory.User) { u.Disabled = true })
	stranger := fidotest.New(t, apitest.Origin)
	stranger.Handle = bytes.Repeat([]byte{9}, factor.HandleSize)
	var said []string
	for _, k := range []*fidotest.Authenticator{k, stranger} {
		asked, _ := call[self.StartPasskeySignInOutput](g, "StartPasskeySignIn", &self.StartPasskeySignInInput{})
		_, err := g.step("SignInWithPasskey", &self.SignInWithPasskeyInput{Ticket: asked.Ticket, KeyAnswer: string(k.Get([]byte(asked.Options)))})
		g.refused(fault.Denied, "a passkey", err)
		said = append(said, err.Error())
	}
	if said[0] != said[1] {
		t.Errorf("the disabled and the unknown are told apart: %q", said)
	}
}

// TestACodeIsGoodOnce replays a code in another attempt. See RFC 6238 section 5.2.
func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	code := a.show()
	g.want(factor.Done)(g.code(code, false))
	g.forget()
	g.want(factor.Prove)(g.password())
	_, err := g.code(code, false)
	g.refused(fault.Denied, "the code again", err)
	g.want(factor.Done)(g.code(a.show(), false))
}

// TestGuessingSecondFactorsIsSlow has someone who knows the password guess codes, beginning again and again, and at once:
// the password that is right does not take back the tries at codes. See NIST SP 800-63B-4 section 3.2.2.
func TestGuessingSecondFactorsIsSlow(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	right, guesses := a.show(), 0
	for range 50 {
		if _, err := g.password(); err != nil {
			g.refused(fault.Throttled, "the password", err)
			continue
		}
		for range factor.MaxTries + 1 {
			_, err := g.code("000000", false)
			if f := fault.As(err); f != nil && f.Kind == fault.Denied {
				guesses++
			}
		}
	}
	if guesses > 6 {
		t.Errorf("%d guesses were looked at without a pause", guesses)
	}
	_, err := g.code(right, false)
	if err == nil {
		t.Error("the right code was accepted during the pause")
	}
	g.Time.Pass(5 * time.Minute) // nobody is locked out
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), false))
}

// TestGuessingOtherProofsIsSlow has someone guess what is asked for in the place of a code of an app, and begin again and again.
// See NIST SP 800-63B-4 section 3.2.2 and OWASP ASVS 5.0 section 6.3.1.
func TestGuessingOtherProofsIsSlow(t *testing.T) {
	t.Parallel()
	password := func(g *gate) error { _, err := g.password(); return err }
	for name, c := range map[string]struct {
		policy func(*factor.Policy)
		before func(*gate)
		begin  func(*gate) error
		guess  self.ContinueSignInInput
	}{
		"a code by mail":  {mailed, func(*gate) {}, password, self.ContinueSignInInput{MailedCode: "000000"}},
		"a recovery code": {nil, func(g *gate) { g.enrolled() }, password, self.ContinueSignInInput{RecoveryCode: "0000-0000-0000-0000"}},
		"the password again, in somebody's browser": {func(p *factor.Policy) { p.Prompt = factor.Never },
			func(g *gate) { g.want(factor.Done)(g.password()); g.Time.Pass(time.Hour) },
			func(g *gate) error { _, err := g.step("StepUp", &self.StepUpInput{}); return err }, self.ContinueSignInInput{Password: "wrong"}},
	} {
		g := lettered(t, c.policy)
		c.before(g)
		guess := func() error {
			in := c.guess
			in.Attempt = g.attempt
			_, err := call[self.SignInOutput](g, "ContinueSignIn", &in)
			return err
		}
		guesses := 0
		for range 20 {
			if err := c.begin(g); err != nil {
				g.refused(fault.Throttled, name, err)
				continue
			}
			for range factor.MaxTries + 1 {
				if f := fault.As(guess()); f != nil && f.Kind == fault.Denied {
					guesses++
				}
			}
		}
		if guesses < factor.MaxTries || guesses > factor.MaxTries+1 {
			t.Errorf("%s: %d guesses were looked at without a pause", name, guesses)
		}
		g.Time.Pass(5 * time.Minute) // nobody is locked out
		if err := c.begin(g); err != nil {
			t.Fatal(name, err)
		}
		g.refused(fault.Denied, name+" after the pause", guess())
	}
}

// TestAnAttemptHasFewTries even if every node of a server is asked, of which each throttles by itself.
func TestAnAttemptHasFewTries(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	for range factor.MaxTries {
		g.Time.Pass(time.Minute)
		_, err := g.code("000000", false)
		g.refused(fault.Denied, "a guess", err)
	}
	g.Time.Pass(time.Minute)
	_, err := g.code(a.show(), false)
	g.refused(fault.Unauthenticated, "an attempt without tries left", err)
}

func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*gate){
		"by time": func(g *gate) { g.Time.Pass(factor.AttemptLife) },
		"by a new password": func(g *gate) {
			apitest.Change(g.World, store.Users, g.person.ID, func(u *directory.User) { u.PasswordHash, u.Generation = "x", u.Generation+1 })
		},
		"by disabling": func(g *gate) {
			apitest.Change(g.World, store.Users, g.person.ID, func(u *directory.User) { u.Disabled = true })
		},
		"by a device that was removed": func(g *gate) {
			g.Update(func(tx *store.Tx) error {
				list, _, err := store.Factors.List(tx, "owner", []any{g.person.ID}, "", 0)
				if err != nil {
					return err
				}
				return store.Factors.Delete(tx, list[0])
			})
		},
	} {
		g := newGate(t, nil)
		a := g.enrolled()
		g.want(factor.Prove)(g.password())
		end(g)
		_, err := g.code(a.show(), false)
		g.refused(fault.Unauthenticated, name, err)
	}
}

// TestMalformedSecretsAreNobodys: nothing but an exact secret is looked up (authentik CVE-2026-25748).
func TestMalformedSecretsAreNobodys(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.enrolled()
	g.want(factor.Prove)(g.password())
	for _, bad := range []string{"", "x", g.attempt + "=", g.attempt[1:], g.attempt + "A", strings.Repeat("A", 43), "\x00", " " + g.attempt} {
		_, err := call[self.DescribeSignInOutput](g, "DescribeSignIn", &self.DescribeSignInInput{Attempt: bad})
		g.refused(fault.Unauthenticated, "the attempt "+bad, err)
		_, err = call[self.SignInOutput](g, "ContinueSignIn", &self.ContinueSignInInput{Attempt: bad, Code: "000000"})
		g.refused(fault.Unauthenticated, "the attempt "+bad, err)
		g.browser.Session = bad
		_, err = g.who()
		g.refused(fault.Unauthenticated, "the session "+bad, err)
		_, err = call[self.SignInOutput](g, "SignInWithPasskey", &self.SignInWithPasskeyInput{Ticket: bad, KeyAnswer: "{}"})
		g.refused(fault.Unauthenticated, "the ticket "+bad, err)
	}
}

// TestNoStepIsSkipped asks for each step in attempts that are at another.
func TestNoStepIsSkipped(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.enrolled()
	g.want(factor.Prove)(g.password())
	for _, kind := range []string{"TOTP", "WEBAUTHN"} {
		_, err := call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: kind})
		g.refused(fault.Unauthenticated, "registering before the proof", err)
		_, err = g.step("CompleteDevice", &self.CompleteDeviceInput{Attempt: g.attempt, Kind: kind, Name: "x"})
		g.refused(fault.Unauthenticated, "registering before the proof", err)
	}
	_, err := g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Password: secret})
	g.refused(fault.Unauthenticated, "the password in place of the second step", err)
}

// TestARecoveryCodeIsNoWayAroundTheAdministrator has one from before the policy took people's devices from them.
func TestARecoveryCodeIsNoWayAroundTheAdministrator(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	_, out := g.registerApp()
	g.policy(func(p *factor.Policy) { p.OwnDevices = false })
	g.forget()
	g.want(factor.Prove)(g.password())
	_, err := g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: out.RecoveryCodes[0]})
	g.refused(fault.Denied, "a recovery code", err)
}

func TestPoliciesAreKept(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.NoDevice = factor.BlockSignIn })
	_, err := g.password()
	g.refused(fault.Denied, "without a device", err)
	g = newGate(t, func(p *factor.Policy) { p.NoDevice = factor.AllowSignIn })
	g.want(factor.Done)(g.password())
	g = newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	out := g.want(factor.Done)(g.password())
	if !out.SessionEndsAt.Equal(g.Time.Now().Add(factor.DefaultSession)) {
		t.Errorf("it lasts until %v", out.SessionEndsAt)
	}
	g = newGate(t, func(p *factor.Policy) { p.Prompt, p.Session = factor.Never, 15*time.Minute })
	g.want(factor.Done)(g.password())
	g.Time.Pass(15 * time.Minute)
	_, err = g.who()
	g.refused(fault.Unauthenticated, "a session after its end", err)
	g = newGate(t, func(p *factor.Policy) { p.Kinds = []factor.Kind{factor.Key} })
	g.want(factor.Register)(g.password())
	_, err = call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: "TOTP"})
	g.refused(fault.Denied, "an app where only keys are allowed", err)
}

// TestABrowserIsTrustedFromTheFirstDeviceOn, as AWS has it with "This is a trusted device", but not where nobody may trust,
// and not by who adds a device while they are signed in.
func TestABrowserIsTrustedFromTheFirstDeviceOn(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	first, _ := g.newApp(true)
	g.forget()
	g.want(factor.Done)(g.password())
	g.trust = ""
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{Register: true}))
	g.want(factor.Register)(g.code(first.show(), false))
	g.newApp(true)
	if g.trust != "" {
		t.Error("a device that was added later has the browser trusted")
	}
	g = newGate(t, func(p *factor.Policy) { p.Prompt = factor.Always })
	g.want(factor.Register)(g.password())
	g.newApp(true)
	if g.trust != "" {
		t.Error("a browser is trusted where everybody is always asked")
	}
}

// TestATrustedBrowserIsAskedAgainWhereItMatters. See "Prompt users for MFA" in the IAM Identity Center User Guide, and
// OWASP ASVS 5.0 section 6.3.
func TestATrustedBrowserIsAskedAgainWhereItMatters(t *testing.T) {
	t.Parallel()
	trusting := func(g *gate) *app {
		a := g.enrolled()
		g.want(factor.Prove)(g.password())
		g.want(factor.Done)(g.code(a.show(), true))
		if g.trust == "" {
			t.Fatal("the browser is not trusted")
		}
		g.forget()
		return a
	}
	g := newGate(t, nil)
	trusting(g)
	g.browser.Address = netip.MustParseAddr("192.0.2.200") // the same network
	g.want(factor.Done)(g.password())
	for name, change := range map[string]func(*gate){
		"another network":  func(g *gate) { g.browser.Address = netip.MustParseAddr("198.51.100.7") },
		"no address":       func(g *gate) { g.browser.Address = netip.Addr{} },
		"another browser":  func(g *gate) { g.browser.UserAgent = strings.ReplaceAll(g.browser.UserAgent, "Firefox", "Chrome") },
		"a changed cookie": func(g *gate) { g.trust = "B" + g.trust[1:] },
		"another's cookie": func(g *gate) {
			g.person = g.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "x", secret)
		},
		"after thirty days": func(g *gate) { g.Time.Pass(factor.TrustLife) },
		"always-on":         func(g *gate) { g.policy(func(p *factor.Policy) { p.Prompt = factor.Always }) },
		"blocking":          func(g *gate) { g.policy(func(p *factor.Policy) { p.NoDevice = factor.BlockSignIn }) },
		"revoked": func(g *gate) {
			apitest.Change(g.World, store.Users, g.person.ID, func(u *directory.User) { u.Generation++ })
		},
		"another device": func(g *gate) {
			apitest.Save(g.World, store.Factors, &factor.Device{ID: "new", Owner: g.person.ID, Kind: factor.App, Name: "x"})
		},
	} {
		g := newGate(t, nil)
		trusting(g)
		old := g.person.UserName
		change(g)
		want := factor.Prove
		if g.person.UserName != old {
			want = factor.Register // the other has none
		}
		out, err := g.step("SignIn", &self.SignInInput{UserName: g.person.UserName, Password: secret, Trust: g.trust})
		if err != nil || out.Next != string(want) {
			t.Errorf("%s: got %+v, %v", name, out, err)
		}
	}
	g = newGate(t, func(p *factor.Policy) { p.Prompt = factor.Always })
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	if out := g.want(factor.Done)(g.code(a.show(), true)); out.Trust != "" {
		t.Error("a browser is trusted where everybody is always asked")
	}
}

func (g *gate) policy(change func(*factor.Policy)) {
	g.t.Helper()
	apitest.Change(g.World, store.SignInPolicies, apitest.InstanceARN, change)
}

// TestARecoveryCodeReplacesALostDevice: it is good once, and leads to a new device and nowhere else. See NIST SP 800-63B-4
// sections 3.1.2 and 4.2.
func TestARecoveryCodeReplacesALostDevice(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	_, out := g.registerApp()
	codes := out.RecoveryCodes
	g.forget()
	recover := func(code string) (*self.SignInOutput, error) {
		g.want(factor.Prove)(g.password())
		return g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: code, Trust: true})
	}
	g.want(factor.Register)(recover(strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))))
	if g.trust != "" {
		t.Error("a recovery code had the browser trusted")
	}
	if _, again := g.registerApp(); again.RecoveryCodes != nil {
		t.Error("new codes were made although there are some")
	}
	g.forget()
	for _, code := range []string{codes[3], "0000-0000-0000-0000", "", "x"} {
		_, err := recover(code)
		g.refused(fault.Denied, "the code "+code, err)
	}
	g.want(factor.Register)(recover(codes[4]))
}

// TestOneKeyIsOnePersons registers a key that is another person's. See Web Authentication Level 3 section 7.1.
func TestOneKeyIsOnePersons(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	k := g.enrolledKey()
	g.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "thief", secret)
	g.want(factor.Register)(g.step("SignIn", &self.SignInInput{UserName: "thief", Password: secret}))
	_, err := g.addKey(k)
	g.refused(fault.Conflict, "another's key", err)
	g.want(factor.Done)(g.addKey(fidotest.New(t, apitest.Origin)))
}

// TestUserHandlesSayNothing. See section 14.6.1 of Web Authentication Level 3.
func TestUserHandlesSayNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	k := g.enrolledKey()
	if len(k.Handle) != 64 || bytes.Contains(k.Handle, []byte(g.person.ID)) || bytes.Contains(k.Handle, []byte("pcollins")) {
		t.Errorf("the handle is %q", k.Handle)
	}
}

// TestSecretsAreKeptSealed looks for what proves a person in the database. See RFC 4226 section 4.
func TestSecretsAreKeptSealed(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	a, out := g.registerApp()
	g.Update(func(tx *store.Tx) error {
		return store.Factors.Each(tx, func(d *factor.Device) error {
			if bytes.Contains(d.SealedSecret, a.secret) || len(d.SealedSecret) == 0 {
				t.Error("the app's secret is kept as it is")
			}
			return nil
		})
	})
	h, err := api.Invoke[self.WhoAmIOutput](t.Context(), g.Corridor, g.browser, self.Name, "WhoAmI", &self.WhoAmIInput{})
	if err != nil || h == nil {
		t.Fatal(err)
	}
	g.Update(func(tx *store.Tx) error {
		h, err := store.Holders.Get(tx, g.person.ID)
		if err != nil {
			return err
		}
		for i, mac := range h.Codes {
			if strings.Contains(string(mac), strings.ReplaceAll(out.RecoveryCodes[i], "-", "")) {
				t.Error("a recovery code is kept as it is")
			}
		}
		return nil
	})
}

// TestMFAIsWhatThisSessionProved follows the proof into the credentials of a role.
func TestMFAIsWhatThisSessionProved(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), true))
	proved := g.Time.Now()
	at := func() time.Time {
		g.t.Helper()
		s := g.State.Current().PortalBySecret(api.HashSecret(g.browser.Session))
		if s == nil {
			t.Fatal("nobody is signed in")
		}
		return s.MFAAt
	}
	if !at().Equal(proved) {
		t.Errorf("proved at %v, want %v", at(), proved)
	}
	g.forget()
	g.want(factor.Done)(g.password()) // by trust
	if !at().IsZero() {
		t.Error("a trusted browser counts as MFA")
	}
}

// TestMFAReachesTheKeysOfARole. See aws:MultiFactorAuthPresent and aws:MultiFactorAuthAge under "AWS global condition
// context keys" in the IAM User Guide.
func TestMFAReachesTheKeysOfARole(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.NoDevice = factor.AllowSignIn })
	g.Assign(g.Set(&permission.Instance{ARN: apitest.InstanceARN}, "Admin", permission.Grants{}), apitest.Management, g.person)
	keys := func() time.Time {
		t.Helper()
		account, role := string(apitest.Management), "Admin"
		out, err := api.Invoke[sso.GetRoleCredentialsOutput](t.Context(), g.Corridor, g.browser, "sso", "GetRoleCredentials",
			&sso.GetRoleCredentialsInput{AccountId: &account, RoleName: &role})
		if err != nil {
			t.Fatal(err)
		}
		claims, _, err := g.Seal.Open(*out.RoleCredentials.AccessKeyId, *out.RoleCredentials.SessionToken, g.Time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return claims.MFAAt
	}
	g.want(factor.Done)(g.password())
	if at := keys(); !at.IsZero() {
		t.Errorf("a password alone counts as MFA, proved at %v", at)
	}
	g.want(factor.Register)(g.step("StepUp", &self.StepUpInput{Register: true}))
	a, _ := g.registerApp()
	g.forget()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), false))
	proved := g.Time.Now()
	g.Time.Pass(time.Hour)
	if at := keys(); !at.Equal(proved) {
		t.Errorf("proved at %v, want %v", at, proved)
	}
	g.policy(func(p *factor.Policy) { p.StepUpKeys = true })
	account, role := string(apitest.Management), "Admin"
	in := &sso.GetRoleCredentialsInput{AccountId: &account, RoleName: &role}
	if _, err := g.Corridor.Invoke(t.Context(), g.browser, "sso", "GetRoleCredentials", in); !fault.Is(err, api.StepUp) {
		t.Errorf("keys an hour after the proof: %v", err)
	}
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{}))
	g.want(factor.Done)(g.code(a.show(), false))
	keys()
}

// TestABurstOfGuessesIsCounted. See Keycloak CVE-2024-4629.
func TestABurstOfGuessesIsCounted(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.enrolled()
	g.want(factor.Prove)(g.password())
	var looked atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := call[self.SignInOutput](g, "ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Code: "000000"})
			if f := fault.As(err); err == nil || f != nil && f.Kind == fault.Denied {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if n := looked.Load(); n > factor.MaxTries {
		t.Errorf("%d guesses were looked at", n)
	}
}

// TestAFreshProofChangesTheSession. See OWASP ASVS 5.0 sections 7.2.4 and 7.5, and Keycloak CVE-2024-7341.
func TestAFreshProofChangesTheSession(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), false))
	if out, err := g.step("StepUp", &self.StepUpInput{}); err != nil || out.Next != "DONE" || out.Secret != "" {
		t.Errorf("a fresh sign-in is asked again: %+v, %v", out, err)
	}
	g.Time.Pass(time.Hour)
	before := g.browser.Session
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{Register: true}))
	out := g.want(factor.Register)(g.code(a.show(), false))
	if out.Secret == "" || out.Secret == before {
		t.Error("the session's secret is the old one")
	}
	k := g.registerKey()
	after := g.browser.Session
	g.browser.Session = before
	_, err := g.who()
	g.refused(fault.Unauthenticated, "the secret before", err)
	g.browser.Session = after
	if _, err := g.who(); err != nil {
		t.Error(err)
	}
	g.forget()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, KeyAnswer: g.proof(k)}))
}

func TestWithoutADeviceThePasswordIsTheFreshProof(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	g.want(factor.Done)(g.password())
	g.Time.Pass(time.Hour)
	g.want(factor.Renew)(g.step("StepUp", &self.StepUpInput{Register: true}))
	_, err := g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Password: "wrong"})
	g.refused(fault.Denied, "a wrong password", err)
	_, err = g.code("000000", false)
	g.refused(fault.Unauthenticated, "a code where the password is wanted", err)
	g.want(factor.Register)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Password: secret}))
	g.registerApp()
	// The attempt belongs to the session: it ends with it.
	g.Time.Pass(time.Hour)
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{}))
	if _, err := call[self.SignOutOutput](g, "SignOut", &self.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	_, err = g.code("000000", false)
	g.refused(fault.Unauthenticated, "after the sign-out", err)
}

func TestThereIsRoomForSoManyDevices(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	g.want(factor.Done)(g.password())
	for n := 1; n <= factor.MaxKeys; n++ {
		g.want(factor.Register)(g.step("StepUp", &self.StepUpInput{Register: true}))
		g.registerKey()
	}
	g.want(factor.Register)(g.step("StepUp", &self.StepUpInput{Register: true}))
	_, err := call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: "WEBAUTHN"})
	g.refused(fault.Limit, "one key more", err)
	g.registerApp()
}

// TestTheTrailHasAWSsNames. See "IAM Identity Center information in CloudTrail" in the IAM Identity Center User Guide.
func TestTheTrailHasAWSsNames(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	_, _ = g.code("000000", false)
	g.want(factor.Done)(g.code(a.show(), false))
	var got []string
	for _, r := range g.Records() {
		var d struct{ CredentialType string }
		_ = json.Unmarshal(r.Details, &d)
		outcome := ""
		if r.ErrorCode != "" {
			outcome = "!"
		}
		got = append(got, r.Operation+" "+d.CredentialType+outcome)
	}
	want := []string{"CredentialVerification PASSWORD", "StartVirtualMfaDeviceRegistration TOTP", "CompleteVirtualMfaDeviceRegistration TOTP",
		"UserAuthentication TOTP", "CredentialVerification PASSWORD", "CredentialVerification TOTP!", "UserAuthentication TOTP"}
	slices.Sort(got) // what failed is in a block, which is written later
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAnIdleSessionEnds. See OWASP ASVS 5.0 section 7.3.
func TestAnIdleSessionEnds(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt, p.Idle = factor.Never, 20*time.Minute })
	g.want(factor.Done)(g.password())
	for range 5 {
		g.Time.Pass(15 * time.Minute)
		if _, err := g.who(); err != nil {
			t.Fatal("in use:", err)
		}
	}
	g.Time.Pass(20 * time.Minute)
	_, err := g.who()
	g.refused(fault.Unauthenticated, "an idle session", err)
	g.want(factor.Done)(g.password())
	for range 40 { // the limit of the whole holds nevertheless
		g.Time.Pass(12 * time.Minute)
		_, err = g.who()
	}
	g.refused(fault.Unauthenticated, "a session after eight hours", err)
}
