package self

import "time"

// SignInInput names a person at a portal and proves it.
type SignInInput struct {
	Portal   string // the part after /start/, empty for the server's first instance
	UserName string
	Password string
	Trust    string // what a trusted browser keeps, if it does
	Known    string // what a known browser keeps, if it does
}

// SignInOutput is how far a sign-in has come, or the fresh proof of who is signed in. All operations that bring it on
// answer it.
type SignInOutput struct {
	Next          string // DONE, PROVE (a second factor), PASSWORD (anew), CHOOSE (another password), CODE (that was mailed), REGISTER (a device)
	Secret        string // the value of the session's cookie, when it is a new one; shown once
	SessionEndsAt time.Time
	Attempt       string    // what the browser keeps until Next is DONE
	ExpiresAt     time.Time // of the attempt

	Trust      string // what the browser keeps from now on to be trusted
	TrustUntil time.Time
	Known      string // what the browser keeps from now on to be known, so that nobody keeps the person out by guessing
	KnownUntil time.Time

	RecoveryCodes []string // made with the first device; shown once
}

// DescribeSignInInput asks what an attempt waits for.
type DescribeSignInInput struct{ Attempt string }

// DescribeSignInOutput says what an attempt waits for.
type DescribeSignInOutput struct {
	Next          string // as in SignInOutput
	SignedIn      bool   // the person is signed in, and proves it anew
	UserName      string
	Organization  string
	Apps, Keys    []string // names of devices that can prove
	RecoveryCodes int      // how many are left
	Recovered     bool     // a recovery code was used, and a device has to replace the lost one
	MayTrust      bool     // the browser can be trusted
	MayRegister   []string // kinds of devices that can be registered
	Rules         PasswordRules
	ExpiresAt     time.Time
}

// PasswordRules are what a new password has to meet.
type PasswordRules struct {
	MinLength, MaxLength int
	Classes              bool // a lower case and an upper case letter, a digit and a symbol
	History              int  // how many earlier passwords may not be used again
}

// ChooseInSignInInput chooses another password in place of one that has to be changed.
type ChooseInSignInInput struct{ Attempt, Password string }

// DescribeLinkInput asks what a link is for, which leaves it as it is.
type DescribeLinkInput struct{ Secret string }

// DescribeLinkOutput says what a link is for.
type DescribeLinkOutput struct {
	Purpose              string // INVITATION, RESET, REGISTRATION or VERIFICATION
	AccountID            string // whose root user the link is for; empty for a person's
	UserName, Name       string
	Email, Organization  string
	By                   string // who invited, if a person did
	Portal               string // the name of the portal, empty for the server's first
	Rules                PasswordRules
	WantsDevice          bool // a second step comes next
	CreatedAt, ExpiresAt time.Time
}

// SpendLinkInput chooses a password, which uses up the link; with that of a registration, it proves the password that the
// person has.
type SpendLinkInput struct{ Secret, Password string }

// RequestPasswordResetInput asks for a link by mail.
type RequestPasswordResetInput struct{ Portal, UserName string }

// RequestPasswordResetOutput is empty, whoever was named.
type RequestPasswordResetOutput struct{}

// ContinueSignInInput proves one thing.
type ContinueSignInInput struct {
	Attempt      string
	Code         string // of an authenticator app
	KeyAnswer    string // of a key or passkey: PublicKeyCredential.toJSON()
	RecoveryCode string
	MailedCode   string
	Password     string // anew
	Trust        bool   // this browser from now on
}

// SendCodeInput asks for another code by mail, in place of the one that was mailed.
type SendCodeInput struct{ Attempt string }

// SendCodeOutput is empty.
type SendCodeOutput struct{}

// StartKeyProofInput asks for a challenge.
type StartKeyProofInput struct{ Attempt string }

// StartKeyProofOutput has the options for PublicKeyCredential.parseRequestOptionsFromJSON.
type StartKeyProofOutput struct{ Options string }

// StartPasskeySignInInput asks for a challenge before anybody is named.
type StartPasskeySignInInput struct{ Portal string }

// StartPasskeySignInOutput has the options for PublicKeyCredential.parseRequestOptionsFromJSON, and what the browser
// brings back with the answer.
type StartPasskeySignInOutput struct {
	Options, Ticket string
	ExpiresAt       time.Time
}

// SignInWithPasskeyInput is the answer of a passkey: PublicKeyCredential.toJSON().
type SignInWithPasskeyInput struct{ Portal, Ticket, KeyAnswer string }

// StartDeviceInput begins the registration of a device: TOTP or WEBAUTHN.
type StartDeviceInput struct{ Attempt, Kind string }

// StartDeviceOutput is what the device needs.
type StartDeviceOutput struct {
	Secret  string // of an app, to be typed
	URI     string // of an app, for a QR code
	Account string // what the app calls it
	Options string // of a key, for PublicKeyCredential.parseCreationOptionsFromJSON
}

// CompleteDeviceInput shows that the device works, and names it.
type CompleteDeviceInput struct {
	Attempt, Kind, Name string
	Code                string // of an app
	KeyAnswer           string // of a key or passkey: PublicKeyCredential.toJSON()
	Trust               bool   // this browser from now on
}

