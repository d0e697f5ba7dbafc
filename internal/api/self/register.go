package self

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// directorySource is the source of events about devices. See "IAM Identity Center information in CloudTrail" in the IAM
// Identity Center User Guide.
const directorySource = "sso-directory"

// events are what the two halves of a registration are called.
var events = map[factor.Kind][2]string{
	factor.App: {"StartVirtualMfaDeviceRegistration", "CompleteVirtualMfaDeviceRegistration"},
	factor.Key: {"StartWebAuthnDeviceRegistration", "CompleteWebAuthnDeviceRegistration"},
}

// registers returns the kind of device that a request wants to register, if the person may.
func registers(text string, s *subject) (factor.Kind, error) {
	kind := factor.Kind(text)
	switch {
	case kind != factor.App && kind != factor.Key:
		return "", invalid("A device is an authenticator app (TOTP), or a security key or passkey (WEBAUTHN).")
	case !slices.Contains(s.policy.Kinds, kind):
		return "", fault.New(fault.Denied, "AccessDeniedException", "Your administrator does not allow devices of this kind.")
	case !factor.Room(s.devices, kind):
		return "", fault.New(fault.Limit, "ServiceQuotaExceededException", "You have as many devices of this kind as there may be: %d apps, and %d keys and passkeys.", factor.MaxApps, factor.MaxKeys)
	}
	return kind, nil
}

// startDevice makes what a new device needs: the secret of an app, which stays the same until the attempt ends, or the
// options for a key.
func startDevice(ctx context.Context, c *api.Call, in *StartDeviceInput) (*StartDeviceOutput, error) {
	handle, secret, challenge := c.IDs.Bytes(factor.HandleSize), c.IDs.Bytes(factor.SecretSize), c.IDs.Bytes(factor.ChallengeSize)
	out := &StartDeviceOutput{}
	err := c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, factor.Register)
		if err != nil {
			return err
		}
		kind, err := registers(in.Kind, s)
		if err != nil {
			return err
		}
		c.Event(directorySource, events[kind][0], details(kind, a.ID)...)
		c.Note("userId", s.user.ID)
		if s.holder == nil {
			s.holder = &factor.Holder{Owner: s.user.ID, Handle: handle}
			if err := store.Holders.Save(tx, s.holder); err != nil {
				return err
			}
		}
		if kind == factor.App {
			err = startApp(c, a, s, secret, out)
		} else {
			err = startKey(tx, c, a, s, challenge, out)
		}
		if err != nil {
			return err
		}
		return store.Attempts.Save(tx, a)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func startApp(c *api.Call, a *factor.Attempt, s *subject, secret []byte, out *StartDeviceOutput) error {
	if a.Pending == nil {
		sealed, err := c.Seal.SealValue(seal.Secret(secret), []byte(a.ID), c.Random)
		if err != nil {
			return err
		}
		a.Pending = sealed
	}
	pending, err := c.Seal.OpenValue(a.Pending, []byte(a.ID))
	if err != nil {
		return err
	}
	raw := []byte(pending.Reveal())
	out.Secret, out.Account = factor.SecretText(raw), s.user.UserName
	out.URI = factor.AppURI(raw, s.issuer(c), s.user.UserName)
	return nil
}

func startKey(tx *store.Tx, c *api.Call, a *factor.Attempt, s *subject, challenge []byte, out *StartDeviceOutput) error {
	party, err := s.party(c)
	if err != nil {
		return err
	}
	options, err := party.Create(s.fido(), challenge)
	a.Challenged(challenge, tx.Now)
	out.Options = string(options)
	return err
}

