package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func isolation(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	mine := errors.New("mine")
	var callers sync.WaitGroup
	for i := range 60 {
		callers.Go(func() {
			defer func() {
				if r := recover(); (r != nil) != (i%3 == 2) || r != nil && !strings.Contains(fmt.Sprint(r), "broken") {
					t.Errorf("function %d: recovered %v", i, r)
				}
			}()
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				if err := store.Users.Save(tx, someUser(i)); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return mine
				case 2:
					panic("broken")
				}
				return nil
			})
			if want := []error{nil, mine}[i%3]; !errors.Is(err, want) {
				t.Errorf("function %d: %v, want %v", i, err, want)
			}
		})
	}
	callers.Wait()
	view(t, s, func(tx *store.Tx) error {
		return store.Users.Each(tx, func(u *directory.User) error {
			n, err := strconv.Atoi(u.ID[2:])
			if n%3 != 0 {
				t.Errorf("%s was kept", u.ID)
			}
			return err
		})
	})
}

func many(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	var callers sync.WaitGroup
	for i := range 200 {
		callers.Go(func() {
			if err := s.Update(t.Context(), func(tx *store.Tx) error { return store.Users.Save(tx, someUser(i)) }); err != nil {
				t.Errorf("Update: %v", err)
			}
			if err := s.View(t.Context(), func(tx *store.Tx) error { _, err := store.Users.Get(tx, someUser(i).ID); return err }); err != nil {
				t.Errorf("my own write: %v", err)
			}
		})
	}
	callers.Wait()
}

func oneWinner(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	var winners atomic.Int32
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			u := someUser(i)
			u.UserName = "wanted"
			err := s.Update(t.Context(), func(tx *store.Tx) error { return store.Users.Save(tx, u) })
			var taken *store.UniqueError
			switch {
			case err == nil:
				winners.Add(1)
			case !errors.As(err, &taken) || taken.Index != "name":
				t.Errorf("a loser got %v", err)
			}
		})
	}
	callers.Wait()
	if n := winners.Load(); n != 1 {
		t.Errorf("%d winners, want 1", n)
	}
}

func counters(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	update(t, s, func(tx *store.Tx) error { return store.Users.Save(tx, someUser(0)) })
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 5 {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					u, err := store.Users.Get(tx, someUser(0).ID)
					if err != nil {
						return err
					}
					u.Generation++
					return store.Users.Save(tx, u)
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	callers.Wait()
	view(t, s, func(tx *store.Tx) error {
		u, err := store.Users.Get(tx, someUser(0).ID)
		if err == nil && u.Generation != 40 {
			t.Errorf("counted to %d, want 40", u.Generation)
		}
		return err
	})
}

func hooks(t *testing.T, open Opener) {
	var events []string
	s, _ := open(t, store.Hooks{
		Released: func(changes []store.Change) {
			for _, c := range changes {
				events = append(events, fmt.Sprintf("%s %s %s deleted=%t", c.Table, c.Key, c.Row.(*directory.User).UserName, c.Deleted))
			}
		},
		Committed: func() { events = append(events, "committed") },
	})
	update(t, s, func(tx *store.Tx) error {
		u := someUser(1)
		err := store.Users.Save(tx, u)
		u.UserName = "changed after Save"
		return err
	})
	_ = s.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(store.Users.Save(tx, someUser(2)), errors.New("no"))
	})
	update(t, s, func(tx *store.Tx) error { return store.Users.Delete(tx, someUser(1)) })
	want := []string{"directory_user u-0001 user1 deleted=false", "committed", "directory_user u-0001 user1 deleted=true", "committed"}
	if !slices.Equal(events, want) {
		t.Errorf("hooks: %q, want %q", events, want)
	}
}

func cancelled(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	started := func(*store.Tx) error { t.Error("the function was started"); return nil }
	if err := s.Update(ctx, started); !errors.Is(err, context.Canceled) {
		t.Errorf("Update: %v", err)
	}
	if err := s.View(ctx, started); !errors.Is(err, context.Canceled) {
		t.Errorf("View: %v", err)
	}
	// Cancelled while the function runs: the outcome is what the function did.
	ctx, cancel = context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx *store.Tx) error {
		cancel()
		return store.Users.Save(tx, someUser(1))
	})
	if err != nil {
		t.Errorf("Update: %v", err)
	}
	view(t, s, func(tx *store.Tx) error { _, err := store.Users.Get(tx, someUser(1).ID); return err })
}

