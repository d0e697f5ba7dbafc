package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createUser(name string) *http.Request {
	return apitest.Query("iam", "CreateUser", "UserName", name)
}

// assume asks for a role and returns the answer and the keys in it.
func (w *world) assume(t *testing.T, k apitest.Keys, arn string, more ...string) (*apitest.Answer, apitest.Keys) {
	t.Helper()
	a := w.Call(k, "sts", apitest.Query("sts", "AssumeRole", append([]string{"RoleArn", arn, "RoleSessionName", "work"}, more...)...))
	got := apitest.Keys{ID: a.Element("AccessKeyId"), Secret: a.Element("SecretAccessKey"), Token: a.Element("SessionToken")}
	w.Secret(got.Secret, got.Token)
	return a, got
}

// TestDenialsInAWSsWords holds the texts of "Troubleshoot access denied error messages" in the IAM User Guide:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func TestDenialsInAWSsWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const target = "arn:aws:iam::222222222222:user/x"
	user := func(name string, p domain.Policies) (apitest.Keys, string) {
		return w.Key(w.User(member, name, p)), "User: arn:aws:iam::222222222222:user/" + name +
			" is not authorized to perform: iam:CreateUser on resource: " + target
	}
	denies := apitest.Inline(apitest.Allow("*"))
	denies.Inline["no"] = apitest.Deny("iam:*")
	bounded := apitest.Inline(apitest.Allow("*"))
	bounded.Boundary = viewOnly
	role := w.Role(member, "ops", apitest.Trust(string(member)), apitest.Inline(apitest.Allow("*")))
	session := "User: arn:aws:sts::222222222222:assumed-role/ops/session is not authorized to perform: iam:CreateUser on resource: " + target
	check := func(k apitest.Keys, text string) {
		t.Helper()
		a := w.Call(k, "iam", createUser("x"))
		if a.Status != http.StatusForbidden || a.Code() != "AccessDenied" || a.Message() != text {
			t.Errorf("got %d %s\n %q\nwant\n %q", a.Status, a.Code(), a.Message(), text)
		}
	}
	k, text := user("nothing", domain.Policies{})
	check(k, text+" because no identity-based policy allows the iam:CreateUser action")
	k, text = user("denied", denies)
	check(k, text+" with an explicit deny in an identity-based policy")
	k, text = user("bounded", bounded)
	check(k, text+" because no permissions boundary allows the iam:CreateUser action")
	check(w.Session(role, func(c *seal.Claims) { c.SessionPolicies = [][]byte{[]byte(apitest.Allow("s3:*"))} }),
		session+" because no session policy allows the iam:CreateUser action")
	check(w.Session(role, func(c *seal.Claims) { c.SessionPolicies = [][]byte{[]byte(apitest.Deny("iam:*"))} }),
		session+" with an explicit deny in a session policy")
	k, text = user("powerless", apitest.Inline(apitest.Allow("*")))
	guard := w.Guard(w.org, "nousers", apitest.Deny("iam:CreateUser"), "ou-root-workload")
	check(k, text+" with an explicit deny in a service control policy: "+guard)
	root := "User: arn:aws:iam::222222222222:root is not authorized to perform: iam:CreateUser on resource: " + target
	check(w.Root(w.accounts[member]), root+" with an explicit deny in a service control policy: "+guard)
	want(t, w.Call(w.Root(w.accounts[management]), "iam", createUser("x")), http.StatusOK, "")
	want(t, w.Call(w.Root(w.accounts[other]), "iam", createUser("x")), http.StatusOK, "")
}

func TestEveryLevelHasToAllow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	want(t, w.Call(k, "iam", createUser("a")), http.StatusOK, "")
	w.Update(func(tx *store.Tx) error {
		a, err := store.Attachments.Get(tx, w.org.ID, "p-FullAWSAccess", "ou-root-workload")
		if err != nil {
			return err
		}
		return store.Attachments.Delete(tx, a)
	})
	a := w.Call(k, "iam", createUser("b"))
	if text := " because no service control policy allows the iam:CreateUser action"; !strings.HasSuffix(a.Message(), text) {
		t.Errorf("got %q", a.Message())
	}
	w.Guard(w.org, "unreadable", "{", "ou-root-workload")
	want(t, w.Call(k, "iam", createUser("b")), http.StatusForbidden, "AccessDenied")
	w.Guard(w.org, "all", apitest.Allow("*"), "ou-root-workload")
	want(t, w.Call(k, "iam", createUser("b")), http.StatusForbidden, "AccessDenied") // the unreadable one may deny
}

