package admin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// explained is an organization of two members, and an account beside it, whose calls are on record at once.
type explained struct {
	*apitest.World
	main, member, sister, alone apitest.Keys // of administrators
	t                           *testing.T
}

func newExplained(t *testing.T) *explained {
	t.Helper()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), "iam": iam.Table(), "sts": sts.Table()})
	apitest.Save(w, store.Settings, &store.Setting{Name: store.AuditStrict, Value: "true"})
	w.Organization(w.Account("111111111111", "Main"), w.Account("222222222222", "Dev"), w.Account("333333333333", "Prod"))
	w.Account("444444444444", "Alone")
	x := &explained{World: w, t: t}
	for id, k := range map[string]*apitest.Keys{"111111111111": &x.main, "222222222222": &x.member, "333333333333": &x.sister, "444444444444": &x.alone} {
		*k = w.Root(w.State.Current().AccountNamed(id))
	}
	return x
}

// id returns the id of a request that was answered.
func id(a *apitest.Answer) string { return a.Header.Get("X-Amzn-Requestid") }

// ask asks for the explanation of a request.
func (x *explained) ask(k apitest.Keys, request string) (*apitest.Answer, admin.ExplainRequestOutput) {
	x.t.Helper()
	a := x.Call(k, admin.Name, apitest.JSON(admin.Name, "ExplainRequest", `{"RequestId":"`+request+`"}`))
	var out admin.ExplainRequestOutput
	if a.Status == http.StatusOK {
		var loose struct {
			Calls []struct{ Decisions []admin.ExplainedDecision }
		}
		if err := json.Unmarshal([]byte(a.Body), &loose); err != nil {
			x.t.Fatal(err)
		}
		for _, c := range loose.Calls {
			out.Calls = append(out.Calls, admin.ExplainedCall{Decisions: c.Decisions})
		}
	}
	return a, out
}

func TestADenialIsExplainedAfterThePoliciesChanged(t *testing.T) {
	t.Parallel()
	x := newExplained(t)
	u := x.User("222222222222", "bob", apitest.Inline(apitest.Allow("iam:List*")))
	k := x.Key(u)
	listed := x.Call(k, "iam", apitest.Query("iam", "ListUsers"))
	denied := x.Call(k, "iam", apitest.Query("iam", "CreateUser", "UserName", "eve"))
	if listed.Status != http.StatusOK || denied.Status != http.StatusForbidden {
		t.Fatalf("got %d and %d", listed.Status, denied.Status)
	}
	apitest.Change(x.World, store.IAMUsers, u.ID, func(u *domain.User) {
		u.Policies = apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Sid":"New","Effect":"Allow","Action":"iam:CreateUser","Resource":"*"}]}`)
	})
	_, out := x.ask(x.member, id(denied))
	if len(out.Calls) != 1 || len(out.Calls[0].Decisions) != 1 {
		t.Fatalf("got %+v", out)
	}
	d := out.Calls[0].Decisions[0]
	if d.Allowed || d.Then.Allowed || d.Then.Layer != "identity" || len(d.Then.Changes) != 1 || d.Today == nil || !d.Today.Allowed || d.Today.By.Sid != "New" {
		t.Errorf("then %+v, today %+v", d.Then, d.Today)
	}
	_, out = x.ask(x.member, id(listed))
	d = out.Calls[0].Decisions[0]
	if !d.Allowed || !d.Then.Allowed || d.Then.By == nil || d.Then.By.Statement != 1 || d.Today.Allowed || d.Today.Layer != "identity" {
		t.Errorf("then %+v, today %+v", d.Then, d.Today)
	}
	apitest.Change(x.World, store.IAMUsers, u.ID, func(u *domain.User) {
		u.Policies = domain.Policies{Managed: []string{"arn:aws:iam::222222222222:policy/gone"}}
	})
	_, out = x.ask(x.member, id(denied))
	if d = out.Calls[0].Decisions[0]; d.Then.Layer != "identity" || d.Today.Allowed {
		t.Errorf("of whose policy is gone: then %+v, today %+v", d.Then, d.Today)
	}
}

