package api

import (
	"net/http"
	"net/netip"
	"testing"
)

// TestOnlyProxiesSayWhereARequestIsFrom: what a client writes itself neither resets a rate nor makes another context (OWASP
// ASVS 5.0 section 4.1.3).
func TestOnlyProxiesSayWhereARequestIsFrom(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"nobody is believed but a proxy":       {"192.0.2.7:1", []string{"198.51.100.1"}, "192.0.2.7"},
		"a proxy is":                           {"10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"the last hop counts, not the first":   {"10.0.0.1:1", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		"nor one in a header of its own":       {"10.0.0.1:1", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
		"proxies behind proxies are passed":    {"10.0.0.1:1", []string{"203.0.113.9, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"what is no address ends it":           {"10.0.0.1:1", []string{"198.51.100.1, evil"}, "10.0.0.1"},
		"a proxy that says nothing is the one": {"10.0.0.1:1", nil, "10.0.0.1"},
		"addresses have one spelling":          {"[::ffff:192.0.2.7]:1", nil, "192.0.2.7"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := Address(r, proxies).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
