package authz

import (
	"slices"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const here ident.AccountID = "111111111111"

func saved(rows ...any) []store.Change {
	var list []store.Change
	for _, r := range rows {
		list = append(list, store.Change{Row: r})
	}
	return list
}

func deleted(row any) []store.Change { return []store.Change{{Row: row, Deleted: true}} }

func TestADraftIsSeenByNobodyUntilItIsCommitted(t *testing.T) {
	t.Parallel()
	s := NewState()
	s.Apply(saved(&iam.User{ID: "AIDA1", Account: here, Name: "bob"}))
	if s.Current().IAMUser(here, "bob") != nil || s.Draft().IAMUser(here, "bob") == nil {
		t.Error("the draft is not apart from what is committed")
	}
	s.forget()
	if s.Draft().IAMUser(here, "bob") != nil {
		t.Error("a draft that was rolled back is still there")
	}
	s.Apply(saved(&iam.User{ID: "AIDA1", Account: here, Name: "bob"}))
	before := s.Current()
	s.publish()
	if s.Current().IAMUser(here, "BOB") == nil || before.IAMUser(here, "bob") != nil {
		t.Error("publishing changed a snapshot that somebody reads")
	}
}

func TestNamesFollowTheirOwners(t *testing.T) {
	t.Parallel()
	s := NewState()
	alice := func(id string) *iam.User { return &iam.User{ID: id, Account: here, Name: "Alice"} }
	s.Apply(saved(alice("AIDA1"), &iam.User{ID: "AIDA1", Account: here, Name: "Alicia"}))
	if s.Draft().IAMUser(here, "alice") != nil {
		t.Error("the old name still leads to who was renamed")
	}
	s.Apply(saved(alice("AIDA2")))
	s.Apply(deleted(&iam.User{ID: "AIDA1", Account: here, Name: "Alicia"}))
	if u := s.Draft().IAMUser(here, "alice"); u == nil || u.ID != "AIDA2" {
		t.Errorf("the name leads to %v, not to its new owner", u)
	}
	s.Apply(deleted(alice("AIDA2")))
	if u := s.Draft().IAMUser(here, "alice"); u != nil {
		t.Errorf("the name of a deleted user leads to %v", u)
	}
}

func TestARoleThatWasMadeAgainKeepsItsName(t *testing.T) {
	t.Parallel()
	s := NewState()
	old, next := &iam.Role{ID: "AROA1", Account: here, Name: "ops"}, &iam.Role{ID: "AROA2", Account: here, Name: "Ops"}
	s.Apply(saved(old))
	s.Apply(append(saved(next), deleted(old)...)) // in whatever order a transaction writes them
	if r := s.Draft().Role(here, "ops"); r == nil || r.ID != "AROA2" {
		t.Errorf("the name leads to %v", r)
	}
}

func TestGrantsAreListedOnce(t *testing.T) {
	t.Parallel()
	s := NewState()
	set := &permission.Set{ARN: "set", InstanceARN: "i", Name: "Admin"}
	byName := &permission.Assignment{SetARN: "set", Account: here, PrincipalType: permission.UserPrincipal, PrincipalID: "u"}
	s.Apply(saved(set, byName, byName))
	if got := s.Draft().Grants("u"); len(got) != 1 || got[0].Set.Name != "Admin" {
		t.Errorf("Grants = %v", got)
	}
	s.Apply(deleted(byName))
	if got := s.Draft().Grants("u"); len(got) != 0 || s.Draft().Assigned("u", "set", here) {
		t.Errorf("Grants = %v after the assignment was deleted", got)
	}
}

func TestAnEndedSessionIsAsGoodAsGone(t *testing.T) {
	t.Parallel()
	s := NewState()
	p := &session.Portal{ID: "p", SecretHash: []byte("hash"), UserID: "u"}
	s.Apply(saved(p))
	if s.Draft().PortalBySecret([]byte("hash")) == nil || s.Draft().PortalBySecret(nil) != nil {
		t.Error("a session is not found by its secret, or is found without one")
	}
	ended := *p
	ended.EndedAt = ended.EndedAt.AddDate(2026, 0, 0)
	s.Apply(saved(&ended))
	if s.Draft().Portal("p") != nil || s.Draft().PortalBySecret([]byte("hash")) != nil {
		t.Error("a session that has ended is still there")
	}
}

func TestWhoStandsOnNothingIsNotLive(t *testing.T) {
	t.Parallel()
	var s Snapshot
	for _, p := range []*Principal{{Kind: Root, Account: here}, {Kind: IAMUser, Account: here}, {Kind: Role, Account: here}, {Kind: Federated, Account: here},
		{Kind: Person, UserID: "u"}, {Kind: Kind(200), Account: here}} {
		if s.Live(p, p.ExpiresAt) {
			t.Errorf("a principal of kind %d is live in an empty world", p.Kind)
		}
	}
}

// BenchmarkApply measures one change in a snapshot of 10,000 users.
func BenchmarkApply(b *testing.B) {
	s := NewState()
	ids := make([]string, 10000)
	for i := range ids {
		ids[i] = ident.AccessKeyIDFrom(ident.UserPrefix, here, []byte{byte(i), byte(i >> 8), 0, 0, 0})
		s.Apply(saved(&iam.User{ID: ids[i], Account: here, Name: ids[i]}))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Apply(saved(&iam.User{ID: ids[i%len(ids)], Account: here, Name: ids[i%len(ids)]}))
	}
}

func TestTheUsersOfAStoreAreCounted(t *testing.T) {
	t.Parallel()
	s := NewState()
	user := func(id, store string) *directory.User { return &directory.User{ID: id, StoreID: store} }
	first, second := "90676f9b-0000-4000-8000-000000000001", "90676f9b-0000-4000-8000-000000000002"
	s.Apply(saved(user(first, "d-1"), user(first, "d-1"), user(second, "d-1"), user("90676f9b-0000-4000-8000-000000000003", "d-2")))
	s.publish()
	before := s.Current()
	s.Apply(deleted(user(second, "d-1")))
	s.Apply(deleted(user(second, "d-1")))
	if got := s.Draft().Users("d-1"); got != 1 {
		t.Errorf("got %d, want 1 after one of two has gone", got)
	}
	s.forget()
	if got := []int{before.Users("d-1"), s.Draft().Users("d-1"), s.Draft().Users("d-2"), s.Draft().Users("d-3")}; !slices.Equal(got, []int{2, 2, 1, 0}) {
		t.Errorf("got %v", got)
	}
}
