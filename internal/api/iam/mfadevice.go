package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"rsc.io/qr"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createVirtualDevice shows the seed once; at rest it is sealed and bound to the device's serial number.
func createVirtualDevice(ctx context.Context, c *api.Call, in *sdk.CreateVirtualMFADeviceInput) (*sdk.CreateVirtualMFADeviceOutput, error) {
	name := aws.ToString(in.VirtualMFADeviceName)
	v := &factor.Virtual{Serial: factor.VirtualSerial(c.Principal.Account, pathOf(in.Path), name), Account: c.Principal.Account}
	seed, err := newSeed(c, v)
	if err != nil {
		return nil, err
	}
	if v.Tags, err = newTags(c, in.Tags); err != nil {
		return nil, err
	}
	code, err := qr.Encode(factor.VirtualURI(factor.SecretText(seed), issuer(c), name, string(v.Account)), qr.M)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		_, err := store.Virtuals.Get(tx, v.Serial)
		if err := free(err, entityExists("MFA device already exists.")); err != nil {
			return err
		}
		n, err := store.Virtuals.Count(tx, "account", v.Account)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxDevices]); n >= most {
			return limitExceeded("Cannot exceed quota for VirtualMFADevicesPerAccount: %d", most)
		}
		v.CreatedAt = tx.Now
		return store.Virtuals.Save(tx, v)
	})
	if err != nil {
		return nil, err
	}
	out := &types.VirtualMFADevice{SerialNumber: &v.Serial, Base32StringSeed: []byte(factor.SecretText(seed)), QRCodePNG: code.PNG()}
	if len(v.Tags) > 0 {
		out.Tags = tagList(v.Tags)
	}
	return &sdk.CreateVirtualMFADeviceOutput{VirtualMFADevice: out}, nil
}

// newSeed gives a device a seed.
func newSeed(c *api.Call, v *factor.Virtual) ([]byte, error) {
	seed := make([]byte, factor.SecretSize)
	if _, err := c.Random.Read(seed); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	sealed, err := c.Seal.SealValue(seal.Secret(seed), []byte(v.Serial), c.Random)
	v.SealedSeed = sealed
	return seed, err
}

// issuer is what apps call whose codes they show: the account.
func issuer(c *api.Call) string {
	if a := c.Snapshot.Account(c.Principal.Account); a != nil && a.Name != "" {
		return a.Name
	}
	return "Gatehouse"
}

// enableDevice gives a device to a user, who proves by two codes in a row to have it.
func enableDevice(ctx context.Context, c *api.Call, in *sdk.EnableMFADeviceInput) (*sdk.EnableMFADeviceOutput, error) {
	if err := c.Slow(api.CodeTries(*in.SerialNumber)); err != nil {
		return nil, err
	}
	err := c.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, c, *in.UserName)
		if err != nil {
			return err
		}
		v, err := findDevice(tx, c, *in.SerialNumber)
		switch {
		case err != nil:
			return err
		case v.Owner == u.ID:
			return entityExists("MFA Device for user %s already exists.", u.Name)
		case v.Owner != "":
			return entityExists("MFA Device is already in use.")
		}
		n, err := api.CountDevices(tx, u.ID)
		if err != nil {
			return err
		}
		if n >= factor.MaxVirtual {
			return limitExceeded("Cannot exceed quota for MFADevicesPerUser: %d", factor.MaxVirtual)
		}
		v.Owner, v.EnabledAt = u.ID, tx.Now
		return synchronise(tx, c, v, in.AuthenticationCode1, in.AuthenticationCode2, factor.IAMDrift)
	})
	if err == nil {
		c.Throttle.Success(api.CodeTries(*in.SerialNumber), c.Address)
	}
	return nil, err
}

// resyncDevice learns how far off the clock of a device is.
func resyncDevice(ctx context.Context, c *api.Call, in *sdk.ResyncMFADeviceInput) (*sdk.ResyncMFADeviceOutput, error) {
	if err := c.Slow(api.CodeTries(*in.SerialNumber)); err != nil {
		return nil, err
	}
	err := c.Update(ctx, func(tx *store.Tx) error {
		v, err := deviceOf(tx, c, in.UserName, *in.SerialNumber)
		if err != nil {
			return err
		}
		return synchronise(tx, c, v, in.AuthenticationCode1, in.AuthenticationCode2, factor.SyncReach)
	})
	if err == nil {
		c.Throttle.Success(api.CodeTries(*in.SerialNumber), c.Address)
	}
	return nil, err
}

