package admin

import (
	"context"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/connect"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// GetConnectAuthorityInput is empty.
type GetConnectAuthorityInput struct{}

// GetConnectAuthorityOutput has the certificate that clients of the CONNECT listener trust.
type GetConnectAuthorityOutput struct {
	Certificate string // PEM
}

// getConnectAuthority makes the authority where nobody has needed it yet.
func getConnectAuthority(ctx context.Context, c *api.Call, _ *GetConnectAuthorityInput) (*GetConnectAuthorityOutput, error) {
	sealer := connect.Sealer{Ring: c.Seal, Random: c.Random, Now: c.Clock}
	out, err := api.Look(ctx, c, func(tx *store.Tx) (*GetConnectAuthorityOutput, error) { return certificate(sealer.Stored(tx)) })
	if !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	return out, c.Update(ctx, func(tx *store.Tx) (err error) {
		out, err = certificate(sealer.Ensure(tx))
		return err
	})
}

func certificate(a *connect.Authority, err error) (*GetConnectAuthorityOutput, error) {
	if err != nil {
		return nil, err
	}
	return &GetConnectAuthorityOutput{Certificate: a.PEM()}, nil
}
