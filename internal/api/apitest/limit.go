package apitest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Limit sets a limit of the server.
func (w *World) Limit(name string, n int) {
	w.t.Helper()
	Save(w, store.Settings, &store.Setting{Name: name, Value: strconv.Itoa(n)})
}

// Filling is how a test comes to a limit.
type Filling struct {
	To     int                            // what the limit is lowered to
	Has    int                            // how many there are in a new world
	Size   bool                           // Add makes one thing of size n, instead of the nth thing
	Other  map[string]int                 // limits that would come first
	Add    func(w *World, n int) error    // adds the nth
	Each   func(w *World) func(int) error // in place of Add, for one that needs something made first
	Code   string
	Reason string
}

// AtLimits comes to every limit of a service, in a world of its own, through a lowered setting: what is allowed is done,
// one more is refused with AWS's code, and without the setting that one is done too. A limit without a filling fails.
func AtLimits(t *testing.T, service string, limits []api.Limit, world func(*testing.T) *World, fillings map[string]Filling) {
	t.Helper()
	known := map[string]bool{}
	for _, l := range limits {
		known[l.Name] = true
		t.Run(l.Name, func(t *testing.T) {
			switch f, ok := fillings[l.Name]; {
			case !strings.HasPrefix(l.Name, service+"."), l.Quota == "", l.Page == "", l.Least > l.Default, l.Default > l.Most:
				t.Errorf("the row is wrong: %+v", l)
			case !ok:
				t.Error("no test comes to this limit")
			default:
				f.run(t, &l, world(t))
			}
		})
	}
	for name := range fillings {
		if !known[name] {
			t.Errorf("%s is no limit", name)
		}
	}
}

func (f *Filling) run(t *testing.T, l *api.Limit, w *World) {
	add := func(n int) error { return f.Add(w, n) }
	if f.Each != nil {
		add = f.Each(w)
	}
	for name, n := range f.Other {
		w.Limit(name, n)
	}
	w.Limit(l.Name, f.To)
	first := f.Has + 1
	if f.Size {
		first = f.To
	}
	for n := first; n <= f.To; n++ {
		if err := add(n); err != nil {
			t.Fatalf("%d of %d: %v", n, f.To, err)
		}
	}
	err := add(f.To + 1)
	if got := fault.As(err); !fault.Is(err, f.Code) || got.Kind != fault.Limit {
		t.Fatalf("one more than %d: got %v, want %s", f.To, err, f.Code)
	} else if reason, _ := got.Fields["Reason"].(string); reason != f.Reason {
		t.Errorf("got the reason %q, want %q", reason, f.Reason)
	}
	w.Update(func(tx *store.Tx) error {
		return store.Settings.Delete(tx, &store.Setting{Name: l.Name, Value: strconv.Itoa(f.To)})
	})
	if err := add(f.To + 1); err != nil {
		t.Errorf("by the default of %d: %v", l.Default, err)
	}
}

// Do calls an operation as the root user of Management for its error.
func (w *World) Do(service, operation string, in any) error {
	w.t.Helper()
	_, err := w.Corridor.Invoke(w.t.Context(), api.Caller{Principal: Root(Management)}, service, operation, in)
	return err
}

// Sized returns a policy document made longer, to n characters, by the id of its first statement.
func Sized(document string, n int) string {
	const sid = `"Sid":"",`
	pad := strings.Repeat("x", n-len(document)-len(sid))
	return strings.Replace(document, `"Effect"`, `"Sid":"`+pad+`","Effect"`, 1)
}
