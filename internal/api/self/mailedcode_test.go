package self_test

import (
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
)

func mailed(p *factor.Policy) { p.NoDevice = factor.EmailCode }

// mailedCode returns the newest code that was mailed.
func (g *gate) mailedCode() (code string) {
	g.t.Helper()
	var at time.Time
	for _, l := range g.Letters() {
		if l.Kind == mail.Code && !l.At.Before(at) {
			code, at = l.Code, l.At
		}
	}
	g.Secret(code)
	return code
}

func (g *gate) typeCode(code string) (*self.SignInOutput, error) {
	g.t.Helper()
	return g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, MailedCode: code})
}

// TestACodeByMailIsForOneBrowser signs in who has no device. See NIST SP 800-63B-4 section 3.1.3.1 and
// OWASP ASVS 5.0 section 6.6.3.
func TestACodeByMailIsForOneBrowser(t *testing.T) {
	t.Parallel()
	g := lettered(t, mailed)
	g.want(factor.Mailed)(g.password())
	other := g.attempt
	code := g.mailedCode()
	if len(code) != 6 {
		t.Fatalf("the code is %q", code)
	}
	g.Time.Pass(time.Second)
	g.forget()
	g.want(factor.Mailed)(g.password()) // another browser, which knows the password
	if _, err := g.typeCode(code); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("the code of another browser: %v", err)
	}
	g.attempt = other
	if _, err := g.code(code, false); !fault.Is(err, "UnauthorizedException") {
		t.Errorf("as the code of an app: %v", err)
	}
	g.want(factor.Done)(g.typeCode(code[:3] + " " + code[3:]))
	var s = g.security()
	if len(s.Sessions) != 1 || s.Sessions[0].MFA {
		t.Errorf("a code by mail counts as a second factor: %+v", s.Sessions)
	}
	g.attempt = other
	if _, err := g.typeCode(code); !fault.Is(err, "UnauthorizedException") {
		t.Errorf("used twice: %v", err)
	}
	if leaks := g.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestACodeByMailBearsFiveTriesAndTenMinutes types wrong codes, and a right one too late. See NIST SP 800-63B-4 section 3.1.3.1.
func TestACodeByMailBearsFiveTriesAndTenMinutes(t *testing.T) {
	t.Parallel()
	g := lettered(t, mailed)
	g.want(factor.Mailed)(g.password())
	code := g.mailedCode()
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	for range factor.MaxTries {
		g.refused(fault.Denied, "a wrong code", func() error { _, err := g.typeCode(wrong); return err }())
		g.Time.Pass(time.Minute)
	}
	if _, err := g.typeCode(code); fault.As(err) == nil {
		t.Error("a sixth try")
	}
	g.forget()
	g.Time.Pass(time.Hour)
	g.want(factor.Mailed)(g.password())
	code = g.mailedCode()
	g.Time.Pass(factor.AttemptLife)
	if _, err := g.typeCode(code); !fault.Is(err, "UnauthorizedException") {
		t.Errorf("after ten minutes: %v", err)
	}
}

// TestAnotherCodeTakesThePlaceOfTheFirst asks for codes until it has to wait: nobody fills a mailbox.
func TestAnotherCodeTakesThePlaceOfTheFirst(t *testing.T) {
	t.Parallel()
	g := lettered(t, mailed)
	g.want(factor.Mailed)(g.password())
	first := g.mailedCode()
	again := func() error {
		_, err := call[self.SendCodeOutput](g, "SendCode", &self.SendCodeInput{Attempt: g.attempt})
		return err
	}
	g.Time.Pass(time.Second)
	if err := again(); err != nil {
		t.Fatal(err)
	}
	second := g.mailedCode()
	if first == second {
		t.Skip("the codes happen to be the same")
	}
	if _, err := g.typeCode(first); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("the first code: %v", err)
	}
	var err error
	for i := 0; i < 10 && err == nil; i++ {
		err = again()
	}
	g.refused(fault.Throttled, "many codes", err)
}

func TestWhoGetsNoMailIsToldSo(t *testing.T) {
	t.Parallel()
	g := lettered(t, mailed)
	g.change(func(u *directory.User) { u.Emails = nil })
	if _, err := g.password(); !fault.Is(err, self.Blocked) {
		t.Errorf("without an address: %v", err)
	}
	g = lettered(t, mailed)
	g.Mailbox = nil
	if _, err := g.password(); !fault.Is(err, self.Blocked) {
		t.Errorf("without mail: %v", err)
	}
}

// TestPeopleAreToldOfTheirDevices adds and removes devices, and uses a recovery code. See OWASP
// ASVS 5.0 section 6.3.7 and NIST SP 800-63B-4 section 4.1.
func TestPeopleAreToldOfTheirDevices(t *testing.T) {
	t.Parallel()
	g := lettered(t, nil)
	told := func(kind mail.Kind) {
		t.Helper()
		letters := g.Letters()
		if len(letters) == 0 {
			t.Fatalf("nothing is told, want %s", kind)
		}
		if last := letters[len(letters)-1]; last.Kind != kind || last.To != "paula@acme.example" {
			t.Errorf("told %+v, want %s", last, kind)
		}
	}
	g.want(factor.Register)(g.password())
	_, out := g.registerApp()
	told(mail.DeviceAdded)
	g.forget()
	g.want(factor.Prove)(g.password())
	g.want(factor.Register)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, RecoveryCode: out.RecoveryCodes[0]}))
	told(mail.RecoveryUsed)
	g.registerKey()
	told(mail.DeviceAdded)
	for _, d := range g.security().Devices {
		if d.Kind == "TOTP" {
			if _, err := call[self.RemoveDeviceOutput](g, "RemoveDevice", &self.RemoveDeviceInput{ID: d.ID}); err != nil {
				t.Error(err)
			}
		}
	}
	told(mail.DeviceRemoved)
}
