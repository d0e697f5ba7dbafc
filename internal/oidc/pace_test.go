package oidc

import (
	"net/netip"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestARateAllowsABurstAndThenItsPace(t *testing.T) {
	t.Parallel()
	r := &Rate{Burst: 3, Each: time.Second}
	here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := noon
	for range 3 {
		if !r.Allow(here, now) {
			t.Fatal("the burst is refused")
		}
	}
	if r.Allow(here, now) || !r.Allow(there, now) {
		t.Error("a fourth at once is allowed, or another address pays for it")
	}
	if now = now.Add(time.Second); !r.Allow(here, now) || r.Allow(here, now) {
		t.Error("a second does not pay for exactly one more")
	}
	for range 100 {
		now = now.Add(time.Second)
		if !r.Allow(here, now) {
			t.Fatal("who keeps the pace is refused")
		}
	}
}

// TestARateBearsAClockThatIsSetBack finds nobody shut out for as long as the clock was wrong.
func TestARateBearsAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	r := &Rate{Burst: 3, Each: time.Second}
	here := netip.MustParseAddr("192.0.2.1")
	for r.Allow(here, noon) {
	}
	allowed := 0
	for range 10 {
		if r.Allow(here, noon.Add(-time.Hour)) {
			allowed++
		}
	}
	if allowed != 3 {
		t.Errorf("%d requests are allowed, want a burst of 3", allowed)
	}
}

func TestARateTakesANetworkOfIPv6ForOneAddress(t *testing.T) {
	t.Parallel()
	r := &Rate{Burst: 1, Each: time.Second}
	if !r.Allow(netip.MustParseAddr("2001:db8::1"), noon) || r.Allow(netip.MustParseAddr("2001:db8::2"), noon) {
		t.Error("two addresses of one /64 are two customers")
	}
	if !r.Allow(netip.MustParseAddr("2001:db8:0:1::1"), noon) {
		t.Error("two /64 are one customer")
	}
}

func TestARateKeepsBoundedMemory(t *testing.T) {
	t.Parallel()
	r := &Rate{Burst: 1, Each: time.Hour}
	for i := range 3 * remembered {
		r.Allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), noon)
	}
	if n := len(r.used.young) + len(r.used.old); n > 2*remembered {
		t.Errorf("%d addresses are remembered", n)
	}
	last := 3*remembered - 1
	if r.Allow(netip.AddrFrom4([4]byte{10, byte(last >> 16), byte(last >> 8), byte(last)}), noon) {
		t.Error("the newest is forgotten")
	}
}

func TestADeviceIsToldToSlowDown(t *testing.T) {
	t.Parallel()
	p := &Pace{}
	now := noon
	for i, c := range []struct {
		after time.Duration
		want  bool
	}{
		{0, false}, {0, false}, // the AWS CLI begins so
		{5 * time.Second, false}, {4900 * time.Millisecond, false}, {2500 * time.Millisecond, false},
		{2 * time.Second, true}, {time.Second, true}, {5 * time.Second, false},
	} {
		now = now.Add(c.after)
		if got := p.TooFast([]byte("one"), 5*time.Second, 10*time.Minute, now); got != c.want {
			t.Errorf("poll %d, %v after the one before: too fast is %v", i+1, c.after, got)
		}
	}
	if p.TooFast([]byte("two"), 5*time.Second, 10*time.Minute, now) {
		t.Error("one device pays for another")
	}
}
