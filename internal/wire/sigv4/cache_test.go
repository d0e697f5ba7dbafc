package sigv4_test

import (
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
	cache, asked, until := sigv4.NewKeyCache(100), 0, then.Add(time.Minute)
	ask := func() (string, error) { asked++; return secret, nil }
	if err := cache.Verify(s, r, []byte("other"), then, until, ask); reason(err) != sigv4.BadSignature {
		t.Errorf("another body: %v", err)
	}
	for range 3 {
		if err := cache.Verify(s, r, body, then, until, ask); err != nil {
			t.Error(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want once for the refused request and once for the others", asked)
	}
	if err := cache.Verify(s, r, []byte("other"), then, until, ask); reason(err) != sigv4.BadSignature {
		t.Errorf("another body, cached: %v", err)
	}
	if err := cache.Verify(s, r, body, until, until, ask); reason(err) != sigv4.ExpiredToken {
		t.Errorf("after the credentials ended: %v", err)
	}
	if err := cache.Verify(s, r, body, until, until.Add(time.Hour), ask); err != nil || asked != 3 {
		t.Errorf("the entry outlives its credentials: %v, asked %d", err, asked)
	}
}

func TestKeyCacheKeepsTokensApart(t *testing.T) {
	t.Parallel()
	r, body := authorized(t)
	s, _ := sigv4.Parse(r)
	cache := sigv4.NewKeyCache(100)
	if err := cache.Verify(s, r, body, then, time.Time{}, func() (string, error) { return secret, nil }); err != nil {
		t.Fatal(err)
	}
	revoked := errors.New("revoked")
	other := *s
	other.SessionToken = strings.ToLower(token)
	if err := cache.Verify(&other, r, body, then, time.Time{}, func() (string, error) { return "", revoked }); !errors.Is(err, revoked) {
		t.Errorf("another token found the key: %v", err)
	}
}

func TestKeyCacheIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	cache := sigv4.NewKeyCache(8)
	var wg sync.WaitGroup
	for i := range 8 {
		c := clients[i%len(clients)]
		r, body := c.wire(t, then)
		s, _ := sigv4.Parse(r)
		wg.Go(func() {
			for n := range 200 {
				one := *s
				one.SessionToken = fmt.Sprint(n % 20)
				if err := cache.Verify(&one, r, body, then, time.Time{}, func() (string, error) { return secret, nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
