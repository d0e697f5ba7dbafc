package door

import "time"

// The doors.
const (
	Root = "root"
	IAM  = "iam"
)

// What a sign-in wants next.
const (
	Done     = "DONE"
	Code     = "CODE"     // of an MFA device, or the answer of a key
	Password = "PASSWORD" // a new one
)

// SignInInput names a root user or an IAM user and proves it.
type SignInInput struct {
	Door     string // root or iam
	Account  string // of an IAM user: the account's id or alias
	Name     string // of an IAM user, or the e-mail address of the root user's account
	Password string
	Known    string // what a known browser keeps, if it does
}

// SignInOutput is how far a sign-in has come.
type SignInOutput struct {
	Next          string // DONE, CODE or PASSWORD
	Secret        string // the value of the session's cookie; shown once
	SessionEndsAt time.Time
	Attempt       string // what the browser keeps until Next is DONE
	ExpiresAt     time.Time
	Known         string // what the browser keeps from now on to be known, so that nobody keeps the user out by guessing
	KnownUntil    time.Time
}

// DescribeSignInInput asks what an attempt waits for.
type DescribeSignInInput struct{ Attempt string }

// DescribeSignInOutput says it.
type DescribeSignInOutput struct {
	Door, Next string
	Name       string // of the user
	Account    string // what the account is called
	AccountID  string
	Devices    []string // names of those that have codes
	Keys       []string // names of security keys and passkeys
	MinLength  int      // of a new password
}

// ContinueSignInInput proves one thing more.
type ContinueSignInInput struct {
	Attempt, Code, NewPassword string
	KeyAnswer                  string // PublicKeyCredential.toJSON()
}

// StartKeyProofInput asks for a challenge.
type StartKeyProofInput struct{ Attempt string }

// StartKeyProofOutput has what a key is asked.
type StartKeyProofOutput struct{ Options string }

// WhoIsInInput asks who is signed in.
type WhoIsInInput struct{}

// WhoIsInOutput says it.
type WhoIsInOutput struct {
	Door string // root or iam; empty for people
	Name string
}

// DescribeSelfInput asks who the caller is and how they get in.
type DescribeSelfInput struct{}

// DescribeSelfOutput says it.
type DescribeSelfOutput struct {
	Door, Name, ARN           string
	AccountID, Account, Alias string
	Email                     string // of the root user's account
	PasswordSetAt             time.Time
	PasswordEndsAt            time.Time // zero when it does not
	MinLength                 int       // of a password
	Devices                   []Device
	Sessions                  []Session
	Fresh                     bool // the last proof is recent enough for changes
	MFA                       bool // this session proved a device
	SignedInAt, ExpiresAt     time.Time
}

// Device is a virtual MFA device, or a security key or passkey.
type Device struct {
	Serial, Name  string
	AddedAt       time.Time
	Key           bool
	PerhapsCopied bool // of a key: its counter went back
}

// Session is where the caller is signed in.
type Session struct {
	ID, Client, Address string
	Current             bool
	Since, Until        time.Time
}

// StartDeviceInput begins a device.
type StartDeviceInput struct{ Name string }

// StartDeviceOutput is what the app needs; shown once.
type StartDeviceOutput struct{ Serial, Secret, URI string }

// CompleteDeviceInput shows by two codes in a row that the device works.
type CompleteDeviceInput struct{ Serial, First, Second string }

// CompleteDeviceOutput is empty.
type CompleteDeviceOutput struct{}

// StartKeyInput begins a security key or passkey.
type StartKeyInput struct{ Name string }

// StartKeyOutput has what the browser asks the key, and the ticket that it brings back.
type StartKeyOutput struct{ Ticket, Options string }

// CompleteKeyInput brings the answer of the key: PublicKeyCredential.toJSON().
type CompleteKeyInput struct{ Ticket, Name, KeyAnswer string }

// CompleteKeyOutput names the new key.
type CompleteKeyOutput struct{ Serial string }

// RemoveDeviceInput names a device.
type RemoveDeviceInput struct{ Serial string }

// RemoveDeviceOutput is empty.
type RemoveDeviceOutput struct{}

// ChangePasswordInput sets another password.
type ChangePasswordInput struct{ Old, New string }

// ChangePasswordOutput is empty.
type ChangePasswordOutput struct{}

// EndSessionsInput ends one of the caller's sessions, or all but this one.
type EndSessionsInput struct {
	ID     string
	Others bool
}

// EndSessionsOutput is empty.
type EndSessionsOutput struct{}
