package drill_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// state is what the ledger knows of a write.
type state int

const (
	acknowledged state = iota // answered with success: must be there
	refused                   // answered with an error: must not be there
	inDoubt                   // not answered: may be there
)

func (s state) String() string {
	return [...]string{"acknowledged", "refused", "in doubt"}[s]
}

// entry is a write of the ledger.
type entry struct {
	state state
	id    string // the user's, when it is known
	cause error  // of a refusal
}

// ledger is what the server has said, kept outside of it.
type ledger struct {
	mu      sync.Mutex
	entries map[string]entry // by user name
	kept    int              // in doubt once, found to be there
	dropped int              // in doubt once, found not to be there
}

func newLedger() *ledger { return &ledger{entries: map[string]entry{}} }

// note writes down how an attempt ended.
func (l *ledger) note(name, id string, answered bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !answered:
		l.entries[name] = entry{state: inDoubt}
	case err != nil:
		l.entries[name] = entry{state: refused, cause: err}
	default:
		l.entries[name] = entry{state: acknowledged, id: id}
	}
}

// reconcile compares the ledger with the users that there are, ids by name. What was in doubt is settled: it has to
// stay as it was found.
func (l *ledger) reconcile(users map[string]string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []error
	for name, e := range l.entries {
		id, there := users[name]
		switch {
		case e.state == acknowledged && !there:
			wrong = append(wrong, fmt.Errorf("%s was acknowledged and is lost", name))
		case e.state == acknowledged && id != e.id:
			wrong = append(wrong, fmt.Errorf("%s was acknowledged as %s and is %s", name, e.id, id))
		case e.state == refused && there:
			wrong = append(wrong, fmt.Errorf("%s was refused (%w) and is there", name, e.cause))
		case e.state == inDoubt && there:
			l.entries[name] = entry{state: acknowledged, id: id}
			l.kept++
		case e.state == inDoubt:
			l.entries[name] = entry{state: refused, cause: errors.New("not there after the crash")}
			l.dropped++
		}
	}
	for name := range users {
		if _, known := l.entries[name]; !known && strings.HasPrefix(name, "r") && strings.Contains(name, "-w") {
			wrong = append(wrong, fmt.Errorf("%s is there and was never asked for", name))
		}
	}
	return errors.Join(wrong...)
}

// acknowledged counts the writes that must be there.
func (l *ledger) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, e := range l.entries {
		if e.state == acknowledged {
			n++
		}
	}
	return n
}

// refusal is why a write was refused, or nil when none was.
func (l *ledger) refusal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.state == refused {
			return e.cause
		}
	}
	return nil
}

func (l *ledger) String() string {
	n := l.acknowledged()
	return fmt.Sprintf("%d writes are there, none that was acknowledged is lost; of %d in doubt %d are there",
		n, l.kept+l.dropped, l.kept)
}

func TestLedgerFindsWhatACrashMustNotDo(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	tests := []struct {
		name  string
		note  func(*ledger)
		users map[string]string
		want  string // in the error; empty for none
	}{
		{"an acknowledged write is there", func(l *ledger) { l.note("r0-w0-n0", "a", true, nil) },
			map[string]string{"r0-w0-n0": "a", "pcollins": "p"}, ""},
		{"an acknowledged write is lost", func(l *ledger) { l.note("r0-w0-n0", "a", true, nil) }, nil, "lost"},
		{"an acknowledged write has another id", func(l *ledger) { l.note("r0-w0-n0", "a", true, nil) },
			map[string]string{"r0-w0-n0": "b"}, "acknowledged as a and is b"},
		{"a refused write is there", func(l *ledger) { l.note("r0-w0-n0", "", true, full) },
			map[string]string{"r0-w0-n0": "a"}, "was refused (full)"},
		{"a write in doubt is there", func(l *ledger) { l.note("r0-w0-n0", "", false, full) },
			map[string]string{"r0-w0-n0": "a"}, ""},
		{"a write in doubt is not there", func(l *ledger) { l.note("r0-w0-n0", "", false, full) }, nil, ""},
		{"a write appears from nowhere", func(*ledger) {}, map[string]string{"r0-w0-n0": "a"}, "never asked for"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			tt.note(l)
			switch err := l.reconcile(tt.users); {
			case tt.want == "" && err != nil:
				t.Errorf("reconcile: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("reconcile: %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestLedgerHoldsTheServerToWhatItFound(t *testing.T) {
	t.Parallel()
	l := newLedger()
	l.note("r0-w0-n0", "", false, nil)
	if err := l.reconcile(map[string]string{"r0-w0-n0": "a"}); err != nil {
		t.Fatal(err)
	}
	if err := l.reconcile(nil); err == nil {
		t.Error("a write that was there after a crash may not be lost by the next one")
	}
}
