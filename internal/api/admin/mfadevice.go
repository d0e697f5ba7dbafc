package admin

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// The operations on people's MFA devices have the names of their events. See "IAM Identity Center information in
// CloudTrail" in the IAM Identity Center User Guide.

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

func updateMfaDeviceForUser(ctx context.Context, c *api.Call, in *UpdateMfaDeviceForUserInput) (*UpdateMfaDeviceForUserOutput, error) {
	name, ok := factor.CleanName(in.DeviceName)
	if !ok {
		return nil, invalid("The name of a device has 1 to 64 characters that can be seen.")
	}
	return &UpdateMfaDeviceForUserOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		_, d, err := mfaDevice(tx, c, in.IdentityStoreId, in.UserName, in.DeviceId)
		if err != nil {
			return err
		}
		d.Name = name
		return store.Factors.Save(tx, d)
	})
}

func deleteMfaDeviceForUser(ctx context.Context, c *api.Call, in *DeleteMfaDeviceForUserInput) (*DeleteMfaDeviceForUserOutput, error) {
	return &DeleteMfaDeviceForUserOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		u, d, err := mfaDevice(tx, c, in.IdentityStoreId, in.UserName, in.DeviceId)
		if err != nil {
			return err
		}
		if err := store.Factors.Delete(tx, d); err != nil {
			return err
		}
		return c.Tell(tx, u, mail.Letter{Kind: mail.DeviceRemoved, Device: d.Name})
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
