// Package seal keeps the server's keys and everything that is made with them: the root key, the ring of keys it
// wraps, sealed session credentials, opaque tokens, values sealed at rest, and the MACs of rows.
//
// # Keys
//
// One root key, the same on every node, lives in a file that only the server may read. It encrypts nothing but the
// ring: random keys of 32 bytes, one purpose each, wrapped under the root key and kept as rows of the database. From a
// ring key three keys are derived (HKDF, RFC 5869): one that seals, one that makes MACs, one that makes secrets. A
// retired key makes nothing new and opens what it made for as long as its row is kept.
//
// What a key makes begins with a version and the key's name, so that rotation needs no trial and error. A name that
// the ring does not know causes one reload, because another node may have minted it. Names carry a check made with the
// root key, so that inventing names does not make the server ask its database.
//
// # Session credentials
//
// Credentials of sessions are sealed, not stored. The session token is the sealed claims; the secret access key is
// derived from a server key and the token's nonce; the access key id, which names the account as AWS's own do, is
// authenticated with the claims. So no part works with the parts of other credentials, and a request is
// authenticated without looking anything up. Permissions are not inside: they are evaluated when used.
//
// # Sealing
//
// Everything is sealed with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, RFC 8439). Its first 16 nonce bytes are random,
// travel with the token, and go through HChaCha20 to become a key of their own; the last 8 are constant for a format,
// which separates the formats. Deterministic tokens take as nonce a MAC of what they seal (the construction of SIV, RFC
// 5297), so that equal contents give equal tokens and different contents never share a nonce.
//
// The package must never: tell apart, in its errors, the ways in which a token is wrong; do work on a token longer than
// the longest it issues; use a key for a second purpose; let a secret reach a log.
package seal

import "errors"

// Errors of opening. ErrInvalid is the one answer to everything that is not exactly what was made: it says nothing more,
// on purpose.
var (
	ErrInvalid = errors.New("seal: not valid")
	ErrExpired = errors.New("seal: expired")
)

// Purpose says what a ring key is for. A key serves one purpose, and the purpose is authenticated with everything it makes.
type Purpose string

// The purposes.
const (
	Session            Purpose = "session"             // session credentials
	PortalToken        Purpose = "portal-token"        // access tokens of the portal
	RefreshToken       Purpose = "refresh-token"       // refresh tokens, deterministic
	DeviceCode         Purpose = "device-code"         // device codes (RFC 8628)
	AuthorizationCode  Purpose = "authorization-code"  // authorization codes (RFC 6749 section 4.1)
	ClientRegistration Purpose = "client-registration" // self-contained client ids and secrets
	PageToken          Purpose = "page-token"          // tokens of paged answers
	BrowserSession     Purpose = "browser-session"     // cookies and forms of the pages
	RowMAC             Purpose = "row-mac"             // rows that decide access
	AuditMAC           Purpose = "audit-mac"           // audit records and blocks
	Value              Purpose = "value"               // values sealed at rest
	DenialMessage      Purpose = "denial-message"      // encoded authorization messages
	RecoveryCode       Purpose = "recovery-code"       // MACs of recovery codes
)

// Purposes returns all purposes; a ring that is ready to serve has a key for each.
func Purposes() []Purpose {
	return []Purpose{
		Session, PortalToken, RefreshToken, DeviceCode, AuthorizationCode, ClientRegistration,
		PageToken, BrowserSession, RowMAC, AuditMAC, Value, DenialMessage, RecoveryCode,
	}
}
