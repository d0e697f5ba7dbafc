package password

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// quick are parameters for tests.
func quick() Params { return Params{Memory: 8, Time: 1, Threads: 1} }

func newHasher(t testing.TB, cfg Config) *Hasher {
	t.Helper()
	cfg.Rand = rand.Reader
	if cfg.Params == (Params{}) {
		cfg.Params = quick()
	}
	if cfg.Free == nil {
		cfg.Free = func() {}
	}
	h := NewHasher(cfg)
	t.Cleanup(h.Close)
	return h
}

// TestHashesVerify hashes passwords and finds them again, by their right letters only. See OWASP ASVS 5.0 section 11.4.2.
func TestHashesVerify(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	phc, err := h.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatal(phc, err)
	}
	again, _ := h.Hash(t.Context(), "correct horse")
	if phc == again {
		t.Error("the same salt twice")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct hors": false, "": false, "Correct horse": false} {
		if ok, rehash, err := h.Verify(t.Context(), phc, password); ok != want || rehash || err != nil {
			t.Errorf("Verify(%q) = %t, %t, %v", password, ok, rehash, err)
		}
	}
	if err := h.VerifyNobody(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestRaisedParametersAskForANewHash(t *testing.T) {
	t.Parallel()
	phc, _ := newHasher(t, Config{}).Hash(t.Context(), "x")
	h := newHasher(t, Config{Params: Params{Memory: 16, Time: 2, Threads: 1}})
	if ok, rehash, err := h.Verify(t.Context(), phc, "x"); !ok || !rehash || err != nil {
		t.Errorf("%t, %t, %v", ok, rehash, err)
	}
	if ok, rehash, _ := h.Verify(t.Context(), phc, "y"); ok || rehash {
		t.Error("a wrong password asks for a new hash")
	}
}

// The reference implementation's own vector for argon2id, version 0x13, of the password "password".
func TestKnownVector(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	const phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, _, err := h.Verify(t.Context(), phc, "password"); !ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
}

func TestMalformedHashesAreErrors(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	good, _ := h.Hash(t.Context(), "x")
	bad := []string{
		"", "x", "$argon2i$" + good[10:], strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=8", "m=08", 1),
		strings.Replace(good, "m=8", "m=4294967295", 1), strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=256", 1),
		strings.Replace(good, "m=8,t=1", "t=1,m=8", 1), good + "$", good + "=", good[:len(good)-30], strings.Replace(good, "p=1$", "p=1$\n", 1),
	}
	for _, phc := range bad {
		if ok, _, err := h.Verify(t.Context(), phc, "x"); ok || err == nil {
			t.Errorf("Verify(%q) = %t, %v", phc, ok, err)
		}
	}
}

func TestLongPasswordsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	long := strings.Repeat("x", MaxLength+1)
	if _, err := h.Hash(t.Context(), long); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	phc, _ := h.Hash(t.Context(), long[1:])
	if ok, _, err := h.Verify(t.Context(), phc, long); ok || err != nil {
		t.Error(ok, err)
	}
	if err := h.VerifyNobody(t.Context(), long); err != nil {
		t.Error(err)
	}
}

// TestPasswordsAreMeasuredAsTheyAreHashed has characters that become many, and many that become few.
func TestPasswordsAreMeasuredAsTheyAreHashed(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	for text, fits := range map[string]bool{
		strings.Repeat("\ufdfa", MaxLength/33):        true,  // each becomes 18 characters of 33 bytes
		strings.Repeat("\ufdfa", MaxLength/33+1):      false, // though it is 96 bytes
		strings.Repeat("\U0001d41a", MaxLength):       true,  // each becomes an a
		strings.Repeat("\U0001d41a", MaxLength) + "a": false,
		strings.Repeat("\U0001d41a", 100*MaxLength):   false,
	} {
		phc, err := h.Hash(t.Context(), text)
		if errors.Is(err, ErrTooLong) == fits || err != nil && fits {
			t.Errorf("%d bytes from %.4q: %v", len(text), text, err)
		}
		if !fits {
			continue
		}
		if ok, _, err := h.Verify(t.Context(), phc, text); !ok || err != nil {
			t.Errorf("%d bytes from %.4q do not verify: %v", len(text), text, err)
		}
	}
	phc, err := h.Hash(t.Context(), strings.Repeat("a", MaxLength))
	if ok, _, err2 := h.Verify(t.Context(), phc, strings.Repeat("\U0001d41a", MaxLength)); !ok || err != nil || err2 != nil {
		t.Errorf("the same password in other letters: %t, %v, %v", ok, err, err2)
	}
}

func TestSlotsAndQueueAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, Config{Slots: 2, Queue: 3})
		var running, most, done atomic.Int32
		release := make(chan struct{})
		work := func() error {
			return h.run(context.Background(), func() {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				<-release
				running.Add(-1)
				done.Add(1)
			})
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := work(); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if err := work(); !errors.Is(err, ErrBusy) || fault.As(err) == nil {
			t.Errorf("the sixth: %v, want ErrBusy", err)
		}
		close(release)
		wg.Wait()
		if most.Load() != 2 || done.Load() != 5 {
			t.Errorf("%d at a time, %d done", most.Load(), done.Load())
		}
	})
}

func TestWhoGaveUpIsNotHashedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, Config{Slots: 1, Queue: 1})
		release := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { _ = h.run(context.Background(), func() { <-release }) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if err := h.VerifyNobody(ctx, "x"); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		if len(h.places) != 1 {
			t.Errorf("%d places taken, want 1", len(h.places))
		}
		close(release)
		wg.Wait()
	})
}

func TestMemoryIsGivenBackOnceWhenIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun, freed atomic.Int32
		h := newHasher(t, Config{Idle: time.Second, Begin: func(int) { begun.Add(1) }, Free: func() { freed.Add(1) }})
		for range 10 {
			_ = h.VerifyNobody(t.Context(), "x")
			time.Sleep(900 * time.Millisecond) // of the bubble's clock
		}
		if begun.Load() != 1 || freed.Load() != 0 {
			t.Errorf("begun %d times and given back %d times between hashes", begun.Load(), freed.Load())
		}
		time.Sleep(time.Minute)
		if freed.Load() != 1 {
			t.Errorf("given back %d times", freed.Load())
		}
		_ = h.VerifyNobody(t.Context(), "x")
		if begun.Load() != 2 {
			t.Errorf("begun %d times", begun.Load())
		}
	})
}

// clock is a time that tests move.
type clock struct{ now time.Time }

func newThrottle(cfg ThrottleConfig) (*Throttle, *clock) {
	c := &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	cfg.Now = func() time.Time { return c.now }
	return NewThrottle(cfg), c
}

func address(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", i/256, i%256)) }

// TestFailuresSlowAnAccountDown follows the pauses of an account as they grow. See NIST SP 800-63B-4 section 3.2.2.
func TestFailuresSlowAnAccountDown(t *testing.T) {
	t.Parallel()
	th, c := newThrottle(ThrottleConfig{})
	for i, want := range []time.Duration{0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60} {
		want *= time.Second
		if want > 0 {
			if got := th.Attempt("bob", address(i)); got != want {
				t.Errorf("attempt %d: wait %v, want %v", i, got, want)
			}
			c.now = c.now.Add(want)
		}
		if got := th.Attempt("bob", address(i)); got != 0 {
			t.Errorf("attempt %d after waiting: %v", i, got)
		}
	}
	if th.Attempt("alice", address(99)) != 0 {
		t.Error("another account waits")
	}
	c.now = c.now.Add(30 * time.Minute)
	for range 2 {
		if th.Attempt("bob", address(0)) != 0 {
			t.Error("failures were not forgotten")
		}
	}
}

// TestManyAtOnceAreNotFreeGuesses begins many tries before any has ended. See NIST SP 800-63B-4 section 3.2.2, and Keycloak
// CVE-2024-4629.
func TestManyAtOnceAreNotFreeGuesses(t *testing.T) {
	t.Parallel()
	th, _ := newThrottle(ThrottleConfig{})
	free := 0
	for i := range 1000 {
		if th.Attempt("bob", address(i)) == 0 {
			free++
		}
	}
	if free != 6 {
		t.Errorf("%d guesses at once, want 6", free)
	}
}

// TestFailuresSlowAnAddressDown guesses at many accounts from one address. See OWASP ASVS 5.0 section 6.3.1.
func TestFailuresSlowAnAddressDown(t *testing.T) {
	t.Parallel()
	th, _ := newThrottle(ThrottleConfig{})
	guesses := 0
	for i := range 100 {
		a := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)}) // one /64
		if th.Attempt(fmt.Sprint("user", i), a) == 0 {
			guesses++
		}
	}
	if guesses != 21 {
		t.Errorf("%d guesses, want 21", guesses)
	}
	if th.Attempt("x", netip.MustParseAddr("2001:db8:0:1::1")) != 0 {
		t.Error("another network waits")
	}
}

