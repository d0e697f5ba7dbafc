package api

import (
	"net/url"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// StartURL is the start URL that Gatehouse writes into configurations: every client takes it, and nobody else can own
// it, because the host is AWS's and the id is the instance's. Clients only compare and send it.
func StartURL(i *permission.Instance) string {
	return "https://identitycenter.amazonaws.com/" + i.ID()
}

// InstanceFor returns the identity center that a start URL or issuer names, or nil. People paste many forms: the
// identifier, AWS's two aliases with the ids of ours, and the portal's own address, each with or without /start, a
// slash at the end, and a fragment.
func (c *Call) InstanceFor(text string) *permission.Instance {
	u, err := url.Parse(text)
	if err != nil || u.User != nil {
		return nil
	}
	host, path := strings.ToLower(u.Host), strings.Trim(u.Path, "/")
	if host == "identitycenter.amazonaws.com" {
		return c.Snapshot.InstanceByID(path)
	}
	if id, ok := strings.CutSuffix(host, ".awsapps.com"); ok {
		return c.Snapshot.InstanceWith(id)
	}
	if id, rest, ok := strings.Cut(host, ".portal."); ok && strings.HasSuffix(rest, ".app.aws") {
		return c.Snapshot.InstanceByID(id)
	}
	if own, err := url.Parse(c.ExternalURL); err != nil || !sameHost(own, u) {
		return nil
	}
	portal := strings.Trim(strings.TrimPrefix(path, "start"), "/")
	return c.Snapshot.InstanceAt(portal)
}

// sameHost holds the names of this machine's loopback for one host, since a development server listens on all of them.
func sameHost(a, b *url.URL) bool {
	return a.Port() == b.Port() && plainHost(a.Hostname()) == plainHost(b.Hostname())
}

func plainHost(h string) string {
	if h == "127.0.0.1" || h == "::1" {
		return "localhost"
	}
	return strings.ToLower(h)
}
