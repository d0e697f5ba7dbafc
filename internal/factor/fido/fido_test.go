package fido_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
)

const origin = "https://id.alderfreight.example"

type world struct {
	t      *testing.T
	party  *fido.Party
	person *fido.Person
	key    *fidotest.Authenticator
}

var challenge, other = bytes.Repeat([]byte{7}, factor.ChallengeSize), bytes.Repeat([]byte{8}, factor.ChallengeSize)

func newWorld(t *testing.T) *world {
	t.Helper()
	party, err := fido.New(origin, "Alder Freight")
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, party, &fido.Person{Handle: bytes.Repeat([]byte{1}, factor.HandleSize), Name: "pcollins", Display: "Paula Collins"}, fidotest.New(t, origin)}
}

func (w *world) register() (factor.Credential, error) {
	w.t.Helper()
	options, err := w.party.Create(w.person, challenge)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.party.Register(w.person, challenge, w.key.Create(options))
}

// registered gives the person the key.
func (w *world) registered() *factor.Device {
	w.t.Helper()
	c, err := w.register()
	if err != nil {
		w.t.Fatal(err)
	}
	d := &factor.Device{ID: "d", Kind: factor.Key, Credential: c}
	w.person.Devices = []*factor.Device{d}
	return d
}

func (w *world) prove(alone bool, expected []byte) (*factor.Device, error) {
	w.t.Helper()
	asked := w.person
	if alone {
		asked = nil
	}
	options, err := w.party.Ask(asked, challenge)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := fido.Read(w.key.Get(options))
	if err != nil {
		return nil, err
	}
	return w.party.Check(w.person, expected, a, alone)
}

func TestAKeyProvesItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.key.Flags |= fidotest.BackupEligible
	d := w.registered()
	if !bytes.Equal(d.Credential.ID, w.key.ID) || !d.Credential.BackupEligible || d.Credential.BackedUp || !d.Credential.Platform {
		t.Errorf("registered %+v", d.Credential)
	}
	w.key.Flags |= fidotest.BackedUp
	for _, alone := range []bool{true, false} {
		now, err := w.prove(alone, challenge)
		if err != nil || now.Credential.Counter != w.key.Count || !now.Credential.BackedUp || now.Credential.Cloned {
			t.Errorf("alone %v: %+v, %v", alone, now, err)
		}
	}
}

// lies are what an attacker may change. See the steps of section 7.2 of Web Authentication Level 3.
var lies = map[string]func(*fidotest.Authenticator){
	"another type":           says("type", "payment.get"),
	"another page":           func(a *fidotest.Authenticator) { a.Origin = "https://id.alderfreight.example.evil.example" },
	"a subdomain's page":     func(a *fidotest.Authenticator) { a.Origin = "https://x.id.alderfreight.example" },
	"a page on another port": func(a *fidotest.Authenticator) { a.Origin = origin + ":8443" },
	"a page without TLS":     func(a *fidotest.Authenticator) { a.Origin = strings.Replace(origin, "https", "http", 1) },
	"a frame of another site": func(a *fidotest.Authenticator) {
		a.Lie = func(c map[string]any) { c["crossOrigin"], c["topOrigin"] = true, "https://evil.example" }
	},
	"another relying party":         func(a *fidotest.Authenticator) { a.RPID = "evil.example" },
	"nobody present":                func(a *fidotest.Authenticator) { a.Flags = fidotest.Verified },
	"backed up but not to be":       func(a *fidotest.Authenticator) { a.Flags |= fidotest.BackedUp },
	"an answer that is not JSON":    func(a *fidotest.Authenticator) { a.Forge = func(r map[string]any) { r["clientDataJSON"] = "AAAA" } },
	"client data that was replaced": func(a *fidotest.Authenticator) { a.Forge = func(r map[string]any) { delete(r, "clientDataJSON") } },
}

func says(member string, value any) func(*fidotest.Authenticator) {
	return func(a *fidotest.Authenticator) { a.Lie = func(c map[string]any) { c[member] = value } }
}

