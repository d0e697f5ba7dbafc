package server

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Pruning clears away what has ended. A batch is one short transaction, so that nobody's write waits for a long one.
const (
	pruneEvery  = 10 * time.Second
	pruneBatch  = 64
	changesKept = time.Hour // far longer than a follower that is still following lags behind
	// statusesKept is how many statuses of assignments and provisioning an instance has, however young they are: an import
	// of a million assignments leaves as many, and nobody asks for more than the latest.
	statusesKept = 100_000
)

// prunable is a table of which rows end, and how a transaction deletes some of them.
type prunable struct {
	table string
	prune func(*store.Tx) (deleted int, err error)
}

// prunables are all tables that would grow for ever. What a row's own time says includes how long it is of use after its
// end: see the types of package session.
func prunables() []prunable {
	return []prunable{
		expired(store.Portals), expired(store.Devices), expired(store.Codes), expired(store.Families), expired(store.Attempts),
		expired(store.Tokens), expired(store.Links),
		expired(store.Statuses), expired(store.Handshakes),
		{"change", func(tx *store.Tx) (int, error) { return tx.PruneChanges(tx.Now.Add(-changesKept), pruneBatch) }},
	}
}

func expired[T any](t *store.Table[T]) prunable {
	return prunable{t.Name(), func(tx *store.Tx) (int, error) { return t.DeleteExpired(tx, pruneBatch) }}
}

// pruneAll prunes every few seconds until ctx ends, and records what the throttle has done meanwhile.
func (s *Server) pruneAll(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.recordSlowdowns(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			s.recordSlowdowns(ctx)
			s.prune(ctx)
		}
	}
}

// recordSlowdowns writes down who is slowed down, and who no longer is. Each failure that led there is on record already.
func (s *Server) recordSlowdowns(ctx context.Context) {
	if err := s.services.RecordSlowdowns(ctx); err != nil && ctx.Err() == nil {
		s.config.Log.Error("slow-downs not recorded", "error", err)
	}
}

// prune makes one pass. A table that cannot be pruned, such as one with a row that does not verify, is logged and does not
// keep the others from it.
func (s *Server) prune(ctx context.Context) {
	for _, p := range prunables() {
		total, err := s.pruneTable(ctx, p)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.config.Log.Error("pruning failed", "table", p.table, "error", err)
		case total > 0:
			s.config.Log.Debug("pruned", "table", p.table, "rows", total)
		}
	}
	if err := s.pruneStatuses(ctx, statusesKept); err != nil && ctx.Err() == nil {
		s.config.Log.Error("pruning failed", "table", store.Statuses.Name(), "error", err)
	}
}

// pruneStatuses deletes statuses that are not among the newest keep of their instance.
func (s *Server) pruneStatuses(ctx context.Context, keep int) error {
	last := map[string]int64{} // of what is to go, by instance
	err := s.services.Store.View(ctx, func(tx *store.Tx) error {
		instances, _, err := store.Instances.List(tx, "all", nil, "", 0)
		for _, i := range instances {
			n, failed := tx.SurplusStatuses(i.ARN, keep)
			last[i.ARN], err = n, errors.Join(err, failed)
		}
		return err
	})
	if err != nil {
		return err
	}
	for instance, n := range last {
		if n == 0 {
			continue
		}
		_, err := s.pruneTable(ctx, prunable{store.Statuses.Name(), func(tx *store.Tx) (int, error) {
			return tx.PruneStatuses(instance, n, pruneBatch)
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) pruneTable(ctx context.Context, p prunable) (total int, err error) {
	for deleted := pruneBatch; deleted == pruneBatch; total += deleted {
		err := s.services.Store.Update(ctx, func(tx *store.Tx) (err error) {
			deleted, err = p.prune(tx)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
