package door

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// caller reads who is signed in, and their session.
func caller(tx *store.Tx, c *api.Call) (*holder, *session.Portal, error) {
	s, err := store.Portals.Get(tx, c.Principal.SessionID)
	if err != nil {
		return nil, nil, store.Missing(err, ended())
	}
	h, err := holderOf(tx, s.Account, s.UserID)
	return h, s, err
}

// proved is caller for a change of what they prove themselves with, which takes a fresh proof.
func proved(tx *store.Tx, c *api.Call) (*holder, *session.Portal, error) {
	h, s, err := caller(tx, c)
	if err == nil && !s.IsFresh(tx.Now) {
		err = api.StepUpFirst()
	}
	return h, s, err
}

// describeSelf says who the caller is, how they get in, and where they are in now.
func describeSelf(ctx context.Context, c *api.Call, _ *DescribeSelfInput) (*DescribeSelfOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSelfOutput, error) {
		h, s, err := caller(tx, c)
		if err != nil {
			return nil, err
		}
		out := &DescribeSelfOutput{Door: h.door(), Name: h.name(), ARN: c.Principal.ARN, AccountID: string(h.account.ID), Account: h.account.Name,
			MinLength: h.minLength(), Fresh: s.IsFresh(c.Now), MFA: !s.MFAAt.IsZero(), SignedInAt: s.CreatedAt, ExpiresAt: s.ExpiresAt}
		if h.user == nil {
			out.Email = h.account.Email
		}
		if h.login != nil {
			out.PasswordSetAt = h.login.ChangedAt
			if h.user != nil {
				out.PasswordEndsAt = h.policy.Expires(h.login)
			}
		}
		for _, v := range h.devices {
			out.Devices = append(out.Devices, Device{Serial: v.Serial, Name: deviceName(v), AddedAt: v.EnabledAt})
		}
		for _, k := range h.keys {
			out.Devices = append(out.Devices, Device{Serial: k.ID, Name: k.Name, AddedAt: k.CreatedAt, Key: true, PerhapsCopied: k.Credential.Cloned})
		}
		alias, err := store.Aliases.By(tx, "account", h.account.ID)
		if err == nil {
			out.Alias = alias.Name
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		out.Sessions, err = sessions(tx, c, h)
		return out, err
	})
}

// deviceName is the last part of a serial number.
func deviceName(v *factor.Virtual) string { return v.Serial[strings.LastIndexByte(v.Serial, '/')+1:] }

// sessions are those of a holder that last, the newest first.
func sessions(tx *store.Tx, c *api.Call, h *holder) ([]Session, error) {
	list, err := api.SessionsOwned(tx, h.owner(), h.generation())
	var out []Session
	for _, s := range list {
		if s.Account == h.account.ID {
			out = append(out, Session{ID: s.ID, Client: factor.Browser(s.UserAgent), Address: s.Address, Current: s.ID == c.Principal.SessionID,
				Since: s.CreatedAt, Until: s.ExpiresAt})
		}
	}
	return out, err
}

// startDevice makes a device that is nobody's until it has shown that it works.
func startDevice(ctx context.Context, c *api.Call, in *StartDeviceInput) (*StartDeviceOutput, error) {
	h, err := fresh(ctx, c)
	if err != nil {
		return nil, err
	}
	if h.user == nil {
		return startRootDevice(ctx, c, h, in.Name)
	}
	make := func() (*iamsdk.CreateVirtualMFADeviceOutput, error) {
		return ask[iamsdk.CreateVirtualMFADeviceOutput](ctx, c, "CreateVirtualMFADevice", &iamsdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &in.Name})
	}
	made, err := make()
	if fault.Is(err, "EntityAlreadyExists") { // one that was begun and left, unless it is in use
		serial := factor.VirtualSerial(h.account.ID, "/", in.Name)
		if _, err := ask[iamsdk.DeleteVirtualMFADeviceOutput](ctx, c, "DeleteVirtualMFADevice", &iamsdk.DeleteVirtualMFADeviceInput{SerialNumber: &serial}); err != nil {
			return nil, fault.New(fault.Conflict, "ConflictException", "There is a device called %s already. Choose another name.", in.Name)
		}
		made, err = make()
	}
	if err != nil {
		return nil, err
	}
	secret := string(made.VirtualMFADevice.Base32StringSeed)
	return &StartDeviceOutput{Serial: *made.VirtualMFADevice.SerialNumber, Secret: secret, URI: uri(h, secret, in.Name)}, nil
}

