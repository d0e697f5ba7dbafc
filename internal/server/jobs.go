package server

import (
	"context"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Pruning clears away what has ended. A batch is one short transaction, so that nobody's write waits for a long one.
const (
	pruneEvery  = time.Minute
	pruneBatch  = 64
	changesKept = time.Hour // far longer than a follower that is still following lags behind
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
		expired(store.Portals), expired(store.Devices), expired(store.Codes), expired(store.Families), expired(store.Tokens),
		expired(store.Statuses), expired(store.Handshakes),
		{"change", func(tx *store.Tx) (int, error) { return tx.PruneChanges(tx.Now.Add(-changesKept), pruneBatch) }},
	}
}

func expired[T any](t *store.Table[T]) prunable {
	return prunable{t.Name(), func(tx *store.Tx) (int, error) { return t.DeleteExpired(tx, pruneBatch) }}
}

// pruneAll prunes every minute until ctx ends.
func (s *Server) pruneAll(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.prune(ctx)
		}
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
