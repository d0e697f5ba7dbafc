// Package link holds the links by which people do once what they otherwise cannot: choose a password, by an invitation for
// the first one and by a reset for another, or register a device without one that they had, or without being asked for one,
// or show that they read the mail at an address, which alone gives nobody anything.
// A link is a person's, or that of the root user of an account, who registers no device by one.
//
// What must hold: whoever has the secret of a link that chooses a password is taken for its owner, and that of a
// registration adds a device after the password alone; so it is 256 random bits, kept as a hash, good for one use and for a
// time; it is bound to the state of its owner, so that it ends when their password changes or they are shut out; and it is
// spent by sending a form, never by looking at it, because mail scanners look at links. See "Forgot Password Cheat Sheet" of
// OWASP and ASVS 5.0 section 6.4.
package link

import (
	"bytes"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Purpose is what a link is for.
type Purpose string

// The purposes.
const (
	Invitation   Purpose = "INVITATION"
	Reset        Purpose = "RESET"
	Registration Purpose = "REGISTRATION" // of a device
	Verification Purpose = "VERIFICATION" // of an e-mail address
)

// How long links are good for. IAM Identity Center's invitations end after seven days too: see "Add users to your Identity
// Center directory" in its User Guide.
const (
	invitationLife = 7 * 24 * time.Hour
	resetLife      = 24 * time.Hour
)

// Link is a link that was handed out.
type Link struct {
	Hash      []byte // SHA-256 of the secret
	Purpose   Purpose
	Owner     string          // a person's id, or that of the account for its root user
	Account   ident.AccountID // whose root user it is for; empty for a person's
	State     []byte          // of the owner when it was made
	By        string          // the person who invited, as they are called
	SentTo    string          // the address it was mailed to; empty for one that was handed over
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Life is how long a link is good for.
func (p Purpose) Life() time.Duration {
	if p == Invitation {
		return invitationLife
	}
	return resetLife
}

// Live reports whether the link may be used by an owner in this state.
func (l *Link) Live(state []byte, now time.Time) bool {
	return now.Before(l.ExpiresAt) && bytes.Equal(l.State, state)
}
