package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func update(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

func someUser(n int) *directory.User {
	return &directory.User{ID: fmt.Sprintf("u-%04d", n), StoreID: "d-1", UserName: fmt.Sprintf("user%d", n)}
}

func comesBack(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	want := &account.Account{ID: "111111111111", Name: "Zoë \x00 <&>", Email: "Zoe@Example.com", Status: account.Active,
		CreatedAt: time.UnixMilli(1700000000123).UTC(), RootGeneration: 1 << 40}
	update(t, s, func(tx *store.Tx) error { return store.Accounts.Save(tx, want) })
	changed := *want
	changed.Name, changed.Email = "renamed", "other@example.com"
	update(t, s, func(tx *store.Tx) error {
		got, err := store.Accounts.Get(tx, ident.AccountID("111111111111"))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Get (-want +got):\n%s", diff)
		}
		return errors.Join(err, store.Accounts.Save(tx, &changed))
	})
	view(t, s, func(tx *store.Tx) error {
		got, err := store.Accounts.By(tx, "email", "OTHER@example.com")
		if diff := cmp.Diff(&changed, got); diff != "" {
			t.Errorf("By (-want +got):\n%s", diff)
		}
		if _, err := store.Accounts.By(tx, "email", "zoe@example.com"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("By the old address: %v, want ErrNotFound", err)
		}
		return err
	})
	update(t, s, func(tx *store.Tx) error { return store.Accounts.Delete(tx, want) })
	err := s.Update(t.Context(), func(tx *store.Tx) error { return store.Accounts.Delete(tx, want) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Delete again: %v, want ErrNotFound", err)
	}
}

func pages(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	save := func(number uint64) {
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(store.Versions.Save(tx, &permission.Version{SetARN: "a", Number: number}),
				store.Versions.Save(tx, &permission.Version{SetARN: "b", Number: number}))
		})
	}
	for _, n := range []uint64{2, 4, 6, 8, 10, 12} {
		save(n)
	}
	var got []uint64
	page := func(after string) (next string) {
		view(t, s, func(tx *store.Tx) error {
			rows, n, err := store.Versions.List(tx, "set", []any{"a"}, after, 2)
			for _, r := range rows {
				got = append(got, r.Number)
			}
			next = n
			return err
		})
		return next
	}
	after := page("")
	save(3) // behind the page that was read: neither shifts nor repeats anything
	save(9) // in front of it
	for after = page(after); after != ""; {
		save(1)
		after = page(after)
	}
	if want := []uint64{2, 4, 6, 8, 9, 10, 12}; !slices.Equal(got, want) {
		t.Errorf("pages: %v, want %v", got, want)
	}
	view(t, s, func(tx *store.Tx) error {
		n, err := store.Versions.Count(tx, "set", "a")
		if n != 9 {
			t.Errorf("Count: %d, want 9", n)
		}
		all := 0
		err = errors.Join(err, store.Versions.Each(tx, func(*permission.Version) error { all++; return nil }))
		if all != 18 {
			t.Errorf("Each: %d rows, want 18", all)
		}
		return err
	})
}

func sorted(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	update(t, s, func(tx *store.Tx) error {
		var errs []error
		for i, name := range []string{"delta", "Bravo", "alpha", "echo", "charlie"} {
			errs = append(errs, store.IAMUsers.Save(tx, &iam.User{ID: fmt.Sprintf("AIDA%d", i), Account: "111111111111", Name: name}),
				store.IAMUsers.Save(tx, &iam.User{ID: fmt.Sprintf("AIDA%d", 10+i), Account: "222222222222", Name: name}))
		}
		return errors.Join(errs...)
	})
	var got []string
	for after, pages := "", 0; pages == 0 || after != ""; pages++ {
		view(t, s, func(tx *store.Tx) error {
			rows, next, err := store.IAMUsers.List(tx, "account", []any{ident.AccountID("111111111111")}, after, 2)
			for _, u := range rows {
				got = append(got, u.Name)
			}
			after = next
			return err
		})
	}
	if want := []string{"alpha", "Bravo", "charlie", "delta", "echo"}; !slices.Equal(got, want) {
		t.Errorf("pages: %v, want %v", got, want)
	}
}

