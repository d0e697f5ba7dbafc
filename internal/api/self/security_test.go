package self_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func (g *gate) security() *self.DescribeSecurityOutput {
	g.t.Helper()
	out, err := call[self.DescribeSecurityOutput](g, "DescribeSecurity", &self.DescribeSecurityInput{})
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// TestPeopleManageTheirDevices has a person rename, add and remove devices, and keep the last that the policy asks for. See NIST
// SP 800-63B-4 section 4.1.2.
func TestPeopleManageTheirDevices(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	a, first := g.registerApp()
	s := g.security()
	if len(s.Devices) != 1 || s.Devices[0].Name != "Phone" || s.RecoveryCodes != 10 || !s.MayAdd || s.MayRemoveLast || !s.Fresh || s.MinPassword != 15 {
		t.Fatalf("got %+v", s)
	}
	phone := s.Devices[0].ID
	if _, err := call[self.RenameDeviceOutput](g, "RenameDevice", &self.RenameDeviceInput{ID: phone, Name: " Old phone "}); err != nil {
		t.Error(err)
	}
	remove := func() error {
		_, err := call[self.RemoveDeviceOutput](g, "RemoveDevice", &self.RemoveDeviceInput{ID: phone})
		return err
	}
	// The last one stays where everybody needs one (OWASP ASVS 5.0 section 6.4).
	g.refused(fault.Conflict, "the last device", remove())
	g.want(factor.Register)(g.step("StepUp", &self.StepUpInput{Register: true}))
	g.registerKey()
	g.Time.Pass(time.Hour)
	if err := remove(); !fault.Is(err, api.StepUp) {
		t.Errorf("without a fresh proof: %v", err)
	}
	if _, err := call[self.CreateRecoveryCodesOutput](g, "CreateRecoveryCodes", &self.CreateRecoveryCodesInput{}); !fault.Is(err, api.StepUp) {
		t.Errorf("without a fresh proof: %v", err)
	}
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{}))
	g.want(factor.Done)(g.code(a.show(), false))
	made, err := call[self.CreateRecoveryCodesOutput](g, "CreateRecoveryCodes", &self.CreateRecoveryCodesInput{})
	if err != nil || len(made.RecoveryCodes) != 10 {
		t.Fatal(made, err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	g.refused(fault.NotFound, "twice", remove())
	if s := g.security(); len(s.Devices) != 1 || s.Devices[0].Kind != "WEBAUTHN" {
		t.Errorf("got %+v", s)
	}
	g.forget()
	g.want(factor.Prove)(g.password())
	_, err = g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: first.RecoveryCodes[0]})
	g.refused(fault.Denied, "a code that was replaced", err)
	g.want(factor.Register)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: made.RecoveryCodes[0]}))
}

func TestDevicesAreTheAdministratorsWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.OwnDevices = false })
	g.want(factor.Register)(g.password())
	_, out := g.registerApp()
	s := g.security()
	if s.MayManage || s.MayAdd || s.RecoveryCodes != 0 || len(out.RecoveryCodes) != 0 {
		t.Errorf("got %+v, and %d recovery codes", s, len(out.RecoveryCodes))
	}
	_, err := call[self.CreateRecoveryCodesOutput](g, "CreateRecoveryCodes", &self.CreateRecoveryCodesInput{})
	g.refused(fault.Denied, "recovery codes", err) // each leads to a device of the person's choice
	_, err = g.step("StepUp", &self.StepUpInput{Register: true})
	g.refused(fault.Denied, "adding", err)
	_, err = call[self.RenameDeviceOutput](g, "RenameDevice", &self.RenameDeviceInput{ID: s.Devices[0].ID, Name: "x"})
	g.refused(fault.Denied, "renaming", err)
	_, err = call[self.RemoveDeviceOutput](g, "RemoveDevice", &self.RemoveDeviceInput{ID: s.Devices[0].ID})
	g.refused(fault.Denied, "removing", err)
}

// TestNobodyReachesAnothersDevicesAndSessions has one person name what is another's.
func TestNobodyReachesAnothersDevicesAndSessions(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	g.registerApp()
	victim := g.security()
	g.forget()
	g.Person(g.State.Current().InstanceAt(""), "thief", secret)
	g.want(factor.Register)(g.step("SignIn", &self.SignInInput{UserName: "thief", Password: secret}))
	g.registerApp()
	_, err := call[self.RenameDeviceOutput](g, "RenameDevice", &self.RenameDeviceInput{ID: victim.Devices[0].ID, Name: "mine"})
	g.refused(fault.NotFound, "renaming", err)
	_, err = call[self.RemoveDeviceOutput](g, "RemoveDevice", &self.RemoveDeviceInput{ID: victim.Devices[0].ID})
	g.refused(fault.NotFound, "removing", err)
	_, err = call[self.EndSessionsOutput](g, "EndSessions", &self.EndSessionsInput{ID: victim.Sessions[0].ID})
	g.refused(fault.NotFound, "ending", err)
	if _, err = call[self.EndSessionsOutput](g, "EndSessions", &self.EndSessionsInput{Others: true}); err != nil {
		t.Error(err)
	}
	if g.State.Current().Portal(victim.Sessions[0].ID) == nil {
		t.Error("another's session was ended")
	}
}