// ask calls an operation of the IAM API with the permissions of the caller.
func ask[Out any](ctx context.Context, c *api.Call, operation string, in any) (*Out, error) {
	return api.As[Out](c.Invoke(ctx, "iam", operation, in))
}

// uri is what the QR code says.
func uri(h *holder, secret, name string) string {
	return factor.VirtualURI(secret, h.account.Name, name, h.name()+"."+string(h.account.ID))
}

// fresh is proved outside of a change.
func fresh(ctx context.Context, c *api.Call) (*holder, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*holder, error) {
		h, _, err := proved(tx, c)
		return h, err
	})
}

// nameOfDevice is what devices may be called. See "CreateVirtualMFADevice" in the IAM API Reference.
var nameOfDevice = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

func checkDeviceName(name string) error {
	if !nameOfDevice.MatchString(name) {
		return invalid("The name of a device has letters, digits and _+=,.@-, and at most 64 of them.")
	}
	return nil
}

// startRootDevice is startDevice for a root user, whose devices no operation of the IAM API gives.
func startRootDevice(ctx context.Context, c *api.Call, h *holder, name string) (*StartDeviceOutput, error) {
	if err := checkDeviceName(name); err != nil {
		return nil, err
	}
	v := &factor.Virtual{Serial: factor.VirtualSerial(h.account.ID, "/", name), Account: h.account.ID}
	seed := c.IDs.Bytes(factor.SecretSize)
	var err error
	if v.SealedSeed, err = c.Seal.SealValue(seal.Secret(seed), []byte(v.Serial), c.Random); err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		h, _, err := proved(tx, c)
		if err != nil {
			return err
		}
		if err := h.room(); err != nil {
			return err
		}
		old, err := store.Virtuals.Get(tx, v.Serial)
		if err == nil && old.Owner != "" {
			return fault.New(fault.Conflict, "ConflictException", "There is a device called %s already. Choose another name.", name)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		v.CreatedAt = tx.Now
		return store.Virtuals.Save(tx, v)
	})
	if err != nil {
		return nil, err
	}
	secret := factor.SecretText(seed)
	return &StartDeviceOutput{Serial: v.Serial, Secret: secret, URI: uri(h, secret, name)}, nil
}

// completeDevice gives the caller the device that has shown by two codes in a row that it works, which proves MFA in this
// session.
func completeDevice(ctx context.Context, c *api.Call, in *CompleteDeviceInput) (*CompleteDeviceOutput, error) {
	h, err := fresh(ctx, c)
	if err != nil {
		return nil, err
	}
	if h.user != nil {
		_, err = ask[iamsdk.EnableMFADeviceOutput](ctx, c, "EnableMFADevice", &iamsdk.EnableMFADeviceInput{UserName: &h.user.Name, SerialNumber: &in.Serial,
			AuthenticationCode1: &in.First, AuthenticationCode2: &in.Second})
	} else if err = c.Slow(api.CodeTries(in.Serial)); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		h, s, err := proved(tx, c)
		if err != nil {
			return err
		}
		if h.user == nil {
			if err := own(tx, c, h, in); err != nil {
				return err
			}
		}
		s.MFAAt = tx.Now
		return store.Portals.Save(tx, s)
	})
	if err == nil {
		c.Throttle.Success(api.CodeTries(in.Serial), c.Address)
	}
	return &CompleteDeviceOutput{}, err
}