func TestAUnitThatIsMissingHidesNoGuardrail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Guard(w.org, "nousers", apitest.Deny("iam:CreateUser"), w.org.RootID)
	w.Update(func(tx *store.Tx) error {
		u, err := store.Units.Get(tx, "ou-root-workload")
		if err != nil {
			return err
		}
		return store.Units.Delete(tx, u)
	})
	want(t, w.Call(w.Root(w.accounts[member]), "iam", createUser("x")), http.StatusForbidden, "AccessDenied")
}

func TestAReadOnlyPersonReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, token := w.SignIn(w.person)
	k := w.credentials(t, token)
	want(t, w.Call(k, "iam", apitest.Query("iam", "ListUsers")), http.StatusOK, "")
	a := w.Call(k, "iam", createUser("x"))
	want(t, a, http.StatusForbidden, "AccessDenied")
	if !strings.HasSuffix(a.Message(), "/pcollins is not authorized to perform: iam:CreateUser on resource: "+
		"arn:aws:iam::222222222222:user/x because no identity-based policy allows the iam:CreateUser action") {
		t.Errorf("got %q", a.Message())
	}
}

func TestAssumeRoleNeedsTheTrustAndAcrossAccountsBothSides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	may := w.Key(w.User(management, "may", apitest.Inline(apitest.Allow("sts:AssumeRole"))))
	mayNot := w.Key(w.User(management, "maynot", domain.Policies{}))
	trusting := w.Role(member, "trusting", apitest.Trust(string(management)), apitest.Inline(apitest.Allow("iam:*"))).ARN()
	inPerson := w.Role(member, "inperson", apitest.Trust("arn:aws:iam::111111111111:user/maynot"), domain.Policies{}).ARN()
	near := w.Role(management, "near", apitest.Trust("arn:aws:iam::111111111111:user/maynot"), domain.Policies{}).ARN()
	nobody := w.Role(member, "nobody", apitest.Trust(string(other)), domain.Policies{}).ARN()
	pathed := ident.IAM(member, "role/team/trusting")
	for name, test := range map[string]struct {
		keys apitest.Keys
		arn  string
		ok   bool
	}{
		"both sides agree":                              {may, trusting, true},
		"the caller's side is silent":                   {mayNot, trusting, false},
		"naming the caller does not spare its own side": {mayNot, inPerson, false},
		"naming the caller is enough in one account":    {mayNot, near, true},
		"the role trusts somebody else":                 {may, nobody, false},
		"the role does not exist":                       {may, ident.IAM(member, "role/missing"), false},
		"the account does not exist":                    {may, ident.IAM("999999999999", "role/trusting"), false},
		"the path is another":                           {may, pathed, false},
		"the letter case is another":                    {may, ident.IAM(member, "role/TRUSTING"), false},
		"a root user":                                   {w.Root(w.accounts[management]), trusting, false},
	} {
		a, k := w.assume(t, test.keys, test.arn)
		if !test.ok {
			want(t, a, http.StatusForbidden, "AccessDenied")
		} else if want(t, a, http.StatusOK, ""); !t.Failed() {
			want(t, w.whoami(t, k), http.StatusOK, "")
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
	missing, _ := w.assume(t, may, ident.IAM(member, "role/missing"))
	silent, _ := w.assume(t, may, nobody)
	if a, b := missing.Message(), strings.ReplaceAll(silent.Message(), "role/nobody", "role/missing"); a != b {
		t.Errorf("names of roles can be tried out:\n%s\n%s", a, b)
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestResourceControlPoliciesBindRolesOfMembers holds what was recorded on AWS: an RCP on a member binds whoever wants one of
// its roles, and nobody who wants one of the management account's. Its ARN is told within the organization.
func TestResourceControlPoliciesBindRolesOfMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	may := apitest.Inline(apitest.Allow("sts:AssumeRole"))
	open := apitest.Trust("*")
	theirs, ours, strangers := w.Role(member, "theirs", open, may), w.Role(management, "ours", open, may), w.Role(other, "strangers", open, may)
	linked := w.Role(member, "linked", open, may)
	arn := w.Control(w.org, "nobody", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:Assume*","NotResource":"`+linked.ARN()+`"}]}`, w.org.RootID)
	for name, from := range map[string]ident.AccountID{"a member": member, "the management account": management, "a stranger": other} {
		u := w.User(from, "caller", may)
		k := w.Key(u)
		text := "User: " + u.ARN() + " is not authorized to perform: sts:AssumeRole on resource: " + theirs.ARN() + " with an explicit deny in a resource control policy"
		if from != other {
			text += ": " + arn
		}
		a, _ := w.assume(t, k, theirs.ARN())
		if a.Code() != "AccessDenied" || a.Message() != text {
			t.Errorf("%s: %s\n%q, want\n%q", name, a.Code(), a.Message(), text)
		}
		for _, free := range []*domain.Role{ours, strangers, linked} {
			a, _ := w.assume(t, k, free.ARN())
			if a.Status != http.StatusOK {
				t.Errorf("%s wants %s: %s", name, free.ARN(), a.Body)
			}
		}
	}
	// A session that came before stays, and a call that is no service's with such policies is not bound.
	want(t, w.Call(w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*")))), "iam", createUser("x")), http.StatusOK, "")
}

func TestAssumedSessionsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "may", apitest.Inline(apitest.Allow("*"))))
	role := w.Role(member, "ops", apitest.Trust(string(member)), apitest.Inline(apitest.Allow("*")))
	a, narrow := w.assume(t, k, role.ARN(), "Policy", apitest.Allow("iam:ListUsers"))
	want(t, a, http.StatusOK, "")
	want(t, w.Call(narrow, "iam", apitest.Query("iam", "ListUsers")), http.StatusOK, "")
	want(t, w.Call(narrow, "iam", createUser("x")), http.StatusForbidden, "AccessDenied")
	for name, test := range map[string]struct {
		code string
		more []string
	}{
		"a policy that cannot be read":     {"MalformedPolicyDocument", []string{"Policy", "{"}},
		"a managed policy that is not one": {"InvalidParameterValue", []string{"PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/NobodyHasThis"}},
		"longer than the role allows":      {"ValidationError", []string{"DurationSeconds", "7200"}},
		"shorter than anybody may":         {"ValidationError", []string{"DurationSeconds", "1"}},
	} {
		a, _ := w.assume(t, k, role.ARN(), test.more...)
		if want(t, a, http.StatusBadRequest, test.code); t.Failed() {
			t.Fatal(name)
		}
	}
	a, _ = w.assume(t, k, role.ARN(), "SerialNumber", "arn:aws:iam::222222222222:mfa/may", "TokenCode", "123456")
	want(t, a, http.StatusForbidden, "AccessDenied") // no such device
	apitest.Change(w.World, store.Roles, role.ID, func(r *domain.Role) { r.Generation++ })
	want(t, w.whoami(t, narrow), http.StatusForbidden, "InvalidClientTokenId")
}

func TestAChainEndsWithThePersonItBeganWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.Set(w.instance, "Admin", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	w.Assign(admin, member, w.person)
	role := w.Role(management, "far", apitest.Trust(string(member)), domain.Policies{})
	_, _, token := w.SignIn(w.person)
	got := w.Portal(token, http.MethodGet, "/federation/credentials?account_id=222222222222&role_name=Admin")
	first := apitest.Keys{ID: got.Text("roleCredentials.accessKeyId"), Secret: got.Text("roleCredentials.secretAccessKey"), Token: got.Text("roleCredentials.sessionToken")}
	a, second := w.assume(t, first, role.ARN())
	want(t, a, http.StatusOK, "")
	want(t, w.whoami(t, second), http.StatusOK, "")
	w.Portal(token, http.MethodPost, "/logout")
	want(t, w.whoami(t, second), http.StatusForbidden, "InvalidClientTokenId")
}

func TestABrokenPrincipalIsLetInByNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := w.User(member, "broken", domain.Policies{Boundary: "arn:aws:iam::222222222222:policy/gone"})
	role := w.Role(member, "near", apitest.Trust(broken.ARN()), domain.Policies{})
	a, _ := w.assume(t, w.Key(broken), role.ARN())
	want(t, a, http.StatusForbidden, "AccessDenied")
}
