// Package oidc holds the clients of the OIDC service. A registration is self-contained: a client id is its sealed
// registration and the secret a MAC of the id, so that registrations survive restarts and the loss of the database.
package oidc

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// ErrClient is the one answer to every registration that is not good.
var ErrClient = errors.New("oidc: the client is not registered here, or its registration has ended")

// ErrLarge is for registrations that make an id too long to be sent.
var ErrLarge = errors.New("oidc: the registration is too large")

// maxID is the longest client id that is looked at. A registration of maxRegistration bytes still fits a sealed box.
const (
	maxID           = 16 << 10
	maxRegistration = 3 << 10
)

// Client is a registered client.
type Client struct {
	ID        string    `json:"-"`
	Name      string    `json:"n"`
	Scopes    []string  `json:"s,omitempty"`
	Redirects []string  `json:"r,omitempty"`
	Grants    []string  `json:"g,omitempty"`
	Issuer    string    `json:"i,omitempty"` // the start URL that the client works for
	ExpiresAt time.Time `json:"e"`
}

// Register seals k into a client id and its secret.
func (k *Client) Register(ring *seal.Ring, random io.Reader) (id, secret string, err error) {
	raw, err := json.Marshal(k)
	if err != nil {
		return "", "", err
	}
	if len(raw) > maxRegistration {
		return "", "", ErrLarge
	}
	if id, err = ring.SealToken(seal.ClientRegistration, raw, nil, random); err != nil {
		return "", "", err
	}
	mac, err := ring.MAC(seal.ClientRegistration, []byte(id))
	return id, base64.RawURLEncoding.EncodeToString(mac), err
}

// Open reads a client id. Without the secret it proves nothing but that this server registered the client.
func Open(ring *seal.Ring, id string, now time.Time) (*Client, error) {
	if len(id) > maxID {
		return nil, ErrClient
	}
	raw, err := ring.OpenToken(seal.ClientRegistration, id, nil)
	if err != nil {
		return nil, ErrClient
	}
	k := Client{ID: id}
	if err := json.Unmarshal(raw, &k); err != nil || !now.Before(k.ExpiresAt) {
		return nil, ErrClient
	}
	return &k, nil
}

// Authenticate checks a client's id and secret.
func Authenticate(ring *seal.Ring, id, secret string, now time.Time) (*Client, error) {
	mac, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil || len(id) > maxID || ring.CheckMAC(seal.ClientRegistration, mac, []byte(id)) != nil {
		return nil, ErrClient
	}
	return Open(ring, id, now)
}

// Loopback reports whether a redirect URI leads to the caller's own machine. See RFC 8252 section 7.3.
func Loopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return false
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16); err != nil {
		return false
	}
	return u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
}

// Allows reports whether uri is one of the client's redirect URIs, letter by letter but for its port: RFC 8252 section 7.3
// lets a program listen on any. See RFC 9700 section 4.1.3.
func (k *Client) Allows(uri string) bool {
	if !Loopback(uri) {
		return false
	}
	portless := func(text string) string {
		u, err := url.Parse(text)
		if err != nil {
			return ""
		}
		return u.Hostname() + cmp.Or(u.EscapedPath(), "/")
	}
	return slices.ContainsFunc(k.Redirects, func(r string) bool { return portless(r) == portless(uri) })
}
