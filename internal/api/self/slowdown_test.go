package self_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// from is another browser at an address.
func (g *gate) from(address string) *gate {
	other := *g
	other.browser.Address, other.browser.Session, other.trust, other.known = netip.MustParseAddr(address), "", "", ""
	return &other
}

// wrong tries a wrong password for a name.
func (g *gate) wrong(name string) error {
	_, err := call[self.SignInOutput](g, "SignIn", &self.SignInInput{UserName: name, Password: "wrong", Known: g.known})
	return err
}

// TestNobodyIsKeptOutByStrangers has strangers guess all day from many addresses. Who signed in with a browser before gets
// in with it, and it is no way to guess faster. See NIST SP 800-63B-4 section 3.2.2, OWASP ASVS 5.0 section 6.3.1, and "Slow
// Down Online Guessing Attacks with Device Cookies" of OWASP.
func TestNobodyIsKeptOutByStrangers(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	g.want(factor.Done)(g.password())
	for i := range 42 {
		stranger := g.from(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}).String())
		for fault.As(stranger.wrong("pcollins")).Kind != fault.Throttled {
		}
		g.Time.Pass(10 * time.Second)
	}
	g.want(factor.Done)(g.password())

	g.known = "x" + g.known[1:]
	if f := fault.As(g.wrong("pcollins")); f.Kind != fault.Throttled {
		t.Errorf("a forged note is taken: %v", f)
	}
	g.Time.Pass(time.Minute)
	g.want(factor.Done)(g.from("192.0.2.99").password())
	looked := 0
	for range 50 {
		if f := fault.As(g.wrong("pcollins")); f.Kind == fault.Denied {
			looked++
		}
	}
	if looked > 6 {
		t.Errorf("a known browser guesses %d times at once", looked)
	}
	if f := fault.As(g.wrong("somebody")); f.Kind != fault.Denied {
		t.Errorf("a note is for another name, too: %v", f)
	}
}

// TestSlowDownsAreOnRecord looks for the beginning and the end of each, and for nothing that somebody may have typed into the
// wrong field. See OWASP ASVS 5.0 section 16.3.3.
func TestSlowDownsAreOnRecord(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(p *factor.Policy) { p.Prompt = factor.Never })
	for i, name := range []string{"pcollins", "my own password"} {
		stranger := g.from(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}).String())
		for fault.As(stranger.wrong(name)).Kind != fault.Throttled {
		}
	}
	g.Time.Pass(time.Minute)
	g.want(factor.Done)(g.password())
	if err := g.RecordSlowdowns(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.Time.Pass(time.Hour)
	if err := g.RecordSlowdowns(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range g.Records() {
		if strings.HasPrefix(r.Operation, "SlowDown") {
			got = append(got, r.Operation+" "+string(r.Details))
		}
	}
	want := []string{`SlowDownBegan {"Of":"PASSWORD","userName":"pcollins"}`, `SlowDownBegan {"Of":"PASSWORD"}`,
		`SlowDownEnded {"Of":"PASSWORD","userName":"pcollins","Reason":"PROVED"}`, `SlowDownEnded {"Of":"PASSWORD","Reason":"FORGOTTEN"}`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestASlowDownSaysWhatWasTried has each kind of try slowed down, with the person at whom it was made where there is one.
func TestASlowDownSaysWhatWasTried(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(*factor.Policy) {})
	u := g.user()
	for i, c := range []struct{ name, want string }{
		{api.PasswordTries(u.StoreID, u.UserName), `{"Of":"PASSWORD","userName":"pcollins"}`},
		{api.KnownTries(api.PasswordTries(u.StoreID, u.UserName)), `{"Of":"PASSWORD","userName":"pcollins"}`},
		{api.FactorTries(u.ID), `{"Of":"FACTOR","userName":"pcollins"}`},
		{api.MailTries(u.ID), `{"Of":"MAILED","userName":"pcollins"}`},
		{api.DeviceTries(u.ID), `{"Of":"DEVICE","userName":"pcollins"}`},
		{api.ResetTries(u.StoreID, u.UserName), `{"Of":"RESET","userName":"pcollins"}`},
		{api.PasskeyTries([]byte("credential")), `{"Of":"PASSKEY"}`},
		{api.RootPasswordTries("root@acme.example"), `{"Of":"ROOT"}`},
		{api.RootResetTries("root@acme.example"), `{"Of":"RESET"}`},
		{api.IAMPasswordTries("111111111111", "ci"), `{"Of":"IAM"}`},
		{api.CodeTries("111111111111"), `{"Of":"CODE"}`},
	} {
		for g.Throttle.Attempt(c.name, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})) == 0 {
		}
		if err := g.RecordSlowdowns(t.Context()); err != nil {
			t.Fatal(err)
		}
		records := g.Records()
		if r := records[len(records)-1]; r.Operation != "SlowDownBegan" || string(r.Details) != c.want {
			t.Errorf("%q: got %s %s", c.name, r.Operation, r.Details)
		}
	}
}

// TestStrangersFillNoRecord has somebody send what nothing counts, and go on when they are slowed down: what bounds nobody
// leaves nothing that is kept for ever. See OWASP ASVS 5.0 section 16.2.1 and CWE-779.
func TestStrangersFillNoRecord(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	for fault.As(g.wrong("somebody")).Kind != fault.Throttled {
	}
	before := len(g.Records())
	if before < 6 {
		t.Errorf("%d tries are on record", before)
	}
	some := g.NewSecret()
	for operation, in := range map[string]any{
		"SignIn":            &self.SignInInput{UserName: "somebody", Password: "wrong"},
		"ContinueSignIn":    &self.ContinueSignInInput{Attempt: some, Code: "123456"},
		"SendCode":          &self.SendCodeInput{Attempt: some},
		"StartKeyProof":     &self.StartKeyProofInput{Attempt: some},
		"StartDevice":       &self.StartDeviceInput{Attempt: some, Kind: "TOTP"},
		"CompleteDevice":    &self.CompleteDeviceInput{Attempt: some, Kind: "TOTP", Name: "Phone", Code: "123456"},
		"ChooseInSignIn":    &self.ChooseInSignInInput{Attempt: some, Password: "six otters paint the quay"},
		"SpendLink":         &self.SpendLinkInput{Secret: some, Password: "six otters paint the quay"},
		"SignInWithPasskey": &self.SignInWithPasskeyInput{Ticket: some, KeyAnswer: "{}"},
	} {
		if _, err := g.Corridor.Invoke(t.Context(), g.browser, self.Name, operation, in); err == nil {
			t.Errorf("%s succeeds", operation)
		}
		if n := len(g.Records()); n != before {
			t.Errorf("%s leaves a record", operation)
			before = n
		}
	}
}
