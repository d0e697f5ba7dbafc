package api

import (
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// LinkPath is the page of links.
const LinkPath = "/signin/link"

// LinkURL is the address of a link. It begins with the origin that was configured, whatever a request calls the server: a
// forged Host header would otherwise lead the secret elsewhere. See "Testing for Host Header Injection" in OWASP's WSTG.
func (s *Services) LinkURL(secret string) string {
	return s.ExternalURL + LinkPath + "?" + url.Values{"secret": {secret}}.Encode()
}

// linkState is what a link is bound to: the person's password, their address, and what ends all their sessions. Devices may
// come and go.
func linkState(u *directory.User) []byte {
	return factor.Fingerprint(u.PasswordHash+"\x00"+AddressOf(u), u.Generation, nil)
}

// NewLink keeps a link under a secret.
func NewLink(tx *store.Tx, u *directory.User, purpose link.Purpose, secret, by string) (*link.Link, error) {
	l := &link.Link{Hash: HashSecret(secret), Purpose: purpose, UserID: u.ID, State: linkState(u), By: by, CreatedAt: tx.Now,
		ExpiresAt: tx.Now.Add(purpose.Life())}
	return l, store.Links.Save(tx, l)
}

// deadLink is the one answer to a secret that opens nothing, whatever the reason.
func deadLink() error {
	return fault.New(fault.NotFound, "ResourceNotFoundException", "This link was used already, has ended, or is not whole.")
}

// FindLink returns the link of a secret, if it may be used, and whose it is.
func FindLink(tx *store.Tx, secret string) (*link.Link, *directory.User, error) {
	if !IsSecret(secret) {
		return nil, nil, deadLink()
	}
	l, err := store.Links.Get(tx, HashSecret(secret))
	if err != nil {
		return nil, nil, store.Missing(err, deadLink())
	}
	u, err := store.Users.Get(tx, l.UserID)
	if err != nil {
		return nil, nil, store.Missing(err, deadLink())
	}
	if u.Disabled || !l.Live(linkState(u), tx.Now) {
		return nil, nil, deadLink()
	}
	return l, u, nil
}

// EndLinks ends the links of a person for a purpose, or all of them when none is named.
func EndLinks(tx *store.Tx, userID string, purposes ...link.Purpose) error {
	list, _, err := store.Links.List(tx, "user", []any{userID}, "", 0)
	for _, l := range list {
		if len(purposes) == 0 || slices.Contains(purposes, l.Purpose) {
			err = errors.Join(err, store.Links.Delete(tx, l))
		}
	}
	return err
}

// betweenResets is how long after a link another is mailed to who forgot, so that nobody can fill a stranger's mailbox.
const betweenResets = 5 * time.Minute

// Remind turns what somebody typed at a portal into a letter with a link, if it names a person who has a password and may
// sign in. It reports to whom the letter goes; nil for nobody.
func (s *Services) Remind(tx *store.Tx, forgotten *mail.Letter, secret string) (*directory.User, error) {
	u, err := store.Users.By(tx, "name", forgotten.StoreID, forgotten.UserName)
	if err != nil || u.Disabled || u.PasswordHash == "" || AddressOf(u) == "" {
		return nil, store.Missing(err, nil)
	}
	links, _, err := store.Links.List(tx, "user", []any{u.ID}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.Purpose == link.Reset && tx.Now.Sub(l.CreatedAt) < betweenResets {
			return nil, nil
		}
	}
	l, err := NewLink(tx, u, link.Reset, secret, "")
	if err != nil {
		return nil, err
	}
	able, err := s.Write(tx, u, mail.Letter{Kind: mail.Reset, Link: s.LinkURL(secret), Until: l.ExpiresAt})
	if !able {
		u = nil
	}
	return u, err
}
