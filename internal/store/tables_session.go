package store

import "github.com/gatehouse-sso/gatehouse/internal/session"

// Portals are the sessions of signed-in people. Unique: secret (hash). Lists: user. Expire.
var Portals = define("portal_session", sealed, []column[session.Portal]{
	{name: "session_id", of: func(p *session.Portal) any { return p.ID }},
	{name: "secret_hash", of: func(p *session.Portal) any { return p.SecretHash }},
	{name: "user_id", of: func(p *session.Portal) any { return p.UserID }},
	{name: expiry, of: func(p *session.Portal) any { return p.KeptUntil() }},
}, index("session_id"), indexes{
	"secret": {"secret_hash"},
}, indexes{
	"user": {"user_id"},
})

// Devices are the device authorizations. Key: the code's hash, as bytes. Unique: user_code. Expire.
var Devices = define("device", unsealed, []column[session.Device]{
	{name: "code_hash", of: func(d *session.Device) any { return d.CodeHash }},
	{name: "user_code", of: func(d *session.Device) any { return d.UserCode }},
	{name: expiry, of: func(d *session.Device) any { return d.ExpiresAt }},
}, index("code_hash"), indexes{
	"user_code": {"user_code"},
}, nil)

// Codes are the authorization codes. Key: the code's hash, as bytes. Expire.
var Codes = define("authorization_code", unsealed, []column[session.Code]{
	{name: "code_hash", of: func(c *session.Code) any { return c.Hash }},
	{name: expiry, of: func(c *session.Code) any { return c.ExpiresAt }},
}, index("code_hash"), nil, nil)

// Families are the chains of refresh tokens. Lists: session. Expire.
var Families = define("token_family", unsealed, []column[session.Family]{
	{name: "family_id", of: func(f *session.Family) any { return f.ID }},
	{name: "session_id", of: func(f *session.Family) any { return f.SessionID }},
	{name: expiry, of: func(f *session.Family) any { return f.ExpiresAt }},
}, index("family_id"), nil, indexes{
	"session": {"session_id"},
})
