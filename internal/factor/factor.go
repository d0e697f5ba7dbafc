// Package factor holds what people prove themselves with beside a password, and what an identity center asks of them.
//
// There are authenticator apps (RFC 6238), security keys and passkeys (Web Authentication Level 3; package fido speaks to
// them), and recovery codes for when those are lost. A Policy says who is asked for them and when. An Attempt is a sign-in
// on its way: a name and password have been proved, and something is still wanted. A Context is what a trusted browser
// looks like.
//
// Everything belongs to an owner, named by an id that no two owners share: that of a person of a directory, of an IAM user,
// or of an account for its root user.
//
// What must hold: a step of an app and a challenge are accepted once; secrets are kept sealed and codes as MACs, never as
// they are; nothing that is weaker than the policy ends an attempt. See NIST SP 800-63B-4 and OWASP ASVS 5.0 chapter 6.
package factor

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Kind is what sort of factor something is, in the words of CloudTrail's CredentialType. See "IAM Identity Center
// information in CloudTrail" in the IAM Identity Center User Guide.
type Kind string

// The kinds. Devices are of the first two.
const (
	App      Kind = "TOTP"
	Key      Kind = "WEBAUTHN"
	Password Kind = "PASSWORD"
	Recovery Kind = "RECOVERY_CODE"
	Email    Kind = "EMAIL_OTP" // a code by mail, which is no second factor
)

// A person has at most so many devices. See "Available MFA types for IAM Identity Center" in the IAM Identity Center User
// Guide.
const (
	MaxApps = 2
	MaxKeys = 6
)

// Device is an authenticator app, a security key or a passkey.
type Device struct {
	ID    string // a UUID; of an IAM user or root user its serial number, an ARN
	Owner string
	// Account is that of an IAM user or root user; empty for a person.
	Account ident.AccountID
	Kind    Kind
	Name    string // as its owner calls it

	SealedSecret []byte // of an app
	LastStep     int64  // of an app: the newest step whose code was used; it and those before are used up
	Credential   Credential

	CreatedAt  time.Time
	LastUsedAt time.Time
}

// Credential is the public half of a security key or passkey. See "credential record" in section 4 of Web Authentication
// Level 3.
type Credential struct {
	ID             []byte
	PublicKey      []byte // COSE_Key, RFC 9052 section 7
	Counter        uint32
	Model          []byte // AAGUID
	Transports     []string
	Platform       bool // built into what the person sits at
	BackupEligible bool // may be copied to other devices of its owner
	BackedUp       bool
	Cloned         bool // its counter went back once: there may be a copy
}

// Holder is what an owner of devices has besides them.
type Holder struct {
	Owner  string
	Handle []byte   // what keys and passkeys know the owner by: 64 random bytes, which say nothing
	Codes  [][]byte // MACs of recovery codes that are unused
	MadeAt time.Time
}

// HandleSize is the length of a user handle, the longest there is. See section 5.4.3 of Web Authentication Level 3.
const HandleSize = 64

// Room reports whether one who has these devices may have another of a kind.
func Room(have []*Device, kind Kind) bool {
	n := 0
	for _, d := range have {
		if d.Kind == kind {
			n++
		}
	}
	return kind == App && n < MaxApps || kind == Key && n < MaxKeys
}

// Of returns the devices of a kind.
func Of(devices []*Device, kind Kind) []*Device {
	return slices.DeleteFunc(slices.Clone(devices), func(d *Device) bool { return d.Kind != kind })
}

// maxName is the longest name of a device, in characters.
const maxName = 64

// CleanName returns the name that a person gave a device without blanks around it, and whether devices can be called so:
// it has to be seen, and to be what it seems.
func CleanName(name string) (string, bool) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) {
		return "", false
	}
	for _, c := range name {
		if !unicode.IsPrint(c) || unicode.Is(unicode.Bidi_Control, c) {
			return "", false
		}
	}
	return name, true
}
