package self_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// afar is another address than that of the browser of a gate.
const afar = "203.0.113.24"

// newTerminalGate is a gate whose person is in two groups and signed in by a password.
func newTerminalGate(t *testing.T, edit func(*factor.Policy)) *gate {
	t.Helper()
	g := newGate(t, func(p *factor.Policy) {
		p.Prompt, p.Codes.Proof = factor.Never, factor.ProveNever
		if edit != nil {
			edit(p)
		}
	})
	for _, group := range []string{"staff", "night shift"} {
		apitest.Save(g.World, store.Memberships, &directory.Membership{ID: g.IDs.UUID(), StoreID: g.person.StoreID, GroupID: group, UserID: g.person.ID})
	}
	g.want(factor.Done)(g.password())
	return g
}

// device has a device ask from an address, and returns its code.
func (g *gate) device(address string) string {
	g.t.Helper()
	code := g.IDs.Text(4, "BCDF") + "-" + g.IDs.Text(4, "GHJK")
	apitest.Save(g.World, store.Devices, &session.Device{UserCode: code, CodeHash: []byte(code), InstanceARN: apitest.InstanceARN, ClientName: "AWS CLI",
		Address: address, UserAgent: "aws-cli/2.36", State: session.Pending, CreatedAt: g.Time.Now(), ExpiresAt: g.Time.Now().Add(10 * time.Minute)})
	return code
}

func (g *gate) look(code string) (*self.LookUpDeviceCodeOutput, error) {
	g.t.Helper()
	return call[self.LookUpDeviceCodeOutput](g, "LookUpDeviceCode", &self.LookUpDeviceCodeInput{UserCode: code})
}

// sees is look, of a code that is good.
func (g *gate) sees(code string) *self.LookUpDeviceCodeOutput {
	g.t.Helper()
	out, err := g.look(code)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

func (g *gate) allow(code string) (*self.ApproveDeviceOutput, error) {
	g.t.Helper()
	return call[self.ApproveDeviceOutput](g, "ApproveDevice", &self.ApproveDeviceInput{UserCode: code})
}

func (g *gate) stop(code string) error {
	g.t.Helper()
	_, err := call[self.ApproveDeviceOutput](g, "ApproveDevice", &self.ApproveDeviceInput{UserCode: code, Refuse: true})
	return err
}

// TestDevicesAreLetInByWhoMay. See RFC 8628 section 5.4.
func TestDevicesAreLetInByWhoMay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		codes factor.DeviceFlow
		want  bool
	}{
		"switched off":                           {factor.DeviceFlow{Off: true}, false},
		"off, whatever else it says":             {factor.DeviceFlow{Off: true, OnlyFor: []string{"staff"}}, false},
		"not for one of their groups":            {factor.DeviceFlow{NotFor: []string{"guests", "night shift"}}, false},
		"only for another group":                 {factor.DeviceFlow{OnlyFor: []string{"guests"}}, false},
		"only for their group, and not for them": {factor.DeviceFlow{OnlyFor: []string{"staff"}, NotFor: []string{"night shift"}}, false},
		"only for one of their groups":           {factor.DeviceFlow{OnlyFor: []string{"guests", "staff"}}, true},
		"not for another group":                  {factor.DeviceFlow{NotFor: []string{"guests"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newTerminalGate(t, nil)
			code := g.device(afar)
			g.policy(func(p *factor.Policy) { p.Codes = c.codes })
			if out := g.sees(code); out.Forbidden == c.want {
				t.Errorf("the page would say forbidden: %v", out.Forbidden)
			}
			_, err := g.allow(code)
			if c.want {
				if err != nil {
					t.Error(err)
				}
				return
			}
			g.refused(fault.Denied, "allowing it", err)
			if err := g.stop(code); err != nil {
				t.Error("saying no:", err)
			}
			if out := g.sees(code); out.State != session.Forbidden {
				t.Errorf("the device is %s", out.State)
			}
		})
	}
}

// TestAFreshProofComesFirstWhereThePolicyWantsIt. See RFC 8628 section 5.4.
func TestAFreshProofComesFirstWhereThePolicyWantsIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proof   factor.DeviceProof
		keys    bool
		address string
		want    bool
	}{
		"never":                        {factor.ProveNever, false, afar, false},
		"elsewhere, and it is":         {factor.ProveElsewhere, false, afar, true},
		"elsewhere, and it is not":     {factor.ProveElsewhere, false, "192.0.2.7", false},
		"elsewhere, and nobody knows":  {factor.ProveElsewhere, false, "", true},
		"always":                       {factor.ProveAlways, false, "192.0.2.7", true},
		"for keys, which programs get": {factor.ProveNever, true, "192.0.2.7", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newTerminalGate(t, func(p *factor.Policy) { p.Codes.Proof, p.StepUpKeys = c.proof, c.keys })
			if out := g.sees(g.device(c.address)); out.ProveFirst {
				t.Error("a proof is wanted right after one")
			}
			g.Time.Pass(time.Hour)
			code := g.device(c.address)
			if out := g.sees(code); out.ProveFirst != c.want || out.Elsewhere != (c.address != "192.0.2.7") {
				t.Errorf("got %+v", out)
			}
			_, err := g.allow(code)
			if !c.want {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !fault.Is(err, api.StepUp) {
				t.Fatalf("an hour after the proof: %v", err)
			}
			g.want(factor.Renew)(g.step("StepUp", &self.StepUpInput{}))
			g.want(factor.Done)(g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Password: secret}))
			if out := g.sees(code); out.ProveFirst {
				t.Error("and again after it")
			}
			if _, err := g.allow(code); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestADeviceIsLetInForAsLongAsThePolicySays, and never for longer than the sign-in that it stands on.
func TestADeviceIsLetInForAsLongAsThePolicySays(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, func(p *factor.Policy) { p.Session, p.Codes.Session = 8*time.Hour, time.Hour })
	began := g.Time.Now()
	for _, c := range []struct{ after, ends time.Duration }{{time.Minute, time.Hour + time.Minute}, {7*time.Hour + 30*time.Minute, 8 * time.Hour}} {
		g.Time.Pass(c.after)
		code := g.device("192.0.2.7")
		seen := g.sees(code).LetInUntil
		out, err := g.allow(code)
		if err != nil {
			t.Fatal(err)
		}
		program := g.security().Sessions[0]
		if until := began.Add(c.ends); !out.LetInUntil.Equal(until) || !seen.Equal(until) || !program.Until.Equal(until) || program.Name != "AWS CLI" {
			t.Errorf("until %v, said before %v, listed as %+v; want %v", out.LetInUntil, seen, program, until)
		}
	}
}

