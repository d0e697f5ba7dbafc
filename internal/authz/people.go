package authz

import (
	"iter"
	"maps"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// people are the users and groups of all identity stores, who is in which group, and what each has been given. Groups
// and permission sets have short numbers here, because there are millions of memberships and assignments.
type people struct {
	users   tree[id128, *person]
	groups  tree[uint32, sorted] // the grants of a group, by its number
	groupNo numbers
	setNo   numbers
	counts  map[string]int // the users of each identity store
	roster  *roster
}

// person is a user, the groups it is in and the grants it has by name. It may be known before its row is.
type person struct {
	row        string // packed, without its trail; empty for whom there is no row
	generation uint64
	disabled   bool

	groups []uint32 // in order
	grants sorted
}

func (p *people) user(id string) *directory.User {
	who := p.person(id)
	if who == nil || who.row == "" {
		return nil
	}
	u, err := store.Users.Unpack(who.row)
	if err != nil {
		return nil
	}
	return u
}

func (p *people) person(id string) *person {
	who, _ := p.users.get(shorten(id))
	return who
}

// change gives fn the person's entry to change, and forgets it when nothing is left of it. With fresh, nobody else has
// seen any of p.
func (p *people) change(id string, fresh bool, fn func(*person)) {
	p.renew(fresh)
	key := shorten(id)
	old, _ := p.users.get(key)
	if fresh && old != nil {
		fn(old)
		return
	}
	next := &person{}
	if old != nil {
		*next = *old
	}
	fn(next)
	if next.row == "" && len(next.groups) == 0 && len(next.grants.chunks) == 0 {
		p.users = p.users.without(key)
		return
	}
	p.users = p.users.with(key, next, fresh)
}

func (p *people) applyUser(u *directory.User, gone, fresh bool) {
	packed := ""
	if !gone {
		brief := *u
		brief.Trail = directory.Trail{}
		packed = store.Users.Pack(&brief)
	}
	p.change(u.ID, fresh, func(who *person) {
		if (who.row == "") != gone {
			p.count(u.StoreID, gone, fresh)
		}
		who.row, who.generation, who.disabled = packed, u.Generation, u.Disabled
	})
}

// count notes that a user of an identity store has come or gone.
func (p *people) count(store string, gone, fresh bool) {
	if !fresh || p.counts == nil {
		p.counts = maps.Clone(p.counts)
	}
	if p.counts == nil {
		p.counts = map[string]int{}
	}
	if gone {
		p.counts[store]--
	} else {
		p.counts[store]++
	}
}

func (p *people) applyMembership(m *directory.Membership, gone, fresh bool) {
	group := p.groupNo.give(m.GroupID, fresh)
	p.change(m.UserID, fresh, func(who *person) {
		at, found := slices.BinarySearch(who.groups, group)
		if found != gone {
			return
		}
		if !fresh {
			who.groups = slices.Clone(who.groups)
		}
		if gone {
			who.groups = slices.Delete(who.groups, at, at+1)
		} else {
			who.groups = slices.Insert(who.groups, at, group)
		}
	})
}

// regroup puts a person into the groups of the list and out of all others.
func (p *people) regroup(user string, list []*directory.Membership) {
	groups := make([]uint32, 0, len(list))
	for _, m := range list {
		groups = append(groups, p.groupNo.give(m.GroupID, false))
	}
	slices.Sort(groups)
	p.change(user, false, func(who *person) { who.groups = groups })
}

// groupsOf returns the ids of a person's groups.
func (p *people) groupsOf(user string) []string {
	who := p.person(user)
	if who == nil {
		return nil
	}
	ids := make([]string, len(who.groups))
	for i, g := range who.groups {
		ids[i] = p.groupNo.text(g)
	}
	return ids
}

// applyAssignment passes over what cannot be a grant, which so grants nothing.
func (p *people) applyAssignment(a *permission.Assignment, gone, fresh bool) {
	grant, ok := grantOf(a.Account, p.setNo.give(a.SetARN, fresh))
	if !ok {
		return
	}
	changed := func(s sorted) sorted {
		if gone {
			return s.without(grant)
		}
		return s.with(grant, fresh)
	}
	switch a.PrincipalType {
	case permission.UserPrincipal:
		p.change(a.PrincipalID, fresh, func(who *person) { who.grants = changed(who.grants) })
	case permission.GroupPrincipal:
		p.renew(fresh)
		group := p.groupNo.give(a.PrincipalID, fresh)
		old, _ := p.groups.get(group)
		if next := changed(old); len(next.chunks) > 0 {
			p.groups = p.groups.with(group, next, fresh)
		} else {
			p.groups = p.groups.without(group)
		}
	}
}

// assigned reports whether a person has a permission set in an account, by name or through a group.
func (p *people) assigned(user, set string, account ident.AccountID) bool {
	who := p.person(user)
	grant, ok := grantOf(account, p.setNo.of(set))
	if who == nil || !ok {
		return false
	}
	if who.grants.has(grant) {
		return true
	}
	for _, g := range who.groups {
		if grants, _ := p.groups.get(g); grants.has(grant) {
			return true
		}
	}
	return false
}

// grants returns all that a person has been given, from the account on, each grant once and in order.
func (p *people) grants(user string, from ident.AccountID) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		who := p.person(user)
		if who == nil {
			return
		}
		n, _ := accountNumber(from)
		heads := make([]cursor, 0, 1+len(who.groups))
		heads = append(heads, who.grants.from(n<<setBits))
		for _, g := range who.groups {
			grants, _ := p.groups.get(g)
			heads = append(heads, grants.from(n<<setBits))
		}
		merge(heads, yield)
	}
}