// TestARequestIsExplainedToItsOwnOnly: an account asks for its own requests, and the management account for those of its
// organization. To everybody else a request that they may not see is as one that never was.
func TestARequestIsExplainedToItsOwnOnly(t *testing.T) {
	t.Parallel()
	x := newExplained(t)
	k := x.Key(x.User("222222222222", "bob", domain.Policies{}))
	denied := id(x.Call(k, "iam", apitest.Query("iam", "ListUsers")))
	ofMain := id(x.Call(x.main, "iam", apitest.Query("iam", "ListUsers")))
	outside := id(x.Call(x.alone, "iam", apitest.Query("iam", "ListUsers")))
	before := id(x.Call(x.sister, "iam", apitest.Query("iam", "ListUsers")))
	x.Time.Pass(time.Second)
	apitest.Change(x.World, store.Accounts, "333333333333", func(a *account.Account) { a.JoinedAt = x.Time.Now() })
	never := x.IDs.RequestID(x.Time.Now())
	operator := func(request string) string {
		_, err := api.Invoke[admin.ExplainRequestOutput](t.Context(), x.Corridor, api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}},
			admin.Name, "ExplainRequest", &admin.ExplainRequestInput{RequestId: request})
		if f := fault.As(err); f != nil {
			return f.Code
		}
		return ""
	}
	signed := func(k apitest.Keys) func(string) string {
		return func(request string) string {
			a, _ := x.ask(k, request)
			if want := "There is no request " + request + " that you may see."; a.Code() == "ResourceNotFoundException" && a.Message() != want {
				t.Errorf("got %q, want %q", a.Message(), want)
			}
			return a.Code()
		}
	}
	const no = "ResourceNotFoundException"
	for _, c := range []struct {
		name    string
		ask     func(string) string
		request string
		want    string
	}{
		{"the member's own", signed(x.member), denied, ""},
		{"the management account, of a member", signed(x.main), denied, ""},
		{"an operator", operator, denied, ""},
		{"an operator, of an account alone", operator, outside, ""},
		{"who was denied and has no permission", signed(k), denied, "AccessDeniedException"},
		{"a sister account", signed(x.sister), denied, no},
		{"an account outside", signed(x.alone), denied, no},
		{"a member, of the management account", signed(x.member), ofMain, no},
		{"the management account, of an account outside", signed(x.main), outside, no},
		{"the management account, of a member before it joined", signed(x.main), before, no},
		{"the member itself, of before it joined", signed(x.sister), before, ""},
		{"one that never was", signed(x.main), never, no},
		{"one that never was, to an operator", operator, never, no},
		{"no request id", signed(x.main), "x", "ValidationException"},
		{"a UUID that tells no time", signed(x.main), x.IDs.UUID(), "ValidationException"},
		{"a request of another time", signed(x.main), x.IDs.RequestID(x.Time.Now().Add(-24 * time.Hour)), no},
	} {
		if got := c.ask(c.request); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestAnExplanationTellsNobodyAnothersTrust: whoever asks for a role of another account reads that they were denied, not whom
// the role trusts.
func TestAnExplanationTellsNobodyAnothersTrust(t *testing.T) {
	t.Parallel()
	x := newExplained(t)
	trust := `{"Version":"2012-10-17","Statement":[{"Sid":"Whom","Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",` +
		`"Condition":{"StringNotEquals":{"sts:ExternalId":"s3cret"}}}]}`
	role := x.Role("222222222222", "vault", trust, domain.Policies{})
	apitest.Change(x.World, store.Roles, role.ID, func(r *domain.Role) { r.Tags = map[string]string{"plan": "s3cret"} })
	asks := apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/plan":"?"}}}]}`)
	for name, c := range map[string]struct {
		caller, viewer apitest.Keys
		tells          bool
	}{
		"outside":                {x.Key(x.User("444444444444", "a", asks)), x.alone, false},
		"a sister":               {x.Key(x.User("333333333333", "b", asks)), x.sister, false},
		"a sister, to the chief": {x.Key(x.User("333333333333", "c", asks)), x.main, true},
		"the owner":              {x.Key(x.User("222222222222", "d", asks)), x.member, true},
	} {
		denied := x.Call(c.caller, "sts", apitest.Query("sts", "AssumeRole", "RoleArn", role.ARN(), "RoleSessionName", "work"))
		if denied.Status != http.StatusForbidden {
			t.Fatalf("%s: %d", name, denied.Status)
		}
		a, out := x.ask(c.viewer, id(denied))
		if a.Status != http.StatusOK || len(out.Calls) != 1 {
			t.Fatalf("%s: %d %s", name, a.Status, a.Body)
		}
		if tells := strings.Contains(string(a.Body), "s3cret") || strings.Contains(string(a.Body), "Whom\""); tells != c.tells {
			t.Errorf("%s: the trust policy shows: %v\n%s", name, tells, a.Body)
		}
		if d := out.Calls[0].Decisions[0]; d.Then.Layer != "trust" || d.Today.Layer != "trust" {
			t.Errorf("%s: the layer does not show: %+v", name, d.Then)
		}
	}
}

// TestAMemberReadsWhatAGuardrailIsCalled and no more of it, in an explanation and in the message of its denial; the
// management account and delegated administrators, who may call DescribePolicy, read all of it.
func TestAMemberReadsWhatAGuardrailIsCalled(t *testing.T) {
	t.Parallel()
	x := newExplained(t)
	o := x.State.Current().OrganizationOf("111111111111")
	guard := x.Guard(o, "guard", `{"Version":"2012-10-17","Statement":[{"Sid":"Unseen","Effect":"Deny","Action":"iam:*","Resource":"*",
		"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/s3cret"}}}]}`, "222222222222", "333333333333")
	apitest.Save(x.World, store.Delegates, &organization.Delegate{OrganizationID: o.ID, Account: "333333333333", Service: "config.amazonaws.com"})
	all := apitest.Inline(apitest.Allow("*"))
	for name, c := range map[string]struct {
		account string
		viewer  apitest.Keys
		reads   bool
	}{
		"a member": {"222222222222", x.member, false}, "the chief, of a member": {"222222222222", x.main, true}, "a delegate": {"333333333333", x.sister, true},
	} {
		k := x.Key(x.User(ident.AccountID(c.account), x.IDs.Hex(4), all))
		a, out := x.ask(c.viewer, id(x.Call(k, "iam", apitest.Query("iam", "ListUsers"))))
		if a.Status != http.StatusOK || len(out.Calls) != 1 {
			t.Fatalf("%s: %d %s", name, a.Status, a.Body)
		}
		if reads := strings.Contains(a.Body, "Unseen"); reads != c.reads || !c.reads && strings.Contains(a.Body, "s3cret") {
			t.Errorf("%s reads the guardrail: %v\n%s", name, reads, a.Body)
		}
		if !strings.Contains(a.Body, guard) || out.Calls[0].Decisions[0].Then.Layer != "scp" {
			t.Errorf("%s does not learn of it: %s", name, a.Body)
		}
	}
	asked := func(k apitest.Keys) string {
		return x.Call(k, admin.Name, apitest.JSON(admin.Name, "Can", `{"Who":"user/bob","Action":"iam:GetUser","Resource":"*"}`)).Body
	}
	x.User("222222222222", "bob", all)
	x.User("333333333333", "bob", all)
	if text := asked(x.member); strings.Contains(text, "Unseen") || strings.Contains(text, "aws:PrincipalArn") || !strings.Contains(text, guard) {
		t.Errorf("a member is told %s", text)
	}
	if text := asked(x.sister); !strings.Contains(text, "Unseen") {
		t.Errorf("a delegate is told %s", text)
	}
}

// TestARecordThatWasChangedExplainsNothing: what does not verify is not told.
func TestARecordThatWasChangedExplainsNothing(t *testing.T) {
	t.Parallel()
	x := newExplained(t)
	e := audit.Event{ID: x.IDs.RequestID(x.Time.Now()), Time: x.Time.Now(), Kind: audit.Denial, Account: "222222222222", Service: "iam", Operation: "ListUsers"}
	e.RequestID = e.ID
	body, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	x.Update(func(tx *store.Tx) error { _, err := tx.AppendAudit("denial", body, []byte("not its MAC")); return err })
	if a, _ := x.ask(x.member, e.ID); a.Status != http.StatusInternalServerError {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
}
