package sts_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	home  ident.AccountID = "111111111111"
	other ident.AccountID = "222222222222"
)

// world is two accounts that stand alone, and an administrator of the first.
type world struct {
	*apitest.World
	t     *testing.T
	admin apitest.Keys
}

func newWorld(t *testing.T) *world {
	t.Parallel()
	w := &world{World: apitest.Empty(t, map[string]api.Table{"sts": sts.Table()}), t: t}
	w.Account(home, "Home")
	w.Account(other, "Other")
	w.admin = w.Key(w.User(home, "admin", apitest.Inline(apitest.Allow("*"))))
	return w
}

// role makes a role that trusts a principal with these actions, under a condition that may be empty.
func (w *world) role(id ident.AccountID, name, principal, actions, condition string, p iam.Policies) *iam.Role {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return w.Role(id, name, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+principal+`"},"Action":`+actions+condition+`}]}`, p)
}

const every = `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`

// assume asks for a session of a role and returns its keys, when it gets them.
func (w *world) assume(k apitest.Keys, r *iam.Role, pairs ...string) (apitest.Keys, *apitest.Answer) {
	w.t.Helper()
	return w.ask(k, "AssumeRole", append([]string{"RoleArn", r.ARN(), "RoleSessionName", "session"}, pairs...)...)
}

func (w *world) ask(k apitest.Keys, operation string, pairs ...string) (apitest.Keys, *apitest.Answer) {
	w.t.Helper()
	a := w.Call(k, "sts", apitest.Query("sts", operation, pairs...))
	got := apitest.Keys{ID: a.Element("AccessKeyId"), Secret: a.Element("SecretAccessKey"), Token: a.Element("SessionToken")}
	w.Secret(got.Secret, got.Token)
	return got, a
}

// must is assume that has to succeed.
func (w *world) must(k apitest.Keys, r *iam.Role, pairs ...string) apitest.Keys {
	w.t.Helper()
	got, a := w.assume(k, r, pairs...)
	if a.Status != http.StatusOK {
		w.t.Fatalf("AssumeRole: %d %s", a.Status, a.Body)
	}
	return got
}

// refused checks an answer's code and, unless empty, its message.
func (w *world) refused(a *apitest.Answer, code, message string) {
	w.t.Helper()
	if a.Code() != code || message != "" && a.Message() != message {
		w.t.Errorf("got %d %s: %s, want %s: %s", a.Status, a.Code(), a.Message(), code, message)
	}
}

func tags(pairs ...string) []string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		n := string(rune('1' + i/2))
		out = append(out, "Tags.member."+n+".Key", pairs[i], "Tags.member."+n+".Value", pairs[i+1])
	}
	return out
}

func TestSessionTagsArePermissionsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	plain := w.role(home, "plain", string(home), `"sts:AssumeRole"`, "", iam.Policies{})
	tagged := w.role(home, "tagged", string(home), every, "", iam.Policies{})
	may := w.Key(w.User(home, "may", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)))
	w.must(w.admin, tagged, tags("team", "a")...)
	_, a := w.assume(w.admin, plain, tags("team", "a")...)
	w.refused(a, "AccessDenied", "User: arn:aws:iam::111111111111:user/admin is not authorized to perform: sts:TagSession on resource: "+
		"arn:aws:iam::111111111111:role/plain because no role trust policy allows the sts:TagSession action")
	_, a = w.assume(may, tagged, tags("team", "a")...)
	w.refused(a, "AccessDenied", "")
	_, a = w.assume(may, tagged, "SourceIdentity", "may")
	w.refused(a, "AccessDenied", "")
	_, a = w.assume(w.admin, plain, "SourceIdentity", "admin")
	w.refused(a, "AccessDenied", "User: arn:aws:iam::111111111111:user/admin is not authorized to perform: sts:SetSourceIdentity on resource: "+
		"arn:aws:iam::111111111111:role/plain because no role trust policy allows the sts:SetSourceIdentity action")
	w.must(may, tagged)
}

func TestTagsOfARequestAreConditions(t *testing.T) {
	w := newWorld(t)
	strict := w.role(home, "strict", string(home), every, `{"StringEquals":{"aws:RequestTag/team":"a"},
		"ForAllValues:StringEquals":{"aws:TagKeys":["team"],"sts:TransitiveTagKeys":["team"]},"Null":{"sts:TransitiveTagKeys":"false"}}`, iam.Policies{})
	w.must(w.admin, strict, append(tags("team", "a"), "TransitiveTagKeys.member.1", "team")...)
	for name, pairs := range map[string][]string{
		"another value":    append(tags("team", "b"), "TransitiveTagKeys.member.1", "team"),
		"another key":      append(tags("team", "a", "more", "x"), "TransitiveTagKeys.member.1", "team"),
		"not transitive":   tags("team", "a"),
		"nothing is there": nil,
	} {
		if _, a := w.assume(w.admin, strict, pairs...); a.Code() != "AccessDenied" {
			t.Errorf("%s: got %s", name, a.Code())
		}
	}
}

