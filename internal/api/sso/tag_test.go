package sso_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// sessionWorld has a person whose permission set allows to create permission sets by the tag cost of the session.
func sessionWorld(t *testing.T) (w *apitest.World, person *directory.User, keys func() (*apitest.Answer, apitest.Keys)) {
	t.Parallel()
	w = apitest.Empty(t, map[string]api.Table{"sso-admin": ssoadmin.Table(), "sso": sso.Table()})
	o := w.Organization(w.Account("111111111111", "Main"))
	i := w.Instance(o)
	apitest.Change(w, store.Instances, i.ARN, func(i *permission.Instance) {
		i.AccessControl = &permission.AccessControl{Attributes: []permission.Attribute{
			{Key: "cost", Source: "${path:title}"}, {Key: "mail", Source: "${path:emails[primary eq true].value}"}}}
	})
	person = w.Person(i, "pcollins", "correct horse battery staple")
	set := w.Set(i, "ByTag", permission.Grants{Inline: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/cost":"research"}}}]}`})
	w.Assign(set, "111111111111", person)
	_, _, token := w.SignIn(person)
	return w, person, func() (*apitest.Answer, apitest.Keys) {
		a := w.Portal(token, http.MethodGet, "/federation/credentials?account_id=111111111111&role_name=ByTag")
		return a, apitest.Keys{ID: a.Text("roleCredentials.accessKeyId"), Secret: a.Text("roleCredentials.secretAccessKey"), Token: a.Text("roleCredentials.sessionToken")}
	}
}

func TestAttributesBecomeSessionTags(t *testing.T) {
	w, person, fetch := sessionWorld(t)
	list := func(k apitest.Keys) int {
		return w.Call(k, "sso-admin", apitest.JSON("sso-admin", "ListInstances", "{}")).Status
	}
	_, untagged := fetch()
	apitest.Change(w, store.Users, person.ID, func(u *directory.User) { u.Title = "research" })
	_, tagged := fetch()
	apitest.Change(w, store.Users, person.ID, func(u *directory.User) { u.Title = "sales" })
	_, other := fetch()
	for what, test := range map[string]struct {
		keys apitest.Keys
		want int
	}{
		"without the attribute": {untagged, http.StatusBadRequest},
		"with the value":        {tagged, http.StatusOK},
		"with another value":    {other, http.StatusBadRequest},
	} {
		if got := list(test.keys); got != test.want {
			t.Errorf("%s: got %d, want %d", what, got, test.want)
		}
	}
}

func TestWhatCannotBeATagGivesNoSession(t *testing.T) {
	w, person, fetch := sessionWorld(t)
	for what, change := range map[string]func(*directory.User){
		"a line break":   func(u *directory.User) { u.Title = "research\nsales" },
		"a comma":        func(u *directory.User) { u.Title = "research,sales" },
		"257 characters": func(u *directory.User) { u.Title = strings.Repeat("é", 257) },
		"two primary values": func(u *directory.User) {
			u.Emails = []directory.Email{{Value: "a@x", Primary: true}, {Value: "b@x", Primary: true}}
		},
	} {
		apitest.Change(w, store.Users, person.ID, func(u *directory.User) { u.Title, u.Emails = "research", nil; change(u) })
		if a, _ := fetch(); a.Status != http.StatusBadRequest || a.Code() != "InvalidRequestException" {
			t.Errorf("%s: got %d %s", what, a.Status, a.Body)
		}
	}
	apitest.Change(w, store.Users, person.ID, func(u *directory.User) { u.Title, u.Emails = strings.Repeat("é", 256), nil })
	if a, _ := fetch(); a.Status != http.StatusOK {
		t.Errorf("256 characters: got %d %s", a.Status, a.Body)
	}
}