func readOnly(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	if err := s.View(t.Context(), func(tx *store.Tx) error { return store.Users.Save(tx, someUser(1)) }); err == nil {
		t.Error("Save in a View succeeded")
	}
}

func auditing(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	for _, body := range []string{"one", "two", "three"} {
		if err := s.AppendBlock(t.Context(), "event", []byte(body), []byte("mac")); err != nil {
			t.Fatal(err)
		}
	}
	update(t, s, func(tx *store.Tx) error {
		if _, err := tx.AuditHead(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the head of no chain: %v", err)
		}
		rows, err := tx.UnsealedAudit(2)
		for _, r := range rows {
			err = errors.Join(err, tx.SealAudit(r.Seq, []byte("link of "+string(r.Body))))
		}
		if again := tx.SealAudit(rows[0].Seq, nil); !errors.Is(again, store.ErrNotFound) {
			t.Errorf("sealed twice: %v", again)
		}
		return err
	})
	view(t, s, func(tx *store.Tx) error {
		head, err := tx.AuditHead()
		if head.Position != 2 || string(head.Link) != "link of two" || string(head.MAC) != "mac" || head.Kind != "event" {
			t.Errorf("head: %+v", head)
		}
		chain, err2 := tx.AuditFrom(1, 10)
		left, err3 := tx.UnsealedAudit(10)
		if len(chain) != 1 || len(left) != 1 || string(left[0].Body) != "three" || left[0].Link != nil {
			t.Errorf("chain %+v, unsealed %+v", chain, left)
		}
		return errors.Join(err, err2, err3)
	})
	view(t, s, func(tx *store.Tx) error {
		var bodies []string
		for at := (store.AuditPlace{}); ; {
			rows, err := tx.AuditSince(at, len("one")+1)
			if err != nil || len(rows) == 0 {
				if !slices.Equal(bodies, []string{"one", "two", "three"}) {
					t.Errorf("the trail by its times: %q", bodies)
				}
				return err
			}
			for _, r := range rows {
				bodies = append(bodies, string(r.Body))
				at = store.AuditPlace{At: r.At, Seq: r.Seq}
			}
		}
	})
}

func changes(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	var at time.Time
	update(t, s, func(tx *store.Tx) error {
		at = tx.Now
		return errors.Join(store.Users.Save(tx, someUser(1)), store.Users.Delete(tx, someUser(1)))
	})
	for _, test := range []struct {
		since time.Time
		want  int
	}{{at, 2}, {at.Add(time.Hour), 0}} {
		view(t, s, func(tx *store.Tx) error {
			rows, err := tx.ChangesSince(test.since)
			if !s.Followed() {
				test.want = 0
			}
			if len(rows) != test.want {
				t.Errorf("%d changes, want %d", len(rows), test.want)
			}
			return err
		})
	}
	update(t, s, func(tx *store.Tx) error {
		n, err := tx.PruneChanges(at.Add(time.Hour), 1)
		if s.Followed() && n != 1 {
			t.Errorf("%d changes were pruned, want one at a time", n)
		}
		return err
	})
}

func closed(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(*store.Tx) error { return nil }
	if err := s.Update(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}
	if err := s.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
}

func surplus(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	var last [2]int64
	update(t, s, func(tx *store.Tx) error {
		var errs []error
		for n := range 6 {
			p := &permission.Status{RequestID: fmt.Sprint(n), InstanceARN: []string{"a", "b"}[n%2], Kind: permission.Provision, State: permission.Succeeded}
			if p.Begin(tx.Now); n == 2 {
				p.State = permission.InProgress
			}
			errs = append(errs, store.Statuses.Save(tx, p))
		}
		for i, keep := range []int{1, 3} {
			var err error
			last[i], err = tx.SurplusStatuses("a", keep)
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	if last[0] == 0 || last[1] != 0 {
		t.Errorf("the last of what is too many is %d and %d, want one and none", last[0], last[1])
	}
	update(t, s, func(tx *store.Tx) error {
		n, err := tx.PruneStatuses("a", last[0], 10)
		if n != 1 {
			t.Errorf("%d have gone, want the one of a that is neither the newest nor worked on", n)
		}
		return err
	})
}
