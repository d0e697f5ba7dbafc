package server

import (
	"context"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// A database on another machine is asked for a sign of life this often, and each time it has so long to answer.
const (
	touchEvery = 500 * time.Millisecond
	touchTime  = 2 * time.Second
)

// remote reports whether the database is on another machine, as far as this one can tell.
func (s *Server) remote() bool { return s.config.Database != "" }

// keepContact asks the database for a sign of life until ctx ends. Decisions go on without one for as long as
// authz.State says. SQLite is in this process and cannot be away.
func (s *Server) keepContact(ctx context.Context) error {
	if !s.remote() {
		return nil
	}
	tick := time.NewTicker(touchEvery)
	defer tick.Stop()
	for away := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := s.touch(ctx, away)
		switch {
		case ctx.Err() != nil:
		case err != nil && !away:
			s.config.Log.Warn("the database cannot be reached", "error", err)
		case err == nil && away:
			s.config.Log.Info("the database is back")
		}
		away = err != nil
	}
}

// touch asks once. After an absence, and after a change of which nobody knows whether it was made, the snapshot is read
// anew before it counts as current.
func (s *Server) touch(ctx context.Context, away bool) error {
	now := s.config.Clock()
	short, cancel := context.WithTimeout(ctx, touchTime)
	defer cancel()
	if err := s.services.Store.View(short, func(*store.Tx) error { return nil }); err != nil {
		return err
	}
	if lost := s.lost.Swap(false); lost || away {
		if err := s.services.Store.Reread(ctx, s.services.State.Load); err != nil {
			s.lost.Store(true)
			return err
		}
	}
	s.services.State.Heard(now)
	return nil
}
