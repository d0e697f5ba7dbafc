package admin_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// asked is an organization of which questions are asked: ann may read in Main and Dev, bob has everything in Dev, and a
// guardrail over Dev wants MFA of whoever changes anything of IAM.
type asked struct {
	*apitest.World
	main, dev, alien *account.Account
	organization     *organization.Organization
	ann, bob         *directory.User
}

func newAsked(t *testing.T) *asked {
	t.Helper()
	w := &asked{World: apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table()})}
	w.main, w.dev, w.alien = w.Account("111111111111", "Main"), w.Account("222222222222", "Dev"), w.Account("999999999999", "Alien")
	w.organization = w.Organization(w.main, w.dev)
	w.Guard(w.organization, "mfa", `{"Version":"2012-10-17","Statement":[{"Sid":"Secret","Effect":"Deny","Action":"iam:*","Resource":"*",
		"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Hidden"}}}]}`, string(w.dev.ID))
	i := w.Instance(w.organization)
	w.ann, w.bob = w.Person(i, "ann", "correct horse battery staple"), w.Person(i, "bob", "correct horse battery staple")
	w.Person(i, "idle", "correct horse battery staple")
	read := w.Set(i, "Read", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	all := w.Set(i, "All", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	w.Assign(read, w.main.ID, w.ann)
	w.Assign(read, w.dev.ID, w.ann)
	w.Assign(all, w.dev.ID, w.bob)
	apitest.Save(w.World, store.Groups, &directory.Group{ID: "5cb1f3e2-0000-4000-8000-000000000001", StoreID: i.IdentityStoreID, DisplayName: "Operations"})
	apitest.Save(w.World, store.Memberships, &directory.Membership{ID: "5cb1f3e2-0000-4000-8000-000000000002", StoreID: i.IdentityStoreID,
		GroupID: "5cb1f3e2-0000-4000-8000-000000000001", UserID: w.bob.ID})
	apitest.Save(w.World, store.Assignments, &permission.Assignment{InstanceARN: i.ARN, SetARN: read.ARN, Account: w.dev.ID,
		PrincipalType: permission.GroupPrincipal, PrincipalID: "5cb1f3e2-0000-4000-8000-000000000001"})
	return w
}

func ask[Out any](t *testing.T, w *asked, k apitest.Keys, operation, body string) (*Out, string) {
	t.Helper()
	a := w.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body))
	out := new(Out)
	if a.Status != http.StatusOK {
		return out, a.Code()
	}
	if err := json.Unmarshal([]byte(a.Body), out); err != nil {
		t.Fatal(err)
	}
	return out, ""
}

func TestAPersonIsAskedAboutWithEachRole(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	for _, c := range []struct{ who, action, more, want string }{
		{"ann", "s3:GetObject", "", "Main Read yes; Dev Read yes"},
		{"ANN", "s3:PutObject", "", "Main Read no; Dev Read no"},
		{"ann", "iam:GetUser", "", "Main Read yes; Dev Read yes-if"},
		{"ann", "iam:GetUser", `,"Account":"Dev"`, "Dev Read yes-if"},
		{"ann", "iam:GetUser", `,"Account":"Dev","Context":[{"Key":"aws:MultiFactorAuthPresent","Values":["true"]}]`, "Dev Read yes"},
		{"ann", "iam:GetUser", `,"Account":"Dev","Context":[{"Key":"aws:MultiFactorAuthPresent","Values":["false"]}]`, "Dev Read no"},
		{"bob", "iam:GetUser", `,"PermissionSet":"All"`, "Dev All yes-if"},
		{"root", "iam:GetUser", "", "Main  yes"},
		{"root", "iam:GetUser", `,"Account":"222222222222"`, "Dev  yes-if"},
		{"arn:aws:iam::222222222222:root", "iam:GetUser", "", "Dev  yes-if"},
		{"root", "sts:AssumeRole", "", "Main  no"},
		{"idle", "s3:GetObject", "", ""},
	} {
		out, code := ask[admin.CanOutput](t, w, w.Root(w.main), "Can", `{"Who":"`+c.who+`","Action":"`+c.action+`","Resource":"*"`+c.more+`}`)
		var list []string
		for _, a := range out.Answers {
			list = append(list, a.AccountName+" "+a.PermissionSet+" "+a.Answer.Answer)
		}
		if got := strings.Join(list, "; "); got != c.want || code != "" {
			t.Errorf("can %s %s%s: got %q %s, want %q", c.who, c.action, c.more, got, code, c.want)
		}
	}
}

