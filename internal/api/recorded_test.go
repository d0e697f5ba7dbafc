package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// TestWhatIsOnRecordCanBeAskedAgain: under the same policies, each recorded decision comes out the same, down to its
// statement, for every kind of caller.
func TestWhatIsOnRecordCanBeAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bounded := apitest.Inline(apitest.Allow("*"))
	bounded.Boundary = viewOnly
	role := w.Role(member, "ops", apitest.Trust(string(management)), apitest.Inline(apitest.Allow("*")))
	tagged := apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Action":"*","Resource":"*",` +
		`"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"DateGreaterThan":{"aws:CurrentTime":"2001-01-01T00:00:00Z"}}}]}`)
	carol := w.User(management, "carol", tagged)
	w.Guard(w.org, "nousers", apitest.Deny("iam:DeleteUser"), "ou-root-workload")
	sessions := func(texts [][]byte, arns ...string) apitest.Keys {
		return w.Session(role, func(c *seal.Claims) { c.SessionPolicies, c.SessionPolicyARNs = texts, arns })
	}
	_, crossed := w.assume(t, w.Key(carol), role.ARN(), "Tags.member.1.Key", "a", "Tags.member.1.Value", "1")
	callers := []apitest.Keys{w.Key(w.User(member, "bounded", bounded)), w.Key(w.User(member, "powerless", domain.Policies{})), w.Key(carol),
		w.Root(w.accounts[member]), w.Root(w.accounts[management]), w.Session(role), crossed,
		sessions([][]byte{[]byte(apitest.Deny("iam:*"))}), sessions([][]byte{[]byte(apitest.Allow("iam:*"))}, viewOnly), sessions(nil, viewOnly),
		sessions(nil, "arn:aws:iam::222222222222:policy/gone")}
	for _, k := range callers {
		w.Call(k, "iam", apitest.Query("iam", "ListUsers"))
		w.Call(k, "iam", apitest.Query("iam", "DeleteUser", "UserName", "nobody"))
		w.Call(k, "iam", apitest.Query("iam", "TagUser", "UserName", "carol", "Tags.member.1.Key", "b", "Tags.member.1.Value", "2"))
		w.Call(k, "organizations", apitest.JSON("organizations", "ListAccounts", "{}"))
		_, _ = w.assume(t, k, role.ARN(), "Tags.member.1.Key", "a", "Tags.member.1.Value", "1")
	}
	snap := w.State.Current()
	allowed, refused, several := 0, 0, 0
	for _, e := range w.Records() {
		p := w.Corridor.Recorded(snap, &e.Event)
		for i := range e.Decisions {
			recorded := &e.Decisions[i]
			d, r := snap.Decide(authz.Asked(p, &e.Event, recorded))
			if diff := cmp.Diff(recorded.Decision, d); diff != "" {
				t.Errorf("%s on %s for %s (-recorded +again):\n%s", recorded.Action, recorded.Resource, r.Principal.ARN, diff)
			}
			if d.Allowed {
				allowed++
			} else if refused++; i != len(e.Decisions)-1 || e.ErrorCode == "" {
				t.Errorf("%s went on after a denial", e.Operation)
			}
		}
		if len(e.Decisions) > 1 {
			several++
		}
	}
	if allowed < 15 || refused < 20 || several < 2 {
		t.Errorf("%d allowed, %d refused, %d of several decisions: the test tests little", allowed, refused, several)
	}
}