func synchronise(tx *store.Tx, c *api.Call, v *factor.Virtual, first, second *string, reach int64) error {
	seed, err := c.Seal.OpenValue(v.SealedSeed, []byte(v.Serial))
	if err != nil {
		return err
	}
	if !v.Sync([]byte(seed.Reveal()), aws.ToString(first), aws.ToString(second), tx.Now, reach) {
		return fault.New(fault.Denied, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
	}
	return store.Virtuals.Save(tx, v)
}

// deactivateDevice takes a device from its user. The used codes of a virtual one stay used up; a key is gone, because nobody
// else could have it.
func deactivateDevice(ctx context.Context, c *api.Call, in *sdk.DeactivateMFADeviceInput) (*sdk.DeactivateMFADeviceOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		if isKey(*in.SerialNumber) {
			d, _, err := keyOf(tx, c, in.UserName, *in.SerialNumber)
			if err != nil {
				return err
			}
			return store.Factors.Delete(tx, d)
		}
		v, err := deviceOf(tx, c, in.UserName, *in.SerialNumber)
		if err != nil {
			return err
		}
		v.Owner, v.EnabledAt = "", time.Time{}
		return store.Virtuals.Save(tx, v)
	})
}

func deleteVirtualDevice(ctx context.Context, c *api.Call, in *sdk.DeleteVirtualMFADeviceInput) (*sdk.DeleteVirtualMFADeviceOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		v, err := findDevice(tx, c, *in.SerialNumber)
		if err != nil {
			return err
		}
		if v.Owner != "" {
			return deleteConflict("MFA VirtualDevice in use. Must deactivate first.")
		}
		return store.Virtuals.Delete(tx, v)
	})
}

// isKey reports whether a serial number is that of a security key or passkey.
func isKey(serial string) bool { return strings.Contains(serial, ":u2f/") }

// keyOf finds a security key or passkey of a user: of the one that is named, or of the caller; and what the user is called.
func keyOf(tx *store.Tx, c *api.Call, name *string, serial string) (*factor.Device, string, error) {
	owner, called, err := ownerOf(tx, c, name)
	if err != nil {
		return nil, "", err
	}
	d, err := store.Factors.Get(tx, serial)
	if err == nil && d.Owner != owner {
		err = store.ErrNotFound
	}
	return d, called, store.Missing(err, noSuchEntity("MFA Device invalid for user."))
}

// getDevice knows security keys and passkeys only, as on AWS. Attestation is not asked for, so no certifications are known.
func getDevice(ctx context.Context, c *api.Call, in *sdk.GetMFADeviceInput) (*sdk.GetMFADeviceOutput, error) {
	if !isKey(*in.SerialNumber) {
		return nil, validation("The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only " +
			"hardware FIDO security keys are supported. Please use the compatible device or API.")
	}
	return api.Look(ctx, c, func(tx *store.Tx) (*sdk.GetMFADeviceOutput, error) {
		d, called, err := keyOf(tx, c, in.UserName, *in.SerialNumber)
		if err != nil {
			return nil, err
		}
		return &sdk.GetMFADeviceOutput{SerialNumber: &d.ID, UserName: &called, EnableDate: &d.CreatedAt}, nil
	})
}

