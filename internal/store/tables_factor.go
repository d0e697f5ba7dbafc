package store

import "github.com/gatehouse-sso/gatehouse/internal/factor"

// Factors are the authenticator apps, security keys and passkeys of all owners. Unique: credential (id). Lists: owner, account (of IAM users and root users).
var Factors = define("factor", sealed, []column[factor.Device]{
	{name: "factor_id", of: func(d *factor.Device) any { return d.ID }},
	{name: "owner", of: func(d *factor.Device) any { return d.Owner }},
	{name: "account_id", of: func(d *factor.Device) any { return d.Account }},
	{name: "credential", of: func(d *factor.Device) any { return d.Credential.ID }},
}, index("factor_id"), indexes{
	"credential": {"credential"},
}, indexes{
	"owner":   {"owner"},
	"account": {"account_id"},
})

// Holders are what owners of factors have besides. Key: owner. Unique: handle.
var Holders = define("factor_holder", sealed, []column[factor.Holder]{
	{name: "owner", of: func(h *factor.Holder) any { return h.Owner }},
	{name: "handle", of: func(h *factor.Holder) any { return h.Handle }},
}, index("owner"), indexes{
	"handle": {"handle"},
}, nil)

// SignInPolicies are what identity centers ask of who signs in. Key: instance.
var SignInPolicies = define("sign_in_policy", sealed, []column[factor.Policy]{
	{name: "instance_arn", of: func(p *factor.Policy) any { return p.InstanceARN }},
}, index("instance_arn"), nil, nil)

// Attempts are sign-ins on their way. Key: the hash of their secret, as bytes. Expire.
var Attempts = define("sign_in_attempt", sealed, []column[factor.Attempt]{
	{name: "secret_hash", of: func(a *factor.Attempt) any { return a.Hash }},
	{name: expiry, of: func(a *factor.Attempt) any { return a.ExpiresAt }},
}, index("secret_hash"), nil, nil)

// Virtuals are the virtual MFA devices of all accounts. Key: serial number. Lists: account, owner (empty for those that
// nobody has).
var Virtuals = define("virtual_mfa_device", sealed, []column[factor.Virtual]{
	{name: "serial", of: func(v *factor.Virtual) any { return v.Serial }},
	{name: "account_id", of: func(v *factor.Virtual) any { return v.Account }},
	{name: "owner", of: func(v *factor.Virtual) any { return v.Owner }},
}, index("serial"), nil, indexes{
	"account": {"account_id"},
	"owner":   {"owner"},
})
