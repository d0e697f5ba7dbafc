package password

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Limit says how failures slow down what comes next.
type Limit struct {
	Free   int           // failures that cost nothing
	Base   time.Duration // the wait after the next, doubled with each further one
	Max    time.Duration // no wait is longer
	Forget time.Duration // failures are forgotten after so long without another
}

// ThrottleConfig is what a Throttle needs; zero fields but Now have defaults.
type ThrottleConfig struct {
	Now      func() time.Time
	Account  Limit // 5 free, then 1 s up to a minute, forgotten after 30 minutes
	Address  Limit // 20 free, then 1 s up to a minute, forgotten after 30 minutes
	Capacity int   // accounts and addresses that are remembered: 65,536
}

// Throttle slows down guessing by account and by address. It never locks anybody out for good: no wait is longer than Max.
// An attempt counts when it begins, so that a thousand at once are not a thousand free guesses; success takes it back. It
// is safe for concurrent use.
type Throttle struct {
	cfg   ThrottleConfig
	mu    sync.Mutex
	seen  map[throttleKey]*failures
	slow  map[throttleKey]*failures // those of seen that are slowed down
	turns []Turn                    // that nobody has taken yet
}

// Turn is when an account or an address began to be slowed down, or ceased to be.
type Turn struct {
	Account string     // or empty
	Address netip.Addr // as Network has it
	Began   bool
	Why     Why // it ceased
	At      time.Time
}

// Why is a reason.
type Why string

// Why somebody is slowed down no longer.
const (
	Proved    Why = "PROVED"    // they proved who they are
	Cleared   Why = "CLEARED"   // by an administrator
	Forgotten Why = "FORGOTTEN" // there was no failure for long
)

// longestLabel is how much of an account's name is kept while it is slowed down.
const longestLabel = 256

// throttleKey is a hash, so that long names take no memory.
type throttleKey [16]byte

// failures are those of one account or address.
type failures struct {
	count int
	last  time.Time
	until time.Time // the next attempt must wait for it
	limit *Limit
	label Turn // whose they are, once these are slowed down
}

// NewThrottle returns an empty Throttle.
func NewThrottle(cfg ThrottleConfig) *Throttle {
	if cfg.Account == (Limit{}) {
		cfg.Account = Limit{Free: 5, Base: time.Second, Max: time.Minute, Forget: 30 * time.Minute}
	}
	if cfg.Address == (Limit{}) {
		cfg.Address = Limit{Free: 20, Base: time.Second, Max: time.Minute, Forget: 30 * time.Minute}
	}
	if cfg.Capacity == 0 {
		cfg.Capacity = 1 << 16
	}
	return &Throttle{cfg: cfg, seen: map[throttleKey]*failures{}, slow: map[throttleKey]*failures{}}
}

// Attempt begins an attempt on account from address. It returns 0 and counts the attempt as a failure until Success
// takes that back, or it returns how long to wait, and counts nothing. The account is the name that was
// typed, folded, whether it exists or not.
func (t *Throttle) Attempt(account string, address netip.Addr) time.Duration {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	a, b := accountKey(account), addressKey(address)
	if wait := max(t.wait(a, now), t.wait(b, now)); wait > 0 {
		return wait
	}
	t.count(a, &t.cfg.Account, now, Turn{Account: account})
	t.count(b, &t.cfg.Address, now, Turn{Address: Network(address)})
	return 0
}

// Success ends an attempt that proved who it is: the account's failures are forgotten; the address only gets
// this attempt back, or else one good account would pay for guessing the others.
func (t *Throttle) Success(account string, address netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(accountKey(account), Proved)
	b := addressKey(address)
	f := t.seen[b]
	if f == nil {
		return
	}
	if f.count--; f.count <= 0 {
		t.forget(b, Proved)
		return
	}
	f.until = f.last.Add(f.limit.after(f.count))
}

// Delay returns how often an account failed lately, and how long its next attempt has to wait.
func (t *Throttle) Delay(account string) (failed int, wait time.Duration) {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	k := accountKey(account)
	wait = max(t.wait(k, now), 0)
	if f := t.seen[k]; f != nil {
		failed = f.count
	}
	return failed, wait
}

