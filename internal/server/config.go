package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// Config is what a server needs before its database opens. All else is a setting with an API.
type Config struct {
	Data        string // the data directory: the control socket and, on SQLite, the database
	RootKey     string // the file of the root key; empty for root.key in Data
	Listen      string // "host:port"; "localhost" means both 127.0.0.1 and ::1
	ExternalURL string // the origin that people and clients use; empty means http://localhost and the port
	Database    string // empty for SQLite in Data, or a postgres:// URL
	Region      string // at the first start; later it has to be the same, or empty
	TLSCert     string // files in PEM; empty for plain http, which is for localhost only
	TLSKey      string
	Proxies     []netip.Prefix // whose X-Forwarded-For is believed
	Connect     string         // where the proxy for clients that read no endpoint setting listens: on loopback, or empty for none
	Mailbox     bool           // mail is kept for a page of this server instead of being sent, until a mail server is set up

	Clock  func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

// external checks the external URL, or derives it from the port that is listened on.
func (c *Config) external(port int) (*url.URL, error) {
	if c.ExternalURL == "" {
		scheme := "http"
		if c.TLSCert != "" {
			scheme = "https"
		}
		return &url.URL{Scheme: scheme, Host: fmt.Sprintf("localhost:%d", port)}, nil
	}
	u, err := url.Parse(c.ExternalURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("--external-url %q: want an origin such as https://sso.example.com", c.ExternalURL)
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--external-url %q: passwords and keys travel by https; plain http is for http://localhost only", c.ExternalURL)
	}
	u.Path = ""
	return u, nil
}
