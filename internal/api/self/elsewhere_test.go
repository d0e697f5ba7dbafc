package self

import (
	"net/netip"
	"testing"
)

func TestLoopbackIsOnePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		person, device string
		want           bool
	}{
		{"127.0.0.1", "::1", false},
		{"::ffff:192.0.2.7", "192.0.2.7", false},
		{"192.0.2.7", "192.0.2.8", true},
		{"127.0.0.1", "192.0.2.8", true},
		{"127.0.0.1", "", true},
	} {
		if got := elsewhere(c.device, netip.MustParseAddr(c.person)); got != c.want {
			t.Errorf("elsewhere(%q, %s) = %v", c.device, c.person, got)
		}
	}
	if !elsewhere("127.0.0.1", netip.Addr{}) {
		t.Error("nowhere is some place")
	}
}
