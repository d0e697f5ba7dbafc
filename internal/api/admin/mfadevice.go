package admin

import (
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// The operations on people's MFA devices have the names of their events. See "IAM Identity Center information in
// CloudTrail" in the IAM Identity Center User Guide.

// listMfaDevicesForUser lists what a person has for the second step.
func listMfaDevicesForUser(ctx context.Context, c *api.Call, in *ListMfaDevicesForUserInput) (*ListMfaDevicesForUserOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*ListMfaDevicesForUserOutput, error) {
		u, err := allowedPerson(tx, c, in.IdentityStoreId, in.UserName)
		if err != nil {
			return nil, err
		}
		devices, _, err := store.Factors.List(tx, "owner", []any{u.ID}, "", 0)
		if err != nil {
			return nil, err
		}
		out := &ListMfaDevicesForUserOutput{MfaDevices: []MfaDevice{}}
		for _, d := range devices {
			out.MfaDevices = append(out.MfaDevices, MfaDevice{DeviceId: d.ID, DeviceName: d.Name, MfaType: string(d.Kind),
				RegisteredDate: d.CreatedAt, LastUsedDate: d.LastUsedAt, BackedUp: d.Credential.BackedUp, PerhapsCopied: d.Credential.Cloned})
		}
		return out, nil
	})
}

// registerMfaDeviceForUser gives a person a link that registers a device. Nobody but them ever sees what the device proves
// itself by.
func registerMfaDeviceForUser(ctx context.Context, c *api.Call, in *RegisterMfaDeviceForUserInput) (*RegisterMfaDeviceForUserOutput, error) {
	given, err := giveLink(ctx, c, link.Registration, in.IdentityStoreId, in.UserName, in.ShowLink)
	return (*RegisterMfaDeviceForUserOutput)(given), err
}

// importMfaDeviceForUser registers a hardware token, whose secret somebody besides the person has to know.
func importMfaDeviceForUser(ctx context.Context, c *api.Call, in *ImportMfaDeviceForUserInput) (*ImportMfaDeviceForUserOutput, error) {
	name, ok := factor.CleanName(in.DeviceName)
	if !ok {
		return nil, unnamed()
	}
	d := &factor.Device{ID: c.IDs.UUID(), Kind: factor.App, Name: name, CreatedAt: c.Now, LastUsedAt: c.Now}
	secret, made := c.IDs.Bytes(factor.SecretSize), in.Secret == ""
	if !made {
		if secret, ok = factor.ReadSecret(in.Secret); !ok {
			return nil, invalid("The secret of a token is 16 to 64 bytes in base32: the letters A to Z and the digits 2 to 7.")
		}
		if d.LastStep, ok = factor.MatchCode(secret, in.Code, c.Now, factor.Drift, 0); !ok {
			return nil, invalid("The code is not that of a token with this secret at this moment. Compare the secret, and the clock of the token.")
		}
	}
	var err error
	if d.SealedSecret, err = c.Seal.SealValue(seal.Secret(secret), []byte(d.ID), c.Random); err != nil {
		return nil, err
	}
	out := &ImportMfaDeviceForUserOutput{DeviceId: d.ID}
	err = c.Update(ctx, func(tx *store.Tx) error {
		u, err := allowedPerson(tx, c, in.IdentityStoreId, in.UserName)
		if err != nil {
			return err
		}
		if err := hasRoom(tx, c, u, factor.App); err != nil {
			return err
		}
		if made {
			out.Secret, out.Uri = factor.SecretText(secret), factor.AppURI(secret, c.Organization(center(c, in.IdentityStoreId)), u.UserName)
		}
		c.Note("userId", u.ID)
		c.Note("deviceId", d.ID)
		d.Owner = u.ID
		if err := store.Factors.Save(tx, d); err != nil {
			return err
		}
		return c.Tell(tx, api.Person(u), mail.Letter{Kind: mail.DeviceAdded, Device: d.Name})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// hasRoom refuses a device of these kinds where the policy allows none of them, or the person has as many as there may be.
func hasRoom(tx *store.Tx, c *api.Call, u *directory.User, kinds ...factor.Kind) error {
	i, err := instance(c, u.StoreID)
	if err != nil {
		return err
	}
	p, err := api.SignInPolicy(tx, i.ARN)
	if err != nil {
		return err
	}
	kinds = slices.DeleteFunc(kinds, func(k factor.Kind) bool { return !slices.Contains(p.Kinds, k) })
	if len(kinds) == 0 {
		return fault.New(fault.Conflict, "ConflictException", "The sign-in policy allows no devices of this kind.")
	}
	devices, _, err := store.Factors.List(tx, "owner", []any{u.ID}, "", 0)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(kinds, func(k factor.Kind) bool { return factor.Room(devices, k) }) {
		return fault.New(fault.Limit, "ServiceQuotaExceededException", "%s has as many devices as there may be: %d apps and tokens, and %d keys and passkeys. Remove one first.",
			u.UserName, factor.MaxApps, factor.MaxKeys)
	}
	return nil
}

func unnamed() error {
	return invalid("The name of a device has 1 to 64 characters that can be seen.")
}

// updateMfaDeviceForUser renames a device.
func updateMfaDeviceForUser(ctx context.Context, c *api.Call, in *UpdateMfaDeviceForUserInput) (*UpdateMfaDeviceForUserOutput, error) {
	name, ok := factor.CleanName(in.DeviceName)
	if !ok {
		return nil, unnamed()
	}
	return &UpdateMfaDeviceForUserOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		u, d, err := mfaDevice(tx, c, in.IdentityStoreId, in.UserName, in.DeviceId)
		if err != nil {
			return err
		}
		was := d.Name
		d.Name = name
		if err := store.Factors.Save(tx, d); err != nil {
			return err
		}
		return c.Tell(tx, api.Person(u), mail.Letter{Kind: mail.DeviceRenamed, Device: name, Was: was})
	})
}

// deleteMfaDeviceForUser removes a device, the last one too, as on AWS: who needs one registers another at the next sign-in.
func deleteMfaDeviceForUser(ctx context.Context, c *api.Call, in *DeleteMfaDeviceForUserInput) (*DeleteMfaDeviceForUserOutput, error) {
	return &DeleteMfaDeviceForUserOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		u, d, err := mfaDevice(tx, c, in.IdentityStoreId, in.UserName, in.DeviceId)
		if err != nil {
			return err
		}
		if err := api.RemoveFactor(tx, d); err != nil {
			return err
		}
		return c.Tell(tx, api.Person(u), mail.Letter{Kind: mail.DeviceRemoved, Device: d.Name})
	})
}

// mfaDevice finds a person and a device of theirs.
func mfaDevice(tx *store.Tx, c *api.Call, storeID, userName, id string) (*directory.User, *factor.Device, error) {
	u, err := allowedPerson(tx, c, storeID, userName)
	if err != nil {
		return nil, nil, err
	}
	none := fault.New(fault.NotFound, "ResourceNotFoundException", "%s has no device %q.", u.UserName, id)
	d, err := store.Factors.Get(tx, id)
	if err != nil {
		return nil, nil, store.Missing(err, none)
	}
	if d.Owner != u.ID {
		return nil, nil, none
	}
	c.Note("deviceId", d.ID)
	return u, d, nil
}