func TestTagsAreChecked(t *testing.T) {
	w := newWorld(t)
	r := w.role(home, "r", string(home), every, "", iam.Policies{})
	for _, c := range []struct {
		pairs         []string
		code, message string
	}{
		{tags("Team", "a", "team", "b"), "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{append(tags("a", "b"), "TransitiveTagKeys.member.1", "c"), "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."},
		{tags("aws:x", "b"), "InvalidParameterValue", ""},
		{[]string{"SourceIdentity", "AWS:root"}, "ValidationError", ""},
		{[]string{"SourceIdentity", "a"}, "ValidationError", ""},
		{[]string{"PolicyArns.member.1.arn", "arn:aws:iam::222222222222:policy/theirs"}, "InvalidParameterValue", ""},
		{[]string{"MinimumSessionTokenSize", "4096"}, "NotImplemented", ""},
	} {
		_, a := w.assume(w.admin, r, c.pairs...)
		if a.Code() != c.code || c.message != "" && a.Message() != c.message {
			t.Errorf("%v: got %s: %s", c.pairs, a.Code(), a.Message())
		}
	}
}

func TestTransitiveTagsStayAsTheyAre(t *testing.T) {
	w := newWorld(t)
	first := w.role(home, "first", string(home), every, "", apitest.Inline(apitest.Allow("sts:*")))
	onlyA := w.role(home, "onlyA", string(home), every, `{"StringEquals":{"aws:PrincipalTag/Team":"a"}}`, apitest.Inline(apitest.Allow("sts:*")))
	last := w.role(home, "last", string(home), every, `{"StringEquals":{"aws:PrincipalTag/team":"a"},"Null":{"aws:PrincipalTag/passing":"true"}}`, iam.Policies{})
	untagged := w.role(home, "untagged", string(home), `"sts:AssumeRole"`, "", iam.Policies{})
	pairs := append(tags("team", "a", "passing", "x"), "TransitiveTagKeys.member.1", "TEAM")
	k := w.must(w.admin, first, pairs...)
	conflict := "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
	for _, key := range []string{"team", "Team"} {
		_, a := w.assume(k, onlyA, tags(key, "b")...)
		w.refused(a, "InvalidParameterValue", conflict)
		_, a = w.assume(k, onlyA, append(tags(key, "a"), "TransitiveTagKeys.member.1", key)...)
		w.refused(a, "InvalidParameterValue", conflict)
	}
	_, a := w.assume(k, untagged)
	w.refused(a, "AccessDenied", "") // what is handed on takes sts:TagSession as well
	second := w.must(k, onlyA)
	w.must(second, last) // the tag that is not transitive is gone, the other is still there
	plain := w.must(w.admin, first, tags("team", "a")...)
	second = w.must(plain, first)
	_, a = w.assume(second, last)
	w.refused(a, "AccessDenied", "")
}

func TestASessionTagReplacesTheRoles(t *testing.T) {
	w := newWorld(t)
	r := w.role(home, "r", string(home), every, "", apitest.Inline(apitest.Allow("sts:*")))
	apitest.Change(w.World, store.Roles, r.ID, func(r *iam.Role) { r.Tags = map[string]string{"Team": "b"} })
	wantsB := w.role(home, "b", string(home), every, `{"StringEquals":{"aws:PrincipalTag/team":"b"}}`, iam.Policies{})
	w.must(w.must(w.admin, r), wantsB)
	_, a := w.assume(w.must(w.admin, r, tags("team", "a")...), wantsB)
	w.refused(a, "AccessDenied", "")
}

func TestASourceIdentityIsForGood(t *testing.T) {
	w := newWorld(t)
	r := w.role(home, "r", string(home), every, "", apitest.Inline(apitest.Allow("sts:*")))
	bearing := w.role(home, "bearing", string(home), every, `{"StringEquals":{"aws:SourceIdentity":"alice","sts:SourceIdentity":"alice"}}`, apitest.Inline(apitest.Allow("sts:*")))
	deaf := w.role(home, "deaf", string(home), `["sts:AssumeRole","sts:TagSession"]`, "", iam.Policies{})
	k, a := w.assume(w.admin, r, "SourceIdentity", "alice")
	if a.Element("SourceIdentity") != "alice" {
		t.Errorf("got %s", a.Body)
	}
	second, a := w.assume(k, bearing)
	if a.Element("SourceIdentity") != "alice" {
		t.Errorf("got %s", a.Body)
	}
	w.must(second, bearing, "SourceIdentity", "alice")
	_, a = w.assume(second, r, "SourceIdentity", "bob")
	w.refused(a, "AccessDenied", "")
	_, a = w.assume(second, deaf) // it cannot be dropped on the way either
	w.refused(a, "AccessDenied", "")
}

func TestChainsLastAnHour(t *testing.T) {
	w := newWorld(t)
	r := w.role(home, "r", string(home), every, "", apitest.Inline(apitest.Allow("sts:*")))
	apitest.Change(w.World, store.Roles, r.ID, func(r *iam.Role) { r.MaxSession = 12 * time.Hour })
	k := w.must(w.admin, r, "DurationSeconds", "43200")
	_, a := w.assume(k, r, "DurationSeconds", "3601")
	w.refused(a, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	second := w.must(k, r, "DurationSeconds", "3600")
	w.Time.Pass(time.Hour)
	_, a = w.ask(second, "GetCallerIdentity")
	w.refused(a, "ExpiredToken", "")
	_, a = w.ask(k, "GetCallerIdentity")
	w.refused(a, "", "")
}

func TestAConfusedDeputyIsHeldOff(t *testing.T) {
	w := newWorld(t)
	deputy := w.Key(w.User(other, "deputy", apitest.Inline(apitest.Allow("sts:AssumeRole"))))
	r := w.role(home, "r", string(other), `"sts:AssumeRole"`, `{"StringEquals":{"sts:ExternalId":"customer-42"}}`, iam.Policies{})
	w.must(deputy, r, "ExternalId", "customer-42")
	for _, pairs := range [][]string{nil, {"ExternalId", "customer-43"}, {"ExternalId", "CUSTOMER-42"}} {
		_, a := w.assume(deputy, r, pairs...)
		w.refused(a, "AccessDenied", "")
	}
	_, a := w.assume(w.admin, r, "ExternalId", "customer-42") // an administrator here, and still not named
	w.refused(a, "AccessDenied", "")
	idle := w.Key(w.User(other, "idle", iam.Policies{}))
	_, a = w.assume(idle, r, "ExternalId", "customer-42") // the account is named, so that account must agree
	w.refused(a, "AccessDenied", "")
	apitest.Change(w.World, store.Accounts, string(home), func(a *account.Account) { a.Status = account.Suspended })
	_, a = w.assume(deputy, r, "ExternalId", "customer-42")
	w.refused(a, "AccessDenied", "")
}

func TestSessionPoliciesOnlyTakeAway(t *testing.T) {
	w := newWorld(t)
	target := w.role(home, "target", string(home), every, "", iam.Policies{})
	weak := w.role(home, "weak", string(home), every, "", apitest.Inline(apitest.Allow("iam:*")))
	strong := w.role(home, "strong", string(home), every, "", apitest.Inline(apitest.Allow("*")))
	_, a := w.assume(w.must(w.admin, weak, "Policy", apitest.Allow("*")), target)
	w.refused(a, "AccessDenied", "User: arn:aws:sts::111111111111:assumed-role/weak/session is not authorized to perform: sts:AssumeRole on resource: "+
		"arn:aws:iam::111111111111:role/target because no identity-based policy allows the sts:AssumeRole action")
	k, a := w.assume(w.admin, strong, "Policy", apitest.Allow("iam:*"), "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
	if a.Element("PackedPolicySize") == "" {
		t.Errorf("no packed size: %s", a.Body)
	}
	_, a = w.assume(k, target)
	w.refused(a, "AccessDenied", "User: arn:aws:sts::111111111111:assumed-role/strong/session is not authorized to perform: sts:AssumeRole on resource: "+
		"arn:aws:iam::111111111111:role/target because no session policy allows the sts:AssumeRole action")
	own := &iam.ManagedPolicy{ID: "ANPA1", Account: home, Name: "own", Path: "/"}
	own.AddVersion(apitest.Allow("sts:*"), true, w.Time.Now())
	apitest.Save(w.World, store.ManagedPolicies, own)
	k = w.must(w.admin, strong, "PolicyArns.member.1.arn", own.ARN(), "PolicyArns.member.2.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
	w.must(k, target)
	w.Update(func(tx *store.Tx) error { return store.ManagedPolicies.Delete(tx, own) })
	_, a = w.assume(k, target)
	w.refused(a, "AccessDenied", "")
}

func TestPackedPoliciesAreBounded(t *testing.T) {
	w := newWorld(t)
	r := w.role(home, "r", string(home), every, "", iam.Policies{})
	var pairs []string
	for i := range 50 {
		n := "Tags.member." + strconv.Itoa(i+1)
		pairs = append(pairs, n+".Key", "k"+strconv.Itoa(i), n+".Value", w.IDs.Text(200, "abcdefghijklmnopqrstuvwxyz"))
	}
	_, a := w.assume(w.admin, r, pairs...)
	w.refused(a, "PackedPolicyTooLarge", "")
	if !strings.HasPrefix(a.Message(), "Packed policy consumes ") {
		t.Errorf("got %q", a.Message())
	}
}

func TestAUsersOwnSessions(t *testing.T) {
	w := newWorld(t)
	u := w.User(home, "alice", apitest.Inline(apitest.Allow("*")))
	r := w.role(home, "r", string(home), every, "", apitest.Inline(apitest.Allow("*")))
	apitest.Change(w.World, store.Roles, r.ID, func(r *iam.Role) { r.MaxSession = 12 * time.Hour })
	k, a := w.ask(w.Key(u), "GetSessionToken", "DurationSeconds", "129600")
	if a.Status != http.StatusOK {
		t.Fatal(a.Body)
	}
	_, a = w.ask(k, "GetCallerIdentity")
	if a.Element("Arn") != u.ARN() || a.Element("UserId") != u.ID {
		t.Errorf("got %s", a.Body)
	}
	w.must(k, r, "DurationSeconds", "43200") // a user's session is no chain of roles
	session := w.must(w.admin, r)
	for _, c := range []struct {
		name      string
		keys      apitest.Keys
		operation string
	}{
		{"a user's session", k, "GetSessionToken"}, {"a user's session", k, "GetFederationToken"}, {"a user's session", k, "GetAccessKeyInfo"},
		{"a role's session", session, "GetSessionToken"}, {"a role's session", session, "GetFederationToken"},
		{"root", w.Issue(seal.Claims{Kind: seal.RootUser, Account: home}), "GetSessionToken"},
	} {
		_, a := w.ask(c.keys, c.operation, "Name", "fed", "AccessKeyId", k.ID)
		w.refused(a, "AccessDenied", "Cannot call "+c.operation+" with session credentials")
	}
	apitest.Change(w.World, store.IAMUsers, u.ID, func(u *iam.User) { u.Name = "renamed" })
	imposter := w.User(home, "alice", iam.Policies{})
	_, a = w.ask(k, "GetCallerIdentity")
	if a.Element("Arn") == imposter.ARN() || a.Element("Arn") != "arn:aws:iam::111111111111:user/renamed" {
		t.Errorf("after the change of name: %s", a.Element("Arn"))
	}
	w.Update(func(tx *store.Tx) error {
		gone, err := store.IAMUsers.Get(tx, u.ID)
		if err != nil {
			return err
		}
		return store.IAMUsers.Delete(tx, gone)
	})
	_, a = w.ask(k, "GetCallerIdentity")
	w.refused(a, "InvalidClientTokenId", "")
}

func TestFederatedUsers(t *testing.T) {
	w := newWorld(t)
	broker := w.User(home, "broker", apitest.Inline(apitest.Allow("sts:*")))
	keys := w.Key(broker)
	k, a := w.ask(keys, "GetFederationToken", append(tags("team", "a"), "Name", "fed", "Policy", apitest.Allow("*"))...)
	if a.Element("Arn") != "arn:aws:sts::111111111111:federated-user/fed" || a.Element("FederatedUserId") != "111111111111:fed" || a.Element("PackedPolicySize") == "" {
		t.Fatalf("got %s", a.Body)
	}
	_, a = w.ask(k, "GetCallerIdentity")
	if a.Element("Arn") != "arn:aws:sts::111111111111:federated-user/fed" || a.Element("UserId") != "111111111111:fed" {
		t.Errorf("got %s", a.Body)
	}
	r := w.role(home, "r", broker.ID, every, "", iam.Policies{})
	_, a = w.assume(k, r)
	w.refused(a, "AccessDenied", "Cannot call AssumeRole with session credentials")
	idle := w.Key(w.User(home, "idle", iam.Policies{}))
	_, a = w.ask(keys, "GetFederationToken", "Name", "fed", "MinimumSessionTokenSize", "1")
	w.refused(a, "NotImplemented", "")
	_, a = w.ask(idle, "GetFederationToken", "Name", "fed")
	w.refused(a, "AccessDenied", "User: arn:aws:iam::111111111111:user/idle is not authorized to perform: sts:GetFederationToken on resource: "+
		"arn:aws:sts::111111111111:federated-user/fed because no identity-based policy allows the sts:GetFederationToken action")
	untagging := w.Key(w.User(home, "untagging", apitest.Inline(apitest.Allow("sts:GetFederationToken"))))
	_, a = w.ask(untagging, "GetFederationToken", append(tags("team", "a"), "Name", "fed")...)
	w.refused(a, "AccessDenied", "")
	apitest.Change(w.World, store.IAMUsers, broker.ID, func(u *iam.User) { u.Generation++ })
	_, a = w.ask(k, "GetCallerIdentity")
	w.refused(a, "InvalidClientTokenId", "")
}
