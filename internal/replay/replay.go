// Package replay asks the decisions of the audit trail again: by the policies of today, and by policies that nobody has
// put in place yet. What differs is who would lose or gain what.
//
// The policies of today are what a change is measured by, not the outcome on record, since policies have changed between. A
// decision is asked again with the condition keys that it saw, in the name of the user or role that it was made for; who
// could not call any more, whatever the change, loses nothing by it.
//
// Only calls of an organization's own accounts are told of, and only those made while they were in it. Of others, who ask
// for resources of the organization, a number is told and nothing more.
//
// The package reads no database and no clock. Whoever runs a Replay hands in the records.
package replay

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Replay is what to ask again, and of which policies.
type Replay struct {
	Before, After *authz.Snapshot // After is a hypothesis about Before
	Organization  string          // whose calls are told of
	From          time.Time       // of the earliest event that counts

	// SessionPolicy returns a managed policy that bounds sessions of an account, by its ARN.
	SessionPolicy func(account ident.AccountID, arn string) (policy.Policy, bool)
	// Check says what is wrong with a record that is not as it was written.
	Check func(*audit.Record) error
}

// Report is what a change would do.
type Report struct {
	Counts
	Differences []Difference // losses first, then by how often
}

// Counts says how much was looked at.
type Counts struct {
	Decisions int64 // of the organization's principals
	Gone      int64 // of them, by who could not call any more
	Asked     int64 // of them, what the change bears on
	Drifted   int64 // of those asked, what today's policies decide otherwise than it was decided

	Lost, Gained               int64 // decisions
	OutsideLost, OutsideGained int64 // decisions for callers outside the organization, on its resources

	Unreadable int64 // records that are not as they were written
	Unlisted   int64 // of Lost and Gained, what Differences has no room for
}

// Run replays the records that next returns, on all processors, until it returns none.
func (r *Replay) Run(ctx context.Context, next func(context.Context) ([]audit.Record, error)) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	records := make(chan *audit.Record)
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range workers {
		workers[i] = newWorker(r)
		group.Go(func() {
			for record := range records {
				workers[i].record(record)
			}
		})
	}
	err := feed(ctx, next, records)
	close(records)
	group.Wait()
	if err != nil {
		return nil, err
	}
	return merged(workers), nil
}

// feed hands records out until there are no more.
func feed(ctx context.Context, next func(context.Context) ([]audit.Record, error), to chan<- *audit.Record) error {
	for {
		page, err := next(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			select {
			case to <- &page[i]:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// worker replays records on one processor.
type worker struct {
	*Replay
	Counts
	reader      audit.DecisionReader
	comparison  *authz.Comparison
	callers     map[callerKey]*caller
	by          map[int]*caller // of the record at hand, by their numbers in it
	time        clock
	differences map[Key]*Difference
}

func newWorker(r *Replay) *worker {
	return &worker{Replay: r, comparison: authz.NewComparison(r.Before, r.After), callers: map[callerKey]*caller{},
		by: map[int]*caller{}, differences: map[Key]*Difference{}}
}

// record replays the events of a record.
func (w *worker) record(r *audit.Record) {
	clear(w.by)
	err := w.Check(r)
	if err == nil {
		err = w.reader.Read(r, w.event)
	}
	if err != nil {
		w.Unreadable++
	}
}

func (w *worker) event(e *audit.Decided) {
	if e.Time.Before(w.From) {
		return
	}
	by, known := w.by[e.By]
	if !known {
		by = w.caller(e.Principal)
		w.by[e.By] = by
	}
	if by == nil {
		return
	}
	for i := range e.Decisions {
		w.decision(e.Time, by, &e.Decisions[i])
	}
}

// decision asks one decision again, if it is of the organization and the change bears on it.
func (w *worker) decision(at time.Time, by *caller, d *audit.Decision) {
	own := by.own && d.Context.Single("aws:principalorgid") == w.Organization
	if own {
		w.Decisions++
		if !by.exists {
			w.Gone++
			return
		}
	}
	if !by.exists || !w.comparison.Touched(by.standing, d.Owner) || !own && !w.owns(d) {
		return
	}
	w.time.set(d.Context, at)
	before, after := w.comparison.Decide(by.standing, &authz.Question{Principal: by.principal, Action: d.Action, Resource: d.Resource,
		Owner: d.Owner, Context: d.Context, Trust: d.Trust, Organization: d.Organization, Admitted: d.Admitted})
	differ := before.Allowed != after.Allowed
	if !own {
		w.outside(differ, before.Allowed)
		return
	}
	w.Asked++
	if before.Allowed != d.Allowed {
		w.Drifted++
	}
	if differ {
		w.differs(at, by, d, before, after)
	}
}

// owns reports whether a resource belongs to the organization, and did when it was asked for.
func (w *worker) owns(d *audit.Decision) bool {
	a := w.Before.Account(d.Owner)
	return a != nil && a.OrganizationID == w.Organization && d.Context.Single("aws:ResourceOrgID") == w.Organization
}

func (w *worker) outside(differ, lost bool) {
	switch {
	case differ && lost:
		w.OutsideLost++
	case differ:
		w.OutsideGained++
	}
}

// clock sets the condition keys of times, which are not on record, and remembers those of the second that it is in.
type clock struct {
	second int64
	keys   *policy.Context
}

func (c *clock) set(x *policy.Context, at time.Time) {
	if c.keys == nil || c.second != at.Unix() {
		c.second, c.keys = at.Unix(), policy.NewContext()
		authz.TimeKeys(at, c.keys)
	}
	for i := range c.keys.Len() {
		key, value, _, _ := c.keys.At(i)
		x.Set(key, value)
	}
}
