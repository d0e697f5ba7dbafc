package server

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// The sealer chains what was committed within a second, and logs the head of the chain each minute, so that a copy of
// the log shows a chain that was written anew.
const (
	sealEvery = time.Second
	headEvery = time.Minute
	sealBatch = 1024
)

// retryRecords is how long the records wait after the database did not take them.
const retryRecords = time.Second

// writeRecords writes the records of calls until ctx ends, and what is left after that. A database that is away does not
// end it: the records wait, and when too many do, calls are refused rather than left out.
func (s *Server) writeRecords(ctx context.Context) error {
	for {
		err := s.Corridor.Run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.config.Log.Error("audit records cannot be written yet", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(retryRecords):
		}
	}
}

// sealAudit runs the sealer until ctx ends, and once more for what was committed last. What cannot be sealed now is
// sealed later: the records that wait for it are in the database.
func (s *Server) sealAudit(ctx context.Context) error {
	tick, heads := time.NewTicker(sealEvery), time.NewTicker(headEvery)
	defer tick.Stop()
	defer heads.Stop()
	for failing := false; ; {
		logged := false
		select {
		case <-ctx.Done():
			_, err := s.chain()
			return err
		case <-heads.C:
			logged = true
		case <-tick.C:
		}
		head, err := s.chain()
		switch {
		case err != nil && !failing:
			s.config.Log.Error("audit records cannot be sealed yet", "error", err)
		case err == nil && logged:
			s.config.Log.Info("audit head", "head", head.String())
		}
		failing = err != nil
	}
}

// chain puts all committed records that wait into the chain.
func (s *Server) chain() (audit.Head, error) {
	for {
		more, head, err := s.chainBatch()
		if err != nil || !more {
			return head, err
		}
	}
}

func (s *Server) chainBatch() (more bool, head audit.Head, err error) {
	waits := false
	err = s.services.Store.View(context.Background(), func(tx *store.Tx) (err error) {
		if waits, err = tx.AuditWaits(); err == nil && !waits {
			head, err = auditHead(tx)
		}
		return err
	})
	if err != nil || !waits {
		return false, head, err // nothing waits: no write
	}
	err = s.services.Store.Update(context.Background(), func(tx *store.Tx) error {
		if head, err = auditHead(tx); err != nil {
			return err
		}
		rows, err := tx.UnsealedAudit(sealBatch)
		if err != nil {
			return err
		}
		more = len(rows) == sealBatch
		for _, r := range rows {
			head = head.Next(record(r))
			if err := tx.SealAudit(r.Seq, head.Chain[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return more, head, err
}

func auditHead(tx *store.Tx) (audit.Head, error) {
	last, err := tx.AuditHead()
	if errors.Is(err, store.ErrNotFound) {
		return audit.Head{}, nil
	}
	head := audit.Head{Seq: last.Seq, Count: last.Position}
	copy(head.Chain[:], last.Link)
	return head, err
}

func record(r store.AuditRow) *audit.Record {
	return &audit.Record{Seq: r.Seq, Time: r.At.UnixMilli(), Body: r.Body, MAC: r.MAC, Chain: r.Link}
}

// Records calls fn for every chained record after a position, in order, until fn returns an error.
func (s *Server) Records(ctx context.Context, after int64, fn func(position int64, r *audit.Record) error) error {
	for {
		var rows []store.AuditRow
		err := s.services.Store.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.AuditFrom(after, sealBatch)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := fn(r.Position, record(r)); err != nil {
				return err
			}
			after = r.Position
		}
	}
}

// verifyAudit checks the whole chain and every MAC, against heads that were logged elsewhere. Its error names the
// first record that is not as it was written.
func (s *Server) verifyAudit(ctx context.Context, known []audit.Head) (audit.Report, error) {
	if _, err := s.chain(); err != nil {
		return audit.Report{}, err
	}
	stop := errors.New("stop")
	records := func(yield func(audit.Record, error) bool) {
		err := s.Records(ctx, 0, func(_ int64, r *audit.Record) error {
			if !yield(*r, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(audit.Record{}, err)
		}
	}
	return audit.Verify(audit.Head{}, records, known, func(r *audit.Record) error {
		return s.services.Seal.CheckMAC(seal.AuditMAC, r.MAC, r.Signed()...)
	})
}
