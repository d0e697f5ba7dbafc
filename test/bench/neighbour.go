package main

import (
	"net"
	"net/http"
)

// neighbour returns a client that comes from address number n of the loopback network, of which Linux has 127.0.0.0/8: what
// the server bounds by address, it bounds for each. The client keeps one connection and follows nothing.
func neighbour(n int) *http.Client {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}, Timeout: patience}
	return &http.Client{Transport: &http.Transport{DialContext: from.DialContext, MaxConnsPerHost: 1, DisableCompression: true}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