// TestLiesAreRefused has authenticators that say what is not so. See Web Authentication Level 3 sections 7.1 and 7.2.
func TestLiesAreRefused(t *testing.T) {
	t.Parallel()
	for name, lie := range lies {
		w := newWorld(t)
		lie(w.key)
		if _, err := w.register(); err == nil {
			t.Errorf("registering: %s was accepted", name)
		}
		for _, alone := range []bool{true, false} {
			w := newWorld(t)
			w.registered()
			lie(w.key)
			if _, err := w.prove(alone, challenge); err == nil {
				t.Errorf("proving (alone: %v): %s was accepted", alone, name)
			}
		}
	}
}

// TestOnlyTheChallengeThatWasGivenIsAnswered brings answers to other challenges. See Web Authentication Level 3 sections 7.1 and
// 7.2.
func TestOnlyTheChallengeThatWasGivenIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options, _ := w.party.Create(w.person, other)
	if _, err := w.party.Register(w.person, challenge, w.key.Create(options)); err == nil {
		t.Error("a key was registered by the answer to another challenge")
	}
	w.registered()
	for _, alone := range []bool{true, false} {
		if _, err := w.prove(alone, other); err == nil {
			t.Errorf("alone %v: the answer to another challenge was accepted", alone)
		}
	}
}

// TestSignaturesAreChecked changes what was signed. See Web Authentication Level 3 section 7.2.
func TestSignaturesAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registered()
	thief := fidotest.New(t, origin)
	thief.ID, thief.Handle = w.key.ID, w.key.Handle
	w.key = thief
	if _, err := w.prove(true, challenge); err == nil {
		t.Error("another key's signature was accepted")
	}
}

// TestAPasskeyAloneVerifiesItsOwner: it is two factors only then (NIST SP 800-63B-4 section 3.1.7).
func TestAPasskeyAloneVerifiesItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.key.Flags = fidotest.Present
	w.registered()
	if _, err := w.prove(true, challenge); err == nil {
		t.Error("a passkey that verified nobody was accepted alone")
	}
	if _, err := w.prove(false, challenge); err != nil {
		t.Error("beside a password:", err)
	}
	w.key.Flags, w.key.Handle = fidotest.Present|fidotest.Verified, []byte("somebody else")
	if _, err := w.prove(true, challenge); err == nil {
		t.Error("a passkey with another's user handle was accepted")
	}
}

// TestOnlyTheListedAlgorithmsAreRegistered brings keys that were not asked for. See Web Authentication Level 3 section 7.1.
func TestOnlyTheListedAlgorithmsAreRegistered(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []int{-35, -36, -65535, 5} { // ES384, ES512, RS1, HMAC
		w := newWorld(t)
		w.key.Algorithm = algorithm
		if _, err := w.register(); err == nil {
			t.Errorf("algorithm %d was accepted", algorithm)
		}
	}
}

// TestACounterThatGoesBackIsFlagged has a copy of a key used. See step 22 of Web Authentication Level 3 section 7.2.
func TestACounterThatGoesBackIsFlagged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registered()
	thief := w.key.Copy()
	for range 3 {
		now, err := w.prove(false, challenge)
		if err != nil || now.Credential.Cloned {
			t.Fatal(now, err)
		}
		w.person.Devices = []*factor.Device{now}
	}
	w.key = thief
	if now, err := w.prove(false, challenge); err != nil || !now.Credential.Cloned {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestAKeyOfAnotherPersonIsRefused answers for one person with the key of another. See Web Authentication Level 3 section 7.2.
func TestAKeyOfAnotherPersonIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registered()
	mine := w.key
	w.key = fidotest.New(t, origin)
	w.person = &fido.Person{Handle: bytes.Repeat([]byte{2}, factor.HandleSize), Name: "victim"}
	w.registered()
	w.key = mine
	for _, alone := range []bool{true, false} {
		if _, err := w.prove(alone, challenge); err == nil {
			t.Errorf("alone %v: one person's key proved another", alone)
		}
	}
}

func TestKeysNeedAServerWithAName(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://127.0.0.1:7070", "https://[::1]"} {
		if _, err := fido.New(url, "x"); !errors.Is(err, fido.ErrNoName) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := fido.New("http://localhost:7070", "x"); err != nil {
		t.Error(err)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a, err := fido.Read(raw); err == nil && len(a.ID) == 0 {
			t.Error("an answer of no credential")
		}
		party, _ := fido.New(origin, "x")
		person := &fido.Person{Handle: []byte{1}}
		if _, err := party.Register(person, challenge, raw); err == nil {
			t.Error("a credential out of nothing")
		}
	})
}
