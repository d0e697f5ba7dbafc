package admin

import (
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describePortal says where the portal of an identity center is.
func describePortal(_ context.Context, c *api.Call, in *DescribePortalInput) (*DescribePortalOutput, error) {
	i, err := instance(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	return &DescribePortalOutput{Portal: portalOf(c, i)}, nil
}

func portalOf(c *api.Call, i *permission.Instance) Portal {
	return Portal{Address: i.PortalName(), Url: c.PortalURL(i), FormerAddresses: i.Former}
}

// updatePortal changes what is given of a portal and leaves the rest.
func updatePortal(ctx context.Context, c *api.Call, in *UpdatePortalInput) (*UpdatePortalOutput, error) {
	out := &UpdatePortalOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) error {
		found, err := instance(c, in.IdentityStoreId)
		if err != nil {
			return err
		}
		i, err := store.Instances.Get(tx, found.ARN)
		if err != nil {
			return err
		}
		if in.Address != nil {
			if err := move(tx, i, *in.Address); err != nil {
				return err
			}
		}
		out.Portal = portalOf(c, i)
		return store.Instances.Save(tx, i)
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
