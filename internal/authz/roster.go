package authz

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
)

// roster is who holds grants, in an order that does not change, and who is in which group. It is made when somebody asks
// who can do something, and kept for as long as nobody comes, goes or is given anything.
type roster struct {
	once    sync.Once
	groups  []rosterGroup
	users   []rosterUser // who have grants by name
	members map[uint32][]*person
}

type rosterGroup struct {
	id     string
	number uint32
}

type rosterUser struct {
	id  id128
	who *person
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
	r.members = map[uint32][]*person{}
	p.groups.all(func(number uint32, _ sorted) bool {
		r.groups = append(r.groups, rosterGroup{p.groupNo.text(number), number})
		r.members[number] = nil
		return true
	})
	slices.SortFunc(r.groups, func(a, b rosterGroup) int { return cmp.Compare(a.id, b.id) })
	p.users.all(func(id id128, who *person) bool {
		if who.row == "" || who.disabled {
			return true
		}
		if len(who.grants.chunks) > 0 {
			r.users = append(r.users, rosterUser{id, who})
		}
		for _, g := range who.groups {
			if members, holds := r.members[g]; holds {
				r.members[g] = append(members, who)
			}
		}
		return true
	})
	slices.SortFunc(r.users, func(a, b rosterUser) int { return bytes.Compare(a.id[:], b.id[:]) })
}