// TestLookingAtACodeLetsNothingIn: the link that brings the code with it still has the person confirm. See RFC 8628 section
// 3.3.1.
func TestLookingAtACodeLetsNothingIn(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, nil)
	code := g.device(afar)
	for range 2 {
		if out := g.sees(code); out.State != session.Pending || out.Address != afar || !out.Elsewhere {
			t.Errorf("got %+v", out)
		}
	}
	if n := len(g.security().Sessions); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestTwoTabsAnswerOnce has two tabs of one person answer at the same time, one yes and one no.
func TestTwoTabsAnswerOnce(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, nil)
	code := g.device(afar)
	var done atomic.Int32
	var tabs sync.WaitGroup
	for i := range 6 {
		tabs.Go(func() {
			_, err := g.Corridor.Invoke(t.Context(), g.browser, self.Name, "ApproveDevice", &self.ApproveDeviceInput{UserCode: code, Refuse: i%2 == 0})
			if err == nil {
				done.Add(1)
			} else if k := fault.As(err).Kind; k != fault.Conflict && k != fault.Throttled {
				t.Error(err)
			}
		})
	}
	tabs.Wait()
	if n := done.Load(); n != 1 {
		t.Errorf("%d answers were taken", n)
	}
	programs := len(g.security().Sessions) - 1
	if approved := g.sees(code).State == session.Approved; approved != (programs == 1) {
		t.Errorf("%d programs are let in, and that it was approved is %v", programs, approved)
	}
}

// TestCodesOfOthersAreUnknown: forged ones, expired ones, and those of another portal.
func TestCodesOfOthersAreUnknown(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, nil)
	expired := g.device(afar)
	g.Time.Pass(10 * time.Minute)
	foreign := "FFFF-FFFF"
	apitest.Save(g.World, store.Devices, &session.Device{UserCode: foreign, CodeHash: []byte(foreign), InstanceARN: "arn:aws:sso:::instance/ssoins-other",
		State: session.Pending, ExpiresAt: g.Time.Now().Add(time.Minute)})
	for _, code := range []string{expired, foreign, "", "\x00", "BBBB-BBBB' OR 1=1", "ＢＢＢＢ-ＢＢＢＢ"} {
		_, err := g.look(code)
		g.refused(fault.NotFound, fmt.Sprintf("looking at %q", code), err)
		g.Throttle.Clear("device\x00" + g.person.ID)
	}
}

// TestGuessingIsSlowedDownByAddress: more people guess no faster at one address. See RFC 8628 section 5.1.
func TestGuessingIsSlowedDownByAddress(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, nil)
	tries := 0
	for i := range 8 {
		p := g.Person(g.State.Current().InstanceAt(""), fmt.Sprintf("guesser%d", i), secret)
		_, g.browser.Session, _ = g.SignIn(p)
		for range 4 {
			_, err := g.look("ZZZZ-ZZZZ")
			if fault.As(err).Kind == fault.Throttled {
				break
			}
			tries++
		}
	}
	if tries > 21 {
		t.Errorf("%d guesses at once from one address", tries)
	}
	g.browser.Address = netip.MustParseAddr("192.0.2.99")
	if _, err := g.look(g.device(afar)); err != nil {
		t.Errorf("others pay for it: %v", err)
	}
}

// TestTheRecordKnowsBothAddresses: that of who let the device in, and its own. See RFC 8628 section 5.4.
func TestTheRecordKnowsBothAddresses(t *testing.T) {
	t.Parallel()
	g := newTerminalGate(t, nil)
	if _, err := g.allow(g.device(afar)); err != nil {
		t.Fatal(err)
	}
	if err := g.stop(g.device(afar)); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range g.Records() {
		if r.Operation != "ApproveDevice" {
			continue
		}
		found++
		if want := `{"deviceAddress":"203.0.113.24","deviceClient":"AWS CLI"}`; r.SourceIP != "192.0.2.7" || string(r.Response) != want {
			t.Errorf("recorded from %s: %s, want %s", r.SourceIP, r.Response, want)
		}
	}
	if found != 2 {
		t.Errorf("%d records", found)
	}
}
