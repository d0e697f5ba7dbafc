package api

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Wake tells the server's workers that a call has begun work that goes on without it.
func (s *Services) Wake() {
	select {
	case s.Work <- struct{}{}:
	default: // they know already
	}
}

// Continue runs a part of the work that a call has begun, in a transaction of its own. It was authorised with the call.
// The effects that fn notes are recorded with the change. fn may run more than once.
func (s *Services) Continue(ctx context.Context, requestID string, fn func(tx *store.Tx, effect func(Effect)) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		var effects []Effect
		if err := fn(tx, func(e Effect) { effects = append(effects, e) }); err != nil {
			return err
		}
		return s.recordEffects(tx, requestID, effects)
	})
}

// recordEffects writes the events of what a service has done in accounts.
func (s *Services) recordEffects(tx *store.Tx, requestID string, effects []Effect) error {
	for _, f := range effects {
		e := audit.Event{ID: s.IDs.UUID(), Time: tx.Now, Kind: audit.ServiceEvent, Account: f.Account, Service: f.Service,
			Operation: f.Operation, Resources: []string{f.Resource}, RequestID: requestID, Region: s.Region,
			Principal: audit.Principal{Type: "AWSService", InvokedBy: f.Service}}
		if err := s.append(tx, &e); err != nil {
			return err
		}
	}
	return nil
}
