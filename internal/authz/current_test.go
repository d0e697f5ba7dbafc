package authz

import (
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/store/storetest"
)

func TestASnapshotIsStaleWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	s, now := NewState(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if s.Stale(now) {
		t.Error("a database that cannot be away is away")
	}
	s.Heard(now)
	if s.Stale(now.Add(10*time.Second)) || !s.Stale(now.Add(10*time.Second+time.Millisecond)) {
		t.Error("decisions do not go on for ten seconds")
	}
	s.Heard(now.Add(time.Minute))
	if s.Stale(now.Add(time.Minute)) {
		t.Error("a database that is back is away")
	}
}

// remoteRows is a database in which others write without this state's hearing of it.
type remoteRows struct {
	t     *testing.T
	db    *store.Store
	state *State
}

// put saves a row, and tells the state of it when it is to know.
func put[T any](e *remoteRows, known bool, table *store.Table[T], row *T) {
	e.t.Helper()
	if err := e.db.Update(e.t.Context(), func(tx *store.Tx) error { return table.Save(tx, row) }); err != nil {
		e.t.Fatal(err)
	}
	if known {
		e.state.Apply(saved(row))
		e.state.publish()
	}
}

func drop[T any](e *remoteRows, table *store.Table[T], row *T) {
	e.t.Helper()
	if err := e.db.Update(e.t.Context(), func(tx *store.Tx) error { return table.Delete(tx, row) }); err != nil {
		e.t.Fatal(err)
	}
}