func TestTheConditionIsNamed(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	out, _ := ask[admin.CanOutput](t, w, w.Root(w.main), "Can", `{"Who":"ann","Action":"iam:GetUser","Resource":"*","Account":"Dev"}`)
	want := admin.AnswerClause{PolicyArn: "arn:aws:organizations::111111111111:policy/o-example123/service_control_policy/p-mfa", PolicyName: "mfa", Sid: "Secret",
		Effect: "Deny", Statement: 1, Line: 1, Text: `aws:MultiFactorAuthPresent is "true" (statement 1 "Secret" (line 1) of arn:aws:organizations::111111111111:policy/o-example123/service_control_policy/p-mfa)`,
		Terms: []admin.AnswerTerm{{Element: "Condition", Operator: "BoolIfExists", Key: "aws:MultiFactorAuthPresent", Values: []string{"false"}, Text: `aws:MultiFactorAuthPresent is "true"`}}}
	if diff := cmp.Diff(want, out.Answers[0].Answer.Ways[0].Requirements[0].AnyOf[0]); diff != "" {
		t.Error(diff)
	}
}

// who is a page of WhoCan in a few words.
func who(out *admin.WhoCanOutput) (list []string) {
	for _, h := range out.Holders {
		for _, a := range h.Access {
			name := h.User
			if h.GroupId != "" {
				name = h.Group + " (" + strings.Join(h.Members, " ") + ")"
			}
			list = append(list, name+" "+strings.Join(a.PermissionSets, " ")+" in "+strings.Join(a.Accounts, " ")+": "+out.Answers[a.Answer].Answer)
		}
	}
	for _, a := range out.Actors {
		list = append(list, a.Kind+" "+a.Arn+": "+out.Answers[a.Answer].Answer)
	}
	return list
}

func TestWhoCanNamesPeopleAndTheirGroups(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	w.User(w.dev.ID, "old", apitest.Inline(apitest.Allow("iam:GetUser")))
	w.Role(w.dev.ID, "ci", apitest.Trust("222222222222"), apitest.Inline(apitest.Allow("s3:*")))
	out, _ := ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", `{"Action":"iam:GetUser","Resource":"*"}`)
	want := []string{"Operations (bob) Read in 222222222222: yes-if", "ann Read in 111111111111: yes", "ann Read in 222222222222: yes-if", "bob All in 222222222222: yes-if",
		"Root arn:aws:iam::111111111111:root: yes", "Root arn:aws:iam::222222222222:root: yes-if", "User arn:aws:iam::222222222222:user/old: yes-if"}
	if diff := cmp.Diff(want, who(out)); diff != "" {
		t.Error(diff)
	}
	out, _ = ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", `{"Action":"s3:PutObject","Resource":"*","Account":"Dev"}`)
	want = []string{"bob All in 222222222222: yes", "Root arn:aws:iam::222222222222:root: yes", "Role arn:aws:iam::222222222222:role/ci: yes"}
	if diff := cmp.Diff(want, who(out)); diff != "" {
		t.Error(diff)
	}
	apitest.Change(w.World, store.Users, w.bob.ID, func(u *directory.User) { u.Disabled = true })
	out, _ = ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", `{"Action":"s3:PutObject","Resource":"*","Account":"Dev"}`)
	if diff := cmp.Diff(want[1:], who(out)); diff != "" {
		t.Error("who is shut out can something:", diff)
	}
}

