package api_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// nothing is an input and an output without members.
type nothing struct{}

// settingOf is a service of one operation, SetSetting, that runs fn in its transaction.
func settingOf(fn func(*store.Tx) error) map[string]api.Table {
	set := func(ctx context.Context, c *api.Call, _ *nothing) (*nothing, error) { return nil, c.Update(ctx, fn) }
	return map[string]api.Table{"gatehouse": {api.Op("SetSetting", "gatehouse:SetSetting", set)}}
}

func TestAChangeIsAuthorisedOnWhatTheBatchHasLeft(t *testing.T) {
	t.Parallel()
	ran := false
	w := apitest.Empty(t, settingOf(func(*store.Tx) error { ran = true; return nil }))
	w.Account(other, "Else")
	u := w.User(other, "bob", apitest.Inline(apitest.Allow("*")))
	k := w.Key(u)
	call := func() *apitest.Answer { return w.Call(k, "gatehouse", apitest.JSON("gatehouse", "SetSetting", "{}")) }
	want(t, call(), http.StatusOK, "")
	ran = false

	// The writer is held inside a function that takes bob's rights; bob's call is authorised by what is committed, and
	// queued behind it. It must be refused on the draft, whether or not the two share a transaction.
	held, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := w.Store.Update(t.Context(), func(tx *store.Tx) error {
			close(held)
			<-release
			changed := *u
			changed.Policies = domain.Policies{}
			return store.IAMUsers.Save(tx, &changed)
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	var got *apitest.Answer
	group.Go(func() { got = call() })
	close(release)
	group.Wait()
	want(t, got, http.StatusBadRequest, "AccessDeniedException")
	if ran {
		t.Error("the change ran")
	}
}

func TestAChangeAndItsRecordStandOrFallTogether(t *testing.T) {
	t.Parallel()
	fail := false
	w := apitest.Empty(t, settingOf(func(tx *store.Tx) error {
		if err := store.Settings.Save(tx, &store.Setting{Name: "a", Value: "b"}); err != nil {
			return err
		}
		if fail {
			return errors.New("disk on fire at /var/secret")
		}
		return nil
	}))
	k := w.Root(w.Account(other, "Else"))
	set := func() *apitest.Answer { return w.Call(k, "gatehouse", apitest.JSON("gatehouse", "SetSetting", "{}")) }
	fail = true
	a := set()
	want(t, a, http.StatusInternalServerError, "InternalServerException")
	if a.Message() != "The request failed because of an error inside Gatehouse. Please try again." {
		t.Errorf("got %q", a.Message())
	}
	err := w.Store.View(t.Context(), func(tx *store.Tx) error { _, err := store.Settings.Get(tx, "a"); return err })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half a change is left: %v", err)
	}
	fail = false
	want(t, set(), http.StatusOK, "")
	var alone, failed int
	for _, r := range w.Records() {
		switch {
		case r.Alone && r.Kind == audit.Change && r.ErrorCode == "":
			alone++
		case !r.Alone && r.ErrorCode == "InternalFailure":
			failed++
		default:
			t.Errorf("a record that nobody expects: %+v", r)
		}
	}
	if alone != 1 || failed != 1 {
		t.Errorf("%d changes and %d failures are on record, want one each", alone, failed)
	}
}

func TestEveryKindOfCallIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, token := w.SignIn(w.person)
	vended := w.credentials(t, token)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	w.Call(k, "iam", apitest.Query("iam", "ListUsers"))
	created := w.Call(k, "iam", apitest.Query("iam", "CreateAccessKey", "UserName", "admin"))
	want(t, created, http.StatusOK, "")
	w.Secret(created.Element("SecretAccessKey"))
	want(t, w.Call(vended, "iam", createUser("x")), http.StatusForbidden, "AccessDenied")
	role := w.Role(member, "ops", apitest.Trust(string(member)), domain.Policies{})
	_, _ = w.assume(t, k, role.ARN())
	w.Portal(token, http.MethodPost, "/logout")
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
	type seen struct {
		operation string
		kind      audit.Kind
		alone     bool
	}
	wanted := map[seen]int{{"GetRoleCredentials", audit.Vend, false}: 1, {"ListUsers", audit.Read, false}: 1, {"CreateAccessKey", audit.Change, true}: 1,
		{"CreateUser", audit.Denial, false}: 1, {"AssumeRole", audit.Vend, false}: 1, {"Logout", audit.Change, true}: 1}
	for _, r := range w.Records() {
		wanted[seen{r.Operation, r.Kind, r.Alone}]--
		switch r.Operation {
		case "CreateUser":
			if d := r.Decisions; len(d) != 1 || d[0].Allowed || d[0].Layer != policy.LayerIdentity || d[0].Context.Single("aws:userid") == "" {
				t.Errorf("the denial does not say what it was made of: %+v", d)
			}
			if r.Principal.SessionName != "pcollins" || r.Principal.UserID != w.person.ID || r.SourceIP != "192.0.2.7" {
				t.Errorf("the denial does not say who: %+v from %s", r.Principal, r.SourceIP)
			}
		case "GetRoleCredentials":
			if r.Principal.UserName != "pcollins" {
				t.Errorf("nobody knows whose credentials these are: %+v", r.Principal)
			}
		}
	}
	for s, n := range wanted {
		if n != 0 {
			t.Errorf("%+v is on record %d times too few", s, n)
		}
	}
}

func TestOperatorsAndPagesReachTheirOwnOperationsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Corridor.Invoke(t.Context(), api.Caller{Session: "x"}, "iam", "ListUsers", nil)
	if !fault.Is(err, "AccessDeniedException") {
		t.Errorf("a page lists IAM users: %v", err)
	}
	_, cookie, _ := w.SignIn(w.person)
	for _, bad := range []string{"", "x", cookie[1:], cookie + "A"} {
		if _, err := w.Corridor.Invoke(t.Context(), api.Caller{Session: bad}, "sso", "ListAccounts", nil); !fault.Is(err, "UnauthorizedException") {
			t.Errorf("the cookie %q: %v", bad, err)
		}
	}
}