// Clear forgets the failures of an account.
func (t *Throttle) Clear(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(accountKey(account), Cleared)
}

// Turns returns what has turned since it was last asked.
func (t *Throttle) Turns() []Turn {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, f := range t.slow {
		if f.forgotten(now) {
			t.forget(k, Forgotten)
		}
	}
	turns := t.turns
	t.turns = nil
	return turns
}

// turned notes a turn. When far too many wait to be taken, those that come later are lost: each failure behind them is on
// record by itself.
func (t *Throttle) turned(label Turn, began bool, why Why) {
	if len(t.turns) >= t.cfg.Capacity {
		return
	}
	label.Began, label.Why, label.At = began, why, t.cfg.Now()
	t.turns = append(t.turns, label)
}

// forget forgets the failures of k.
func (t *Throttle) forget(k throttleKey, why Why) {
	delete(t.seen, k)
	if f := t.slow[k]; f != nil {
		delete(t.slow, k)
		t.turned(f.label, false, why)
	}
}

// wait returns how long k must wait, and forgets what is old. When the clock was set back, the wait begins anew.
func (t *Throttle) wait(k throttleKey, now time.Time) time.Duration {
	f := t.seen[k]
	if f == nil {
		return 0
	}
	if f.forgotten(now) {
		t.forget(k, Forgotten)
		return 0
	}
	if now.Before(f.last) {
		f.last, f.until = now, now.Add(f.limit.after(f.count))
	}
	return f.until.Sub(now)
}

// count adds a failure. label says whose it is.
func (t *Throttle) count(k throttleKey, limit *Limit, now time.Time, label Turn) {
	f := t.seen[k]
	if f == nil {
		if len(t.seen) >= t.cfg.Capacity {
			t.evict(now)
		}
		f = &failures{limit: limit}
		t.seen[k] = f
	}
	f.count++
	f.last, f.until = now, now.Add(limit.after(f.count))
	if f.count > limit.Free && t.slow[k] == nil {
		label.Account = strings.Clone(label.Account[:min(len(label.Account), longestLabel)]) // not the request that it is a part of
		f.label, t.slow[k] = label, f
		t.turned(label, true, "")
	}
}

// evictSample is how many entries are looked at to evict one.
const evictSample = 16

// evict makes room: of a few entries, which the map's order chooses, it drops what is forgotten, else the one with the fewest
// failures. So a flood of invented names drives itself out, and not the account that is under attack.
func (t *Throttle) evict(now time.Time) {
	var victim throttleKey
	var least *failures
	looked := 0
	for k, f := range t.seen {
		if least == nil || f.less(least, now) {
			victim, least = k, f
		}
		if looked++; looked == evictSample {
			break
		}
	}
	t.forget(victim, Forgotten)
}

// forgotten reports whether f no longer counts.
func (f *failures) forgotten(now time.Time) bool {
	return !now.Before(f.last.Add(f.limit.Forget)) && !now.Before(f.until)
}

// less reports whether f is missed less than g.
func (f *failures) less(g *failures, now time.Time) bool {
	if a, b := f.forgotten(now), g.forgotten(now); a != b {
		return a
	}
	if a, b := f.count-f.limit.Free, g.count-g.limit.Free; a != b {
		return a < b
	}
	return f.last.Before(g.last)
}

// after returns the wait after so many failures.
func (l *Limit) after(count int) time.Duration {
	over := count - l.Free
	if over <= 0 {
		return 0
	}
	wait := l.Base
	for ; over > 1 && wait < l.Max; over-- {
		wait *= 2
	}
	return min(wait, l.Max)
}

func accountKey(account string) throttleKey {
	sum := sha256.Sum256([]byte("account\x00" + account))
	return throttleKey(sum[:16])
}

func addressKey(a netip.Addr) throttleKey {
	sum := sha256.Sum256([]byte("address\x00" + Network(a).String()))
	return throttleKey(sum[:16])
}

// Network returns what one customer has: an IPv4 address as it is, an IPv6 address as its /64.
func Network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64) // 64 bits fit any IPv6 address
		a = p.Addr()
	}
	return a
}
