package api_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

// trust returns the trust policy of a role, as GetRole shows it.
func (w *world) trust(t *testing.T, k apitest.Keys, role string) string {
	t.Helper()
	a := w.Call(k, "iam", apitest.Query("iam", "GetRole", "RoleName", role))
	want(t, a, http.StatusOK, "")
	document, err := url.QueryUnescape(html.UnescapeString(a.Element("AssumeRolePolicyDocument")))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestATrustPolicyMeansWhoItMeantWhenItWasSaved: nobody is trusted for bearing the name of somebody who was.
func TestATrustPolicyMeansWhoItMeantWhenItWasSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(w.accounts[member])
	call := func(operation string, pairs ...string) *apitest.Answer {
		t.Helper()
		a := w.Call(root, "iam", apitest.Query("iam", operation, pairs...))
		want(t, a, http.StatusOK, "")
		return a
	}
	const aliceARN, jobARN = "arn:aws:iam::222222222222:user/alice", "arn:aws:iam::222222222222:role/job"
	alice := w.User(member, "alice", apitest.Inline(apitest.Allow("*")))
	aliceKey := w.Key(alice)
	job := call("CreateRole", "RoleName", "job", "AssumeRolePolicyDocument", apitest.Trust(string(member))).Element("RoleId")
	document := `{ "Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + aliceARN + `","` + jobARN + `"]},"Action":"sts:AssumeRole"}] }`
	made := call("CreateRole", "RoleName", "vault", "AssumeRolePolicyDocument", document)
	if got, _ := url.QueryUnescape(html.UnescapeString(made.Element("AssumeRolePolicyDocument"))); got != document {
		t.Errorf("CreateRole answers %s", got)
	}
	if got := w.trust(t, root, "vault"); got != document {
		t.Errorf("GetRole answers %s", got)
	}
	vault := "arn:aws:iam::222222222222:role/vault"
	a, _ := w.assume(t, aliceKey, vault)
	want(t, a, http.StatusOK, "")

	call("UpdateUser", "UserName", "alice", "NewUserName", "alina", "NewPath", "/moved/")
	imposter := w.Key(w.User(member, "alice", apitest.Inline(apitest.Allow("*"))))
	a, _ = w.assume(t, imposter, vault)
	want(t, a, http.StatusForbidden, "AccessDenied")
	a, _ = w.assume(t, aliceKey, vault)
	want(t, a, http.StatusOK, "")
	if got := w.trust(t, root, "vault"); !strings.Contains(got, "arn:aws:iam::222222222222:user/moved/alina") {
		t.Errorf("after the change of name: %s", got)
	}

	call("DeleteRole", "RoleName", "job")
	if got := w.trust(t, root, "vault"); !strings.Contains(got, job) || strings.Contains(got, jobARN) {
		t.Errorf("after the role was deleted: %s", got)
	}
	call("CreateRole", "RoleName", "job", "AssumeRolePolicyDocument", apitest.Trust(string(member)))
	_, again := w.assume(t, w.Key(w.User(member, "clerk", apitest.Inline(apitest.Allow("*")))), jobARN)
	a, _ = w.assume(t, again, vault)
	want(t, a, http.StatusForbidden, "AccessDenied")
	a = w.Call(root, "iam", apitest.Query("iam", "UpdateAssumeRolePolicy", "RoleName", "vault", "PolicyDocument", w.trust(t, root, "vault")))
	want(t, a, http.StatusBadRequest, "MalformedPolicyDocument") // the id of who is gone cannot be saved again
	if want := `Invalid principal in policy: &#34;AWS&#34;:&#34;` + job + `&#34;`; a.Message() != want {
		t.Errorf("got %s, want %s", a.Message(), want)
	}
}
