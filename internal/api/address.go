package api

import (
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// IsVerified reports whether a person is known to read the mail at their address.
func IsVerified(u *directory.User) bool {
	return u.VerifiedEmail != "" && u.VerifiedEmail == AddressOf(u)
}

// Verified keeps that the person read the mail with a link, which is bound to their address. One that was handed over shows
// nothing.
func Verified(u *directory.User, l *link.Link) {
	if l.SentTo != "" {
		u.VerifiedEmail = l.SentTo
	}
}

// NewAddress tells the address before that mail goes elsewhere, and has the one after verified where the person signs in
// with a password, which mail to it could change. See OWASP ASVS 5.0 section 6.3.7.
func (c *Call) NewAddress(tx *store.Tx, before, after *directory.User, secret string) error {
	if AddressOf(before) == AddressOf(after) {
		return nil
	}
	if err := c.Tell(tx, Person(before), mail.Letter{Kind: mail.AddressChanged}); err != nil {
		return err
	}
	able, err := c.CanMail(tx)
	if err != nil || !able || c.ExternalURL == "" || after.PasswordHash == "" || after.Disabled || IsVerified(after) {
		return err
	}
	_, err = c.GiveLink(tx, Person(after), link.Verification, secret, "", false)
	return err
}
