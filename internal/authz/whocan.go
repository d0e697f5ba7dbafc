package authz

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// WhoCan asks about everybody who may act in some accounts. Roles of one version of a permission set, in accounts under the
// same policies, are asked about once, with what tells them apart left unknown; only where that has a say is it looked at
// for each. It is for one goroutine.
type WhoCan struct {
	snapshot *Snapshot
	ask      WhoCanQuestion
	within   map[uint64]*setting // by the numbers of accounts
	kinds    map[string]int      // of accounts under the same policies
	classes  map[classID]*class
	answers  map[string]*policy.Answer // each once, by what it says
	known    map[*policy.Answer]*policy.Answer
	sets     []uint32          // the numbers of permission sets, by those of forms
	names    map[uint32]string // of permission sets
	places   map[same]int      // of one holder
	owner    ident.AccountID   // of the resource; empty when each account is asked about its own
	owned    bool              // the owner is known
	exact    bool              // the resource's policy names principals, so that every one is asked about
}

// WhoCanQuestion is what is asked of everybody.
type WhoCanQuestion struct {
	Action, Resource string
	Given            *policy.Context
	Accounts         iter.Seq[*account.Account] // those that are asked about
	// Reach says how a principal gets to what others own; see Reach.
	Reach func(*Principal) Reach
}

// setting is an account that is asked about.
type setting struct {
	*account.Account
	kind   int
	places []placed
}

// classID is what roles have in common that get the same answer.
type classID struct {
	set     uint32
	version uint64
	kind    int
}

// class is what all roles of a class get.
type class struct {
	answer    *policy.Answer
	narrowing *policy.Narrowing // where something of a role's own has a say
	known     *policy.Context   // what is known of one role
	each      bool              // every role is asked about
}

// Access is permission sets that somebody has in accounts, with what they come to.
type Access struct {
	Sets     []string // names, in order
	Accounts []ident.AccountID
	Answer   *policy.Answer // Yes or YesIf; the same pointer where it is the same answer
}

// Holder is a group, or a person who has been given something by name.
type Holder struct {
	Key      string // its place in the order of holders
	GroupID  string
	Members  []string // user names of a group, in order
	UserID   string   // of a person
	UserName string
	Access   []Access
}

// NewWhoCan begins to ask.
func (s *Snapshot) NewWhoCan(q WhoCanQuestion) *WhoCan {
	w := &WhoCan{snapshot: s, ask: q, within: map[uint64]*setting{}, kinds: map[string]int{}, classes: map[classID]*class{},
		answers: map[string]*policy.Answer{}, known: map[*policy.Answer]*policy.Answer{}, names: map[uint32]string{}, places: map[same]int{}, sets: make([]uint32, s.places.lastOne+1)}
	s.places.form.all(func(number uint32, f form) bool {
		w.sets[number] = s.people.setNo.of(f.set)
		return true
	})
	about := s.subject(&Inquiry{Principal: &Principal{}, Action: q.Action, Resource: q.Resource, Given: q.Given})
	w.owner, w.owned = about.owner, about.owned
	service, _, _ := strings.Cut(strings.ToLower(q.Action), ":")
	w.exact = service == "organizations" || service == "sso" || service == "identitystore" || strings.HasPrefix(strings.ToLower(q.Action), "sts:assumerole")
	for a := range q.Accounts {
		if n, ok := accountNumber(a.ID); ok && a.Status == account.Active {
			w.within[n] = &setting{Account: a, kind: w.kind(a), places: s.places.list(a.ID)}
		}
	}
	return w
}

// kind numbers what policies of organizations bind an account, and what else of it has a say in every decision.
func (w *WhoCan) kind(a *account.Account) int {
	key := a.OrganizationID + "/" + a.ParentID
	if o := w.snapshot.OrganizationOf(a.ID); o != nil {
		if o.Management == a.ID {
			key += " management"
		}
		if ids := w.snapshot.attached.get(o.ID + "/" + string(a.ID)); ids != nil {
			key += " " + strings.Join(*ids, " ")
		}
	}
	if w.owner == a.ID {
		key += " owner"
	}
	n, ok := w.kinds[key]
	if !ok {
		n = len(w.kinds)
		w.kinds[key] = n
	}
	return n
}

