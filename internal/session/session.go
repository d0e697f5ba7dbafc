// Package session holds what signing in leaves behind: browser sessions, device authorizations, authorization codes
// and the families of refresh tokens. Secrets are kept as hashes only.
package session

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Portal is who is signed in: a person, whose session a browser makes and the tokens share that the browser approved, or
// the root user or an IAM user of an account.
type Portal struct {
	ID         string // a UUID, named in tokens
	SecretHash []byte // SHA-256 of the cookie's secret; empty for sessions that tokens live in
	StoreID    string
	UserID     string          // of a person or an IAM user; of a root user the account's id
	Account    ident.AccountID // of a root user or an IAM user; empty for a person
	Generation uint64          // the user's when it began; lower than the user's now is refused
	Address    string
	UserAgent  string
	Program    string // that the person let in, as it calls itself; empty for browsers
	CreatedAt  time.Time
	ExpiresAt  time.Time
	EndedAt    time.Time     // zero while it lasts
	MFAAt      time.Time     // when a second factor was proved in this session; zero if none was
	ProvedAt   time.Time     // when the person last proved who they are
	Idle       time.Duration // how long it may go unused; 0 for as long as it lasts
	SeenAt     time.Time     // when it was last used, as far as Due has it kept
}

// IsRoot reports whether it is the root user of an account who is signed in.
func (p *Portal) IsRoot() bool { return p.Account != "" && p.UserID == string(p.Account) }

// Fresh is how long a proof counts as fresh: for as long nobody is asked again before they change what they prove
// themselves with. See NIST SP 800-63B-4 section 2.2.3 and OWASP ASVS 5.0 section 7.5.
const Fresh = 10 * time.Minute

// IsFresh reports whether the person proved who they are a short time ago. A proof of the future is none: the clock was
// wrong then.
func (p *Portal) IsFresh(now time.Time) bool { return now.Sub(p.ProvedAt).Abs() < Fresh }

// astray is further than the clocks of two nodes of a server ever are from each other.
const astray = 10 * time.Minute

// Live reports whether the session may still be used. One that began in the future did so by a clock that was wrong, as its
// end is.
func (p *Portal) Live(now time.Time) bool {
	return p.EndedAt.IsZero() && now.Before(p.ExpiresAt) && p.CreatedAt.Before(now.Add(astray)) && (p.Idle == 0 || now.Before(p.SeenAt.Add(p.Idle)))
}

// Due reports whether it has to be kept that the session is in use: not at every page, but at least ten times in the time
// that it may go unused.
func (p *Portal) Due(now time.Time) bool { return p.Idle > 0 && now.Sub(p.SeenAt) >= p.Idle/10 }

// keysOutlive is how much longer than the session the keys live that were fetched in it, at most: the longest session of a
// role. See "Set session duration for AWS accounts" in the IAM Identity Center User Guide.
const keysOutlive = 12 * time.Hour

// KeptUntil is when nothing depends on the session any more. Until then keys that were fetched in it are looked up
// here: where there is no session they are refused, as after a sign-out.
func (p *Portal) KeptUntil() time.Time {
	if p.ExpiresAt.IsZero() {
		return p.ExpiresAt
	}
	return p.ExpiresAt.Add(keysOutlive)
}

// States of a device authorization. See RFC 8628.
const (
	Pending   = "PENDING"
	Approved  = "APPROVED"
	Refused   = "DENIED"
	Forbidden = "FORBIDDEN" // refused by who may let none in
	Redeemed  = "REDEEMED"
)

// Device is a device authorization.
type Device struct {
	UserCode    string // XXXX-XXXX
	CodeHash    []byte // SHA-256 of the device code
	InstanceARN string
	ClientID    string
	ClientName  string
	Scopes      []string
	Refreshable bool // the client asked for scopes, so a refresh token comes with the access token
	Address     string
	UserAgent   string
	State       string
	SessionID   string // the session that approval made
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Code is an authorization code. See RFC 6749 section 4.1 and RFC 7636.
type Code struct {
	Hash        []byte // SHA-256 of the code
	InstanceARN string
	ClientID    string
	ClientName  string
	Scopes      []string
	RedirectURI string
	Challenge   string // S256
	SessionID   string
	UsedAt      time.Time // zero until it is redeemed
	ExpiresAt   time.Time
}

// Family is a chain of refresh tokens. Token n is the sealed (family, n).
type Family struct {
	ID        string // a UUID
	SessionID string
	ClientID  string
	Scopes    []string
	Number    uint64    // the newest token's
	RotatedAt time.Time // when it was made
	EndedAt   time.Time
	ExpiresAt time.Time
}
