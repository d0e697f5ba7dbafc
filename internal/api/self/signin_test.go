package self_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func TestAPasswordInTheFieldOfTheNameIsNotRecorded(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, map[string]api.Table{self.Name: self.Table()})
	u := w.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", secret)
	for _, in := range []self.SignInInput{{UserName: secret, Password: "x"}, {UserName: "PCollins", Password: "wrong"}, {UserName: "pcollins", Password: secret}} {
		out, err := api.Invoke[self.SignInOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "SignIn", &in)
		if (err == nil) != (in.Password == secret) {
			t.Errorf("signing in as %q: %v", in.UserName, err)
		}
		if err == nil {
			w.Secret(out.Secret)
		}
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
	names := map[string]int{}
	for _, r := range w.Records() {
		var noted struct{ UserName string }
		if err := json.Unmarshal(r.Response, &noted); err != nil {
			t.Error(err)
		}
		names[noted.UserName]++
	}
	if len(names) != 2 || names["HIDDEN_DUE_TO_SECURITY_REASONS"] != 1 || names[u.UserName] != 2 {
		t.Errorf("the names on record are %v", names)
	}
}

// TestNobodyIsToldWhoThereIs: not by what is answered, nor by when the pause begins. See OWASP ASVS 5.0 section 6.3.8.
func TestNobodyIsToldWhoThereIs(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	center := g.State.Current().InstanceAt("")
	g.enrolled()
	disabled, without := g.Person(center, "disabled", secret), g.Person(center, "without", secret)
	apitest.Change(g.World, store.Users, disabled.ID, func(u *directory.User) { u.Disabled = true })
	apitest.Change(g.World, store.Users, without.ID, func(u *directory.User) { u.PasswordHash = "" })
	said := map[string]string{}
	for i, name := range []string{"pcollins", "nobody", "disabled", "without", "\x00", strings.Repeat("x", 5000)} {
		g.browser.Address = netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}) // the pause of an address is another matter
		for range 7 {
			_, err := g.step("SignIn", &self.SignInInput{UserName: name, Password: "wrong"})
			if err == nil {
				t.Fatalf("%q signed in", name)
			}
			said[name] += err.Error() + "\n"
		}
	}
	for name, text := range said {
		if text != said["nobody"] {
			t.Errorf("%.20q is told apart from nobody:\n%s", name, text)
		}
	}
}

// TestASignInLastsAsLongAsThePolicySays at both ends of what it may say. See NIST SP 800-63B-4 section 2.2.3, and "Set session
// duration for the AWS access portal" in the IAM Identity Center User Guide.
func TestASignInLastsAsLongAsThePolicySays(t *testing.T) {
	t.Parallel()
	for _, lasts := range []time.Duration{factor.ShortSession, factor.LongSession} {
		g := newGate(t, func(p *factor.Policy) { p.Prompt, p.Session = factor.Never, lasts })
		out := g.want(factor.Done)(g.password())
		if want := g.Time.Now().Add(lasts); !out.SessionEndsAt.Equal(want) {
			t.Errorf("it ends at %v, want %v", out.SessionEndsAt, want)
		}
		g.Time.Pass(lasts - time.Millisecond)
		if _, err := g.who(); err != nil {
			t.Errorf("just before %v are over: %v", lasts, err)
		}
		g.Time.Pass(time.Millisecond)
		_, err := g.who()
		g.refused(fault.Unauthenticated, "after "+lasts.String(), err)
	}
}

// TestNobodyIsToldByWork counts the hashes that a wrong password costs, whoever is named: clocks are too coarse for that. See
// OWASP ASVS 5.0 section 6.3.8.
func TestNobodyIsToldByWork(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	center := g.State.Current().InstanceAt("")
	disabled, without := g.Person(center, "disabled", secret), g.Person(center, "without", secret)
	apitest.Change(g.World, store.Users, disabled.ID, func(u *directory.User) { u.Disabled = true })
	apitest.Change(g.World, store.Users, without.ID, func(u *directory.User) { u.PasswordHash = "" })
	for i, name := range []string{"pcollins", "nobody", "disabled", "without", "\x00", strings.Repeat("x", 5000)} {
		for _, typed := range []string{"wrong", strings.Repeat("x", 5000)} {
			g.browser.Address = netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
			before := g.Passwords.Made()
			if _, err := g.step("SignIn", &self.SignInInput{UserName: name, Password: typed}); err == nil {
				t.Fatalf("%q signed in", name)
			}
			want := uint64(1)
			if typed != "wrong" {
				want = 0 // too long for any password, at once and for everybody
			}
			if made := g.Passwords.Made() - before; made != want {
				t.Errorf("%.10q costs %d hashes, want %d", name, made, want)
			}
		}
	}
}
