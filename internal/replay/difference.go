package replay

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Who is a person in a role, a role, or a user; all sessions of it are one.
type Who struct {
	Kind      authz.Kind
	Account   ident.AccountID
	UserID    string // of the person in the directory, if there is one
	RoleID    string
	IAMUserID string
	Federated string // the name of a federated user
}

func who(p *authz.Principal) Who {
	w := Who{Kind: p.Kind, Account: p.Account, UserID: p.UserID, RoleID: p.RoleID, IAMUserID: p.IAMUserID}
	if p.Kind == authz.Federated {
		w.Federated = p.SessionName
	}
	return w
}

// Key is what is told as one.
type Key struct {
	Who
	Lost             bool // else gained
	Action, Resource string
}

// Difference is what somebody would lose or gain.
type Difference struct {
	Key
	Count int64
	Last  time.Time
	// By is what denies it, by the policies of the side that does: the last time it was asked for.
	By policy.Decision
}

// mostDifferences is how many a worker keeps apart.
const mostDifferences = 200_000

// differs notes a decision that the change turns over.
func (w *worker) differs(at time.Time, by *caller, d *audit.Decision, before, after policy.Decision) {
	key, denial := Key{by.who, before.Allowed, d.Action, d.Resource}, before
	if key.Lost {
		w.Lost++
		denial = after
	} else {
		w.Gained++
	}
	found := w.differences[key]
	if found == nil {
		if len(w.differences) >= mostDifferences {
			w.Unlisted++
			return
		}
		key.Action, key.Resource = strings.Clone(key.Action), strings.Clone(key.Resource)
		found = &Difference{Key: key}
		w.differences[key] = found
	}
	found.add(&Difference{Count: 1, Last: at, By: denial})
}

// add takes in what is known of the same from elsewhere, whichever comes first.
func (d *Difference) add(o *Difference) {
	d.Count += o.Count
	if later := o.Last.Compare(d.Last); later > 0 || later == 0 && named(o.By) < named(d.By) {
		d.Last, d.By = o.Last, o.By
	}
}

func named(d policy.Decision) string { return d.PolicyARN + " " + d.PolicyName + " " + d.Sid }

// merged puts together what the workers found.
func merged(workers []*worker) *Report {
	out, all := &Report{}, map[Key]*Difference{}
	for _, w := range workers {
		out.Counts.add(&w.Counts)
		for key, d := range w.differences {
			if found := all[key]; found != nil {
				found.add(d)
			} else {
				all[key] = d
			}
		}
	}
	out.Differences = make([]Difference, 0, len(all))
	for _, d := range all {
		out.Differences = append(out.Differences, *d)
	}
	slices.SortFunc(out.Differences, compare)
	return out
}

func (c *Counts) add(o *Counts) {
	c.Decisions += o.Decisions
	c.Gone += o.Gone
	c.Asked += o.Asked
	c.Drifted += o.Drifted
	c.Lost += o.Lost
	c.Gained += o.Gained
	c.OutsideLost += o.OutsideLost
	c.OutsideGained += o.OutsideGained
	c.Unreadable += o.Unreadable
	c.Unlisted += o.Unlisted
}

// compare orders losses before gains, and what happens often before what does not.
func compare(a, b Difference) int {
	if a.Lost != b.Lost {
		if a.Lost {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account), cmp.Compare(a.UserID, b.UserID),
		cmp.Compare(a.RoleID, b.RoleID), cmp.Compare(a.IAMUserID, b.IAMUserID), cmp.Compare(a.Federated, b.Federated),
		cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
}