// listDevices lists devices of every kind by their serial numbers: there are a few of them at most.
func listDevices(ctx context.Context, c *api.Call, in *sdk.ListMFADevicesInput) (*sdk.ListMFADevicesOutput, error) {
	after, err := c.After(in.UserName, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListMFADevicesOutput{MFADevices: []types.MFADevice{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		owner, name, err := ownerOf(tx, c, in.UserName)
		if err != nil {
			return err
		}
		all, err := devicesOf(tx, owner, name)
		if err != nil {
			return err
		}
		at, next := limit(c, in.MaxItems), ""
		all = slices.DeleteFunc(all, func(d types.MFADevice) bool { return *d.SerialNumber <= after })
		if len(all) > at {
			all, next = all[:at], *all[at-1].SerialNumber
		}
		out.MFADevices = append(out.MFADevices, all...)
		out.Marker, out.IsTruncated = c.NextToken(in.UserName, next), next != ""
		return nil
	})
}

func devicesOf(tx *store.Tx, owner, name string) ([]types.MFADevice, error) {
	var all []types.MFADevice
	virtual, _, err := store.Virtuals.List(tx, "owner", []any{owner}, "", 0)
	for _, v := range virtual {
		all = append(all, types.MFADevice{SerialNumber: &v.Serial, UserName: &name, EnableDate: &v.EnabledAt})
	}
	if err != nil {
		return nil, err
	}
	keys, _, err := store.Factors.List(tx, "owner", []any{owner}, "", 0)
	for _, d := range keys {
		all = append(all, types.MFADevice{SerialNumber: &d.ID, UserName: &name, EnableDate: &d.CreatedAt})
	}
	slices.SortFunc(all, func(a, b types.MFADevice) int { return strings.Compare(*a.SerialNumber, *b.SerialNumber) })
	return all, err
}

// ownerOf is who has devices by a name: a user, or the root user who asks about itself.
func ownerOf(tx *store.Tx, c *api.Call, name *string) (owner, called string, err error) {
	if name == nil && c.Principal.Kind == authz.Root {
		return string(c.Principal.Account), "root", nil
	}
	u, err := userOrCaller(tx, c, name)
	if err != nil {
		return "", "", err
	}
	return u.ID, u.Name, nil
}

func listVirtualDevices(ctx context.Context, c *api.Call, in *sdk.ListVirtualMFADevicesInput) (*sdk.ListVirtualMFADevicesOutput, error) {
	after, err := c.After(in.AssignmentStatus, in.Marker)
	if err != nil {
		return nil, err
	}
	page := newPage[types.VirtualMFADevice](c, in.MaxItems)
	err = c.View(ctx, func(tx *store.Tx) error {
		return walk(tx, store.Virtuals, "account", []any{c.Principal.Account}, after, page.room(), func(v *factor.Virtual) bool {
			return !wanted(v, in.AssignmentStatus) || page.add(describeDevice(c, v), store.Virtuals.Place("account", v))
		})
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.ListVirtualMFADevicesOutput{VirtualMFADevices: page.items}
	out.Marker, out.IsTruncated = page.marker(c, in.AssignmentStatus)
	return out, nil
}

func wanted(v *factor.Virtual, status types.AssignmentStatusType) bool {
	switch status {
	case types.AssignmentStatusTypeAssigned:
		return v.Owner != ""
	case types.AssignmentStatusTypeUnassigned:
		return v.Owner == ""
	}
	return true
}

// describeDevice tells a device and who has it; never its seed.
func describeDevice(c *api.Call, v *factor.Virtual) types.VirtualMFADevice {
	out := types.VirtualMFADevice{SerialNumber: &v.Serial}
	if v.Owner == "" {
		return out
	}
	out.EnableDate = &v.EnabledAt
	if u := c.Snapshot.IAMUserByID(v.Owner); u != nil {
		out.User = &types.User{Arn: aws.String(u.ARN()), UserId: &u.ID, UserName: &u.Name, Path: &u.Path, CreateDate: &u.CreatedAt}
	} else if root, err := rootUser(c); err == nil && v.Owner == string(v.Account) {
		out.User = root.User
	}
	return out
}

func tagDevice(ctx context.Context, c *api.Call, in *sdk.TagMFADeviceInput) (*sdk.TagMFADeviceOutput, error) {
	return nil, edit(ctx, c, store.Virtuals, findDevice, in.SerialNumber, func(_ *store.Tx, v *factor.Virtual) (err error) {
		v.Tags, err = withTags(c, v.Tags, in.Tags)
		return err
	})
}

func untagDevice(ctx context.Context, c *api.Call, in *sdk.UntagMFADeviceInput) (*sdk.UntagMFADeviceOutput, error) {
	return nil, edit(ctx, c, store.Virtuals, findDevice, in.SerialNumber, func(_ *store.Tx, v *factor.Virtual) error {
		dropTags(v.Tags, in.TagKeys)
		return nil
	})
}

func listDeviceTags(ctx context.Context, c *api.Call, in *sdk.ListMFADeviceTagsInput) (*sdk.ListMFADeviceTagsOutput, error) {
	v, err := read(ctx, c, findDevice, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListMFADeviceTagsOutput{}
	out.Tags, out.Marker, err = tagPage(c, v.Serial, v.Tags, in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

// findDevice finds a device of the caller's account.
func findDevice(tx *store.Tx, c *api.Call, serial string) (*factor.Virtual, error) {
	v, err := store.Virtuals.Get(tx, serial)
	if err == nil && v.Account != c.Principal.Account {
		err = store.ErrNotFound
	}
	return v, store.Missing(err, noSuchEntity("VirtualMFADevice with serial number %s doesn't exist.", serial))
}

// deviceOf finds a device of a user: of the one that is named, or of the caller. Somebody else's is not found, since the
// decision was about this user.
func deviceOf(tx *store.Tx, c *api.Call, name *string, serial string) (*factor.Virtual, error) {
	u, err := userOrCaller(tx, c, name)
	if err != nil {
		return nil, err
	}
	v, err := store.Virtuals.Get(tx, serial)
	if err == nil && v.Owner != u.ID {
		err = store.ErrNotFound
	}
	return v, store.Missing(err, noSuchEntity("MFA Device invalid for user."))
}