func TestWhoCanComesInPages(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	all, _ := ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", `{"Action":"s3:GetObject","Resource":"*"}`)
	for size := 1; size <= 3; size++ {
		var got []string
		for token := ""; ; {
			body, _ := json.Marshal(map[string]any{"Action": "s3:GetObject", "Resource": "*", "MaxResults": size, "NextToken": token})
			page, code := ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", string(body))
			if code != "" || len(page.Holders)+len(page.Actors) > size {
				t.Fatalf("got %s, %+v", code, page)
			}
			got = append(got, who(page)...)
			if page.NextToken == nil {
				break
			}
			token = *page.NextToken
			if _, code := ask[admin.WhoCanOutput](t, w, w.Root(w.main), "WhoCan", `{"Action":"s3:PutObject","Resource":"*","NextToken":"`+token+`"}`); code != "ValidationException" {
				t.Errorf("the token of another question is taken: %q", code)
			}
			if _, code := ask[admin.WhoCanOutput](t, w, w.Root(w.dev), "WhoCan", `{"Action":"s3:GetObject","Resource":"*","NextToken":"`+token+`"}`); code != "ValidationException" {
				t.Errorf("the token of another account is taken: %q", code)
			}
		}
		if diff := cmp.Diff(who(all), got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestAccountsAskAboutThemselvesOnly attacks from a member, from an account outside, and as somebody without permission.
func TestAccountsAskAboutThemselvesOnly(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	member, alien := w.Root(w.dev), w.Root(w.alien)
	stranger := w.Key(w.User(w.main.ID, "stranger", apitest.Inline(apitest.Allow("iam:*"))))
	for _, c := range []struct {
		name, operation, body string
		keys                  apitest.Keys
		want                  string
	}{
		{"a member names the management account", "Can", `{"Who":"root","Action":"a:b","Resource":"*","Account":"Main"}`, member, "ResourceNotFoundException"},
		{"a member names an account that is not there", "Can", `{"Who":"root","Action":"a:b","Resource":"*","Account":"123456789012"}`, member, "ResourceNotFoundException"},
		{"a member asks about the management account's root", "Can", `{"Who":"arn:aws:iam::111111111111:root","Action":"a:b","Resource":"*"}`, member, "ResourceNotFoundException"},
		{"a member speaks for the management account", "WhoCan", `{"AccountId":"111111111111","Action":"a:b","Resource":"*"}`, member, "AccessDeniedException"},
		{"a member asks about a person who has nothing there", "Can", `{"Who":"idle","Action":"a:b","Resource":"*"}`, member, "ResourceNotFoundException"},
		{"a member asks about nobody", "Can", `{"Who":"nobody","Action":"a:b","Resource":"*"}`, member, "ResourceNotFoundException"},
		{"an account outside asks about a person", "Can", `{"Who":"ann","Action":"a:b","Resource":"*"}`, alien, "ResourceNotFoundException"},
		{"an account outside asks about an account", "WhoCan", `{"Action":"a:b","Resource":"*","Account":"Dev"}`, alien, "ResourceNotFoundException"},
		{"who may do nothing of Gatehouse's", "Can", `{"Who":"root","Action":"a:b","Resource":"*"}`, stranger, "AccessDeniedException"},
		{"who may do nothing of Gatehouse's", "WhoCan", `{"Action":"a:b","Resource":"*"}`, stranger, "AccessDeniedException"},
		{"a member asks who trusts it elsewhere", "Can", `{"Who":"root","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111111111111:role/secret"}`, member, "AccessDeniedException"},
		{"a manager asks who trusts it outside", "Can", `{"Who":"root","Action":"sts:AssumeRole","Resource":"arn:aws:iam::999999999999:role/secret"}`, w.Root(w.main), "AccessDeniedException"},
		{"a manager asks of an account that is not there", "WhoCan", `{"Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/secret"}`, w.Root(w.main), "AccessDeniedException"},
		{"a member makes a resource another account's", "WhoCan", `{"Action":"s3:GetObject","Resource":"*","Context":[{"Key":"AWS:resourceaccount","Values":["999999999999"]}]}`, member, "AccessDeniedException"},
		{"no action", "Can", `{"Who":"root","Action":"s3:*","Resource":"*"}`, member, "ValidationException"},
		{"no resource", "Can", `{"Who":"root","Action":"s3:GetObject","Resource":"bucket"}`, member, "ValidationException"},
		{"a key twice", "Can", `{"Who":"root","Action":"a:b","Resource":"*","Context":[{"Key":"a:b","Values":["1"]},{"Key":"A:B","Values":["2"]}]}`, member, "ValidationException"},
	} {
		if _, code := ask[admin.CanOutput](t, w, c.keys, c.operation, c.body); code != c.want {
			t.Errorf("%s: got %q, want %q", c.name, code, c.want)
		}
	}
	out, _ := ask[admin.WhoCanOutput](t, w, member, "WhoCan", `{"Action":"iam:GetUser","Resource":"*"}`)
	if got := who(out); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "111111111111") }) || len(got) != 4 {
		t.Errorf("a member sees %q", got)
	}
	if text, _ := json.Marshal(out); strings.Contains(string(text), "Secret") || strings.Contains(string(text), "Hidden") || strings.Contains(string(text), "BoolIfExists") || !strings.Contains(string(text), "p-mfa") {
		t.Errorf("a member reads the organization's policies: %s", text)
	}
	if out, _ := ask[admin.WhoCanOutput](t, w, alien, "WhoCan", `{"Action":"iam:GetUser","Resource":"*"}`); len(who(out)) != 1 {
		t.Errorf("an account outside sees %q", who(out))
	}
}

