package sts

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// proof is a code of the caller's MFA device, as AssumeRole and GetSessionToken take it. See "Secure API access with MFA" in
// the IAM User Guide.
type proof struct{ serial, code *string }

// given reports whether the caller proves anything.
func (p proof) given() bool { return p.serial != nil || p.code != nil }

// check begins a try and refuses what proves nothing; it leaves the code unused. See spend.
func (p proof) check(ctx context.Context, c *api.Call) error {
	if p.serial == nil || p.code == nil {
		return denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	if c.Principal.Kind != authz.IAMUser {
		return unusable() // nobody else has devices
	}
	if err := c.Slow(api.CodeTries(*p.serial)); err != nil {
		return err
	}
	return c.View(ctx, func(tx *store.Tx) error {
		_, err := p.match(tx, c)
		return err
	})
}

// spend uses the code up that was checked. It stays used up whatever becomes of the call.
func (p proof) spend(ctx context.Context, c *api.Call) error {
	err := c.Prepare(ctx, func(tx *store.Tx) error {
		v, err := p.match(tx, c)
		if err != nil {
			return err
		}
		return store.Virtuals.Save(tx, v)
	})
	if err == nil {
		c.Throttle.Success(api.CodeTries(*p.serial), c.Address)
	}
	return err
}

// match returns the caller's device with the code used up in it.
func (p proof) match(tx *store.Tx, c *api.Call) (*factor.Virtual, error) {
	v, ok, err := c.TryCode(tx, *p.serial, c.Principal.IAMUserID, *p.code)
	switch {
	case err != nil:
		return nil, err
	case v == nil:
		return nil, unusable()
	case !ok:
		return nil, denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return v, nil
}

// unusable is the answer to a device that is not the caller's, whether there is such a device or not.
func unusable() error {
	return denied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
}
