// Package fidotest is an authenticator and the browser in front of it, in software: it answers options as a browser does,
// and lies where a test tells it to.
package fidotest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Flags of authenticator data. See section 6.1 of Web Authentication Level 3.
const (
	Present        = 1 << 0
	Verified       = 1 << 2
	BackupEligible = 1 << 3
	BackedUp       = 1 << 4
	attested       = 1 << 6
)

// Authenticator holds one credential. Its fields may be changed between answers.
type Authenticator struct {
	Origin string // of the page
	RPID   string // "" for what the options say
	Flags  byte
	Count  uint32

	// Lie changes the client data before it is signed.
	Lie func(clientData map[string]any)
	// Forge changes an answer after it was signed.
	Forge func(response map[string]any)
	// Algorithm is what a new credential says its key is for: -7 (ES256) if it is 0.
	Algorithm int

	ID     []byte
	Handle []byte
	key    *ecdsa.PrivateKey
	t      testing.TB
}

// New returns an authenticator behind a page of origin that verifies its owner.
func New(t testing.TB, origin string) *Authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256(key.D.Bytes())
	return &Authenticator{t: t, Origin: origin, Flags: Present | Verified, ID: id[:], key: key}
}

// Copy is a second authenticator with the same credential, as a thief would make one.
func (a *Authenticator) Copy() *Authenticator {
	b := *a
	return &b
}

type options struct {
	Challenge string
	RPID      string `json:"rpId"`
	RP        struct{ ID string }
	User      struct{ ID string }
}

// Create answers the options of a new credential.
func (a *Authenticator) Create(raw []byte) []byte {
	a.t.Helper()
	o := a.read(raw)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	a.Handle = handle
	data := a.data(o.RP.ID, a.Flags|attested)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.ID)))
	data = append(append(data, a.ID...), a.publicKey()...)
	object := a.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	client := a.client("webauthn.create", o.Challenge)
	return a.answer(map[string]any{"clientDataJSON": encode(client), "attestationObject": encode(object), "transports": []string{"internal"}})
}

// Get answers the options of a proof.
func (a *Authenticator) Get(raw []byte) []byte {
	a.t.Helper()
	o := a.read(raw)
	a.Count++
	data, client := a.data(o.RPID, a.Flags), a.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": encode(client), "authenticatorData": encode(data),
		"signature": encode(signature), "userHandle": encode(a.Handle)})
}

func (a *Authenticator) read(raw []byte) (o options) {
	a.t.Helper()
	if err := json.Unmarshal(raw, &o); err != nil {
		a.t.Fatalf("options %s: %v", raw, err)
	}
	return o
}

// data is authenticator data without what follows the counter.
func (a *Authenticator) data(rpID string, flags byte) []byte {
	if a.RPID != "" {
		rpID = a.RPID
	}
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.Count)
}

func (a *Authenticator) client(kind, challenge string) []byte {
	data := map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false}
	if a.Lie != nil {
		a.Lie(data)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

// publicKey is the COSE_Key of the credential (RFC 9053 section 7.1).
func (a *Authenticator) publicKey() []byte {
	algorithm := a.Algorithm
	if algorithm == 0 {
		algorithm = -7
	}
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	return a.cbor(map[int]any{1: 2, 3: algorithm, -1: 1, -2: point[1:33], -3: point[33:]})
}

func (a *Authenticator) cbor(v any) []byte {
	raw, err := webauthncbor.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

func (a *Authenticator) answer(response map[string]any) []byte {
	if a.Forge != nil {
		a.Forge(response)
	}
	raw, err := json.Marshal(map[string]any{"id": encode(a.ID), "rawId": encode(a.ID), "type": "public-key",
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
