package server

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// closing ends a server with its test.
func closing(t *testing.T, s *Server) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatHasEndedIsClearedAway(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := config(t.TempDir())
	c.Clock = func() time.Time { return begin.Add(time.Duration(passed.Load())) }
	s, err := Open(t.Context(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	db, hour := s.services.Store, begin.Add(time.Hour)
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		var errs []error
		for i := range 3 * pruneBatch { // more than one batch
			errs = append(errs, store.Devices.Save(tx, &session.Device{CodeHash: []byte{1, byte(i)}, UserCode: string(rune('a' + i)), ExpiresAt: hour}))
		}
		return errors.Join(append(errs,
			store.Portals.Save(tx, &session.Portal{ID: "portal", UserID: "u", ExpiresAt: hour}),
			store.Codes.Save(tx, &session.Code{Hash: []byte{1}, ExpiresAt: hour}),
			store.Families.Save(tx, &session.Family{ID: "family", ExpiresAt: hour}),
			store.Tokens.Save(tx, &store.Token{Account: "111111111111", Operation: "CreateAccount", Token: "t", ExpiresAt: hour}))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	left := func() map[string]int {
		s.prune(t.Context())
		n := map[string]int{}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			return errors.Join(
				store.Portals.Each(tx, func(*session.Portal) error { n["portal"]++; return nil }),
				store.Devices.Each(tx, func(*session.Device) error { n["device"]++; return nil }),
				store.Codes.Each(tx, func(*session.Code) error { n["code"]++; return nil }),
				store.Families.Each(tx, func(*session.Family) error { n["family"]++; return nil }),
				store.Tokens.Each(tx, func(*store.Token) error { n["token"]++; return nil }))
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := left(); n["device"] != 3*pruneBatch || n["portal"] != 1 || n["code"] != 1 || n["family"] != 1 || n["token"] != 1 {
		t.Errorf("at first %v are left: something is cleared away too early", n)
	}
	passed.Store(int64(time.Hour))
	if n := left(); n["portal"] != 1 || n["device"]+n["code"]+n["family"]+n["token"] > 0 {
		t.Errorf("after an hour %v are left, want the portal session, which keys still depend on", n)
	}
	passed.Store(int64(13 * time.Hour))
	if n := left(); n["portal"] > 0 {
		t.Errorf("after the keys have ended %v are left", n)
	}
	if s.services.State.Current().Portal("portal") != nil {
		t.Error("the snapshot keeps what is cleared away")
	}
	passed.Store(int64(14*time.Hour) + 1e6)
	if n := left(); len(n) != 0 {
		t.Errorf("in the end %v are left", n)
	}
}

func TestAnInstanceKeepsItsNewestStatuses(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := config(t.TempDir())
	c.Clock = func() time.Time { return begin }
	s, err := Open(t.Context(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	const keep, others = 70, 5
	status := func(instance string, n int) *permission.Status {
		kinds := []string{permission.CreateAssignment, permission.DeleteAssignment, permission.Provision}
		p := &permission.Status{RequestID: fmt.Sprintf("%s-%04d", instance, n), InstanceARN: instance, Kind: kinds[n%3], State: permission.Succeeded}
		p.Begin(begin.Add(time.Duration(n) * time.Second))
		return p
	}
	left := func() (there []string) {
		err := s.services.Store.View(t.Context(), func(tx *store.Tx) error {
			return store.Statuses.Each(tx, func(p *permission.Status) error { there = append(there, p.RequestID); return nil })
		})
		if err := errors.Join(err, s.pruneStatuses(t.Context(), keep)); err != nil {
			t.Fatal(err)
		}
		return there
	}
	err = s.services.Store.Update(t.Context(), func(tx *store.Tx) error {
		errs := []error{
			store.Instances.Save(tx, &permission.Instance{ARN: "a", Owner: "111111111111", Portal: "a", IdentityStoreID: "d-a"}),
			store.Instances.Save(tx, &permission.Instance{ARN: "b", Owner: "222222222222", Portal: "b", IdentityStoreID: "d-b"}),
		}
		for n := range keep + 3*pruneBatch { // more than one batch is too many
			p := status("a", n)
			if n == 1 {
				p.State = permission.InProgress
			}
			errs = append(errs, store.Statuses.Save(tx, p))
		}
		for n := range others {
			errs = append(errs, store.Statuses.Save(tx, status("b", n)))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	left()
	there := left()
	if len(there) != keep+1+others {
		t.Fatalf("%d are left, want the newest %d, the one that is worked on and %d of another instance", len(there), keep, others)
	}
	if want := fmt.Sprintf("a-%04d", 3*pruneBatch); there[0] != "a-0001" || there[1] != want {
		t.Errorf("%s and %s are left, want the one that is worked on and then %s", there[0], there[1], want)
	}
	if again := left(); len(again) != len(there) {
		t.Errorf("%d are left after a second pass, want %d", len(again), len(there))
	}
}
