package api_test

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// message returns the encoded authorization message of an answer.
func message(a *apitest.Answer) string { return a.Header.Get("X-Amzn-Authorization-Message") }

func decodeMessage(text string) *http.Request {
	return apitest.Query("sts", "DecodeAuthorizationMessage", "EncodedMessage", text)
}

// TestADenialIsExplainedByThePoliciesOfItsTime: the record keeps the explanation, and it is what Explain said then, not what
// it would say when somebody asks.
func TestADenialIsExplainedByThePoliciesOfItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob := w.User(member, "bob", apitest.Inline(apitest.Allow("s3:*")))
	k := w.Key(bob)
	w.Guard(w.org, "nousers", apitest.Deny("iam:*"), "ou-root-workload")
	role := w.Role(management, "vault", apitest.Trust(string(other)), domain.Policies{})
	for _, r := range []*http.Request{createUser("x"), apitest.Query("iam", "ListUsers")} {
		want(t, w.Call(k, "iam", r), http.StatusForbidden, "AccessDenied")
	}
	_, _ = w.assume(t, k, role.ARN())
	then := w.State.Current()
	apitest.Change(w.World, store.IAMUsers, bob.ID, func(u *domain.User) { u.Policies = apitest.Inline(apitest.Deny("*")) })
	if w.State.Current() == then {
		t.Fatal("the policies are as before")
	}
	want(t, w.Call(k, "sts", apitest.Query("sts", "GetCallerIdentity")), http.StatusOK, "")
	explained := 0
	for _, e := range w.Records() {
		if e.Kind != audit.Denial {
			if e.Explanation != nil {
				t.Errorf("%s was not denied, and has an explanation", e.Operation)
			}
			continue
		}
		explained++
		d := &e.Decisions[len(e.Decisions)-1]
		want, err := api.Explain(then, authz.Asked(w.Corridor.Recorded(then, &e.Event), &e.Event, d)).Encode()
		if diff := cmp.Diff(string(want), string(e.Explanation)); err != nil || diff != "" {
			t.Errorf("%s, %v (-explained then +recorded):\n%s", e.Operation, err, diff)
		}
		var x audit.Explanation
		if err := json.Unmarshal(e.Explanation, &x); err != nil || x.Allowed || len(x.Layers) == 0 || len(x.Changes) == 0 {
			t.Errorf("%s: %v %s", e.Operation, err, e.Explanation)
		}
	}
	if explained != 3 {
		t.Errorf("%d denials are explained, want 3", explained)
	}
}