// Holders returns the groups and people who can, behind the place after. Who is disabled can nothing, and a group without
// members gives nobody anything.
func (w *WhoCan) Holders(after string) iter.Seq[*Holder] {
	return func(yield func(*Holder) bool) {
		p := &w.snapshot.people
		list := p.list()
		for _, g := range list.groups {
			key := "g" + g.id
			if key <= after || len(list.members[g.number]) == 0 {
				continue
			}
			grants, _ := p.groups.get(g.number)
			if held := w.holdings(grants); len(held) > 0 && !yield(&Holder{Key: key, GroupID: g.id, Members: list.names(g.number), Access: held}) {
				return
			}
		}
		for i := range list.people {
			u := &list.people[i]
			key := "u" + u.name + "\x00" + u.id
			if key <= after || len(u.grants.chunks) == 0 {
				continue
			}
			if held := w.holdings(u.grants); len(held) > 0 && !yield(&Holder{Key: key, UserID: u.id, UserName: u.name, Access: held}) {
				return
			}
		}
	}
}

// same are the grants of one holder that are of one permission set and get one answer.
type same struct {
	set    uint32
	answer *policy.Answer
}

// holdings are the grants by which somebody can, put together: the sets with one answer in the same accounts are one.
func (w *WhoCan) holdings(grants sorted) []Access {
	clear(w.places)
	var order []same
	var accounts [][]ident.AccountID
	for _, chunk := range grants.chunks {
		for _, g := range chunk {
			at := w.within[g>>setBits]
			if at == nil {
				continue
			}
			a := w.reserved(at, setOf(g))
			if a == nil || a.Certainty == policy.No {
				continue
			}
			key := same{setOf(g), a}
			n, found := w.places[key]
			if !found {
				n = len(order)
				w.places[key] = n
				order, accounts = append(order, key), append(accounts, nil)
			}
			accounts[n] = append(accounts[n], at.ID)
		}
	}
	return w.joined(order, accounts)
}

// joined puts together what is in the same accounts.
func (w *WhoCan) joined(order []same, accounts [][]ident.AccountID) []Access {
	type alike struct {
		answer      *policy.Answer
		first, last ident.AccountID
		length      int
	}
	list := make([]Access, 0, len(order))
	at := make(map[alike]int, len(order))
	for i, key := range order {
		in := accounts[i]
		look := alike{key.answer, in[0], in[len(in)-1], len(in)}
		n, found := at[look]
		if !found || !slices.Equal(list[n].Accounts, in) {
			n = len(list)
			at[look] = n
			list = append(list, Access{Accounts: in, Answer: key.answer})
		}
		list[n].Sets = append(list[n].Sets, w.name(key.set))
	}
	for i := range list {
		slices.Sort(list[i].Sets)
	}
	return list
}

// name is the name of a permission set.
func (w *WhoCan) name(set uint32) string {
	if name := w.names[set]; name != "" {
		return name
	}
	name := w.snapshot.people.setNo.text(set)
	if s := w.snapshot.sets.get(name); s != nil {
		name = s.Name
	}
	w.names[set] = name
	return name
}

// reserved answers for the role of a permission set in an account; nil when there is none.
func (w *WhoCan) reserved(at *setting, set uint32) *policy.Answer {
	n := slices.IndexFunc(at.places, func(p placed) bool { return w.sets[p.form] == set })
	if n < 0 {
		return nil
	}
	p := &at.places[n]
	id := classID{set, p.version, at.kind}
	c := w.classes[id]
	if c == nil {
		c = w.classify(at, *p, set)
		w.classes[id] = c
	}
	switch {
	case c.each:
		return w.one(AsRole(w.snapshot.places.role(*p, at.ID).Role, ""))
	case c.narrowing == nil:
		return w.once(c.answer)
	}
	f, _ := w.snapshot.places.form.get(p.form)
	c.known.Set("aws:principalaccount", string(at.ID))
	c.known.Set("aws:principalarn", where(&f, at.ID).ARNWith(p.key))
	if w.owner == "" && w.owned {
		c.known.Set("aws:resourceaccount", string(at.ID))
	}
	c.known.Merge(w.ask.Given)
	return w.once(c.narrowing.With(c.known))
}

