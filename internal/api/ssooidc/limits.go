package ssooidc

import "time"

// Lifetimes.
const (
	registrationLife = 90 * 24 * time.Hour // as on AWS
	deviceLife       = 10 * time.Minute    // how long a device code waits for a person
	refreshableLife  = time.Hour           // of access tokens that a refresh token comes with
	rotationGrace    = 60 * time.Second    // in which a used refresh token gives the same successor again
)

// mostRedirects is how many redirect URIs a client may register. AWS's clients register one.
const mostRedirects = 10

// deviceInterval is how many seconds a device has to wait between two polls.
const deviceInterval = 5

// limit is how often one address may call an operation: burst times at once, and then once in each.
type limit struct {
	burst int
	each  time.Duration
}

// The limits leave room for an office behind one address where everybody signs in at nine. A request for a code leaves
// a row for ten minutes; a poll costs a read.
var (
	registrations  = limit{burst: 100, each: 100 * time.Millisecond}
	authorizations = limit{burst: 100, each: 100 * time.Millisecond}
	tokenRequests  = limit{burst: 500, each: 10 * time.Millisecond}
)
