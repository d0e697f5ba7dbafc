package oidc

import "testing"

// TestOnlyTheCallersOwnMachineIsLoopback has addresses that look like this machine. See RFC 8252 section 7.3.
func TestOnlyTheCallersOwnMachineIsLoopback(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]bool{
		"http://127.0.0.1/oauth/callback": true, "http://127.0.0.1:4711/oauth/callback": true, "http://[::1]:1/": true,
		"https://127.0.0.1/": false, "http://localhost/": false, "http://127.0.0.1.example.com/": false, "http://127.0.0.1@example.com/": false,
		"http://x@127.0.0.1/": false, "http://127.0.0.1/?a=b": false, "http://127.0.0.1/#f": false, "http://127.0.0.1\\@example.com/": false,
		"http://127.1/": false, "http://127.0.0.1:65536/": false, "http://2130706433/": false, "javascript://127.0.0.1/": false, "": false, "http://[::ffff:127.0.0.1]/": false,
	} {
		if got := Loopback(uri); got != want {
			t.Errorf("Loopback(%q) = %v", uri, got)
		}
	}
}

// TestAClientIsAnsweredWhereItRegistered compares redirect URIs as RFC 9700 section 4.1.3 and RFC 8252 section 7.3 have it.
func TestAClientIsAnsweredWhereItRegistered(t *testing.T) {
	t.Parallel()
	k := &Client{Redirects: []string{"http://127.0.0.1/oauth/callback"}}
	for uri, want := range map[string]bool{
		"http://127.0.0.1:4711/oauth/callback": true, "http://127.0.0.1/oauth/callback": true,
		"http://127.0.0.1:4711/oauth/callback/": false, "http://127.0.0.1:4711/OAUTH/callback": false, "http://127.0.0.1:4711/oauth/callback?x=1": false,
		"http://127.0.0.1:4711/else": false, "http://127.0.0.1/oauth/callback/../x": false, "http://127.0.0.1/oauth%2Fcallback": false,
		"http://[::1]/oauth/callback": false, "http://example.com/oauth/callback": false, "": false,
	} {
		if got := k.Allows(uri); got != want {
			t.Errorf("Allows(%q) = %v", uri, got)
		}
	}
	if !(&Client{Redirects: []string{"http://127.0.0.1"}}).Allows("http://127.0.0.1:4711/") {
		t.Error("no path is not the path of the root")
	}
	if (&Client{}).Allows("http://127.0.0.1/") {
		t.Error("a client that registered no address is answered at one")
	}
}
