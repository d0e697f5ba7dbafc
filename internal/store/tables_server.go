package store

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/setup"
)

// Setting is a setting of the server.
type Setting struct{ Name, Value string }

// AuditStrict is the name of the setting that makes every call wait for its record; its value is "true" or "false".
const AuditStrict = "audit.strict"

// Settings are the settings of the server. Key: name. Lists: all.
var Settings = define("setting", sealed, []column[Setting]{
	{name: "name", of: func(s *Setting) any { return s.Name }},
}, index("name"), nil, indexes{
	"all": {},
})

// WrappedKey is a key of the server's ring, wrapped by its root key. Times are in milliseconds.
type WrappedKey struct {
	Name      uint32
	Purpose   string
	Wrapped   []byte
	CreatedAt int64
	RetiredAt int64 // 0 while the key is in use
}

// Keys are the server's keys. They carry no MAC, because the key of the MACs is one of them; wrapping authenticates
// them. Lists: all.
var Keys = define("wrapped_key", unsealed, []column[WrappedKey]{
	{name: "name", of: func(k *WrappedKey) any { return k.Name }},
}, index("name"), nil, indexes{
	"all": {},
})

// Authority is a certificate authority of the server's own.
type Authority struct {
	Certificate []byte // DER
	SealedKey   []byte // PKCS #8, sealed
}

// theAuthority is the key of the only row of its table.
const theAuthority = "connect"

// authorities has the certificate authority of the CONNECT listener.
var authorities = define("authority", sealed, []column[Authority]{
	{name: "name", of: func(*Authority) any { return theAuthority }},
}, index("name"), nil, nil)

// Authority returns the certificate authority of the CONNECT listener, or ErrNotFound.
func (tx *Tx) Authority() (*Authority, error) { return authorities.Get(tx, theAuthority) }

// SetAuthority keeps the certificate authority of the CONNECT listener.
func (tx *Tx) SetAuthority(a *Authority) error { return authorities.Save(tx, a) }

// Token remembers the answer that a request with a ClientToken got, so that its repetition gets the same.
type Token struct {
	Account   ident.AccountID
	Operation string
	Token     string
	InputHash []byte
	Output    []byte
	At        time.Time
	ExpiresAt time.Time
}

// Tokens are the ClientTokens that were used. Key: account, operation, token. Expire.
var Tokens = define("client_token", unsealed, []column[Token]{
	{name: "account_id", of: func(t *Token) any { return t.Account }},
	{name: "operation", of: func(t *Token) any { return t.Operation }},
	{name: "token", of: func(t *Token) any { return t.Token }},
	{name: expiry, of: func(t *Token) any { return t.ExpiresAt }},
}, index("account_id", "operation", "token"), nil, nil)

// theSetup is the key of the only row of its table.
const theSetup = "first start"

// setups has how far the first start of the server has come.
var setups = define("setup", sealed, []column[setup.Setup]{
	{name: "name", of: func(*setup.Setup) any { return theSetup }},
}, index("name"), nil, nil)

// Setup returns how far the first start of the server has come, or ErrNotFound when it has not begun.
func (tx *Tx) Setup() (*setup.Setup, error) { return setups.Get(tx, theSetup) }

// SetSetup keeps it.
func (tx *Tx) SetSetup(s *setup.Setup) error { return setups.Save(tx, s) }
