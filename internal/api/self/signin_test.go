package self_test

import (
	"encoding/json"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

func TestAPasswordInTheFieldOfTheNameIsNotRecorded(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, map[string]api.Table{self.Name: self.Table()})
	const secret = "correct horse battery staple"
	u := w.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", secret)
	for _, in := range []self.SignInInput{{UserName: secret, Password: "x"}, {UserName: "PCollins", Password: "wrong"}, {UserName: "pcollins", Password: secret}} {
		out, err := api.Invoke[self.SignInOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "SignIn", &in)
		if (err == nil) != (in.Password == secret) {
			t.Errorf("signing in as %q: %v", in.UserName, err)
		}
		if err == nil {
			w.Secret(out.Secret)
		}
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
	names := map[string]int{}
	for _, r := range w.Records() {
		var noted struct{ UserName string }
		if err := json.Unmarshal(r.Response, &noted); err != nil {
			t.Error(err)
		}
		names[noted.UserName]++
	}
	if len(names) != 2 || names["HIDDEN_DUE_TO_SECURITY_REASONS"] != 1 || names[u.UserName] != 2 {
		t.Errorf("the names on record are %v", names)
	}
}
