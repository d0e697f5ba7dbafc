package self

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// getPortalLogo answers the picture of a portal to anybody: it stands on the page for passwords.
func getPortalLogo(ctx context.Context, c *api.Call, in *GetPortalLogoInput) (*GetPortalLogoOutput, error) {
	c.Unrecorded()
	none := fault.New(fault.NotFound, "ResourceNotFoundException", "There is no such picture.")
	i := c.Snapshot.InstanceByID(in.InstanceID)
	if i == nil || i.Logo == nil || i.Logo.Hash != in.Hash {
		return nil, none
	}
	file, err := api.Look(ctx, c, func(tx *store.Tx) (*permission.LogoFile, error) { return store.Logos.Get(tx, i.ARN) })
	if err != nil || file.Hash != in.Hash {
		return nil, store.Missing(err, none)
	}
	return &GetPortalLogoOutput{PNG: file.PNG}, nil
}