func TestPeopleEndTheirOtherSessions(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	var browsers []string
	for range 3 {
		g.want(factor.Done)(g.password())
		browsers = append(browsers, g.browser.Session)
		g.forget()
	}
	g.browser.Session = browsers[2]
	var others []string
	for _, s := range g.security().Sessions {
		if !s.Current {
			others = append(others, s.ID)
		}
		if s.Client != "Firefox on Linux" || s.Program || s.MFA {
			t.Errorf("got %+v", s)
		}
	}
	if len(others) != 2 {
		t.Fatalf("got %v", others)
	}
	if _, err := call[self.EndSessionsOutput](g, "EndSessions", &self.EndSessionsInput{ID: others[0]}); err != nil {
		t.Fatal(err)
	}
	if n := len(g.security().Sessions); n != 2 {
		t.Errorf("%d sessions are left", n)
	}
	if _, err := call[self.EndSessionsOutput](g, "EndSessions", &self.EndSessionsInput{Others: true}); err != nil {
		t.Fatal(err)
	}
	for i, secret := range browsers {
		g.browser.Session = secret
		if _, err := g.who(); (err == nil) != (i == 2) {
			t.Errorf("browser %d: %v", i, err)
		}
	}
}

// TestANewPasswordEndsAllElse. See OWASP ASVS 5.0 section 7.4.3, and NIST SP 800-63B-4 section 3.1.1.2.
func TestANewPasswordEndsAllElse(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), true))
	elsewhere := g.browser.Session
	g.forget()
	g.want(factor.Done)(g.password()) // by trust
	change := func(to string) error {
		_, err := g.step("ChangePassword", &self.ChangePasswordInput{Password: to})
		return err
	}
	prove := func() {
		g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{}))
		g.want(factor.Done)(g.code(a.show(), false))
	}
	if err := change("nine herons cross the fen"); !fault.Is(err, api.StepUp) {
		t.Fatalf("trust is a fresh proof: %v", err)
	}
	prove()
	before := g.browser.Session
	for _, bad := range []string{"short", "aaaaaaaaaaaaaaaaaaaa", "pcollins pcollins", "a\x00bbbbbbbbbbbbbbbbbbbb", strings.Repeat("xy 1", 100)} {
		g.refused(fault.Invalid, "the password "+bad, change(bad))
	}
	g.Time.Pass(time.Hour)
	const next = "Zwölf Häuser am Kanal"
	g.Secret(next)
	if err := change(next); !fault.Is(err, api.StepUp) {
		t.Fatalf("without a fresh proof: %v", err)
	}
	prove()
	if err := change(next); err != nil {
		t.Fatal(err)
	}
	if _, err := g.who(); err != nil {
		t.Error("the browser that asked is out:", err)
	}
	for _, secret := range []string{elsewhere, before} {
		g.browser.Session = secret
		_, err := g.who()
		g.refused(fault.Unauthenticated, "a session from before", err)
	}
	g.forget()
	_, err := g.password()
	g.refused(fault.Denied, "the old password", err)
	// The same text from another keyboard, and no trust any more.
	decomposed := strings.NewReplacer("ö", "o\u0308", "ä", "a\u0308").Replace(next)
	g.want(factor.Prove)(g.step("SignIn", &self.SignInInput{UserName: "pcollins", Password: decomposed, Trust: g.trust}))
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestTrustChangesNothing has who knows a password sit at a browser that its owner trusts: they get in, and can make nothing
// of it that lasts. See OWASP ASVS 5.0 section 7.5.1 and NIST SP 800-63B-4 section 4.1.2.
func TestTrustChangesNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	a := g.enrolled()
	g.want(factor.Prove)(g.password())
	g.want(factor.Done)(g.code(a.show(), true))
	mine := g.security()
	g.forget()
	g.want(factor.Done)(g.password()) // by trust
	for operation, in := range map[string]any{
		"RenameDevice": &self.RenameDeviceInput{ID: mine.Devices[0].ID, Name: "Mine now"}, "RemoveDevice": &self.RemoveDeviceInput{ID: mine.Devices[0].ID},
		"CreateRecoveryCodes": &self.CreateRecoveryCodesInput{}, "ChangePassword": &self.ChangePasswordInput{Password: "nine herons cross the fen"},
		"EndSessions": &self.EndSessionsInput{Others: true},
	} {
		if _, err := g.Corridor.Invoke(t.Context(), g.browser, self.Name, operation, in); !fault.Is(err, api.StepUp) {
			t.Errorf("%s: %v", operation, err)
		}
	}
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{Register: true}))
}

// TestARecoveryCodeIsNoStepUp has who took over a session come with a code that they found, which leads to a new device
// and so is for signing in.
func TestARecoveryCodeIsNoStepUp(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.want(factor.Register)(g.password())
	_, out := g.registerApp()
	g.Time.Pass(time.Hour)
	g.want(factor.Prove)(g.step("StepUp", &self.StepUpInput{}))
	wants, err := call[self.DescribeSignInOutput](g, "DescribeSignIn", &self.DescribeSignInInput{Attempt: g.attempt})
	if err != nil || wants.RecoveryCodes != 0 {
		t.Errorf("%d recovery codes are offered: %v", wants.RecoveryCodes, err)
	}
	_, err = g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: out.RecoveryCodes[0]})
	g.refused(fault.Invalid, "a recovery code", err)
	g.forget()
	g.want(factor.Prove)(g.password())
	g.want(factor.Register)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: out.RecoveryCodes[0]}))
}
