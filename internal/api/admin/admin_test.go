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

// TestWhoMaySetPasswordsIsKeptFromTheAdministrators has a help desk that may set everybody's password but the chief's.
func TestWhoMaySetPasswordsIsKeptFromTheAdministrators(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table()})
	i := w.Instance(w.Organization(w.Account("111111111111", "Main")))
	chief := w.Person(i, "chief", "correct horse battery staple")
	w.Person(i, "jdoe", "correct horse battery staple")
	policy := func(deny string) apitest.Keys {
		return w.Key(w.User("111111111111", "desk"+w.IDs.Hex(4), apitest.Inline(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"gatehouse:*","Resource":"*"},{"Effect":"Deny","Action":"gatehouse:*","Resource":"`+deny+`"}]}`)))
	}
	byPerson := policy("arn:aws:identitystore:::user/" + chief.ID)
	byStore := policy("arn:aws:identitystore::111111111111:identitystore/" + i.IdentityStoreID)
	for _, c := range []struct {
		keys    apitest.Keys
		name    string
		allowed bool
	}{{byPerson, "jdoe", true}, {byPerson, "chief", false}, {byPerson, "CHIEF", false}, {byStore, "jdoe", false}} {
		for _, operation := range []string{"SetUserPassword", "DisableUser", "EnableUser"} {
			a := w.Call(c.keys, admin.Name, apitest.JSON(admin.Name, operation, `{"UserName":"`+c.name+`","Password":"mine now, mine now"}`))
			if (a.Status == http.StatusOK) != c.allowed || !c.allowed && a.Code() != "AccessDeniedException" {
				t.Errorf("%s of %s: got %d %s", operation, c.name, a.Status, a.Body)
			}
		}
	}
}

// TestEnablingMakesNoOrganizationForWhoMayNot has one who may enable the identity center, and nothing of Organizations.
func TestEnablingMakesNoOrganizationForWhoMayNot(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table()})
	a := w.Account("111111111111", "Main")
	k := w.Key(w.User(a.ID, "enabler", apitest.Inline(apitest.Allow("gatehouse:*"))))
	enable := func(k apitest.Keys) *apitest.Answer {
		return w.Call(k, admin.Name, apitest.JSON(admin.Name, "EnableIdentityCenter", "{}"))
	}
	if got := enable(k); got.Code() != "AccessDeniedException" || w.State.Current().OrganizationOf(a.ID) != nil {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	if got := enable(w.Root(a)); got.Status != http.StatusOK {
		t.Errorf("the root user: got %d %s", got.Status, got.Body)
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