// TestADelegateAsksAboutTheOrganization: who runs the assignments may know what they come to.
func TestADelegateAsksAboutTheOrganization(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	apitest.Save(w.World, store.Delegates, &organization.Delegate{OrganizationID: w.organization.ID, Account: w.dev.ID, Service: "sso.amazonaws.com"})
	out, _ := ask[admin.WhoCanOutput](t, w, w.Root(w.dev), "WhoCan", `{"Action":"s3:GetObject","Resource":"*","Account":"Main"}`)
	if diff := cmp.Diff([]string{"ann Read in 111111111111: yes", "Root arn:aws:iam::111111111111:root: yes"}, who(out)); diff != "" {
		t.Error(diff)
	}
}

func TestOperatorsAskAboutAnyAccount(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	operator := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}}
	for base, want := range map[string]int{"": 5, "Dev": 5, "Alien": 1} {
		out, err := api.Invoke[admin.WhoCanOutput](t.Context(), w.Corridor, operator, admin.Name, "WhoCan", &admin.WhoCanInput{AccountId: base, Action: "s3:GetObject", Resource: "*"})
		if err != nil || len(out.Holders)+len(out.Actors) != want {
			t.Errorf("for %q: %v, %v", base, who(out), err)
		}
	}
}

// TestUnknownIsNotAbsent asks about an IAM user whose tags are known, and a role whose session tags are not.
func TestUnknownIsNotAbsent(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	tagged := apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}]}`)
	w.User(w.main.ID, "plain", tagged)
	red := w.User(w.main.ID, "red", tagged)
	apitest.Change(w.World, store.IAMUsers, red.ID, func(u *iam.User) { u.Tags = map[string]string{"Team": "red"} })
	w.Role(w.main.ID, "worker", apitest.Trust("111111111111"), tagged)
	for name, want := range map[string]string{"user/plain": "no", "user/red": "yes", "role/worker": "yes-if"} {
		out, code := ask[admin.CanOutput](t, w, w.Root(w.main), "Can", `{"Who":"`+name+`","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}`)
		if code != "" || out.Answers[0].Answer.Answer != want {
			t.Errorf("%s: got %+v %s, want %s", name, out, code, want)
		}
	}
}
