package factor

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/password"
)

// Prompt says when people are asked for a second factor.
type Prompt string

// The prompt modes. See "Prompt users for MFA" in the IAM Identity Center User Guide.
const (
	Never        Prompt = "DISABLED"
	ContextAware Prompt = "CONTEXT_AWARE" // when their browser or network is new
	Always       Prompt = "ALWAYS_ON"
)

// NoDevice says what becomes of people who have no device when they would be asked for one. See "Configure MFA device
// enforcement" in the IAM Identity Center User Guide.
type NoDevice string

// What becomes of them.
const (
	RegisterDevice NoDevice = "REQUIRE_REGISTRATION"
	EmailCode      NoDevice = "EMAIL_OTP"
	BlockSignIn    NoDevice = "BLOCK"
	AllowSignIn    NoDevice = "ALLOW"
)

// Bounds of how long a sign-in lasts. See "Set session duration for the AWS access portal" in the IAM Identity Center User
// Guide.
const (
	DefaultSession = 8 * time.Hour
	ShortSession   = 15 * time.Minute
	LongSession    = 90 * 24 * time.Hour
)

// Policy is what an identity center asks of who signs in.
type Policy struct {
	InstanceARN string
	Prompt      Prompt
	Kinds       []Kind // of devices that may be registered
	NoDevice    NoDevice
	OwnDevices  bool          // people register, rename and remove their own
	Session     time.Duration // how long a sign-in lasts
	Idle        time.Duration // and how long without a page; 0 for as long as it lasts
	StepUpKeys  bool          // access keys are shown after a fresh proof only
	Codes       DeviceFlow
	Passwords   Passwords // what new ones have to meet
}

// Passwords names rules for new passwords.
type Passwords string

// The rules there are: see the functions of package password.
const (
	NIST Passwords = "" // unless others are chosen
	AWS  Passwords = "AWS"
)

// PasswordRules are the rules for new passwords: stricter ones where a password may be all that is asked for.
func (p *Policy) PasswordRules() password.Rules {
	if p.Passwords == AWS {
		return password.AWS()
	}
	return password.NIST(p.Prompt == Always && p.NeedsDevice())
}

// Initial is the policy of a new identity center.
func Initial(instanceARN string) *Policy {
	p := Lenient(instanceARN)
	p.Prompt, p.NoDevice, p.Codes.Proof = ContextAware, RegisterDevice, ProveElsewhere
	return p
}

// Lenient is the policy of an identity center that has none of its own: a password is enough.
func Lenient(instanceARN string) *Policy {
	return &Policy{InstanceARN: instanceARN, Prompt: Never, Kinds: []Kind{App, Key}, NoDevice: AllowSignIn, OwnDevices: true,
		Session: DefaultSession}
}

// Errors of Check.
var (
	errNoKinds = errors.New("allow authenticator apps (TOTP), security keys and passkeys (WEBAUTHN), or both")
	errNoMail  = errors.New("codes by e-mail need a server that can send mail, and this one has no mail set up")
)

// Check reports what is wrong with a policy that somebody wants. mail says whether the server can send mail.
func (p *Policy) Check(mail bool) error {
	switch {
	case !slices.Contains([]Prompt{Never, ContextAware, Always}, p.Prompt):
		return fmt.Errorf("the prompt mode is %s, %s or %s", ContextAware, Always, Never)
	case !slices.Contains([]NoDevice{RegisterDevice, EmailCode, BlockSignIn, AllowSignIn}, p.NoDevice):
		return fmt.Errorf("without a device people can be treated as %s, %s, %s or %s", RegisterDevice, EmailCode, BlockSignIn, AllowSignIn)
	case len(p.Kinds) == 0 || slices.ContainsFunc(p.Kinds, func(k Kind) bool { return k != App && k != Key }):
		return errNoKinds
	case p.Passwords != NIST && p.Passwords != AWS:
		return fmt.Errorf("new passwords meet the rules of NIST or of %s", AWS)
	case p.NoDevice == EmailCode && !mail:
		return errNoMail
	case p.Session < ShortSession || p.Session > LongSession:
		return errors.New("a sign-in lasts from 15 minutes to 90 days")
	case p.Idle != 0 && (p.Idle < time.Minute || p.Idle > p.Session):
		return errors.New("the idle limit is from a minute to the length of a sign-in, or 0 for none")
	}
	return p.Codes.check()
}

// Step is what is wanted next in an attempt.
type Step string

// The steps.
const (
	Done     Step = "DONE"
	Prove    Step = "PROVE"    // a second factor
	Renew    Step = "PASSWORD" // the password anew: of who is signed in and has no other factor
	Register Step = "REGISTER" // a device
	Choose   Step = "CHOOSE"   // another password
	Mailed   Step = "CODE"     // the code that was mailed
	Blocked  Step = "BLOCKED"
)

// Next says what comes after the password of a person with these devices. proof is what they proved besides, "" for
// nothing yet; trusted says whether their browser is trusted and in its usual context.
//
// Devices of a kind that is no longer allowed still prove, so that who knows only a password cannot register a device in
// their place; but they are not enough where everybody has to have one. Neither is a recovery code: a lost device has to
// be replaced (NIST SP 800-63B-4 section 4.2).
func (p *Policy) Next(devices []*Device, proof Kind, trusted bool) Step {
	if p.Prompt == Never {
		return Done
	}
	if proof == "" && len(devices) > 0 {
		if trusted && p.MayTrust() {
			return Done
		}
		return Prove
	}
	if proof == Recovery {
		return Register
	}
	if slices.ContainsFunc(devices, func(d *Device) bool { return slices.Contains(p.Kinds, d.Kind) }) {
		return Done
	}
	switch p.NoDevice {
	case RegisterDevice:
		return Register
	case AllowSignIn:
		return Done
	}
	if p.NoDevice == EmailCode && proof == "" {
		return Mailed
	}
	if p.NoDevice == EmailCode {
		return Done // what was proved is a code by mail, or more than that
	}
	return Blocked
}

// MayTrust reports whether browsers may be trusted. Where who has no device is blocked, nothing takes its place.
func (p *Policy) MayTrust() bool { return p.Prompt == ContextAware && p.NoDevice != BlockSignIn }

// NeedsDevice reports whether people have to have a device, so that nobody may remove their last.
func (p *Policy) NeedsDevice() bool {
	return p.Prompt != Never && (p.NoDevice == RegisterDevice || p.NoDevice == BlockSignIn)
}
