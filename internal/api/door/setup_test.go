package door_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// left is what a root user is told, as a line.
func (s *street) left() string {
	s.t.Helper()
	return fmt.Sprint(must[door.ListSetupTasksOutput](s, "ListSetupTasks", &door.ListSetupTasksInput{}).Tasks)
}

func TestARootUserSeesWhatIsLeftOfTheSetUp(t *testing.T) {
	s := newStreet(t, apitest.Deny("*"))
	s.comes(door.Done, "SignIn", asRoot())
	if got, want := s.left(), "[{SECOND_FACTOR false} {ORGANIZATION false} {IDENTITY_CENTER true} {ADMINISTRATOR false} {MAIL false}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.enrol("phone")
	s.Mailbox = new(mail.Box)
	var a *account.Account
	s.Update(func(tx *store.Tx) (err error) {
		a, err = store.Accounts.Get(tx, apitest.Management)
		return err
	})
	s.Organization(a)
	i := &permission.Instance{ARN: apitest.InstanceARN, IdentityStoreID: apitest.StoreID}
	s.Assign(s.Set(i, "Admin", permission.Grants{}), apitest.Management, s.Person(i, "ines", "six otters paint the quay"))
	if got, want := s.left(), "[{SECOND_FACTOR true} {ORGANIZATION true} {IDENTITY_CENTER true} {ADMINISTRATOR true} {MAIL true}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAKeyIsASecondFactorOfTheSetUp takes a security key for what is asked for, as it takes an app.
func TestAKeyIsASecondFactorOfTheSetUp(t *testing.T) {
	s := lettered(t)
	s.comes(door.Done, "SignIn", asRoot())
	if _, err := s.addKey(fidotest.New(t, apitest.Origin), "blue"); err != nil {
		t.Fatal(err)
	}
	if got := s.left(); !strings.Contains(got, "{SECOND_FACTOR true}") {
		t.Errorf("a root user with a key sees %s", got)
	}
}

// TestMembersLookAfterTheirRootUserOnly keeps the state of an organization from the root users of its members, and of the
// account from its IAM users.
func TestMembersLookAfterTheirRootUserOnly(t *testing.T) {
	s := newStreet(t, apitest.Deny("*"))
	s.comes(door.Done, "SignIn", asUser())
	if got := s.left(); got != "[]" {
		t.Errorf("an IAM user sees %s", got)
	}
	main := s.Account("555555555555", "Other")
	var member *account.Account
	s.Update(func(tx *store.Tx) (err error) {
		member, err = store.Accounts.Get(tx, apitest.Management)
		return err
	})
	s.Organization(main, member)
	s.comes(door.Done, "SignIn", asRoot())
	if got := s.left(); got != "[{SECOND_FACTOR false}]" {
		t.Errorf("a member sees %s", got)
	}
}
