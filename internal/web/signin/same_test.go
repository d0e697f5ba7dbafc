package signin

import (
	"net/netip"
	"testing"
)

func TestLoopbackIsOnePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, other string
		want        bool
	}{
		{"127.0.0.1", "::1", true},
		{"::ffff:192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7", "192.0.2.8", false},
		{"127.0.0.1", "192.0.2.8", false},
		{"127.0.0.1", "", false},
	} {
		if got := same(netip.MustParseAddr(c.from), c.other); got != c.want {
			t.Errorf("same(%s, %q) = %v", c.from, c.other, got)
		}
	}
	if same(netip.Addr{}, "127.0.0.1") {
		t.Error("nowhere is no place")
	}
}