func TestSuccessForgivesTheAccountAndNotTheAddress(t *testing.T) {
	t.Parallel()
	th, _ := newThrottle(ThrottleConfig{})
	a := address(1)
	for range 100 { // an office behind one address
		if th.Attempt("bob", a) != 0 {
			t.Fatal("people who know their passwords wait")
		}
		th.Success("bob", a)
	}
	if len(th.seen) != 0 {
		t.Errorf("%d entries left", len(th.seen))
	}
	guesses := 0
	for i := range 100 { // somebody signs in with his own account between guesses
		if th.Attempt(fmt.Sprint("victim", i), a) == 0 {
			guesses++
		}
		if th.Attempt("mallory", a) == 0 {
			th.Success("mallory", a)
		}
	}
	if guesses > 21 {
		t.Errorf("%d guesses", guesses)
	}
}

func TestMemoryIsBoundedAndTheAttackedAccountStays(t *testing.T) {
	t.Parallel()
	th, _ := newThrottle(ThrottleConfig{Capacity: 100})
	for i := range 6 {
		th.Attempt("victim", address(i))
	}
	for i := range 5000 {
		th.Attempt(fmt.Sprint("flood", i), address(1000+i))
	}
	if len(th.seen) > 100 {
		t.Errorf("%d entries", len(th.seen))
	}
	if th.Attempt("victim", address(0)) == 0 {
		t.Error("the flood drove out the account under attack")
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Config{})
	h.cfg.Rand = bytes.NewReader(nil)
	if _, err := h.Hash(t.Context(), "hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := parse(s); err == nil && h.String() != s {
			t.Fatalf("%q reads as %q", s, h)
		}
	})
}

func BenchmarkVerifyRecommended(b *testing.B) {
	h := newHasher(b, Config{Params: Recommended()})
	for b.Loop() {
		if err := h.VerifyNobody(context.Background(), "x"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAClockThatIsSetBackShutsNobodyOut makes waits begin anew.
func TestAClockThatIsSetBackShutsNobodyOut(t *testing.T) {
	t.Parallel()
	th, c := newThrottle(ThrottleConfig{})
	for i := range 20 {
		for th.Attempt("bob", address(i)) == 0 {
		}
		c.now = c.now.Add(time.Minute)
	}
	th.Attempt("bob", address(99))
	c.now = c.now.Add(-24 * time.Hour)
	if wait := th.Attempt("bob", address(98)); wait <= 0 || wait > time.Minute {
		t.Errorf("wait %v", wait)
	}
	c.now = c.now.Add(time.Minute)
	if wait := th.Attempt("bob", address(98)); wait != 0 {
		t.Errorf("and then %v", wait)
	}
}

// TestTurnsAreToldOnce takes them for accounts and addresses, for each way in which they end. See OWASP ASVS 5.0 section 16.3.3.
func TestTurnsAreToldOnce(t *testing.T) {
	t.Parallel()
	th, c := newThrottle(ThrottleConfig{})
	slow := func(account string) {
		for i := 0; th.Attempt(account, address(i)) == 0; i++ {
		}
	}
	told := func() (all []string) {
		for _, turn := range th.Turns() {
			text := turn.Account
			if turn.Address.IsValid() {
				text = turn.Address.String()
			}
			all = append(all, fmt.Sprint(text, " ", turn.Began, " ", turn.Why))
		}
		slices.Sort(all)
		return all
	}
	slow("bob")
	slow("eve")
	slow("ann")
	for i := range 22 {
		th.Attempt(fmt.Sprint("user", i), address(200))
	}
	if got, want := told(), []string{"10.0.0.200 true ", "ann true ", "bob true ", "eve true "}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	th.Success("bob", address(1))
	th.Clear("eve")
	if got, want := told(), []string{"bob false PROVED", "eve false CLEARED"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	c.now = c.now.Add(time.Hour)
	if got, want := told(), []string{"10.0.0.200 false FORGOTTEN", "ann false FORGOTTEN"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := told(); got != nil {
		t.Errorf("told again: %q", got)
	}
}

// TestNoPasswordIsCutShort tells long passwords apart by their last letter, as those that hash with bcrypt do not. See OWASP
// ASVS 5.0 section 6.2.8, and NIST SP 800-63B-4 section 3.1.1.2.
func TestNoPasswordIsCutShort(t *testing.T) {
	t.Parallel()
	h := NewHasher(Config{Rand: rand.Reader, Params: Params{Memory: 64, Time: 1, Threads: 1}})
	t.Cleanup(h.Close)
	for _, n := range []int{55, 71, 72, 73, 127, 255, MaxLength - 1} {
		text := strings.Repeat("a", n)
		phc, err := h.Hash(t.Context(), text+"b")
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{text + "c", text} {
			if ok, _, err := h.Verify(t.Context(), phc, other); ok || err != nil {
				t.Errorf("%d characters: another password is taken, %v", n+1, err)
			}
		}
	}
}
