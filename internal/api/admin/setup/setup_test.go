package setup_test

import (
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	rootSecret  = "eleven grey herons wade"
	firstSecret = "six otters paint the quay"
)

// first is a new server, its operator, and a browser.
type first struct {
	*apitest.World
	t       *testing.T
	browser string // what it keeps
}

func newFirst(t *testing.T) *first {
	t.Helper()
	f := &first{World: apitest.Empty(t, map[string]api.Table{setup.Name: setup.Table(), admin.Name: admin.Table(), self.Name: self.Table(), door.Name: door.Table(),
		"organizations": organizations.Table(), "identitystore": identitystore.Table(), "sso-admin": ssoadmin.Table()}), t: t}
	f.Secret(rootSecret, firstSecret)
	return f
}

// call is what a page calls.
func call[Out any](f *first, service, operation string, in any) (*Out, error) {
	caller := api.Caller{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: "Mozilla/5.0"}
	return api.Invoke[Out](f.t.Context(), f.Corridor, caller, service, operation, in)
}

func operate[Out any](f *first, operation string, in any) (*Out, error) {
	return apitest.As[Out](f.World, &authz.Principal{Kind: authz.Operator, ARN: "operator"}, setup.Name, operation, in)
}

// offer prints a link, and returns its secret; "" when the set-up is over.
func (f *first) offer() string {
	f.t.Helper()
	out, err := operate[setup.OfferSetupOutput](f, "OfferSetup", &setup.OfferSetupInput{})
	if err != nil {
		f.t.Fatal(err)
	}
	if out.Over {
		return ""
	}
	u, err := url.Parse(out.Link)
	if err != nil || !strings.HasPrefix(out.Link, apitest.Origin+"/setup?") {
		f.t.Fatalf("the link is %q: %v", out.Link, err)
	}
	f.Secret(u.Query().Get("secret"))
	return u.Query().Get("secret")
}

// begin spends a link with this browser.
func (f *first) begin(secret string) error {
	out, err := call[setup.BeginSetupOutput](f, setup.Name, "BeginSetup", &setup.BeginSetupInput{Secret: secret})
	if err == nil {
		f.browser = out.Browser
		f.Secret(out.Browser)
	}
	return err
}

func (f *first) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *first) account() error {
	_, err := call[setup.CreateFirstAccountOutput](f, setup.Name, "CreateFirstAccount",
		&setup.CreateFirstAccountInput{Browser: f.browser, AccountName: "Management", Email: "aws@alder.example", Password: rootSecret})
	return err
}

func (f *first) organization(alone bool) error {
	_, err := call[setup.CreateFirstOrganizationOutput](f, setup.Name, "CreateFirstOrganization", &setup.CreateFirstOrganizationInput{Browser: f.browser, Standalone: alone})
	return err
}

func (f *first) portal(address string) error {
	_, err := call[setup.EnableFirstPortalOutput](f, setup.Name, "EnableFirstPortal", &setup.EnableFirstPortalInput{Browser: f.browser, Address: address})
	return err
}

func (f *first) person(name, secret string) (*setup.CreateFirstAdministratorOutput, error) {
	return call[setup.CreateFirstAdministratorOutput](f, setup.Name, "CreateFirstAdministrator", &setup.CreateFirstAdministratorInput{Browser: f.browser,
		UserName: name, GivenName: "Ines", FamilyName: "Marek", Email: "ines@alder.example", Password: secret})
}

func (f *first) stage() string {
	f.t.Helper()
	out, err := call[setup.DescribeSetupOutput](f, setup.Name, "DescribeSetup", &setup.DescribeSetupInput{Browser: f.browser})
	if err != nil {
		return err.Error()
	}
	return out.Stage
}

// count counts what the set-up makes.
func (f *first) count() (accounts, centers, users, sets, assigned int) {
	f.t.Helper()
	f.Update(func(tx *store.Tx) error {
		accounts, centers, users, sets, assigned = 0, 0, 0, 0, 0
		for each, err := range map[string]error{
			"accounts": store.Accounts.Each(tx, func(*account.Account) error { accounts++; return nil }),
			"centers":  store.Instances.Each(tx, func(*permission.Instance) error { centers++; return nil }),
			"users":    store.Users.Each(tx, func(*directory.User) error { users++; return nil }),
			"sets":     store.PermissionSets.Each(tx, func(*permission.Set) error { sets++; return nil }),
			"assigned": store.Assignments.Each(tx, func(*permission.Assignment) error { assigned++; return nil }),
		} {
			if err != nil {
				f.t.Error(each, err)
			}
		}
		return nil
	})
	return
}

