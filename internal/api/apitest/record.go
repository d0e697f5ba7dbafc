package apitest

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest/seen"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Record is one event of the audit trail, and whether it stands in a row of its own, as events of changes do.
type Record struct {
	audit.Event
	Alone bool
}

// Records ends the recording and returns what was recorded, in order. The world serves no call afterwards.
func (w *World) Records() []Record {
	w.t.Helper()
	w.stop()
	list, err := w.records(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *World) records(ctx context.Context) (list []Record, err error) {
	err = w.Store.View(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.UnsealedAudit(1 << 20)
		if err != nil {
			return err
		}
		for _, row := range rows {
			r := audit.Record{Seq: row.Seq, Time: row.At.UnixMilli(), Body: row.Body, MAC: row.MAC}
			events, err := r.Open()
			if err != nil {
				return err
			}
			for _, e := range events {
				list = append(list, Record{e, !audit.IsBlock(row.Body)})
			}
		}
		return nil
	})
	return list, err
}

// remember saves which operations succeeded for which clients, where package seen is told to.
func (w *World) remember() {
	dir := os.Getenv(seen.Variable)
	if dir == "" {
		return
	}
	list, err := w.records(context.WithoutCancel(w.t.Context()))
	if errors.Is(err, store.ErrClosed) {
		return // by the test
	}
	calls := seen.Calls{}
	for _, r := range list {
		calls.AddEvent(r.Service, r.Operation, r.Details, r.UserAgent, r.ErrorCode)
	}
	if err := errors.Join(err, calls.Save(dir)); err != nil {
		w.t.Error("remember which calls succeeded:", err)
	}
}

// Logged returns the log so far.
func (w *World) Logged() string { return w.log.String() }

// Leaks returns where remembered secrets appear: in the log, or in a record. It ends the recording.
func (w *World) Leaks() []string {
	w.t.Helper()
	places := map[string]string{"the log": w.Logged()}
	for _, r := range w.Records() {
		body, err := r.Encode()
		if err != nil {
			w.t.Fatal(err)
		}
		places["the record of "+r.Operation] += string(body)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []string
	for place, text := range places {
		for _, s := range w.secrets {
			if strings.Contains(text, s) {
				found = append(found, place+" shows "+s)
			}
		}
	}
	return found
}
