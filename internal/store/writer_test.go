package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
)

func openTest(t testing.TB, hooks Hooks) *Store {
	t.Helper()
	mac := func(table string, row []byte) []byte { return []byte(table) }
	s, err := Open(context.Background(), Options{Dir: t.TempDir(), Now: time.Now, MAC: mac, Hooks: hooks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func save(id string) func(*Tx) error {
	return func(tx *Tx) error { return Users.Save(tx, &directory.User{ID: id, StoreID: "d", UserName: id}) }
}

// batchOf queues functions behind one that waits, so that they share its transaction, and returns their outcomes.
func batchOf(t *testing.T, s *Store, fns ...func(*Tx) error) []error {
	t.Helper()
	w := s.engine.(*sqliteEngine).writer
	jobs := []*job{}
	hold := make(chan struct{})
	fns = append([]func(*Tx) error{func(*Tx) error { <-hold; return nil }}, fns...)
	for _, fn := range fns {
		j := &job{ctx: t.Context(), fn: fn, outcome: make(chan error, 1)}
		if err := w.enqueue(j); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	close(hold)
	var outcomes []error
	for _, j := range jobs {
		outcomes = append(outcomes, <-j.outcome)
	}
	return outcomes[1:]
}

func TestFunctionsRunSinglyWhenSQLiteRolledBack(t *testing.T) {
	t.Parallel()
	var events []string
	s := openTest(t, Hooks{
		Released:   func(c []Change) { events = append(events, c[0].Key) },
		Committed:  func() { events = append(events, "committed") },
		RolledBack: func() { events = append(events, "rolled back") },
	})
	outcomes := batchOf(t, s, save("a"), func(tx *Tx) error {
		_, err := tx.exec("ROLLBACK") // as SQLite does by itself when the disk is full
		return errors.Join(err, save("b")(tx))
	}, save("c"))
	if outcomes[0] != nil || outcomes[1] == nil || outcomes[2] != nil {
		t.Errorf("outcomes: %v", outcomes)
	}
	want := []string{"a", "rolled back", "a", "committed", "c", "committed"}
	if !slices.Equal(events, want) {
		t.Errorf("hooks: %q, want %q", events, want)
	}
}

func TestWriterSurvivesGoexit(t *testing.T) {
	t.Parallel()
	s := openTest(t, Hooks{})
	outcomes := batchOf(t, s, save("a"), func(*Tx) error { runtime.Goexit(); return nil })
	if !errors.Is(outcomes[1], errGoexit) {
		t.Errorf("outcome: %v", outcomes[1])
	}
	if err := s.Update(t.Context(), save("a")); err != nil {
		t.Errorf("the next Update: %v", err)
	}
}

func TestNothingIsAcknowledgedAfterAFailedFsync(t *testing.T) {
	t.Parallel()
	s := openTest(t, Hooks{})
	w := s.engine.(*sqliteEngine).writer
	broken := errors.New("fsync: input/output error")
	_ = s.Update(t.Context(), func(*Tx) error { _ = w.fail(broken); return nil }) // on the writer's goroutine
	if err := s.Update(t.Context(), save("a")); !errors.Is(err, broken) {
		t.Errorf("Update: %v", err)
	}
	if err := <-s.Failed(); !errors.Is(err, broken) {
		t.Errorf("Failed: %v", err)
	}
}
