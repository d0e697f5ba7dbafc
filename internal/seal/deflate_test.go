package seal

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

func TestAMessageOpensForItsAccountOnly(t *testing.T) {
	t.Parallel()
	r, _, _ := newRing(t)
	const text = `{"allowed":false}`
	m, err := r.SealDenial([]byte(text), "111111111111", 1000, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.OpenDenial(m, "111111111111"); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
	page, err := r.SealToken(PageToken, []byte(text), []byte("111111111111"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ message, account string }{{m, "222222222222"}, {m, ""}, {m[1:], "111111111111"}, {m + "A", "111111111111"},
		{m + "\n", "111111111111"}, {"", "111111111111"}, {page, "111111111111"}} {
		if got, err := r.OpenDenial(bad.message, bad.account); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v opens: %q, %v", bad, got, err)
		}
	}
	if _, err := r.SealDenial([]byte(text), "111111111111", len(m)-1, rand.Reader); !errors.Is(err, ErrTooLong) {
		t.Errorf("longer than it may be: %v", err)
	}
	if _, err := r.SealDenial([]byte(strings.Repeat("x", maxDenial+1)), "111111111111", 1<<20, rand.Reader); !errors.Is(err, ErrTooLong) {
		t.Errorf("a text without end: %v", err)
	}
}