// own gives a device to the root user.
func own(tx *store.Tx, c *api.Call, h *holder, in *CompleteDeviceInput) error {
	v, err := store.Virtuals.Get(tx, in.Serial)
	if err != nil || v.Account != h.account.ID || v.Owner != "" {
		return store.Missing(err, fault.New(fault.NotFound, "ResourceNotFoundException", "This device is not there any more. Begin again."))
	}
	seed, err := c.Seal.OpenValue(v.SealedSeed, []byte(v.Serial))
	if err != nil {
		return err
	}
	if !v.Sync([]byte(seed.Reveal()), in.First, in.Second, tx.Now, factor.IAMDrift) {
		return fault.New(fault.Denied, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
	}
	v.Owner, v.EnabledAt = h.owner(), tx.Now
	if err := store.Virtuals.Save(tx, v); err != nil {
		return err
	}
	return h.tell(tx, c, mail.Letter{Kind: mail.DeviceAdded, Device: deviceName(v)})
}

// removeDevice takes a device from the caller and deletes it.
func removeDevice(ctx context.Context, c *api.Call, in *RemoveDeviceInput) (*RemoveDeviceOutput, error) {
	h, err := fresh(ctx, c)
	if err != nil {
		return nil, err
	}
	if h.user == nil {
		return &RemoveDeviceOutput{}, c.Update(ctx, func(tx *store.Tx) error {
			h, _, err := proved(tx, c)
			if err != nil {
				return err
			}
			for _, k := range h.keys {
				if k.ID != in.Serial {
					continue
				}
				if err := store.Factors.Delete(tx, k); err != nil {
					return err
				}
				return h.tell(tx, c, mail.Letter{Kind: mail.DeviceRemoved, Device: k.Name})
			}
			for _, v := range h.devices {
				if v.Serial != in.Serial {
					continue
				}
				if err := store.Virtuals.Delete(tx, v); err != nil {
					return err
				}
				return h.tell(tx, c, mail.Letter{Kind: mail.DeviceRemoved, Device: deviceName(v)})
			}
			return fault.New(fault.NotFound, "ResourceNotFoundException", "You have no such device, or not any more.")
		})
	}
	if _, err := ask[iamsdk.DeactivateMFADeviceOutput](ctx, c, "DeactivateMFADevice", &iamsdk.DeactivateMFADeviceInput{UserName: &h.user.Name, SerialNumber: &in.Serial}); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(h.keys, func(k *factor.Device) bool { return k.ID == in.Serial }) {
		return &RemoveDeviceOutput{}, nil
	}
	_, err = ask[iamsdk.DeleteVirtualMFADeviceOutput](ctx, c, "DeleteVirtualMFADevice", &iamsdk.DeleteVirtualMFADeviceInput{SerialNumber: &in.Serial})
	if fault.Is(err, "AccessDenied") {
		err = nil // it is nobody's, and stays for who may delete it
	}
	return &RemoveDeviceOutput{}, err
}

// changePassword sets another password for who proves the one before. Other sessions end with it.
func changePassword(ctx context.Context, c *api.Call, in *ChangePasswordInput) (*ChangePasswordOutput, error) {
	h, err := api.Look(ctx, c, func(tx *store.Tx) (*holder, error) {
		h, _, err := caller(tx, c)
		return h, err
	})
	if err != nil {
		return nil, err
	}
	if h.user != nil {
		_, err := ask[iamsdk.ChangePasswordOutput](ctx, c, "ChangePassword", &iamsdk.ChangePasswordInput{OldPassword: aws.String(in.Old), NewPassword: aws.String(in.New)})
		return &ChangePasswordOutput{}, err
	}
	tries := h.tries()
	if err := c.Slow(tries); err != nil {
		return nil, err
	}
	ok, _, err := c.Passwords.Verify(ctx, h.login.Hash, in.Old)
	if err == nil && !ok {
		err = fault.New(fault.Denied, "AccessDenied", "The old password was incorrect.")
	}
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(tries, c.Address)
	hash, err := h.hash(ctx, c, in.New)
	if err != nil {
		return nil, err
	}
	return &ChangePasswordOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		now, s, err := caller(tx, c)
		if err != nil {
			return err
		}
		if now.login == nil || now.login.Hash != h.login.Hash {
			return ended() // it was changed meanwhile
		}
		now.login.Change(hash, tx.Now)
		return now.changed(tx, c, s.ID)
	})
}

// endSessions ends one of the caller's sessions, or all but the one that asks.
func endSessions(ctx context.Context, c *api.Call, in *EndSessionsInput) (*EndSessionsOutput, error) {
	return &EndSessionsOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		h, s, err := proved(tx, c)
		if err != nil {
			return err
		}
		if in.Others {
			return api.EndSessions(tx, h.owner(), s.ID)
		}
		mine, err := sessions(tx, c, h)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(mine, func(s Session) bool { return s.ID == in.ID }) {
			return fault.New(fault.NotFound, "ResourceNotFoundException", "This sign-in has ended already.")
		}
		return api.EndSession(tx, in.ID)
	})
}
