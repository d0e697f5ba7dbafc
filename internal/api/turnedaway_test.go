package api_test

import (
	"net/http"
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
