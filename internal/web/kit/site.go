package kit

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// Site is what the pages need to know about the server that they belong to.
type Site struct {
	Invoke      api.Invoker
	ExternalURL *url.URL // the origin that people type
	Region      string
	SessionName string // of the sso-session and the services section in configurations: gatehouse-<store id>
	Now         func() time.Time
	Log         *slog.Logger

	// InstanceID returns the id of the instance (ssoins-…) whose portal has this name, "" being the first one's;
	// it returns "" when there is no such portal. Clients ask for it before anybody signs in.
	InstanceID func(portal string) string
	// Front returns what strangers see of a portal, by any of its names; nil means nothing of its own.
	Front func(portal string) Front
	// RequestID returns the number that a person may quote; nil means that requests have none.
	RequestID func(*http.Request) string
	// Address returns the client's address where a proxy stands in front; nil means the connection's.
	Address func(*http.Request) netip.Addr
	// Proxied reports whether a request came by a proxy whose word is good; nil means that none is.
	Proxied func(*http.Request) bool
}

// Host is the name and port that people check before they type a password.
func (s Site) Host() string { return s.ExternalURL.Host }

// Origin is the external URL without a path, such as "https://id.example.org".
func (s Site) Origin() string { return s.ExternalURL.Scheme + "://" + s.ExternalURL.Host }

func (s Site) requestID(r *http.Request) string {
	if s.RequestID == nil {
		return ""
	}
	return s.RequestID(r)
}

// Remote returns the address that the request came from; it is not valid when there is none to be read.
func (s Site) Remote(r *http.Request) netip.Addr {
	if s.Address != nil {
		return s.Address(r)
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap()
}
