package api_test

import (
	"context"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TestANameIsWhoseItIsWhenTheChangeIsMade: between the decision and the change, the name that was decided on becomes the
// name of somebody whom the caller may not touch.
func TestANameIsWhoseItIsWhenTheChangeIsMade(t *testing.T) {
	t.Parallel()
	type input struct{}
	var w *apitest.World
	var mine, theirs *domain.User
	found := 0
	op := api.Op("Edit", "iam:TagUser", func(ctx context.Context, c *api.Call, _ *input) (*input, error) {
		return nil, c.Update(ctx, func(*store.Tx) error { return nil })
	}, api.On(func(_ context.Context, c *api.Call, _ *input) ([]api.Target, error) {
		target := []api.Target{{ARN: c.Snapshot.IAMUser(member, "shared").ARN(), Account: member}}
		if found++; found == 1 {
			apitest.Change(w, store.IAMUsers, mine.ID, func(u *domain.User) { u.Name = "other" })
			apitest.Change(w, store.IAMUsers, theirs.ID, func(u *domain.User) { u.Name = "shared" })
		}
		return target, nil
	}))
	w = apitest.Empty(t, map[string]api.Table{"iam": {op}})
	w.Account(member, "Dev")
	mine, theirs = w.User(member, "shared", domain.Policies{}), w.User(member, "admin", domain.Policies{})
	apitest.Change(w, store.IAMUsers, mine.ID, func(u *domain.User) { u.Path = "/dev/" })
	clerk := w.User(member, "clerk", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/dev/*"}]}`))
	p := &authz.Principal{Kind: authz.IAMUser, Account: member, ARN: clerk.ARN(), IAMUserID: clerk.ID}
	if _, err := apitest.As[input](w, p, "iam", "Edit", &input{}); !fault.Is(err, "AccessDenied") {
		t.Errorf("got %v", err)
	}
	if found != 2 {
		t.Errorf("the resource was looked up %d times, want 2", found)
	}
}
