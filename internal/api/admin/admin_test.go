package admin_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestPeopleAreManagedByTheOwnerOfTheirStoreOnly(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table()})
	main, member := w.Account("111111111111", "Main"), w.Account("222222222222", "Dev")
	i := w.Instance(w.Organization(main, member))
	w.Person(i, "pcollins", "correct horse battery staple")
	call := func(k apitest.Keys, operation, body string) *apitest.Answer {
		return w.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body))
	}
	signIn := func(password string) error {
		_, err := w.Corridor.Invoke(t.Context(), api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "PCollins", Password: password})
		return err
	}
	if err := signIn("correct horse battery staple"); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"UserName":"pcollins","Password":"mine now, mine now"}`,
		`{"IdentityStoreId":"` + i.IdentityStoreID + `","UserName":"pcollins","Password":"mine now, mine now"}`} {
		if a := call(w.Root(member), "SetUserPassword", body); a.Code() != "ResourceNotFoundException" {
			t.Errorf("a member account sets a password: %d %s", a.Status, a.Body)
		}
	}
	for _, operation := range []string{"BreakGlass", "CreateStandaloneAccount"} {
		if a := call(w.Root(main), operation, `{"Account":"222222222222"}`); a.Code() != "AccessDeniedException" {
			t.Errorf("%s is open to accounts: %d %s", operation, a.Status, a.Body)
		}
	}
	if a := call(w.Root(main), "DisableUser", `{"UserName":"pcollins"}`); a.Status != http.StatusOK {
		t.Fatalf("DisableUser: %d %s", a.Status, a.Body)
	}
	disabled, wrong := signIn("correct horse battery staple"), signIn("not it")
	if !fault.Is(disabled, "AccessDeniedException") || disabled.Error() != wrong.Error() {
		t.Errorf("being disabled can be told from a wrong password: %v, %v", disabled, wrong)
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

func TestBrokenGlassIsOnRecord(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table()})
	a := w.Account("111111111111", "Main")
	caller := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}}
	out, err := api.Invoke[admin.BreakGlassOutput](t.Context(), w.Corridor, caller, admin.Name, "BreakGlass", &admin.BreakGlassInput{Account: string(a.ID)})
	if err != nil {
		t.Fatal(err)
	}
	w.Secret(out.SecretAccessKey, out.SessionToken)
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
	records := w.Records()
	if len(records) != 1 || records[0].Operation != "BreakGlass" || records[0].Principal.UserName != "operator" {
		t.Errorf("got %+v", records)
	}
}