// merge yields the numbers under all cursors in order and each once.
func merge(heads []cursor, yield func(uint64) bool) {
	for {
		least, some := uint64(0), false
		for i := range heads {
			if v, ok := heads[i].value(); ok && (!some || v < least) {
				least, some = v, true
			}
		}
		if !some || !yield(least) {
			return
		}
		for i := range heads {
			if v, ok := heads[i].value(); ok && v == least {
				heads[i].next()
			}
		}
	}
}

// User returns a person without its trail, or nil.
func (s *Snapshot) User(id string) *directory.User { return s.people.user(id) }

// Assigned reports whether a person has a permission set in an account, by name or through a group.
func (s *Snapshot) Assigned(user, set string, account ident.AccountID) bool {
	return s.people.assigned(user, set, account)
}

// GroupsOf returns the ids of the groups that a person is in, in order.
func (s *Snapshot) GroupsOf(user string) []string {
	ids := s.people.groupsOf(user)
	slices.Sort(ids)
	return ids
}

// Grant is a permission set that a person has in an account.
type Grant struct {
	Account ident.AccountID
	Set     *permission.Set
}

// Grants returns what a person has been given, by name or through groups, in the order of accounts and without repetition.
func (s *Snapshot) Grants(user string) []Grant {
	var list []Grant
	for g := range s.people.grants(user, "") {
		if set := s.sets.get(s.people.setNo.text(setOf(g))); set != nil {
			list = append(list, Grant{accountOf(g), set})
		}
	}
	return list
}

// GivenBy says how a person has a grant: by name, and through which groups, by their ids.
func (s *Snapshot) GivenBy(user string, g Grant) (byName bool, groups []string) {
	who := s.people.person(user)
	number, ok := grantOf(g.Account, s.people.setNo.of(g.Set.ARN))
	if who == nil || !ok {
		return false, nil
	}
	for _, group := range who.groups {
		if grants, _ := s.people.groups.get(group); grants.has(number) {
			groups = append(groups, s.people.groupNo.text(group))
		}
	}
	return who.grants.has(number), groups
}

// GrantsIn returns the permission sets that a person has been given in an account, each once.
func (s *Snapshot) GrantsIn(user string, id ident.AccountID) []*permission.Set {
	var list []*permission.Set
	for g := range s.people.grants(user, id) {
		if accountOf(g) != id {
			break
		}
		if set := s.sets.get(s.people.setNo.text(setOf(g))); set != nil {
			list = append(list, set)
		}
	}
	return list
}

// AccountsOf returns the accounts where a person has been given something, in the order of their ids and after the
// account with the id after. It costs as much at the last as at the first.
func (s *Snapshot) AccountsOf(user string, after ident.AccountID) iter.Seq[*account.Account] {
	return func(yield func(*account.Account) bool) {
		last := after
		for g := range s.people.grants(user, after) {
			id := accountOf(g)
			if id == last || s.sets.get(s.people.setNo.text(setOf(g))) == nil {
				continue
			}
			last = id
			if a := s.Account(id); a != nil && !yield(a) {
				return
			}
		}
	}
}
