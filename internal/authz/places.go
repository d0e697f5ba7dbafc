package authz

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// places are where permission sets have roles. There are as many as sets times accounts, so that only what tells one from
// another is kept, and the roles are put together when they are asked for.
type places struct {
	in      tree[uint32, []placed] // number of the account → what it has, in the order of forms
	byKey   tree[uint64, uint32]   // key of the role → number of the account
	account numbers
	forms   tree[form, uint32]
	form    tree[uint32, form]
	lastOne uint32
	recent  *recent
	moment  *moment
}

// moment is another one after every change. What was found at the same moment is not looked for again.
type moment struct{ _ byte }

// form is what the roles of a permission set have in common in all accounts.
type form struct{ instance, set, name, region, description string }

// placed is a permission set in an account. Times are in milliseconds.
type placed struct {
	key              uint64
	generation       uint64
	created, updated int64
	version          uint64
	form             uint32
}

// recent keeps roles that were put together lately: each in one of the two slots that its key gives it, the later one first.
type recent [2048][2]atomic.Pointer[recentRole]

type recentRole struct {
	from    placed
	account ident.AccountID
	role    *role
	moment  *moment // when it was found to be right
}

func (r *recent) slots(key uint64) *[2]atomic.Pointer[recentRole] { return &r[key%uint64(len(r))] }

func (p *places) apply(r *permission.Provisioned, gone, fresh bool) {
	if p.recent == nil {
		p.recent = new(recent)
	}
	if p.moment == nil || !fresh {
		p.moment = new(moment)
	}
	f := form{r.InstanceARN, r.SetARN, r.SetName, r.Region, r.Description}
	number, ok := p.forms.get(f)
	if !ok {
		p.lastOne++
		number = p.lastOne
		p.forms = p.forms.with(f, number, fresh)
		p.form = p.form.with(number, f, fresh)
	}
	row := placed{where(&f, r.Account).Key(), r.Generation, milliseconds(r.CreatedAt), milliseconds(r.UpdatedAt), r.Version, number}
	account := p.account.give(string(r.Account), fresh)
	list, _ := p.in.get(account)
	at := slices.IndexFunc(list, func(o placed) bool { return o.key == row.key })
	if at >= 0 {
		list = slices.Delete(slices.Clone(list), at, at+1)
	} else if !fresh {
		list = slices.Clone(list)
	}
	if gone {
		p.byKey = p.byKey.without(row.key)
	} else {
		at, _ = slices.BinarySearchFunc(list, row.form, func(o placed, form uint32) int { return cmp.Compare(o.form, form) })
		list = slices.Insert(list, at, row)
		p.byKey = p.byKey.with(row.key, account, fresh)
	}
	if len(list) == 0 {
		p.in = p.in.without(account)
		return
	}
	p.in = p.in.with(account, list, fresh)
}

// clip gives back the room that lists have grown for. Nobody else may have seen p.
func (p *places) clip() {
	p.in.all(func(account uint32, list []placed) bool {
		p.in = p.in.with(account, slices.Clone(list), true)
		return true
	})
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func timeAt(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func where(f *form, account ident.AccountID) iam.Reserved {
	return iam.Reserved{Instance: f.instance, Set: f.set, SetName: f.name, Account: account, Region: f.region}
}

// row is the row of which apply made p.
func (p *places) row(at placed, account ident.AccountID) *permission.Provisioned {
	f, _ := p.form.get(at.form)
	return &permission.Provisioned{InstanceARN: f.instance, SetARN: f.set, SetName: f.name, Account: account, Region: f.region,
		Description: f.description, Version: at.version, Generation: at.generation, CreatedAt: timeAt(at.created), UpdatedAt: timeAt(at.updated)}
}

// list returns all that an account has.
func (p *places) list(account ident.AccountID) []placed {
	list, _ := p.in.get(p.account.of(string(account)))
	return list
}

// of returns what a permission set has in an account.
func (p *places) of(set string, account ident.AccountID) (placed, bool) {
	for _, at := range p.list(account) {
		if f, _ := p.form.get(at.form); f.set == set {
			return at, true
		}
	}
	return placed{}, false
}

// byID returns the role with an id, or nil.
func (p *places) byID(id string) *role {
	if key, ok := iam.ReservedKeyOfID(id); ok {
		if r := p.withKey(key); r != nil && r.ID == id {
			return r
		}
	}
	return nil
}

// named returns the role of an account with a name, letter case aside, or nil.
func (p *places) named(account ident.AccountID, name string) *role {
	if key, ok := iam.ReservedKeyOfName(name); ok {
		if r := p.withKey(key); r != nil && nameKey(r.Account, r.Name) == nameKey(account, name) {
			return r
		}
	}
	return nil
}

func (p *places) withKey(key uint64) *role {
	if p.recent == nil {
		return nil
	}
	slots := p.recent.slots(key)
	for i := range slots {
		if r := slots[i].Load(); r != nil && r.from.key == key && r.moment == p.moment {
			return r.role
		}
	}
	account, ok := p.byKey.get(key)
	if !ok {
		return nil
	}
	list, _ := p.in.get(account)
	for _, at := range list {
		if at.key == key {
			return p.role(at, ident.AccountID(p.account.text(account)))
		}
	}
	return nil
}

// role puts the role at a place together, or finds that it has done so lately.
func (p *places) role(at placed, account ident.AccountID) *role {
	slots := p.recent.slots(at.key)
	for i := range slots {
		if r := slots[i].Load(); r != nil && r.from == at && r.account == account {
			if r.moment != p.moment {
				slots[i].Store(&recentRole{at, account, r.role, p.moment})
			}
			return r.role
		}
	}
	r := store.ReservedRole(p.row(at, account))
	found := &role{Role: r, arn: r.ARN()}
	slots[1].Store(slots[0].Swap(&recentRole{at, account, found, p.moment}))
	return found
}

// Provisioned returns what a permission set has in an account, or nil.
func (s *Snapshot) Provisioned(set string, id ident.AccountID) *permission.Provisioned {
	if at, ok := s.places.of(set, id); ok {
		return s.places.row(at, id)
	}
	return nil
}

// roleWithID returns a role, or nil.
func (s *Snapshot) roleWithID(id string) *role {
	if r := s.roles.get(id); r != nil {
		return r
	}
	return s.places.byID(id)
}

// trustOf returns the trust policy of a role, or nil. That of a permission set's role is read only when it is asked for.
func (s *Snapshot) trustOf(id string) *policy.Policy {
	r := s.roleWithID(id)
	switch {
	case r == nil:
		return nil
	case !r.Reserved():
		return r.trust
	}
	doc, err := policy.Parse([]byte(r.Trust), policy.Trust)
	if err != nil {
		return nil
	}
	return &policy.Policy{Doc: doc}
}
