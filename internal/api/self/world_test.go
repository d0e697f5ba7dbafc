package self_test

import (
	"encoding/base32"
	"net/netip"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const secret = "correct horse battery staple"

// gate is a portal with one person, and the browser that they sit at.
type gate struct {
	*apitest.World
	t       *testing.T
	person  *directory.User
	browser api.Caller
	attempt string // what the browser keeps
	trust   string
	known   string
}

// newGate opens a portal with a policy.
func newGate(t *testing.T, edit func(*factor.Policy)) *gate {
	t.Helper()
	g := &gate{World: apitest.New(t, map[string]api.Table{self.Name: self.Table(), "sso": sso.Table()}), t: t,
		browser: api.Caller{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
	p := factor.Initial(apitest.InstanceARN)
	if edit != nil {
		edit(p)
	}
	apitest.Save(g.World, store.SignInPolicies, p)
	g.person = g.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", secret)
	return g
}

func call[Out any](g *gate, operation string, in any) (*Out, error) {
	g.t.Helper()
	return api.Invoke[Out](g.t.Context(), g.Corridor, g.browser, self.Name, operation, in)
}

// step calls an operation that brings the sign-in on, and keeps what the browser keeps.
func (g *gate) step(operation string, in any) (*self.SignInOutput, error) {
	g.t.Helper()
	out, err := call[self.SignInOutput](g, operation, in)
	if err != nil {
		return nil, err
	}
	g.Secret(append(out.RecoveryCodes, out.Secret, out.Attempt, out.Trust, out.Known)...)
	g.attempt = out.Attempt
	if out.Secret != "" {
		g.browser.Session = out.Secret
	}
	if out.Trust != "" {
		g.trust = out.Trust
	}
	if out.Known != "" {
		g.known = out.Known
	}
	return out, nil
}

// want ends the test unless a sign-in came to a step.
func (g *gate) want(next factor.Step) func(*self.SignInOutput, error) *self.SignInOutput {
	g.t.Helper()
	return func(out *self.SignInOutput, err error) *self.SignInOutput {
		g.t.Helper()
		if err != nil {
			g.t.Fatalf("want %s, got %v", next, err)
		}
		if out.Next != string(next) || next == factor.Done && out.Secret == "" || next != factor.Done && (out.Attempt == "" || g.browser.Session == "" && out.Secret != "") {
			g.t.Fatalf("want %s, got %+v", next, out)
		}
		return out
	}
}

// refused checks that something was refused in one of the usual ways.
func (g *gate) refused(kind fault.Kind, what string, err error) {
	g.t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind {
		g.t.Errorf("%s: got %v", what, err)
	}
}

func (g *gate) password() (*self.SignInOutput, error) {
	g.t.Helper()
	return g.step("SignIn", &self.SignInInput{UserName: "pcollins", Password: secret, Trust: g.trust, Known: g.known})
}

func (g *gate) code(code string, trust bool) (*self.SignInOutput, error) {
	g.t.Helper()
	return g.step("ContinueSignIn", &self.ContinueSignInInput{Attempt: g.attempt, Code: code, Trust: trust})
}

// app is an authenticator app.
type app struct {
	g      *gate
	secret []byte
}

// show is the code of now, in a step that was not used yet.
func (a *app) show() string {
	a.g.Time.Pass(30 * time.Second)
	return factor.CodeAt(a.secret, a.g.Time.Now())
}

// registerApp registers an app in the attempt that waits for a device.
func (g *gate) registerApp() (*app, *self.SignInOutput) { g.t.Helper(); return g.newApp(false) }

// newApp is registerApp, with the browser trusted from now on or not.
func (g *gate) newApp(trust bool) (*app, *self.SignInOutput) {
	g.t.Helper()
	started, err := call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: "TOTP"})
	if err != nil {
		g.t.Fatal(err)
	}
	g.Secret(started.Secret, started.URI)
	raw, err := base32.StdEncoding.DecodeString(started.Secret)
	if err != nil || len(raw) < 20 {
		g.t.Fatalf("the secret has %d bytes: %v", len(raw), err)
	}
	a := &app{g, raw}
	out := g.want(factor.Done)(g.step("CompleteDevice", &self.CompleteDeviceInput{Attempt: g.attempt, Kind: "TOTP", Name: "Phone", Code: a.show(), Trust: trust}))
	return a, out
}

// registerKey registers a key in the attempt that waits for a device.
func (g *gate) registerKey() *fidotest.Authenticator {
	g.t.Helper()
	k := fidotest.New(g.t, apitest.Origin)
	g.want(factor.Done)(g.addKey(k))
	return k
}

func (g *gate) addKey(k *fidotest.Authenticator) (*self.SignInOutput, error) {
	g.t.Helper()
	started, err := call[self.StartDeviceOutput](g, "StartDevice", &self.StartDeviceInput{Attempt: g.attempt, Kind: "WEBAUTHN"})
	if err != nil {
		return nil, err
	}
	return g.step("CompleteDevice", &self.CompleteDeviceInput{Attempt: g.attempt, Kind: "WEBAUTHN", Name: "Blue key", KeyAnswer: string(k.Create([]byte(started.Options)))})
}

// enrolled signs in for the first time, with an app.
func (g *gate) enrolled() *app {
	g.t.Helper()
	g.want(factor.Register)(g.password())
	a, _ := g.registerApp()
	g.forget()
	return a
}

// enrolledKey signs in for the first time, with a key.
func (g *gate) enrolledKey() *fidotest.Authenticator {
	g.t.Helper()
	g.want(factor.Register)(g.password())
	k := g.registerKey()
	g.forget()
	return k
}

// forget has the browser forget its session, as a new one would.
func (g *gate) forget() { g.browser.Session, g.attempt = "", "" }

// proof returns the answer of a key to the second step.
func (g *gate) proof(k *fidotest.Authenticator) string {
	g.t.Helper()
	asked, err := call[self.StartKeyProofOutput](g, "StartKeyProof", &self.StartKeyProofInput{Attempt: g.attempt})
	if err != nil {
		g.t.Fatal(err)
	}
	return string(k.Get([]byte(asked.Options)))
}

// who is the session that the browser holds.
func (g *gate) who() (*self.WhoAmIOutput, error) {
	g.t.Helper()
	return call[self.WhoAmIOutput](g, "WhoAmI", &self.WhoAmIInput{})
}