// StepUpInput asks for a fresh proof of who is signed in; Register goes on with a device of theirs.
type StepUpInput struct{ Register bool }

// DescribeSecurityInput asks how the caller gets in.
type DescribeSecurityInput struct{}

// DescribeSecurityOutput says how the caller gets in, and where they are in now.
type DescribeSecurityOutput struct {
	Devices        []OwnDevice
	RecoveryCodes  int // how many are left
	RecoveryMadeAt time.Time
	HasPassword    bool
	MinPassword    int // characters that a new password has at least
	Sessions       []OwnSession
	MayManage      bool // the caller manages their devices
	MayAdd         bool // and there is room for another
	MayRemoveLast  bool
	Fresh          bool // the last proof is fresh enough for changes
}

// OwnDevice is a device of the caller's.
type OwnDevice struct {
	ID, Name        string
	Kind            string // TOTP or WEBAUTHN
	BuiltIn         bool   // into what the caller sits at
	BackedUp        bool   // other devices of the caller have it too
	PerhapsCopied   bool   // its counter went back
	AddedAt, UsedAt time.Time
}

// OwnSession is where the caller is signed in.
type OwnSession struct {
	ID                         string
	Current                    bool   // the one that asks
	Program                    bool   // let in by the caller, without a browser of its own
	Name                       string // what a program calls itself
	Client, UserAgent, Address string
	Since, Until               time.Time
	MFA                        bool // a second factor was proved in it
}

// RenameDeviceInput gives a device of the caller's another name.
type RenameDeviceInput struct{ ID, Name string }

// RenameDeviceOutput is empty.
type RenameDeviceOutput struct{}

// RemoveDeviceInput removes a device of the caller's.
type RemoveDeviceInput struct{ ID string }

// RemoveDeviceOutput is empty.
type RemoveDeviceOutput struct{}

// CreateRecoveryCodesInput asks for new recovery codes.
type CreateRecoveryCodesInput struct{}

// CreateRecoveryCodesOutput has them; they are shown once.
type CreateRecoveryCodesOutput struct{ RecoveryCodes []string }

// EndSessionsInput names a session of the caller's, or with Others all but the one that asks.
type EndSessionsInput struct {
	ID     string
	Others bool
}

// EndSessionsOutput is empty.
type EndSessionsOutput struct{}

// ChangePasswordInput gives the caller another password.
type ChangePasswordInput struct{ Password string }

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

// ListOwnAccountsInput asks for the accounts that are open to the caller.
type ListOwnAccountsInput struct {
	Find string // words, each of which is in the name, number, e-mail address or a role of an account
	Page int    // from 1 on, where there are more than one
}

// ListOwnAccountsOutput is one page of accounts, favourites first, then by name.
type ListOwnAccountsOutput struct {
	Total    int // without Find
	Matching int
	Page     int
	Pages    int
	Accounts []OwnAccount
	Recent   []OwnRecentRole // the one used last first
}

// OwnAccount is an account with the caller's roles there, by name.
type OwnAccount struct {
	ID        string
	Name      string
	Email     string
	Favourite bool
	Roles     []OwnRole
}

// OwnRole is a permission set that the caller has in an account.
type OwnRole struct {
	Name        string
	Description string
	Lasts       time.Duration // of a session
}

// OwnRecentRole is a role that the caller used a short time ago.
type OwnRecentRole struct {
	AccountID   string
	AccountName string
	Role        string
	UsedAt      time.Time
}

// PutFavouriteInput marks an account, or takes the mark off it.
type PutFavouriteInput struct {
	AccountID string
	Favourite bool
}

// PutFavouriteOutput is empty.
type PutFavouriteOutput struct{}

// RecordRoleUseInput names a role that the caller used.
type RecordRoleUseInput struct {
	AccountID string
	Role      string
}

// RecordRoleUseOutput is empty.
type RecordRoleUseOutput struct{}

// LookUpDeviceCodeInput names a device authorization by the code that the person reads off the device.
type LookUpDeviceCodeInput struct{ UserCode string }

// LookUpDeviceCodeOutput says what asks to be let in.
type LookUpDeviceCodeOutput struct {
	UserCode    string
	ClientName  string
	Address     string // that the device asked from
	Elsewhere   bool   // it is not the caller's
	UserAgent   string
	Scopes      []string
	State       string // PENDING, APPROVED, DENIED, FORBIDDEN or REDEEMED
	RequestedAt time.Time
	ExpiresAt   time.Time
	Forbidden   bool      // by the administrator: the caller can only refuse
	ProveFirst  bool      // a fresh proof of who the caller is comes before they may let it in
	LetInUntil  time.Time // if they do now
}

// ApproveDeviceInput is the person's answer to a device.
type ApproveDeviceInput struct {
	UserCode string
	Refuse   bool
}

// ApproveDeviceOutput says what was let in, and until when, or what was refused.
type ApproveDeviceOutput struct {
	ClientName string
	LetInUntil time.Time
}

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

// GetPortalLogoInput names a picture by the portal that it is of and its hash.
type GetPortalLogoInput struct{ InstanceID, Hash string }

// GetPortalLogoOutput has it.
type GetPortalLogoOutput struct{ PNG []byte }