// own are the keys that tell one role of a class from another.
var own = [...]string{"aws:principalaccount", "aws:principalarn", "aws:resourceaccount"}

// classify asks about a role with what is its own left unknown.
func (w *WhoCan) classify(at *setting, p placed, set uint32) *class {
	v := w.snapshot.versions.get(versionKey(w.snapshot.people.setNo.text(set), p.version))
	if v == nil || w.exact || referenced(at.ID, &v.Grants) != nil { // customer managed policies are each account's own
		return &class{each: true}
	}
	q, layers, ok := w.snapshot.inquiry(w.inquiry(AsRole(w.snapshot.places.role(p, at.ID).Role, "")))
	if !ok {
		return &class{answer: &policy.Answer{Decision: unreadable}}
	}
	q.Context = q.Context.Without(own[:]...)
	if w.owner != "" {
		w.snapshot.OwnerKeys(w.owner, q.Context)
	}
	q.Context.Merge(w.ask.Given)
	a := policy.Inquire(q, &layers)
	c := &class{answer: &a}
	if n := a.Narrow(q); n.Depends(own[:]...) {
		c.narrowing, c.known = n, q.Context.Clone()
	}
	return c
}

func (w *WhoCan) inquiry(p *Principal) *Inquiry {
	q := &Inquiry{Principal: p, Action: w.ask.Action, Resource: w.ask.Resource, Given: w.ask.Given}
	if w.ask.Reach != nil && w.exact {
		q.Reach = w.ask.Reach(p)
	}
	return q
}

// one asks about one principal.
func (w *WhoCan) one(p *Principal) *policy.Answer {
	a := w.snapshot.Inquire(w.inquiry(p))
	return w.once(&a)
}

// once returns the same pointer for the same answer. Which policies make a Yes or a No is not told of everybody.
func (w *WhoCan) once(a *policy.Answer) *policy.Answer {
	if known := w.known[a]; known != nil {
		return known
	}
	key := a.Certainty.String()
	if a.Certainty == policy.YesIf {
		key = a.String()
	}
	if w.answers[key] == nil {
		w.answers[key] = &policy.Answer{Certainty: a.Certainty, Ways: a.Ways}
	}
	if len(w.known) < mostKnown {
		w.known[a] = w.answers[key]
	}
	return w.answers[key]
}

// mostKnown bounds how many answers are remembered by where they lie.
const mostKnown = 1 << 16

// Actor is an IAM user, a role that is no permission set's, or a root user.
type Actor struct {
	Key       string // its place in the order of actors
	Principal *Principal
	Answer    *policy.Answer // as in Access
}

// Actors returns the IAM users, roles and root users who can, in the order of their accounts and behind the place after.
func (w *WhoCan) Actors(after string) iter.Seq[*Actor] {
	return func(yield func(*Actor) bool) {
		for _, e := range w.actors() {
			if e.Key <= after {
				continue
			}
			e.Answer = w.one(e.Principal)
			if e.Answer.Certainty != policy.No && !yield(&e) {
				return
			}
		}
	}
}

// asks reports whether an account is asked about.
func (w *WhoCan) asks(id ident.AccountID) bool {
	n, ok := accountNumber(id)
	return ok && w.within[n] != nil
}

func (w *WhoCan) actors() (list []Actor) {
	add := func(p *Principal, kind, id string) {
		list = append(list, Actor{Key: string(p.Account) + kind + id, Principal: p})
	}
	for _, at := range w.within {
		add(AsRoot(at.ID), "a", "")
	}
	w.snapshot.iamUsers.all(func(id string, u *user) bool {
		if w.asks(u.Account) {
			add(AsIAMUser(u.User), "b", id)
		}
		return true
	})
	w.snapshot.roles.all(func(id string, r *role) bool {
		if w.asks(r.Account) && !r.Reserved() {
			add(AsRole(r.Role, ""), "c", id)
		}
		return true
	})
	slices.SortFunc(list, func(a, b Actor) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// AccountsOfOrganization returns the accounts of an organization, in no order.
func (s *Snapshot) AccountsOfOrganization(o *organization.Organization) iter.Seq[*account.Account] {
	return func(yield func(*account.Account) bool) {
		s.accounts.all(func(_ string, a *account.Account) bool {
			return a.OrganizationID != o.ID || yield(a)
		})
	}
}