// live tells whether p is live by what the state knows, and by what is in the database.
func (e *remoteRows) live(p *Principal) (known, there bool) {
	e.t.Helper()
	err := e.db.View(e.t.Context(), func(tx *store.Tx) error {
		snap, err := e.state.Within(tx, p)
		if err == nil {
			known, there = e.state.Current().Live(p, time.Time{}), snap.Live(p, time.Time{})
		}
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return known, there
}

func TestWhatOthersHaveRevokedIsSeenInsideATransaction(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(*remoteRows){
		"": func(*remoteRows) {},
		"the account was closed": func(e *remoteRows) {
			put(e, false, store.Accounts, &account.Account{ID: here, Name: "a", Email: "a@example.com", Status: "SUSPENDED"})
		},
		"the person was disabled": func(e *remoteRows) {
			put(e, false, store.Users, &directory.User{ID: "u", StoreID: "s", UserName: "u", Disabled: true})
		},
		"the sign-in was ended": func(e *remoteRows) {
			put(e, false, store.Portals, &session.Portal{ID: "p", UserID: "u", EndedAt: time.Unix(1, 0)})
		},
		"the sign-in is gone":   func(e *remoteRows) { drop(e, store.Portals, &session.Portal{ID: "p", UserID: "u"}) },
		"the person left group": func(e *remoteRows) { drop(e, store.Memberships, member1) },
		"the assignment is gone": func(e *remoteRows) {
			drop(e, store.Assignments, assigned1)
		},
		"the role is gone": func(e *remoteRows) { drop(e, store.Provisioned, provisioned1) },
		"the role was raised": func(e *remoteRows) {
			next := *provisioned1
			next.Generation++
			put(e, false, store.Provisioned, &next)
		},
	} {
		e := &remoteRows{t: t, db: storetest.Open(t, time.Now), state: NewState()}
		put(e, true, store.Accounts, &account.Account{ID: here, Name: "a", Email: "a@example.com", Status: account.Active})
		put(e, true, store.Users, &directory.User{ID: "u", StoreID: "s", UserName: "u"})
		put(e, true, store.Portals, &session.Portal{ID: "p", UserID: "u"})
		put(e, true, store.Memberships, member1)
		put(e, true, store.Assignments, assigned1)
		put(e, true, store.Provisioned, provisioned1)
		revoke(e)
		known, there := e.live(&Principal{Kind: Role, Account: here, RoleID: store.ReservedRole(provisioned1).ID, UserID: "u", SessionID: "p"})
		if !known || there != (name == "") {
			t.Errorf("%q: live by what is known: %v, by what is there: %v", name, known, there)
		}
	}
}

var (
	member1   = &directory.Membership{ID: "m", StoreID: "s", GroupID: "g", UserID: "u"}
	assigned1 = &permission.Assignment{InstanceARN: "i", SetARN: "set", Account: here, PrincipalType: permission.GroupPrincipal, PrincipalID: "g"}

	provisioned1 = &permission.Provisioned{InstanceARN: "i", SetARN: "set", SetName: "Work", Account: here, Version: 1}
)

func TestAKeyThatOthersHaveDeletedIsSeenInsideATransaction(t *testing.T) {
	t.Parallel()
	e := &remoteRows{t: t, db: storetest.Open(t, time.Now), state: NewState()}
	key := &iam.AccessKey{ID: "AKIA1", Account: here, UserID: "AIDA1", Status: "Active"}
	put(e, true, store.Accounts, &account.Account{ID: here, Name: "a", Email: "a@example.com", Status: account.Active})
	put(e, true, store.IAMUsers, &iam.User{ID: "AIDA1", Account: here, Name: "bob"})
	put(e, true, store.AccessKeys, key)
	p := &Principal{Kind: IAMUser, Account: here, IAMUserID: "AIDA1", AccessKeyID: "AKIA1"}
	if known, there := e.live(p); !known || !there {
		t.Error("the key is not good")
	}
	drop(e, store.AccessKeys, key)
	if known, there := e.live(p); !known || there {
		t.Errorf("live by what is known: %v, by what is there: %v", known, there)
	}
}

func TestWhatOthersHaveTakenAwayIsSeenInsideATransaction(t *testing.T) {
	t.Parallel()
	const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	own := &iam.ManagedPolicy{ID: "ANPA1", Account: here, Name: "own", Path: "/", Default: 1,
		Versions: []iam.PolicyVersion{{Number: 1, Document: everything}}}
	byPolicy := &iam.Group{ID: "AGPA1", Account: here, Name: "g", Path: "/", Policies: iam.Policies{Managed: []string{own.ARN()}}}
	member := &iam.Membership{GroupID: "AGPA1", UserID: "AIDA1", Account: here}
	for name, take := range map[string]func(*remoteRows){
		"":                        func(*remoteRows) {},
		"the user left the group": func(e *remoteRows) { drop(e, store.IAMMemberships, member) },
		"the group is gone":       func(e *remoteRows) { drop(e, store.IAMGroups, byPolicy) },
		"the group lost its policy": func(e *remoteRows) {
			put(e, false, store.IAMGroups, &iam.Group{ID: "AGPA1", Account: here, Name: "g", Path: "/"})
		},
		"the policy is gone": func(e *remoteRows) { drop(e, store.ManagedPolicies, own) },
		"the policy is another's by now": func(e *remoteRows) {
			next := *own
			next.Path = "/other/"
			put(e, false, store.ManagedPolicies, &next)
		},
		"the user is bounded": func(e *remoteRows) {
			put(e, false, store.IAMUsers, &iam.User{ID: "AIDA1", Account: here, Name: "bob", Policies: iam.Policies{Boundary: "arn:aws:iam::111111111111:policy/none"}})
		},
	} {
		e := &remoteRows{t: t, db: storetest.Open(t, time.Now), state: NewState()}
		put(e, true, store.Accounts, &account.Account{ID: here, Name: "a", Email: "a@example.com", Status: account.Active})
		put(e, true, store.IAMUsers, &iam.User{ID: "AIDA1", Account: here, Name: "bob"})
		put(e, true, store.ManagedPolicies, own)
		put(e, true, store.IAMGroups, byPolicy)
		put(e, true, store.IAMMemberships, member)
		take(e)
		q := Question{Principal: &Principal{Kind: IAMUser, Account: here, IAMUserID: "AIDA1"}, Action: "iam:CreateUser", Resource: "*",
			Owner: here, Context: policy.NewContext()}
		err := e.db.View(t.Context(), func(tx *store.Tx) error {
			snap, err := e.state.Within(tx, q.Principal)
			if err != nil {
				return err
			}
			known, _ := e.state.Current().Decide(q)
			there, _ := snap.Decide(q)
			if !known.Allowed || there.Allowed != (name == "") {
				t.Errorf("%q: allowed by what is known: %v, by what is there: %v", name, known.Allowed, there.Allowed)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
