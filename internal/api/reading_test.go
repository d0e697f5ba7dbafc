package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

// TestTagsThatDifferInLetterCaseAreAllLookedAt has somebody who may tag for one team only slip in the tag of another.
func TestTagsThatDifferInLetterCaseAreAllLookedAt(t *testing.T) {
	t.Parallel()
	var target api.Target
	on := func(context.Context, *api.Call, *nothing) ([]api.Target, error) { return []api.Target{target}, nil }
	done := func(context.Context, *api.Call, *nothing) (*nothing, error) { return nil, nil }
	w := apitest.Empty(t, map[string]api.Table{"gatehouse": {api.Op("Tag", "gatehouse:Tag", done, api.On(on))}})
	w.Account(other, "Else")
	k := w.Key(w.User(other, "bob", apitest.Inline(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/Team":"dev"}}},
		{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/owner":"admin"}}}]}`)))
	tag := func(pairs ...string) map[string][]string {
		m := map[string][]string{"x:y": {"z"}}
		for i := 0; i < len(pairs); i += 2 {
			m["aws:RequestTag/"+pairs[i]] = []string{pairs[i+1]}
		}
		return m
	}
	for _, c := range []struct {
		name    string
		target  api.Target
		allowed bool
	}{
		{"one", api.Target{Context: tag("team", "dev")}, true},
		{"two alike", api.Target{Context: tag("team", "dev", "TEAM", "dev")}, true},
		{"the wrong one first", api.Target{Context: tag("TEAM", "admin", "team", "dev")}, false},
		{"the wrong one last", api.Target{Context: tag("TEAM", "dev", "Team", "dev", "team", "admin")}, false},
		{"on the resource", api.Target{Context: tag("team", "dev"), Tags: map[string]string{"Owner": "admin", "owner": "dev"}}, false},
		{"on the resource, none of them", api.Target{Context: tag("team", "dev"), Tags: map[string]string{"Owner": "ops", "owner": "dev"}}, true},
	} {
		target = c.target
		target.ARN, target.Account = "*", other
		for range 8 { // maps have no order
			a := w.Call(k, "gatehouse", apitest.JSON("gatehouse", "Tag", "{}"))
			if (a.Status == http.StatusOK) != c.allowed {
				t.Errorf("%s: got %d %s", c.name, a.Status, a.Body)
			}
		}
	}
}
