package oidc

import (
	"net/url"
	"testing"
)

// FuzzAllows takes redirect URIs: what is taken is on the loopback of who asks, and at the path that was registered.
func FuzzAllows(f *testing.F) {
	for _, uri := range []string{"http://127.0.0.1:1/cb", "http://[::1]/cb", "http://127.0.0.1@evil.example/cb", "http://127.0.0.1:99999/cb", "http://127.0.0.1/cb/", "HTTP://127.0.0.1/cb", "http://127.0.0.1/%63b"} {
		f.Add(uri)
	}
	k := &Client{Redirects: []string{"http://127.0.0.1/cb"}}
	f.Fuzz(func(t *testing.T, uri string) {
		if !k.Allows(uri) {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.EscapedPath() != "/cb" || u.RawQuery+u.Fragment != "" || u.User != nil {
			t.Errorf("%q is taken", uri)
		}
	})
}
