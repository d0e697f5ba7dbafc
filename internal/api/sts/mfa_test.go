package sts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	wrongCode  = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	wrongThing = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	half       = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	withMFA    = `{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}`
)

var seed = []byte("12345678901234567890")

// device gives a user a device.
func (w *world) device(u *iam.User) string {
	w.t.Helper()
	v := &factor.Virtual{Serial: factor.VirtualSerial(u.Account, "/", u.Name), Account: u.Account, Owner: u.ID, EnabledAt: w.Time.Now()}
	var err error
	if v.SealedSeed, err = w.Seal.SealValue(seal.Secret(seed), []byte(v.Serial), w.Random); err != nil {
		w.t.Fatal(err)
	}
	apitest.Save(w.World, store.Virtuals, v)
	return v.Serial
}

// code is what the device shows so many steps from now.
func (w *world) code(offset int) string {
	return factor.CodeAt(seed, w.Time.Now().Add(time.Duration(offset)*30*time.Second))
}

func TestACodeIsAConditionOfARole(t *testing.T) {
	w := newWorld(t)
	u := w.User(other, "pat", apitest.Inline(apitest.Allow("sts:*")))
	k, serial := w.Key(u), w.device(u)
	r := w.role(home, "strict", string(other), every, withMFA, apitest.Inline(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`))
	next := w.role(home, "next", r.ARN(), every, "", iam.Policies{})
	_, a := w.assume(k, r)
	w.refused(a, "AccessDenied", "")
	for _, c := range []struct{ serial, code, message string }{
		{serial, "000000", wrongCode},
		{serial, w.code(10), wrongCode},
		{serial + "x", w.code(0), wrongThing},
	} {
		_, a := w.assume(k, r, "SerialNumber", c.serial, "TokenCode", c.code)
		w.refused(a, "AccessDenied", c.message)
	}
	_, a = w.assume(k, r, "SerialNumber", serial)
	w.refused(a, "AccessDenied", half)
	_, a = w.assume(k, r, "TokenCode", w.code(0))
	w.refused(a, "AccessDenied", half)
	got := w.must(k, r, "SerialNumber", serial, "TokenCode", w.code(0))
	w.must(got, next) // the session carries the proof
	_, a = w.assume(k, r, "SerialNumber", serial, "TokenCode", w.code(0))
	w.refused(a, "AccessDenied", wrongCode)
}

// A code that a policy refused is still good; one that was taken is not, whoever comes first. See RFC 6238 section 5.2.
func TestACodeIsSpentOnce(t *testing.T) {
	w := newWorld(t)
	u := w.User(home, "pat", apitest.Inline(apitest.Allow("sts:*")))
	k, serial := w.Key(u), w.device(u)
	r := w.role(home, "r", string(home), every, "", iam.Policies{})
	const tries = 4
	answers := make(chan int, tries)
	code := w.code(0)
	for range tries {
		go func() {
			a := w.Call(k, "sts", apitest.Query("sts", "AssumeRole", "RoleArn", r.ARN(), "RoleSessionName", "session", "SerialNumber", serial, "TokenCode", code))
			answers <- a.Status
		}()
	}
	won := 0
	for range tries {
		if <-answers == http.StatusOK {
			won++
		}
	}
	if won != 1 {
		t.Errorf("one code made %d sessions", won)
	}
}

func TestSessionTokensCarryTheProof(t *testing.T) {
	w := newWorld(t)
	u := w.User(home, "pat", apitest.Inline(apitest.Allow("sts:*")))
	k, serial := w.Key(u), w.device(u)
	strict := w.role(home, "strict", string(home), every, withMFA, iam.Policies{})
	plain, a := w.ask(k, "GetSessionToken")
	if a.Status != http.StatusOK {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}
	_, a = w.assume(plain, strict)
	w.refused(a, "AccessDenied", "")
	_, a = w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", "111111")
	w.refused(a, "AccessDenied", wrongCode)
	for _, offset := range []int{-1, 1, -2, 2} {
		got, a := w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", w.code(offset))
		if a.Status != http.StatusOK {
			t.Fatalf("%+d: %d %s", offset, a.Status, a.Body)
		}
		w.must(got, strict)
		if offset == 2 {
			w.Time.Pass(2 * time.Minute)
			_, a := w.assume(got, strict)
			w.refused(a, "AccessDenied", "") // the proof has aged
		}
	}
}

// Another user's device, and one that was taken away, prove nothing.
func TestADeviceIsItsUsersOnly(t *testing.T) {
	w := newWorld(t)
	pat, lee := w.User(home, "pat", apitest.Inline(apitest.Allow("sts:*"))), w.User(home, "lee", apitest.Inline(apitest.Allow("sts:*")))
	k, serial := w.Key(lee), w.device(pat)
	_, a := w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", w.code(0))
	w.refused(a, "AccessDenied", wrongThing)
	apitest.Change(w.World, store.Virtuals, serial, func(v *factor.Virtual) { v.Owner = "" })
	_, a = w.ask(w.Key(pat), "GetSessionToken", "SerialNumber", serial, "TokenCode", w.code(0))
	w.refused(a, "AccessDenied", wrongThing)
}

// Who has an access key does not guess the code: OWASP ASVS 5.0 6.6.3, RFC 6238 section 5.2 with RFC 4226 section 7.3.
func TestGuessingAtCodesIsSlow(t *testing.T) {
	w := newWorld(t)
	u := w.User(home, "pat", apitest.Inline(apitest.Allow("sts:*")))
	k, serial := w.Key(u), w.device(u)
	for range 6 {
		_, a := w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", "111111")
		w.refused(a, "AccessDenied", wrongCode)
	}
	_, a := w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", w.code(0))
	w.refused(a, "Throttling", "")
	w.Time.Pass(time.Minute)
	if _, a := w.ask(k, "GetSessionToken", "SerialNumber", serial, "TokenCode", w.code(0)); a.Status != http.StatusOK {
		t.Errorf("after a while: %d %s", a.Status, a.Body)
	}
}
