package factor

import "time"

// Bounds of an attempt. A challenge lives as long as section 15.1 of Web Authentication Level 3 recommends at most.
const (
	AttemptLife   = 10 * time.Minute // also of a code by mail: NIST SP 800-63B-4 section 3.1.3.1
	ChallengeLife = 5 * time.Minute
	MaxTries      = 5
	// ChallengeSize is twice what section 13.4.3 of Web Authentication Level 3 asks for.
	ChallengeSize = 32
)

// Attempt is a sign-in, or a fresh proof of who is signed in, that waits for something. It belongs to the browser that has
// its secret.
type Attempt struct {
	Hash      []byte // SHA-256 of the browser's secret
	ID        string // a UUID: CloudTrail's AuthWorkflowID
	StoreID   string
	UserID    string
	SessionID string // of who is signed in; empty for a sign-in
	Adds      bool   // a device, once there is a fresh proof
	Step      Step
	Proof     Kind   // what was proved besides the password, "" for nothing yet
	State     []byte // of the person's credentials when it began, see Fingerprint

	Tries         int
	Challenge     []byte // for a key or passkey; used up by its answer
	ChallengeEnds time.Time
	Pending       []byte // the sealed secret of an app that is being registered
	Mailed        []byte // the sealed code that was mailed; it lives as long as the attempt

	CreatedAt time.Time
	ExpiresAt time.Time
}

// Live reports whether the attempt may go on. A try counts when it begins.
func (a *Attempt) Live(now time.Time) bool { return a.Tries <= MaxTries && now.Before(a.ExpiresAt) }

// Challenged has the attempt wait for the answer to a challenge, and not to one before.
func (a *Attempt) Challenged(challenge []byte, now time.Time) {
	a.Challenge, a.ChallengeEnds = challenge, now.Add(ChallengeLife)
}

// TakeChallenge returns the challenge that is waited for, which is thereby used up; nil when there is none or its time
// is over.
func (a *Attempt) TakeChallenge(now time.Time) []byte {
	challenge, ends := a.Challenge, a.ChallengeEnds
	a.Challenge, a.ChallengeEnds = nil, time.Time{}
	if !now.Before(ends) {
		return nil
	}
	return challenge
}

// Credential is what was proved last.
func (a *Attempt) Credential() Kind {
	if a.Proof == "" {
		return Password
	}
	return a.Proof
}

// ProvedMFA is when a second factor was proved in the attempt, now or never (the zero time): neither a password anew nor
// a recovery code is one.
func (a *Attempt) ProvedMFA(now time.Time) time.Time {
	if a.Proof == App || a.Proof == Key {
		return now
	}
	return time.Time{}
}
