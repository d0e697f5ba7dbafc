package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func TestCallsThatComeToNothingAreOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	want(t, w.Call(k, "iam", apitest.Query("iam", "GetOrganizationsAccessReport")), http.StatusNotImplemented, "NotImplemented")
	want(t, w.Call(k, "iam", apitest.Query("iam", "ListUsers", "MaxItems", "many")), http.StatusBadRequest, "MalformedInput")
	w.Send(apitest.Query("iam", "GetOrganizationsAccessReport")) // a stranger
	w.OIDC("/client/register", map[string]any{"clientName": 7})
	want(t, w.OIDC("/client/register", map[string]any{"clientName": ""}), http.StatusBadRequest, "InvalidRequestException")
	seen := map[string]int{}
	for _, r := range w.Records() {
		seen[r.Operation+" "+r.ErrorCode]++
		if r.Principal.UserName != "admin" || r.Alone || r.Kind != audit.Read {
			t.Errorf("%s is recorded as %s of %q", r.Operation, r.Kind, r.Principal.UserName)
		}
	}
	if len(seen) != 2 || seen["GetOrganizationsAccessReport NotImplemented"] != 1 || seen["ListUsers MalformedInput"] != 1 {
		t.Errorf("on record are %v", seen)
	}
}

// TestStrangersDoNotFillTheRecord has strangers at many addresses call while nothing can be written.
func TestStrangersDoNotFillTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	held, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		if err := w.Store.Update(t.Context(), func(*store.Tx) error { close(held); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	refused := 0
	for n := 0; refused == 0 && n <= audit.BatchCapacity; n++ {
		r := apitest.Request(http.MethodPost, "/client/register", "application/json", `{"clientName":"x","clientType":"private"}`)
		r.RemoteAddr = fmt.Sprintf("10.0.%d.%d:1", n>>8&255, n&255)
		if a := w.Send(r); a.Status == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no stranger was refused")
	}
	want(t, w.Call(k, "iam", apitest.Query("iam", "ListUsers")), http.StatusOK, "")
	close(release)
	group.Wait()
}

func TestWhatIsSentIsNotRecordedInFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.OIDC("/client/register", map[string]any{"clientName": "x", "clientType": "public", "redirectUris": []string{strings.Repeat("x", 1<<19)}})
	want(t, a, http.StatusBadRequest, "InvalidRedirectUriException")
	records := w.Records()
	for _, r := range records {
		if body, err := r.Encode(); err != nil || len(body) > 4096 {
			t.Errorf("a record of %d bytes: %v", len(body), err)
		}
	}
	if len(records) != 1 {
		t.Errorf("%d records", len(records))
	}
}

func TestAStrictRecordIsWrittenBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	apitest.Save(w.World, store.Settings, &store.Setting{Name: store.AuditStrict, Value: "true"})
	want(t, w.Call(k, "iam", apitest.Query("iam", "ListUsers")), http.StatusOK, "")
	err := w.Store.View(t.Context(), func(tx *store.Tx) error { // while the recording goes on
		rows, err := tx.UnsealedAudit(10)
		if len(rows) != 1 || audit.IsBlock(rows[0].Body) {
			t.Errorf("%d records are written, want the one of the call, alone", len(rows))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, w.Call(k, "iam", apitest.Query("iam", "ListUsers")), http.StatusServiceUnavailable, "ServiceUnavailable")
}