func refused(t *testing.T, what, code string, err error) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	f.must(f.account())
	f.must(f.organization(false))
	f.must(f.portal("alder"))
	out, err := f.person("ines", firstSecret)
	f.must(err)
	if out.PortalUrl != apitest.Origin+"/start/alder" || out.Link != "" {
		t.Errorf("got %+v", out)
	}
	if _, err := call[door.SignInOutput](f, door.Name, "SignIn", &door.SignInInput{Door: door.Root, Name: "aws@alder.example", Password: rootSecret}); err != nil {
		t.Errorf("the root user: %v", err)
	}
	for _, portal := range []string{"", "alder"} {
		if _, err := call[self.SignInOutput](f, self.Name, "SignIn", &self.SignInInput{Portal: portal, UserName: "ines", Password: firstSecret}); err != nil {
			t.Errorf("the first person at %q: %v", portal, err)
		}
	}
	if accounts, centers, users, sets, assigned := f.count(); accounts != 1 || centers != 1 || users != 1 || sets != 1 || assigned != 1 {
		t.Errorf("there are %d, %d, %d, %d, %d", accounts, centers, users, sets, assigned)
	}
	if f.offer() != "" {
		t.Error("a server that is set up offers a link")
	}
	refused(t, "another step", setup.NotYours, f.account())
	if leaks := f.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestALinkBeginsOnce has a link looked at, spent, replayed, forged, replaced and too old.
func TestALinkBeginsOnce(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	begin := func(secret string) error { return f.begin(secret) }
	look := func(secret string) error {
		_, err := call[setup.DescribeSetupLinkOutput](f, setup.Name, "DescribeSetupLink", &setup.DescribeSetupLinkInput{Secret: secret})
		return err
	}
	link := f.offer()
	f.must(look(link))
	f.must(look(link))
	for _, forged := range []string{"", "x", f.NewSecret(), link + "A", link[1:]} {
		refused(t, "a forged link", setup.LinkOver, begin(forged))
	}
	f.must(begin(link))
	refused(t, "a link again", setup.LinkOver, begin(link))
	refused(t, "a look at a spent link", setup.LinkOver, look(link))
	before, second := f.browser, f.offer()
	if f.stage() != "ACCOUNT" {
		t.Error("an offer alone ends the browser before")
	}
	third := f.offer()
	refused(t, "a link that was replaced", setup.LinkOver, begin(second))
	f.must(begin(third))
	f.browser, before = before, f.browser
	refused(t, "the browser before", setup.NotYours, f.account())
	f.browser = before
	f.must(f.account())
	late := f.offer()
	f.Time.Pass(time.Hour)
	refused(t, "a link after an hour", setup.LinkOver, begin(late))
	f.Time.Pass(3 * time.Hour)
	refused(t, "a browser after four hours", setup.NotYours, f.organization(false))
	f.must(begin(f.offer()))
	if got := f.stage(); got != "ORGANIZATION" {
		t.Errorf("it goes on at %s", got)
	}
}

func TestStrangersGetNowhere(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.offer()
	for _, f.browser = range []string{"", f.NewSecret()} {
		_, person := f.person("mallory", firstSecret)
		for what, err := range map[string]error{"account": f.account(), "organization": f.organization(true), "portal": f.portal(""), "person": person} {
			refused(t, what, setup.NotYours, err)
		}
	}
	if _, err := call[setup.OfferSetupOutput](f, setup.Name, "OfferSetup", &setup.OfferSetupInput{}); fault.As(err) == nil {
		t.Errorf("a page asks for a link: %v", err)
	}
	if accounts, _, _, _, _ := f.count(); accounts != 0 {
		t.Error("an account was made")
	}
}

// TestAServerWithAccountsIsNotSetUp keeps a link, printed before somebody made accounts by other means, from one more.
func TestAServerWithAccountsIsNotSetUp(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	link := f.offer()
	other := newFirst(t)
	other.must(other.begin(other.offer()))
	for _, w := range []*first{f, other} {
		w.Account("111111111111", "Main")
	}
	refused(t, "the link", setup.LinkOver, f.begin(link))
	refused(t, "the browser", setup.MovedOn, other.account())
	if f.offer() != "" || other.stage() != "OVER" {
		t.Error("the set-up is not over")
	}
}

func TestWhatIsWrongCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	for _, c := range []struct {
		in   setup.CreateFirstAccountInput
		code string
	}{
		{setup.CreateFirstAccountInput{AccountName: "", Email: "aws@alder.example", Password: rootSecret}, "ValidationException"},
		{setup.CreateFirstAccountInput{AccountName: "Management", Email: "nobody", Password: rootSecret}, "ValidationException"},
		{setup.CreateFirstAccountInput{AccountName: "Management", Email: "aws@alder.example", Password: "short"}, api.PasswordRefused},
		{setup.CreateFirstAccountInput{AccountName: "Management", Email: "aws@alder.example", Password: "aws@alder.example"}, api.PasswordRefused},
	} {
		c.in.Browser = f.browser
		_, err := call[setup.CreateFirstAccountOutput](f, setup.Name, "CreateFirstAccount", &c.in)
		refused(t, "a wrong account", c.code, err)
	}
	f.must(f.account())
	f.must(f.organization(false))
	for _, address := range []string{"-", "Alder", "d-1234567890", "keys", "a/b", "..", strings.Repeat("a", 63), "a\x00"} {
		refused(t, address, "ValidationException", f.portal(address))
	}
	f.must(f.portal(""))
	_, err := f.person("ines", "password")
	refused(t, "a bad password", api.PasswordRefused, err)
	if _, _, users, _, _ := f.count(); users != 0 {
		t.Error("a person was added whose password was refused")
	}
	if _, err = f.person("", firstSecret); fault.As(err) == nil {
		t.Errorf("no name: %v", err)
	}
	if _, err = f.person("ines", firstSecret); err != nil {
		t.Error(err)
	}
}