// completeDevice registers a device that has proved that it works, and goes on with the attempt.
func completeDevice(ctx context.Context, c *api.Call, in *CompleteDeviceInput) (*SignInOutput, error) {
	kind := factor.Kind(in.Kind)
	if e, ok := events[kind]; ok {
		c.Event(directorySource, e[1], details(kind, "")...)
	}
	name, ok := factor.CleanName(in.Name)
	if !ok {
		return nil, invalid("The name of a device has 1 to 64 characters that can be seen.")
	}
	tried, _, challenge, err := tryAttempt(ctx, c, in.Attempt, factor.Register)
	if err != nil {
		return nil, err
	}
	c.Event(directorySource, events[kind][1], details(kind, tried.ID)...)
	d := &factor.Device{ID: c.IDs.UUID(), Owner: tried.UserID, Kind: kind, Name: name}
	p := goingOn(c, in.Attempt)
	codes, macs, err := recoveryCodes(c, tried.UserID)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, factor.Register)
		if err != nil {
			return err
		}
		if _, err := registers(in.Kind, s); err != nil {
			return err
		}
		if err := p.fill(d, in, a, s, challenge, tx); err != nil {
			return err
		}
		if err := p.register(tx, d, s); err != nil {
			return err
		}
		if p.out.RecoveryCodes = nil; len(s.holder.Codes) == 0 && s.policy.OwnDevices {
			p.out.RecoveryCodes, s.holder.Codes, s.holder.MadeAt = codes, macs, tx.Now
			if err := store.Holders.Save(tx, s.holder); err != nil {
				return err
			}
		}
		if err := api.EndLinks(tx, s.user.ID, link.Registration); err != nil {
			return err
		}
		if err := c.Tell(tx, api.Person(s.user), mail.Letter{Kind: mail.DeviceAdded, Device: d.Name}); err != nil {
			return err
		}
		a.Adds, a.Pending, a.Tries, a.Proof, a.State = false, nil, 0, kind, s.state()
		if err := p.advance(tx, a, s, false); err != nil || !in.Trust {
			return err
		}
		return p.trust(a, s)
	})
	if err == nil {
		c.Throttle.Success(api.FactorTries(tried.UserID), c.Address)
	}
	return p.answer(err)
}

// fill makes d the device that the person has shown to work.
func (p *progress) fill(d *factor.Device, in *CompleteDeviceInput, a *factor.Attempt, s *subject, challenge []byte, tx *store.Tx) error {
	d.CreatedAt, d.LastUsedAt = tx.Now, tx.Now
	if d.Kind == factor.Key {
		party, err := s.party(p.c)
		if err != nil {
			return err
		}
		if challenge == nil {
			return wrongFactor()
		}
		if d.Credential, err = party.Register(s.fido(), challenge, []byte(in.KeyAnswer)); err != nil {
			return wrongFactor().Because(err)
		}
		return nil
	}
	if a.Pending == nil {
		return ended()
	}
	secret, err := p.c.Seal.OpenValue(a.Pending, []byte(a.ID))
	if err != nil {
		return err
	}
	step, ok := factor.MatchCode([]byte(secret.Reveal()), in.Code, tx.Now, factor.Drift, 0)
	if !ok {
		return wrongFactor()
	}
	d.LastStep = step
	d.SealedSecret, err = p.c.Seal.SealValue(secret, []byte(d.ID), p.c.Random)
	return err
}

// register keeps a device. A credential belongs to one person only (section 7.1 of Web Authentication Level 3, step 26).
func (p *progress) register(tx *store.Tx, d *factor.Device, s *subject) error {
	p.c.Note("deviceId", d.ID)
	err := store.Factors.Save(tx, d)
	var taken *store.UniqueError
	if errors.As(err, &taken) {
		return fault.New(fault.Conflict, "ConflictException", "This key is registered already.")
	}
	s.devices = append(s.devices, d)
	return err
}

// recoveryCodes makes new recovery codes, as they are shown once and as they are kept.
func recoveryCodes(c *api.Call, owner string) (shown []string, macs [][]byte, err error) {
	for range factor.RecoveryCodes {
		code := c.IDs.Text(factor.RecoveryLength, factor.RecoveryAlphabet)
		mac, err := c.Seal.MAC(seal.RecoveryCode, []byte(owner), []byte(code))
		if err != nil {
			return nil, nil, err
		}
		shown, macs = append(shown, factor.SpellRecovery(code)), append(macs, mac)
	}
	return shown, macs, nil
}
