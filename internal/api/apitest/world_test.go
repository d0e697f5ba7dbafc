package apitest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
)

func TestASignedRequestWalksTheCorridor(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{})
	w.Account("111122223333", "Solo")
	k := w.Key(w.User("111122223333", "bob", iam.Policies{}))
	got := w.Call(k, "sts", apitest.Query("sts", "GetCallerIdentity"))
	if got.Status != http.StatusNotImplemented || got.Code() != "NotImplemented" {
		t.Errorf("an operation that no table has: %d %s", got.Status, got.Body)
	}
}

func TestLeaksFindsWhatWasLogged(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, nil)
	w.Secret("open sesame")
	w.Log.Info("a mistake", "password", "open sesame")
	if got := w.Leaks(); len(got) != 1 || !strings.Contains(got[0], "the log") {
		t.Errorf("Leaks() = %q", got)
	}
}
