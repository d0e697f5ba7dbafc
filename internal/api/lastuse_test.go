package api_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func TestLastUsesAreKnownAtOnceAndWrittenLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(w.accounts[member])
	u := w.User(member, "bob", apitest.Inline(apitest.Allow("*")))
	used, unused, deleted := w.Key(u), w.Key(u), w.Key(w.User(member, "gone", apitest.Inline(apitest.Allow("*"))))
	last := func(k apitest.Keys) *apitest.Answer {
		t.Helper()
		a := w.Call(root, "iam", apitest.Query("iam", "GetAccessKeyLastUsed", "AccessKeyId", k.ID))
		want(t, a, http.StatusOK, "")
		return a
	}
	if a := last(used); a.Element("ServiceName") != "N/A" || a.Element("Region") != "N/A" || a.Element("LastUsedDate") != "" || a.Element("UserName") != "bob" {
		t.Errorf("before its first use: %s", a.Body)
	}
	w.whoami(t, used)
	w.whoami(t, deleted)
	if a := last(used); a.Element("ServiceName") != "sts" || a.Element("Region") != "us-east-1" || a.Element("LastUsedDate") != "2026-01-02T03:04:05Z" {
		t.Errorf("after its first use: %s", a.Body)
	}
	w.Time.Pass(30 * time.Minute)
	want(t, w.Call(used, "iam", apitest.Query("iam", "DeleteAccessKey", "UserName", "gone", "AccessKeyId", deleted.ID)), http.StatusOK, "")
	if a := last(used); a.Element("ServiceName") != "iam" || a.Element("LastUsedDate") != "2026-01-02T03:34:05Z" {
		t.Errorf("after its next use: %s", a.Body)
	}
	role := w.Role(member, "ops", apitest.Trust(string(member)), apitest.Inline(apitest.Allow("*")))
	want(t, w.Call(w.Session(role), "iam", apitest.Query("iam", "ListUsers")), http.StatusOK, "")
	if a := w.Call(root, "iam", apitest.Query("iam", "GetRole", "RoleName", "ops")); a.Element("LastUsedDate") != "2026-01-02T03:34:05Z" {
		t.Errorf("the role: %s", a.Body)
	}
	w.Records() // stops what writes
	err := w.Store.View(t.Context(), func(tx *store.Tx) error {
		for id, there := range map[string]bool{used.ID: true, role.ID: true, unused.ID: false, deleted.ID: false} {
			if _, err := store.LastUses.Get(tx, id); (err == nil) != there || err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: written is %t: %v", id, err == nil, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKeysOfOthersHaveNoLastUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.Key(w.User(member, "bob", apitest.Inline(apitest.Allow("*"))))
	theirs := w.Key(w.User(other, "eve", apitest.Inline(apitest.Allow("*"))))
	for _, id := range []string{theirs.ID, "AKIAIOSFODNN7EXAMPLE"} {
		a := w.Call(mine, "iam", apitest.Query("iam", "GetAccessKeyLastUsed", "AccessKeyId", id))
		want(t, a, http.StatusForbidden, "AccessDenied")
		if want := "User: arn:aws:iam::222222222222:user/bob is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key " + id; a.Message() != want {
			t.Errorf("got %s", a.Message())
		}
	}
}
