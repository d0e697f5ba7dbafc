package server

import (
	"context"
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/connect"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// openConnect makes the proxy for clients that read no endpoint setting, where one is to listen. What comes through it
// walks the corridor like everything else.
func (s *Server) openConnect(ctx context.Context) error {
	if len(s.connectors) == 0 {
		return nil
	}
	sealer := connect.Sealer{Ring: s.services.Seal, Random: s.config.Random, Now: s.config.Clock}
	var authority *connect.Authority
	err := s.services.Store.Update(ctx, func(tx *store.Tx) (err error) {
		authority, err = sealer.Ensure(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("--connect-listen: %w", err)
	}
	s.connect = connect.New(authority, s.Corridor, quiet(s.config.Log))
	return nil
}

// ConnectURL is the address of the proxy for clients that read no endpoint setting, and empty without one.
func (s *Server) ConnectURL() string {
	if len(s.connectors) == 0 {
		return ""
	}
	return "http://" + s.connectors[0].Addr().String()
}
