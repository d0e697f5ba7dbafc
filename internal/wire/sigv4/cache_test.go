package sigv4_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

func TestKeyCacheDerivesOnceAndVerifiesAlways(t *testing.T) {
	t.Parallel()
	r, body := authorized(t)
	s, err := sigv4.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	cache, asked, until := sigv4.NewKeyCache[string](100), 0, then.Add(time.Minute)
	ask := func() (sigv4.Credential[string], error) {
		asked++
		return sigv4.Credential[string]{Secret: secret, Until: until, Owner: "me"}, nil
	}
	verify := func(body []byte, now time.Time, epoch uint64) error {
		owner, err := cache.Verify(s, r, body, now, epoch, ask)
		if err == nil && owner != "me" {
			t.Errorf("the owner is %q", owner)
		}
		return err
	}
	if err := verify([]byte("other"), then, 1); reason(err) != sigv4.BadSignature {
		t.Errorf("another body: %v", err)
	}
	for range 3 {
		if err := verify(body, then, 1); err != nil {
			t.Error(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want once for the refused request and once for the others", asked)
	}
	if err := verify([]byte("other"), then, 1); reason(err) != sigv4.BadSignature {
		t.Errorf("another body, cached: %v", err)
	}
	if err := verify(body, then, 2); err != nil || asked != 3 {
		t.Errorf("an entry of another epoch was found: %v, asked %d", err, asked)
	}
	for _, epoch := range []uint64{1, 3} { // known, and not
		if err := verify(body, until, epoch); reason(err) != sigv4.ExpiredToken {
			t.Errorf("after the credentials ended: %v", err)
		}
	}
}

func TestKeyCacheKeepsTokensApart(t *testing.T) {
	t.Parallel()
	r, body := authorized(t)
	s, _ := sigv4.Parse(r)
	cache := sigv4.NewKeyCache[string](100)
	if _, err := cache.Verify(s, r, body, then, 0, whose("me", nil)); err != nil {
		t.Fatal(err)
	}
	revoked := errors.New("revoked")
	other := *s
	other.SessionToken = strings.ToLower(token)
	if _, err := cache.Verify(&other, r, body, then, 0, whose("", revoked)); !errors.Is(err, revoked) {
		t.Errorf("another token found the key: %v", err)
	}
}

// whose finds a credential without an end.
func whose(owner string, err error) func() (sigv4.Credential[string], error) {
	return func() (sigv4.Credential[string], error) {
		return sigv4.Credential[string]{Secret: secret, Owner: owner}, err
	}
}

func TestKeyCacheIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	cache := sigv4.NewKeyCache[string](8)
	var wg sync.WaitGroup
	for i := range 8 {
		c := clients[i%len(clients)]
		r, body := c.wire(t, then)
		s, _ := sigv4.Parse(r)
		wg.Go(func() {
			for n := range 200 {
				one := *s
				one.SessionToken = fmt.Sprint(n % 20)
				owner, err := cache.Verify(&one, r, body, then, 0, whose(one.SessionToken, nil))
				if err != nil || owner != one.SessionToken {
					t.Errorf("%q: %v", owner, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestSigningKeyIsMadeOfHMACs holds the derivation against crypto/hmac's, with parts longer than a block too.
func TestSigningKeyIsMadeOfHMACs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	for _, scope := range [][4]string{{secret, "20150830", "us-east-1", "iam"}, {"", "", "", ""}, {long, long, long, long}} {
		key := []byte("AWS4" + scope[0])
		for _, part := range append(scope[1:], "aws4_request") {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(part))
			key = h.Sum(nil)
		}
		if got := sigv4.SigningKey(scope[0], scope[1], scope[2], scope[3]); !bytes.Equal(got[:], key) {
			t.Errorf("%.20q: %x, want %x", scope, got, key)
		}
	}
}
