package authz

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// roster is who holds grants, in an order that does not change, and who is in which group. It is made when somebody asks
// who can do something, and kept for as long as nobody comes, goes or is given anything.
type roster struct {
	once    sync.Once
	people  []rosterPerson // in the order of their names; who is disabled is not among them
	groups  []rosterGroup  // those that have been given something, in the order of their ids
	members map[uint32][]int32
}

// rosterPerson is somebody who is in a group or has been given something.
type rosterPerson struct {
	*person
	id, name string
}

type rosterGroup struct {
	id     string
	number uint32
}

// renew forgets the roster: somebody may be making it, of what was. With fresh, nobody else has seen any of p.
func (p *people) renew(fresh bool) {
	if p.roster == nil || !fresh {
		p.roster = new(roster)
	}
}

// list returns the roster.
func (p *people) list() *roster {
	if p.roster == nil {
		return new(roster)
	}
	p.roster.once.Do(func() { p.roster.make(p) })
	return p.roster
}

func (r *roster) make(p *people) {
	r.members = map[uint32][]int32{}
	p.groups.all(func(number uint32, _ sorted) bool {
		r.groups = append(r.groups, rosterGroup{p.groupNo.text(number), number})
		return true
	})
	slices.SortFunc(r.groups, func(a, b rosterGroup) int { return cmp.Compare(a.id, b.id) })
	for _, g := range r.groups {
		r.members[g.number] = nil
	}
	p.users.all(func(_ id128, who *person) bool {
		if who.row != "" && !who.disabled && len(who.groups)+len(who.grants.chunks) > 0 {
			r.people = append(r.people, rosterPerson{person: who})
		}
		return true
	})
	r.read()
	slices.SortFunc(r.people, func(a, b rosterPerson) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	for i := range r.people {
		for _, g := range r.people[i].groups {
			if members, holds := r.members[g]; holds {
				r.members[g] = append(members, int32(i))
			}
		}
	}
}

// read reads the rows of the people, on all cores.
func (r *roster) read() {
	var wait sync.WaitGroup
	for part := range slices.Chunk(r.people, len(r.people)/runtime.GOMAXPROCS(0)+1) {
		wait.Go(func() {
			for i := range part {
				if u, err := store.Users.Unpack(part[i].row); err == nil {
					part[i].id, part[i].name = u.ID, u.UserName
				}
			}
		})
	}
	wait.Wait()
}

// names returns the names of a group's members, in order.
func (r *roster) names(group uint32) []string {
	list := make([]string, len(r.members[group]))
	for i, at := range r.members[group] {
		list[i] = r.people[at].name
	}
	return list
}
