package authz

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func TestATreeIsAMapThatKeepsItsPast(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	type moment struct {
		tree tree[uint32, int]
		want map[uint32]int
	}
	for _, fresh := range []bool{false, true} {
		var past []moment
		now, want := tree[uint32, int]{}, map[uint32]int{}
		for i := range 20000 {
			key := rnd.Uint32N(3000)
			if !fresh && rnd.IntN(3) == 0 {
				now = now.without(key)
				delete(want, key)
			} else {
				now = now.with(key, i, fresh)
				want[key] = i
			}
			if i%4000 == 3999 && !fresh {
				past = append(past, moment{now, maps.Clone(want)})
			}
		}
		for _, m := range append(past, moment{now, want}) {
			got := map[uint32]int{}
			m.tree.all(func(k uint32, v int) bool { got[k] = v; return true })
			if !maps.Equal(got, m.want) {
				t.Errorf("fresh %t: a tree of %d entries has %d", fresh, len(m.want), len(got))
			}
			for k, v := range m.want {
				if found, ok := m.tree.get(k); !ok || found != v {
					t.Fatalf("fresh %t: %d is %d, want %d", fresh, k, found, v)
				}
			}
		}
	}
}

func TestASortedSetKeepsItsOrderAndItsPast(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, fresh := range []bool{false, true} {
		var now, before sorted
		want, wantBefore := map[uint64]bool{}, []uint64{}
		for i := range 30000 {
			v := rnd.Uint64N(9000)
			if !fresh && rnd.IntN(3) == 0 {
				now = now.without(v)
				delete(want, v)
			} else {
				now = now.with(v, fresh)
				want[v] = true
			}
			if i == 15000 && !fresh {
				before, wantBefore = now, slices.Sorted(maps.Keys(want))
			}
		}
		if got := listed(now, 0); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Errorf("fresh %t: the set has %d numbers, want %d", fresh, len(got), len(want))
		}
		if got := listed(before, 0); !slices.Equal(got, wantBefore) {
			t.Errorf("fresh %t: an old set has changed", fresh)
		}
		at, _ := slices.BinarySearch(wantBefore, 4500)
		if got := listed(before, 4500); !slices.Equal(got, wantBefore[at:]) {
			t.Errorf("fresh %t: a set does not begin in its middle", fresh)
		}
	}
}

func listed(s sorted, from uint64) []uint64 {
	list := []uint64{}
	for c := s.from(from); ; c.next() {
		v, ok := c.value()
		if !ok {
			return list
		}
		list = append(list, v)
	}
}

func TestAUUIDIsItsOwnKey(t *testing.T) {
	t.Parallel()
	const id = "0f8fad5b-d9cb-469f-a165-70867728950e"
	if k, ok := parseUUID(id); !ok || k[0] != 0x0f || k[15] != 0x0e || shorten(id) != k {
		t.Errorf("parseUUID = %x, %t", k, ok)
	}
	for _, other := range []string{"", "u", "0F8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-7086772895-e",
		"0f8fad5bad9cb-469f-a165-70867728950e"} {
		if _, ok := parseUUID(other); ok {
			t.Errorf("%q is taken for a UUID", other)
		}
	}
}

func TestGroupsGiveWhatTheyWereGiven(t *testing.T) {
	t.Parallel()
	s := NewState()
	set := &permission.Set{ARN: "set", InstanceARN: "i", Name: "Admin"}
	member := &directory.Membership{ID: "m", GroupID: "g", UserID: "u"}
	given := func(account ident.AccountID) *permission.Assignment {
		return &permission.Assignment{SetARN: "set", Account: account, PrincipalType: permission.GroupPrincipal, PrincipalID: "g"}
	}
	s.Apply(saved(set, given("000000000001"), member, given(here)))
	if got := s.Draft().Grants("u"); len(got) != 2 || got[0].Account != "000000000001" || got[1].Account != here {
		t.Errorf("Grants = %v", got)
	}
	if got := s.Draft().GrantsIn("u", here); len(got) != 1 || len(s.Draft().GrantsIn("u", "000000000002")) != 0 {
		t.Errorf("GrantsIn = %v", got)
	}
	s.Apply(deleted(member))
	if s.Draft().Assigned("u", "set", here) {
		t.Error("who left a group has its permission sets still")
	}
}

// BenchmarkApplyAssignment measures one assignment more and one less among a million.
func BenchmarkApplyAssignment(b *testing.B) {
	s := NewState()
	world := Snapshot{fresh: true}
	given := func(i int) *permission.Assignment {
		return &permission.Assignment{SetARN: "set" + strconv.Itoa(i%50), Account: ident.AccountID(strconv.Itoa(100000000000 + i/50%10000)),
			PrincipalType: permission.GroupPrincipal, PrincipalID: "group" + strconv.Itoa(i*7919%10000)}
	}
	for i := range 1000000 {
		world.apply(given(i), false, s.library)
	}
	world.fresh = false
	s.draft = &world
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Apply(deleted(given(i % 1000000)))
		s.Apply(saved(given(i % 1000000)))
	}
}

func TestRolesOfPermissionSetsComeFromWhatIsProvisioned(t *testing.T) {
	t.Parallel()
	s := NewState()
	p := &permission.Provisioned{InstanceARN: "i", SetARN: "set", SetName: "Work", Account: here, Region: "eu-west-1", Description: "d",
		Version: 3, Generation: 7, CreatedAt: time.UnixMilli(1000).UTC(), UpdatedAt: time.UnixMilli(2000).UTC()}
	other := *p
	other.SetARN, other.SetName = "other", "Other"
	s.Apply(saved(p, &other))
	want := store.ReservedRole(p)
	now := s.Draft()
	if got := now.RoleByID(want.ID); !reflect.DeepEqual(got, want) || want.Path != "/aws-reserved/sso.amazonaws.com/eu-west-1/" {
		t.Errorf("by id: %+v, want %+v", got, want)
	}
	if got := now.Role(here, strings.ToUpper(want.Name)); got == nil || got.ID != want.ID || now.Role("222222222222", want.Name) != nil {
		t.Errorf("by name: %+v", got)
	}
	if got := now.Provisioned("set", here); !reflect.DeepEqual(got, p) {
		t.Errorf("the row came back as %+v, want %+v", got, p)
	}
	raised := *p
	raised.Generation = 8
	s.Apply(saved(&raised))
	if s.Draft().RoleByID(want.ID).Generation != 8 || now.RoleByID(want.ID).Generation != 7 {
		t.Error("a change is not seen, or seen in the past")
	}
	s.Apply(deleted(&raised))
	if s.Draft().RoleByID(want.ID) != nil || s.Draft().Provisioned("set", here) != nil || s.Draft().Provisioned("other", here) == nil {
		t.Error("a role that was removed is still there, or takes others with it")
	}
}
