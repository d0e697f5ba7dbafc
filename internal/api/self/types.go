package self

import "time"

// SignInInput names a person at a portal and proves it.
type SignInInput struct {
	Portal   string // the part after /start/, empty for the server's first instance
	UserName string
	Password string
}

// SignInOutput carries the browser's session.
type SignInOutput struct {
	Secret    string // the value of the cookie; shown once
	ExpiresAt time.Time
}

// SignOutInput ends the caller's session.
type SignOutInput struct{}

// SignOutOutput is empty.
type SignOutOutput struct{}

// WhoAmIInput asks who the caller is.
type WhoAmIInput struct{}

// WhoAmIOutput is the signed-in person.
type WhoAmIOutput struct {
	UserID       string
	UserName     string
	DisplayName  string
	Email        string
	InstanceARN  string
	InstanceID   string // ssoins-…
	Portal       string
	Organization string // the name of the management account
	Region       string // where the instance lives
	SignedInAt   time.Time
	ExpiresAt    time.Time
}

// LookUpDeviceCodeInput names a device authorization by the code that the person reads off the device.
type LookUpDeviceCodeInput struct{ UserCode string }

// LookUpDeviceCodeOutput says what asks to be let in.
type LookUpDeviceCodeOutput struct {
	UserCode    string
	ClientName  string
	Address     string
	UserAgent   string
	Scopes      []string
	State       string // PENDING, APPROVED, DENIED or REDEEMED
	RequestedAt time.Time
	ExpiresAt   time.Time
}

// ApproveDeviceInput is the person's answer to a device.
type ApproveDeviceInput struct {
	UserCode string
	Refuse   bool
}

// ApproveDeviceOutput is empty.
type ApproveDeviceOutput struct{ ClientName string }

// ApproveAuthorizationInput is an authorization request (RFC 6749 section 4.1.1, RFC 7636) with the person's answer.
// With Ask nothing is decided: the request is checked and the answer says who asks.
type ApproveAuthorizationInput struct {
	ResponseType        string
	ClientID            string
	RedirectURI         string
	State               string
	CodeChallenge       string
	CodeChallengeMethod string
	Scopes              string // separated by spaces
	Ask                 bool
	Refuse              bool
}

// ApproveAuthorizationOutput says who asks and, when decided, where the browser goes next.
type ApproveAuthorizationOutput struct {
	ClientName string
	Scopes     []string
	RedirectTo string // the validated callback with code and state, or with error; empty with Ask
}
