package oidc

import (
	"net/netip"
	"sync"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/password"
)

// remembered is how many addresses or devices a Rate or a Pace knows at least before it forgets the oldest.
const remembered = 1 << 15

// recent remembers values in two generations: the older one is forgotten as a whole when the younger one is full or old,
// so that neither time nor memory is ever spent on looking for what to forget.
type recent[V any] struct {
	young, old map[string]V
	since      time.Time // when the young generation began
	life       time.Duration
}

func (r *recent[V]) get(key string) (v V, found bool) {
	if v, found = r.young[key]; !found {
		v, found = r.old[key]
	}
	return v, found
}

func (r *recent[V]) set(key string, v V, now time.Time) {
	if r.young == nil || len(r.young) >= remembered || now.Sub(r.since) >= r.life {
		r.old, r.young, r.since = r.young, map[string]V{}, now
	}
	r.young[key] = v
}

// Rate bounds how often an address may ask: Burst at once, and then one more for every Each that passes. It is kept in
// memory, bounded, and safe for concurrent use; zero fields are not.
type Rate struct {
	Burst int
	Each  time.Duration

	mu   sync.Mutex
	used recent[time.Time] // by address: when all that was asked will have been paid for
}

// Allow counts a request, or refuses it and counts nothing. An IPv6 address stands for its /64.
func (r *Rate) Allow(from netip.Addr, now time.Time) bool {
	key := password.Network(from).String()
	r.mu.Lock()
	defer r.mu.Unlock()
	full := time.Duration(r.Burst) * r.Each
	r.used.life = 2 * full
	paid, _ := r.used.get(key)
	if paid.Before(now) || paid.Sub(now) > full { // the clock was set back, if it is so far ahead
		paid = now
	}
	if paid = paid.Add(r.Each); paid.Sub(now) > full {
		return false
	}
	r.used.set(key, paid, now)
	return true
}

// freePolls may come at any moment: the AWS CLI asks once before it shows the code and again right after.
const freePolls = 2

// Pace tells devices that ask for their tokens too fast to slow down. See RFC 8628 section 3.5. It is kept in memory:
// a poll is not worth a write, and after a restart everybody is on time. It is safe for concurrent use.
type Pace struct {
	mu   sync.Mutex
	seen recent[polls] // by device
}

type polls struct {
	count int
	last  time.Time
}

// TooFast counts a poll of a device and reports whether it came clearly faster than the interval that the device was
// given, which is before half of it: to several clients slow_down is the end, so it is not said to those who are a
// little early. A poll that is too fast counts too.
func (p *Pace) TooFast(device []byte, interval, life time.Duration, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.life = life
	s, _ := p.seen.get(string(device))
	fast := s.count >= freePolls && now.Sub(s.last) < interval/2
	p.seen.set(string(device), polls{s.count + 1, now}, now)
	return fast
}