// TestADenialTravelsSealed: the message opens for those whom the caller's account lets open it, and nobody else.
func TestADenialTravelsSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mayDecode := apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Sid":"Hands","Effect":"Deny","NotAction":"sts:*","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalAccount":"222222222222"}}},{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	bob := w.User(member, "bob", mayDecode)
	k := w.Key(bob)
	denied := w.Call(k, "iam", createUser("x"))
	want(t, denied, http.StatusForbidden, "AccessDenied")
	sealed := message(denied)
	if sealed == "" || len(sealed) > 3000 || strings.Contains(sealed, "iam") {
		t.Fatalf("the message is %q", sealed)
	}
	opened := w.Call(k, "sts", decodeMessage(sealed))
	want(t, opened, http.StatusOK, "")
	if got := message(opened); got != "" {
		t.Errorf("an answer that is allowed has the message %q", got)
	}
	type list []struct{ Value string }
	var got struct {
		Allowed, ExplicitDeny bool
		MatchedStatements     struct {
			Items []struct {
				StatementID, Effect                        string
				Principals, Actions, NotActions, Resources struct{ Items list }
				Conditions                                 struct {
					Items []struct {
						Key    string
						Values struct{ Items list }
					}
				}
			}
		}
		Context struct {
			Principal        struct{ ID, ARN string }
			Action, Resource string
			Conditions       struct {
				Items []struct {
					Key    string
					Values struct{ Items list }
				}
			}
		}
	}
	text := html.UnescapeString(opened.Element("DecodedMessage"))
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	s := got.MatchedStatements.Items
	if got.Allowed || !got.ExplicitDeny || len(s) != 1 || s[0].StatementID != "Hands" || s[0].Effect != "DENY" || len(s[0].Actions.Items) != 0 ||
		s[0].NotActions.Items[0].Value != "sts:*" || s[0].Principals.Items[0].Value != bob.ID || s[0].Conditions.Items[0].Key != "aws:PrincipalAccount" {
		t.Errorf("got %s", text)
	}
	x := got.Context
	if x.Principal.ID != bob.ID || x.Principal.ARN != bob.ARN() || x.Action != "iam:CreateUser" || x.Resource != "arn:aws:iam::222222222222:user/x" || len(x.Conditions.Items) < 10 {
		t.Errorf("got %s", text)
	}

	powerless := w.Call(w.Key(w.User(member, "eve", domain.Policies{})), "sts", decodeMessage(sealed))
	want(t, powerless, http.StatusForbidden, "AccessDenied")
	for name, call := range map[string]*apitest.Answer{
		"another account's": w.Call(w.Root(w.accounts[other]), "sts", decodeMessage(sealed)),
		"the management's":  w.Call(w.Root(w.accounts[management]), "sts", decodeMessage(sealed)),
		"forged":            w.Call(k, "sts", decodeMessage(sealed[:len(sealed)-4]+"AAAA")),
		"with a line break": w.Call(k, "sts", decodeMessage(sealed+"\n")),
		"made up":           w.Call(k, "sts", decodeMessage("x")),
		"a session's token": w.Call(k, "sts", decodeMessage(w.Session(w.Role(member, "r", apitest.Trust(string(member)), domain.Policies{})).Token)),
	} {
		if call.Status != http.StatusBadRequest || call.Code() != "InvalidAuthorizationMessageException" || call.Message() != "Message is not valid" {
			t.Errorf("%s: %d %s %s", name, call.Status, call.Code(), call.Message())
		}
	}
}

// TestADenialTellsNobodyAnothersPolicies: whoever asks for another account's role learns neither from the message nor
// otherwise whom its trust policy trusts.
func TestADenialTellsNobodyAnothersPolicies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trust := `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringNotEquals":{"sts:ExternalId":"s3cret"}}}]}`
	role := w.Role(member, "vault", trust, domain.Policies{})
	apitest.Change(w.World, store.Roles, role.ID, func(r *domain.Role) { r.Tags = map[string]string{"plan": "s3cret"} })
	tells := func(account ident.AccountID) bool {
		t.Helper()
		k := w.Key(w.User(account, "asker", apitest.Inline(apitest.Allow("*"))))
		a, _ := w.assume(t, k, role.ARN())
		want(t, a, http.StatusForbidden, "AccessDenied")
		opened := w.Call(k, "sts", decodeMessage(message(a)))
		want(t, opened, http.StatusOK, "")
		return strings.Contains(opened.Element("DecodedMessage"), "s3cret")
	}
	if tells(other) {
		t.Error("an account outside the organization reads the trust policy")
	}
	if !tells(member) {
		t.Error("the account of the role does not read its trust policy")
	}
	if !tells(management) {
		t.Error("the management account does not read the trust policy of a member")
	}
}

func TestALongMessageLeavesOutWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.User(member, "bob", apitest.Inline(apitest.Allow("sts:*")))
	apitest.Change(w.World, store.IAMUsers, u.ID, func(u *domain.User) {
		u.Tags = map[string]string{}
		for i := range 50 {
			u.Tags[w.IDs.Lower(100)] = w.IDs.Lower(200 + i)
		}
	})
	k := w.Key(u)
	a := w.Call(k, "iam", createUser("x"))
	want(t, a, http.StatusForbidden, "AccessDenied")
	if m := message(a); m == "" || len(m) > 3000 {
		t.Fatalf("the message has %d characters", len(m))
	}
	opened := w.Call(k, "sts", decodeMessage(message(a)))
	want(t, opened, http.StatusOK, "")
	if text := html.UnescapeString(opened.Element("DecodedMessage")); !strings.Contains(text, `"conditions":{"items":[]}`) || !strings.Contains(text, "iam:CreateUser") {
		t.Errorf("got %s", text)
	}
}
