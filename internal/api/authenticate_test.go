package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssooidc"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// The accounts of every world of this package.
const (
	management ident.AccountID = "111111111111"
	member     ident.AccountID = "222222222222"
	other      ident.AccountID = "333333333333" // in no organization
)

func tables() map[string]api.Table {
	return map[string]api.Table{"iam": iam.Table(), "sts": sts.Table(), "sso": sso.Table(), "sso-oidc": ssooidc.Table()}
}

// world is an organization of two accounts, a third account, and a person who is a read-only user of the member.
type world struct {
	*apitest.World
	accounts map[ident.AccountID]*account.Account
	org      *organization.Organization
	instance *permission.Instance
	person   *directory.User
	set      *permission.Set
}

const viewOnly = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, tables())
}

// newWorldOf is newWorld with these operations.
func newWorldOf(t *testing.T, operations map[string]api.Table) *world {
	t.Helper()
	w := &world{World: apitest.Empty(t, operations), accounts: map[ident.AccountID]*account.Account{}}
	for id, name := range map[ident.AccountID]string{management: "Main", member: "Dev", other: "Else"} {
		w.accounts[id] = w.Account(id, name)
	}
	w.org = w.Organization(w.accounts[management], w.accounts[member])
	w.instance = w.Instance(w.org)
	w.person = w.Person(w.instance, "pcollins", "correct horse battery staple")
	w.set = w.Set(w.instance, "ViewOnlyAccess", permission.Grants{Managed: []string{viewOnly}})
	w.Assign(w.set, member, w.person)
	return w
}

// credentials fetches the person's keys from the portal.
func (w *world) credentials(t *testing.T, token string) apitest.Keys {
	t.Helper()
	a := w.Portal(token, http.MethodGet, "/federation/credentials?account_id="+string(member)+"&role_name=ViewOnlyAccess")
	k := apitest.Keys{ID: a.Text("roleCredentials.accessKeyId"), Secret: a.Text("roleCredentials.secretAccessKey"), Token: a.Text("roleCredentials.sessionToken")}
	if a.Status != http.StatusOK || k.Token == "" {
		t.Fatalf("GetRoleCredentials: %d %s", a.Status, a.Body)
	}
	w.Secret(k.Secret, k.Token)
	return k
}

func (w *world) whoami(t *testing.T, k apitest.Keys) *apitest.Answer {
	t.Helper()
	return w.Call(k, "sts", apitest.Query("sts", "GetCallerIdentity"))
}

// want checks status and code of an answer.
func want(t *testing.T, a *apitest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Errorf("got %d %q, want %d %q\n%s", a.Status, a.Code(), status, code, a.Body)
	}
}

func TestSignaturesThatDoNotGetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.User(member, "bob", domain.Policies{})
	k := w.Key(u)
	role := w.Role(member, "ops", apitest.Trust(string(member)), domain.Policies{})
	s, s2 := w.Session(role), w.Session(role)
	foreign := w.Session(w.Role(other, "ops", apitest.Trust(string(other)), domain.Policies{}))
	id := func() *http.Request { return apitest.Query("sts", "GetCallerIdentity") }
	flip := func(text string, at int) string { return text[:at] + string(text[at]^1) + text[at+1:] }
	for name, test := range map[string]struct {
		keys    apitest.Keys
		service string
		skew    time.Duration
		code    string
	}{
		"a wrong secret":                      {apitest.Keys{ID: k.ID, Secret: k.Secret + "x"}, "sts", 0, "SignatureDoesNotMatch"},
		"a scope of another service":          {k, "iam", 0, "SignatureDoesNotMatch"},
		"a signature of six minutes ago":      {k, "sts", -6 * time.Minute, "SignatureDoesNotMatch"},
		"a signature of the future":           {k, "sts", 6 * time.Minute, "SignatureDoesNotMatch"},
		"a key id that nobody has":            {apitest.Keys{ID: "AKIAIOSFODNN7EXAMPLE", Secret: k.Secret}, "sts", 0, "InvalidClientTokenId"},
		"a session's key without its token":   {apitest.Keys{ID: s.ID, Secret: s.Secret}, "sts", 0, "InvalidClientTokenId"},
		"another session's token":             {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: s2.Token}, "sts", 0, "InvalidClientTokenId"},
		"another account's token":             {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: foreign.Token}, "sts", 0, "InvalidClientTokenId"},
		"another session's key id":            {apitest.Keys{ID: s2.ID, Secret: s.Secret, Token: s.Token}, "sts", 0, "InvalidClientTokenId"},
		"another session's secret":            {apitest.Keys{ID: s.ID, Secret: s2.Secret, Token: s.Token}, "sts", 0, "SignatureDoesNotMatch"},
		"a long-term key with a token":        {apitest.Keys{ID: k.ID, Secret: k.Secret, Token: s.Token}, "sts", 0, "InvalidClientTokenId"},
		"a token cut short":                   {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: s.Token[:len(s.Token)-4]}, "sts", 0, "InvalidClientTokenId"},
		"a token with a flipped bit":          {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: flip(s.Token, len(s.Token)/2)}, "sts", 0, "InvalidClientTokenId"},
		"a token with its first bit flipped":  {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: flip(s.Token, 0)}, "sts", 0, "InvalidClientTokenId"},
		"a token that is not one":             {apitest.Keys{ID: s.ID, Secret: s.Secret, Token: "token"}, "sts", 0, "InvalidClientTokenId"},
		"a key id in the letters of a secret": {apitest.Keys{ID: strings.ToLower(k.ID), Secret: k.Secret}, "sts", 0, "InvalidClientTokenId"},
	} {
		want(t, w.Send(w.Sign(id(), test.keys, test.service, test.skew)), http.StatusForbidden, test.code)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	want(t, w.Send(id()), http.StatusForbidden, "MissingAuthenticationToken")
	changed := w.Sign(id(), k, "sts", 0)
	changed.Body, changed.ContentLength = http.NoBody, 0
	changed.Method, changed.URL.RawQuery = http.MethodGet, "Action=GetCallerIdentity&Version=2011-06-15"
	want(t, w.Send(changed), http.StatusForbidden, "SignatureDoesNotMatch")
	for _, good := range []apitest.Keys{k, s} {
		want(t, w.whoami(t, good), http.StatusOK, "")
	}
	w.Time.Pass(time.Hour)
	want(t, w.whoami(t, s), http.StatusForbidden, "ExpiredToken")
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

func TestCredentialsDieAtTheNextCall(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world, *session.Portal){
		"the person is disabled": func(w *world, _ *session.Portal) {
			apitest.Change(w.World, store.Users, w.person.ID, func(u *directory.User) { u.Disabled = true })
		},
		"the person's generation is raised": func(w *world, _ *session.Portal) {
			apitest.Change(w.World, store.Users, w.person.ID, func(u *directory.User) { u.Generation++ })
		},
		"the person is deleted": func(w *world, _ *session.Portal) {
			w.Update(func(tx *store.Tx) error { return store.Users.Delete(tx, w.person) })
		},
		"the assignment is deleted": func(w *world, _ *session.Portal) { w.Unassign(w.set, member, w.person) },
		"the assignment is deleted while others keep the role": func(w *world, _ *session.Portal) {
			w.Assign(w.set, member, w.Person(w.instance, "else", "another password"))
			w.Unassign(w.set, member, w.person)
		},
		"the assignment is deleted and made again": func(w *world, _ *session.Portal) {
			w.Unassign(w.set, member, w.person)
			w.Time.Pass(time.Millisecond)
			w.Assign(w.set, member, w.person)
		},
		"the account is closed": func(w *world, _ *session.Portal) {
			apitest.Change(w.World, store.Accounts, string(member), func(a *account.Account) { a.Status = account.Suspended })
		},
		"the portal session is ended": func(w *world, s *session.Portal) {
			apitest.Change(w.World, store.Portals, s.ID, func(s *session.Portal) { s.EndedAt = w.Time.Now() })
		},
		"the person signs out": func(w *world, s *session.Portal) {
			token, err := w.SealAccessToken(api.AccessToken{SessionID: s.ID, UserID: s.UserID, StoreID: s.StoreID, ExpiresAt: s.ExpiresAt})
			if err != nil {
				panic(err)
			}
			w.Portal(token, http.MethodPost, "/logout")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s, _, token := w.SignIn(w.person)
			k := w.credentials(t, token)
			before := w.whoami(t, k)
			want(t, before, http.StatusOK, "")
			if arn := before.Element("Arn"); !strings.HasSuffix(arn, "/pcollins") || !strings.Contains(arn, ":assumed-role/AWSReservedSSO_ViewOnlyAccess_") {
				t.Errorf("the session is %s", arn)
			}
			end(w, s)
			want(t, w.whoami(t, k), http.StatusForbidden, "InvalidClientTokenId")
			w.Reload()
			want(t, w.whoami(t, k), http.StatusForbidden, "InvalidClientTokenId")
		})
	}
}

func TestLongTermKeysDieAtTheNextCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, end := range map[string]func(*domain.User, apitest.Keys){
		"the key is inactive": func(_ *domain.User, k apitest.Keys) {
			apitest.Change(w.World, store.AccessKeys, k.ID, func(row *domain.AccessKey) { row.Status = "Inactive" })
		},
		"the key is deleted": func(_ *domain.User, k apitest.Keys) {
			w.Update(func(tx *store.Tx) error { return store.AccessKeys.Delete(tx, &domain.AccessKey{ID: k.ID}) })
		},
		"the user is deleted": func(u *domain.User, _ apitest.Keys) {
			w.Update(func(tx *store.Tx) error { return store.IAMUsers.Delete(tx, u) })
		},
	} {
		u := w.User(member, strings.ReplaceAll(name, " ", "-"), domain.Policies{})
		k := w.Key(u)
		want(t, w.whoami(t, k), http.StatusOK, "") // and its signing key is in the cache
		end(u, k)
		want(t, w.whoami(t, k), http.StatusForbidden, "InvalidClientTokenId")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	root := w.Root(w.accounts[other])
	want(t, w.whoami(t, root), http.StatusOK, "")
	apitest.Change(w.World, store.Accounts, string(other), func(a *account.Account) { a.RootGeneration++ })
	want(t, w.whoami(t, root), http.StatusForbidden, "InvalidClientTokenId")
}

func TestSessionPoliciesBoundASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.Role(member, "ops", apitest.Trust(string(member)), apitest.Inline(apitest.Allow("*")))
	list := func(k apitest.Keys) *apitest.Answer { return w.Call(k, "iam", apitest.Query("iam", "ListUsers")) }
	want(t, list(w.Session(role)), http.StatusOK, "")
	bounded := w.Session(role, func(c *seal.Claims) { c.SessionPolicies = [][]byte{[]byte(apitest.Allow("iam:ListRoles"))} })
	want(t, list(bounded), http.StatusForbidden, "AccessDenied")
	want(t, w.Call(bounded, "iam", apitest.Query("iam", "ListRoles")), http.StatusOK, "")
	unknown := w.Session(role, func(c *seal.Claims) { c.SessionPolicyARNs = []string{"arn:aws:iam::aws:policy/Gone"} })
	want(t, list(unknown), http.StatusForbidden, "AccessDenied")
	broken := w.Session(role, func(c *seal.Claims) { c.SessionPolicies = [][]byte{[]byte("{")} })
	want(t, list(broken), http.StatusForbidden, "InvalidClientTokenId")
}

func TestSessionsOfIAMUsersAreNotForIAM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.User(member, "bob", apitest.Inline(apitest.Allow("*")))
	list := func(k apitest.Keys) *apitest.Answer { return w.Call(k, "iam", apitest.Query("iam", "ListUsers")) }
	claims := seal.Claims{Account: member, RoleID: u.ID, RoleName: "bob", RolePath: "/", SessionName: "fed"}
	allow := func(c *seal.Claims) { c.SessionPolicies = [][]byte{[]byte(apitest.Allow("*"))} }
	proven := func(c *seal.Claims) { c.MFAAt = w.Time.Now() }
	want(t, list(w.Key(u)), http.StatusOK, "")
	claims.Kind = seal.User
	want(t, list(w.Issue(claims)), http.StatusForbidden, "InvalidClientTokenId")
	want(t, list(w.Issue(claims, proven)), http.StatusOK, "")
	claims.Kind = seal.Federated
	want(t, list(w.Issue(claims, allow)), http.StatusForbidden, "InvalidClientTokenId")
	want(t, list(w.Issue(claims, allow, proven)), http.StatusForbidden, "InvalidClientTokenId")
	claims.RoleID = "AIDAAAAAAAAAAAAAAAAAA"
	want(t, w.Call(w.Issue(claims), "sts", apitest.Query("sts", "GetCallerIdentity")), http.StatusForbidden, "InvalidClientTokenId")
	claims.RoleID, claims.Account = u.ID, management // a session cannot move to another account
	want(t, w.Call(w.Issue(claims), "sts", apitest.Query("sts", "GetCallerIdentity")), http.StatusForbidden, "InvalidClientTokenId")
}

func TestWhatIsNotBuiltSaysSoToThoseWhoSignedOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "bob", domain.Policies{}))
	want(t, w.Send(apitest.Query("sts", "AssumeRoot")), http.StatusForbidden, "MissingAuthenticationToken")
	a := w.Call(k, "sts", apitest.Query("sts", "AssumeRoot"))
	want(t, a, http.StatusNotImplemented, "NotImplemented")
	if !strings.Contains(a.Message(), "AssumeRoot") {
		t.Errorf("the message does not name the operation: %s", a.Message())
	}
	want(t, w.Send(apitest.JSON("organizations", "EnableAWSServiceAccess", "{}")), http.StatusBadRequest, "MissingAuthenticationTokenException")
	a = w.Call(k, "organizations", apitest.JSON("organizations", "EnableAWSServiceAccess", "{}"))
	want(t, a, http.StatusNotImplemented, "NotImplementedException")
	want(t, w.OIDC("/token?aws_iam=t", map[string]any{}), http.StatusForbidden, "MissingAuthenticationTokenException")
}