func unique(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	update(t, s, func(tx *store.Tx) error {
		u := someUser(1)
		u.Emails = []directory.Email{{Value: "One@example.com", Primary: true}}
		return errors.Join(store.Users.Save(tx, u), store.Users.Save(tx, someUser(2)), store.Users.Save(tx, someUser(3)))
	})
	for _, test := range []struct {
		index string
		edit  func(*directory.User)
	}{
		{"name", func(u *directory.User) { u.UserName = "USER1" }},
		{"email", func(u *directory.User) { u.Emails = []directory.Email{{Value: "one@EXAMPLE.com", Primary: true}} }},
	} {
		swallowed := s.Update(t.Context(), func(tx *store.Tx) error {
			u := someUser(2)
			test.edit(u)
			_ = store.Users.Save(tx, u) // an error of the database cannot be swallowed
			return nil
		})
		var broken *store.UniqueError
		if !errors.As(swallowed, &broken) || broken.Index != test.index || broken.Table != store.Users.Name() {
			t.Errorf("%s: %v", test.index, swallowed)
		}
	}
}

func folded(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	update(t, s, func(tx *store.Tx) error {
		return store.Users.Save(tx, &directory.User{ID: "u", StoreID: "d-1", UserName: "Straße"})
	})
	view(t, s, func(tx *store.Tx) error {
		_, err := store.Users.By(tx, "name", "d-1", "STRASSE")
		return err
	})
}

