package admin_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
)

// TestPowerUsersAreNoAdministrators calls every signed operation with AWS's PowerUserAccess, in the management account.
func TestPowerUsersAreNoAdministrators(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table()})
	main := w.Account("111111111111", "Main")
	i := w.Instance(w.Organization(main))
	w.Person(i, "boss", "correct horse battery staple")
	power := w.Key(w.User(main.ID, "power", iam.Policies{Managed: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}}))
	all := w.Key(w.User(main.ID, "admin", iam.Policies{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}}))
	body := `{"UserName":"boss","Password":"mine now, mine now"}`
	call := func(k apitest.Keys, operation string) *apitest.Answer {
		return w.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body))
	}
	for _, row := range admin.Table() {
		if row.Who&api.Signed == 0 || row.Action == "" {
			continue
		}
		if a := call(power, row.Name); a.Code() != "AccessDeniedException" {
			t.Errorf("a power user calls %s: %d %s", row.Name, a.Status, a.Body)
		}
	}
	if a := call(all, "SetUserPassword"); a.Status != http.StatusOK {
		t.Errorf("an administrator: %d %s", a.Status, a.Body)
	}
}
