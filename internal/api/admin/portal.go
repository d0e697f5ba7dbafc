package admin

import (
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describePortal says where the portal of an identity center is and how it looks.
func describePortal(_ context.Context, c *api.Call, in *DescribePortalInput) (*DescribePortalOutput, error) {
	i, err := instance(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	return &DescribePortalOutput{Portal: portalOf(c, i)}, nil
}

func portalOf(c *api.Call, i *permission.Instance) Portal {
	return Portal{Address: i.PortalName(), Url: c.PortalURL(i), FormerAddresses: i.Former, Title: i.Title, Logo: i.Logo != nil}
}

// updatePortal changes what is given of a portal and leaves the rest. Addresses that it had before lead to it for good.
func updatePortal(ctx context.Context, c *api.Call, in *UpdatePortalInput) (*UpdatePortalOutput, error) {
	out := &UpdatePortalOutput{}
	return out, changeInstance(ctx, c, in.IdentityStoreId, func(tx *store.Tx, i *permission.Instance) error {
		if in.Address != nil {
			if err := move(tx, i, *in.Address); err != nil {
				return err
			}
		}
		if in.Title != nil {
			if err := permission.CheckTitle(*in.Title); err != nil {
				return err
			}
			i.Title = *in.Title
		}
		out.Portal = portalOf(c, i)
		return nil
	})
}

// changeInstance changes an identity center that the caller may manage.
func changeInstance(ctx context.Context, c *api.Call, storeID string, change func(*store.Tx, *permission.Instance) error) error {
	return c.Update(ctx, func(tx *store.Tx) error {
		found, err := instance(c, storeID)
		if err != nil {
			return err
		}
		i, err := store.Instances.Get(tx, found.ARN)
		if err != nil {
			return err
		}
		if err := change(tx, i); err != nil {
			return err
		}
		return store.Instances.Save(tx, i)
	})
}

// putPortalLogo shows a picture at the head of a portal: a PNG of at most 64 KB and 512 by 512 pixels, of which the pixels are
// kept.
func putPortalLogo(ctx context.Context, c *api.Call, in *PutPortalLogoInput) (*PutPortalLogoOutput, error) {
	logo, file, err := permission.NewLogo(in.Logo)
	if err != nil {
		return nil, err
	}
	return nil, changeInstance(ctx, c, in.IdentityStoreId, func(tx *store.Tx, i *permission.Instance) error {
		i.Logo = logo
		return store.Logos.Save(tx, &permission.LogoFile{InstanceARN: i.ARN, Hash: logo.Hash, PNG: file})
	})
}

// deletePortalLogo takes the picture of a portal away: the mark of the server stands there again.
func deletePortalLogo(ctx context.Context, c *api.Call, in *DeletePortalLogoInput) (*DeletePortalLogoOutput, error) {
	return nil, changeInstance(ctx, c, in.IdentityStoreId, func(tx *store.Tx, i *permission.Instance) error {
		if i.Logo == nil {
			return nil
		}
		i.Logo = nil
		return store.Logos.Delete(tx, &permission.LogoFile{InstanceARN: i.ARN})
	})
}

// move gives a portal an address that nobody else has or had.
func move(tx *store.Tx, i *permission.Instance, address string) error {
	all, _, err := store.Instances.List(tx, "all", nil, "", 0)
	if err != nil {
		return err
	}
	for _, other := range all {
		if address != "" && other.ARN != i.ARN && slices.Contains(other.PortalNames(), address) {
			return fault.New(fault.Conflict, "ConflictException", "Another portal has, or had, the address %q.", address)
		}
	}
	return i.PutAddress(address)
}