func tampering(t *testing.T, open Opener) {
	for name, statement := range map[string]string{
		"body":   "UPDATE directory_user SET body = (SELECT body FROM directory_user WHERE user_id = 'u-0002') WHERE user_id = 'u-0001'",
		"column": "UPDATE directory_user SET name = 'admin' WHERE user_id = 'u-0001'",
		"key":    "UPDATE directory_user SET user_id = 'u-0009' WHERE user_id = 'u-0001'",
		"mac":    "UPDATE directory_user SET mac = (SELECT mac FROM directory_user WHERE user_id = 'u-0002') WHERE user_id = 'u-0001'",
	} {
		s, raw := open(t, store.Hooks{})
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(store.Users.Save(tx, someUser(1)), store.Users.Save(tx, someUser(2)))
		})
		if n := raw(statement); n != 1 {
			t.Fatalf("%s: %d rows edited", name, n)
		}
		key := "u-0001"
		if name == "key" {
			key = "u-0009"
		}
		for how, read := range map[string]func(*store.Tx) error{
			"Get":  func(tx *store.Tx) error { _, err := store.Users.Get(tx, key); return err },
			"Each": func(tx *store.Tx) error { return store.Users.Each(tx, func(*directory.User) error { return nil }) },
			"Load": func(tx *store.Tx) error { return store.Users.Load(tx, func(*directory.User) {}) },
			"List": func(tx *store.Tx) error {
				_, _, err := store.Users.List(tx, "store", []any{"d-1"}, "", 0)
				return err
			},
		} {
			err := s.View(t.Context(), read)
			var tampered *store.TamperedError
			if !errors.As(err, &tampered) || tampered.Table != store.Users.Name() || tampered.Key != key {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}

// sharing is the exam of the tables that keep the texts of many rows apart from them.
func sharing(t *testing.T, open Opener) {
	s, raw := open(t, store.Hooks{})
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	made := map[string]*directory.Membership{}
	update(t, s, func(tx *store.Tx) error {
		for i := range 10 {
			m := &directory.Membership{ID: fmt.Sprintf("0f8fad5b-d9cb-469f-a165-70867728950%x", i), StoreID: "d-1", GroupID: fmt.Sprintf("g%d", i%2),
				UserID: fmt.Sprintf("u%d", i/2), CreatedAt: at, CreatedBy: "arn:somebody"}
			made[m.ID] = m
			if err := store.Memberships.Save(tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	got := membersOf(t, s, "g1")
	for id, m := range made {
		if m.GroupID == "g1" && !reflect.DeepEqual(got[id], m) {
			t.Errorf("the list has %+v, want %+v", got[id], m)
		}
	}
	if len(got) != 5 {
		t.Errorf("the list has %d rows, want 5", len(got))
	}
	loaded := 0
	view(t, s, func(tx *store.Tx) error {
		return store.Memberships.Load(tx, func(m *directory.Membership) {
			if loaded++; !reflect.DeepEqual(m, made[m.ID]) {
				t.Errorf("loaded %+v, want %+v", m, made[m.ID])
			}
		})
	})
	if loaded != len(made) {
		t.Errorf("%d rows were loaded, want %d", loaded, len(made))
	}
	one := made["0f8fad5b-d9cb-469f-a165-708677289500"]
	view(t, s, func(tx *store.Tx) error {
		pair, err := store.Memberships.By(tx, "pair", "g0", "u0")
		_, err2 := store.Memberships.By(tx, "pair", "g0", "nobody")
		if !reflect.DeepEqual(pair, one) || !errors.Is(err2, store.ErrNotFound) {
			t.Errorf("the pair is %+v, want %+v; of nobody: %v", pair, one, err2)
		}
		return err
	})
	raw("UPDATE membership SET user_id = (SELECT id FROM shared_text WHERE value = 'arn:somebody') WHERE id = 1")
	raw("UPDATE shared_text SET value = 'g7' WHERE value = 'g1'")
	for _, id := range []string{one.ID, "0f8fad5b-d9cb-469f-a165-708677289501"} {
		var tampered *store.TamperedError
		err := s.View(t.Context(), func(tx *store.Tx) error { _, err := store.Memberships.Get(tx, id); return err })
		if !errors.As(err, &tampered) || tampered.Key != id {
			t.Errorf("the row %s: %v", id, err)
		}
	}
}

// membersOf turns the pages of the memberships of a group.
func membersOf(t *testing.T, s *store.Store, group string) map[string]*directory.Membership {
	got := map[string]*directory.Membership{}
	for after, first := "", true; first || after != ""; first = false {
		view(t, s, func(tx *store.Tx) error {
			rows, next, err := store.Memberships.List(tx, "group", []any{group}, after, 2)
			for _, m := range rows {
				got[m.ID] = m
			}
			after = next
			return err
		})
	}
	return got
}

func expired(t *testing.T, open Opener) {
	s, _ := open(t, store.Hooks{})
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			store.Devices.Save(tx, &session.Device{CodeHash: []byte{1}, UserCode: "A", ExpiresAt: tx.Now}),
			store.Devices.Save(tx, &session.Device{CodeHash: []byte{2}, UserCode: "B", ExpiresAt: tx.Now.Add(time.Hour)}),
			store.Portals.Save(tx, &session.Portal{ID: "1", ExpiresAt: tx.Now.Add(-12 * time.Hour)}),
			store.Portals.Save(tx, &session.Portal{ID: "3", ExpiresAt: tx.Now.Add(-11 * time.Hour)}),
			store.Portals.Save(tx, &session.Portal{ID: "2"}))
	})
	update(t, s, func(tx *store.Tx) error {
		devices, err := store.Devices.DeleteExpired(tx, 10)
		portals, err2 := store.Portals.DeleteExpired(tx, 10)
		if devices != 1 || portals != 1 {
			t.Errorf("deleted %d devices and %d sessions, want 1 and 1", devices, portals)
		}
		return errors.Join(err, err2)
	})
	view(t, s, func(tx *store.Tx) error {
		_, err := store.Devices.Get(tx, []byte{2})
		_, err2 := store.Portals.Get(tx, "2")
		_, err3 := store.Portals.Get(tx, "3")
		return errors.Join(err, err2, err3)
	})
}
