// Package fido speaks to security keys and passkeys: it makes the options that a browser is given, and checks what comes
// back, as sections 7.1 and 7.2 of Web Authentication Level 3 (W3C) have it.
//
// The origin is the server's external URL, exactly, and the relying party is its host. Nothing works in frames of other
// sites. Attestation is not asked for. Challenges come from the caller, who uses each once.
package fido

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
)

// Party is the relying party.
type Party struct{ lib *webauthn.WebAuthn }

// ErrNoName says that the server's address is a number: keys and passkeys belong to names. See section 5.1.3 of Web
// Authentication Level 3.
var ErrNoName = errors.New("fido: keys and passkeys need a server with a name, not a number, in its address")

// New returns the relying party with an external URL and a name for people.
func New(externalURL, name string) (*Party, error) {
	u, err := url.Parse(externalURL)
	if err != nil {
		return nil, fmt.Errorf("fido: external URL: %w", err)
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil, ErrNoName
	}
	lib, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{externalURL},
		AttestationPreference: protocol.PreferNoAttestation,
		// Browsers add outputs of their own accord; none of them is used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore})
	if err != nil {
		return nil, fmt.Errorf("fido: %w", err)
	}
	return &Party{lib}, nil
}

// algorithms are the ones that signatures may have: EdDSA, ES256, RS256. See section 5.8.5 of Web Authentication Level 3.
func algorithms() []protocol.CredentialParameter {
	var list []protocol.CredentialParameter
	for _, a := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgEdDSA, webauthncose.AlgES256, webauthncose.AlgRS256} {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	return list
}

// Person is whom keys and passkeys are for.
type Person struct {
	Handle        []byte
	Name, Display string
	Devices       []*factor.Device // those they have
}

// WebAuthnID is the user handle.
func (p *Person) WebAuthnID() []byte { return p.Handle }

// WebAuthnName is the user name.
func (p *Person) WebAuthnName() string { return p.Name }

// WebAuthnDisplayName is the name that people are shown.
func (p *Person) WebAuthnDisplayName() string { return p.Display }

// WebAuthnCredentials are the keys and passkeys among the devices.
func (p *Person) WebAuthnCredentials() []webauthn.Credential {
	var list []webauthn.Credential
	for _, d := range factor.Of(p.Devices, factor.Key) {
		k := &d.Credential
		c := webauthn.Credential{ID: k.ID, PublicKey: k.PublicKey, Authenticator: webauthn.Authenticator{AAGUID: k.Model, SignCount: k.Counter},
			Flags: webauthn.CredentialFlags{BackupEligible: k.BackupEligible, BackupState: k.BackedUp}}
		for _, t := range k.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
		list = append(list, c)
	}
	return list
}

// Create returns the options for a new key or passkey, as JSON for PublicKeyCredential.parseCreationOptionsFromJSON. What
// the person has already is excluded. A credential that the person can sign in with alone is preferred.
func (p *Party) Create(person *Person, challenge []byte) ([]byte, error) {
	var exclude []protocol.CredentialDescriptor
	for _, c := range person.WebAuthnCredentials() {
		exclude = append(exclude, c.Descriptor())
	}
	made, _, err := p.lib.BeginRegistration(person, func(o *protocol.PublicKeyCredentialCreationOptions) error {
		o.Challenge, o.Parameters, o.CredentialExcludeList = challenge, algorithms(), exclude
		o.AuthenticatorSelection = protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred,
			UserVerification: protocol.VerificationPreferred}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fido: options of a new credential: %w", err)
	}
	return json.Marshal(made.Response)
}

// Register checks the answer to Create and returns the new credential.
func (p *Party) Register(person *Person, challenge, answer []byte) (factor.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return factor.Credential{}, fmt.Errorf("fido: answer to create: %w", err)
	}
	made, err := p.lib.CreateCredential(person, webauthn.SessionData{Challenge: protocol.URLEncodedBase64(challenge).String(),
		UserID: person.Handle, UserVerification: protocol.VerificationPreferred, CredParams: algorithms()}, parsed)
	if err != nil {
		return factor.Credential{}, fmt.Errorf("fido: answer to create: %w", err)
	}
	c := factor.Credential{ID: made.ID, PublicKey: made.PublicKey, Counter: made.Authenticator.SignCount, Model: made.Authenticator.AAGUID,
		Platform:       made.Authenticator.Attachment == protocol.Platform,
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState}
	for _, t := range made.Transport {
		c.Transports = append(c.Transports, string(t))
	}
	return c, nil
}

// Ask returns the options for a proof, as JSON for PublicKeyCredential.parseRequestOptionsFromJSON. Without a person any
// passkey of this server may answer, and has to verify its owner.
func (p *Party) Ask(person *Person, challenge []byte) ([]byte, error) {
	ask := func(o *protocol.PublicKeyCredentialRequestOptions) error {
		o.Challenge, o.UserVerification = challenge, protocol.VerificationPreferred
		if person == nil {
			o.UserVerification = protocol.VerificationRequired
		}
		return nil
	}
	begin := func() (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
		return p.lib.BeginLogin(person, ask)
	}
	if person == nil {
		begin = func() (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
			return p.lib.BeginDiscoverableLogin(ask)
		}
	}
	asked, _, err := begin()
	if err != nil {
		return nil, fmt.Errorf("fido: options of a proof: %w", err)
	}
	return json.Marshal(asked.Response)
}

// Answer is an answer to Ask before it has been checked.
type Answer struct {
	ID     []byte // of the credential
	Handle []byte // of its owner; keys leave it out when they were told the credential
	parsed *protocol.ParsedCredentialAssertionData
}

// Read reads an answer, which says who it is of and proves nothing yet.
func Read(answer []byte) (*Answer, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, fmt.Errorf("fido: answer: %w", err)
	}
	return &Answer{ID: parsed.RawID, Handle: parsed.Response.UserHandle, parsed: parsed}, nil
}

// errUnknown is an answer of a credential that the person does not have.
var errUnknown = errors.New("fido: the credential is not this person's")

// Check checks an answer of a person's. alone says that it is the only proof: the authenticator has to have verified its
// owner, and to have said who that is. It returns the device with what the answer changes in it.
func (p *Party) Check(person *Person, challenge []byte, a *Answer, alone bool) (*factor.Device, error) {
	session := webauthn.SessionData{Challenge: protocol.URLEncodedBase64(challenge).String(), UserVerification: protocol.VerificationPreferred}
	var checked *webauthn.Credential
	var err error
	if alone {
		session.UserVerification = protocol.VerificationRequired
		checked, err = p.lib.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return person, nil }, session, a.parsed)
	} else {
		session.UserID = person.Handle
		for _, d := range factor.Of(person.Devices, factor.Key) {
			session.AllowedCredentialIDs = append(session.AllowedCredentialIDs, d.Credential.ID)
		}
		checked, err = p.lib.ValidateLogin(person, session, a.parsed)
	}
	if err != nil {
		return nil, fmt.Errorf("fido: answer: %w", err)
	}
	for _, d := range factor.Of(person.Devices, factor.Key) {
		if bytes.Equal(d.Credential.ID, checked.ID) {
			now := *d
			now.Credential.Counter, now.Credential.BackedUp = checked.Authenticator.SignCount, checked.Flags.BackupState
			now.Credential.Cloned = d.Credential.Cloned || checked.Authenticator.CloneWarning
			return &now, nil
		}
	}
	return nil, errUnknown
}