func TestAnInvitationInsteadOfAPassword(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	f.must(f.account())
	f.must(f.organization(false))
	f.must(f.portal(""))
	out, err := f.person("ines", "")
	f.must(err)
	u, err := url.Parse(out.Link)
	f.must(err)
	f.Secret(u.Query().Get("secret"))
	is, err := call[self.DescribeLinkOutput](f, self.Name, "DescribeLink", &self.DescribeLinkInput{Secret: u.Query().Get("secret")})
	if err != nil || is.UserName != "ines" {
		t.Errorf("the link: %+v, %v", is, err)
	}
}

// TestAnAccountMayStandAlone ends the set-up of who wants no organization.
func TestAnAccountMayStandAlone(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	f.must(f.account())
	link := f.offer()
	f.must(f.organization(true))
	refused(t, "the portal", setup.NotYours, f.portal(""))
	refused(t, "an older link", setup.LinkOver, f.begin(link))
	if f.offer() != "" {
		t.Error("the set-up goes on")
	}
}

// TestOperatorsGoOn has gatehouse init end what a browser began.
func TestOperatorsGoOn(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	f.must(f.account())
	_, err := operate[setup.CreateFirstAccountOutput](f, "CreateFirstAccount", &setup.CreateFirstAccountInput{AccountName: "Second", Email: "b@alder.example", Password: rootSecret})
	refused(t, "a second account", setup.MovedOn, err)
	_, err = operate[setup.CreateFirstOrganizationOutput](f, "CreateFirstOrganization", &setup.CreateFirstOrganizationInput{})
	f.must(err)
	f.must(f.portal(""))
	_, err = operate[setup.CreateFirstAdministratorOutput](f, "CreateFirstAdministrator",
		&setup.CreateFirstAdministratorInput{UserName: "ines", GivenName: "Ines", FamilyName: "Marek", Password: firstSecret})
	f.must(err)
}

// TestTwoWindowsMakeNothingTwice has every step done by eight at once, each with names of its own.
func TestTwoWindowsMakeNothingTwice(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	names := []string{"ann", "bea", "cem", "dov", "eve", "fay", "gus", "hal"}
	race := func(do func(name string) error) {
		t.Helper()
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for _, name := range names {
			wg.Go(func() {
				err := do(name)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case !fault.Is(err, setup.MovedOn) && !fault.Is(err, setup.UnderWork) && !fault.Is(err, setup.NotYours):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 {
			t.Errorf("it was done %d times", done)
		}
	}
	race(func(name string) error {
		_, err := call[setup.CreateFirstAccountOutput](f, setup.Name, "CreateFirstAccount",
			&setup.CreateFirstAccountInput{Browser: f.browser, AccountName: name, Email: name + "@alder.example", Password: rootSecret})
		return err
	})
	race(func(string) error { return f.organization(false) })
	race(func(name string) error { return f.portal(name) })
	race(func(name string) error { _, err := f.person(name, firstSecret); return err })
	if accounts, centers, users, sets, assigned := f.count(); accounts != 1 || centers != 1 || users != 1 || sets != 1 || assigned != 1 {
		t.Errorf("there are %d, %d, %d, %d, %d", accounts, centers, users, sets, assigned)
	}
	organizations := 0
	f.Update(func(tx *store.Tx) error {
		organizations = 0
		return store.Organizations.Each(tx, func(*organization.Organization) error { organizations++; return nil })
	})
	if organizations != 1 {
		t.Errorf("there are %d organizations", organizations)
	}
}

// TestAStepThatStoppedIsTakenUp has a server stop in the middle of a step, which holds it for a minute and no longer.
func TestAStepThatStoppedIsTakenUp(t *testing.T) {
	t.Parallel()
	f := newFirst(t)
	f.must(f.begin(f.offer()))
	f.must(f.account())
	f.must(f.organization(false))
	f.must(f.portal(""))
	f.Update(func(tx *store.Tx) error {
		s, err := tx.Setup()
		if err != nil {
			return err
		}
		s.Take("of a server that stopped", tx.Now)
		return tx.SetSetup(s)
	})
	_, err := f.person("ines", firstSecret)
	refused(t, "at once", setup.UnderWork, err)
	f.Time.Pass(time.Minute)
	f.Update(func(tx *store.Tx) error { // what it had done
		i := f.State.Current().InstanceAt("")
		return store.Users.Save(tx, &directory.User{ID: "11111111-2222-3333-4444-555555555555", StoreID: i.IdentityStoreID, UserName: "ines"})
	})
	out, err := f.person("ines", firstSecret)
	f.must(err)
	if _, _, users, _, _ := f.count(); users != 1 || out.UserId != "11111111-2222-3333-4444-555555555555" {
		t.Errorf("there are %d people, the first is %s", users, out.UserId)
	}
}
