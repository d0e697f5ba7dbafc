package self_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// shelfWorld is a portal where pcollins has View on every account and Power on the first, and somebody else has nothing.
type shelfWorld struct {
	*apitest.World
	t        testing.TB
	person   *directory.User
	session  string // of the browser
	stranger string
}

func newShelfWorld(t testing.TB, names ...string) *shelfWorld {
	t.Helper()
	w := apitest.Empty(t, map[string]api.Table{self.Name: self.Table()})
	i := w.Instance(w.Organization(w.Account("111111111111", "Main")))
	person, stranger := w.Person(i, "pcollins", secret), w.Person(i, "stranger", secret)
	view, power := w.Set(i, "ViewOnlyAccess", permission.Grants{}), w.Set(i, "PowerUserAccess", permission.Grants{})
	for n, name := range names {
		id := ident.AccountID(fmt.Sprintf("%012d", 222222222222+n))
		w.Account(id, name)
		w.Assign(view, id, person)
		if n == 0 {
			w.Assign(power, id, person)
		}
	}
	_, mine, _ := w.SignIn(person)
	_, theirs, _ := w.SignIn(stranger)
	return &shelfWorld{w, t, person, mine, theirs}
}

func ask[Out any](w *shelfWorld, session, operation string, in any) (*Out, error) {
	w.t.Helper()
	return api.Invoke[Out](context.Background(), w.Corridor, api.Caller{Session: session}, self.Name, operation, in)
}

func (w *shelfWorld) list(find string) *self.ListOwnAccountsOutput {
	w.t.Helper()
	out, err := ask[self.ListOwnAccountsOutput](w, w.session, "ListOwnAccounts", &self.ListOwnAccountsInput{Find: find})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *shelfWorld) favourite(session, id string, on bool) error {
	w.t.Helper()
	_, err := ask[self.PutFavouriteOutput](w, session, "PutFavourite", &self.PutFavouriteInput{AccountID: id, Favourite: on})
	return err
}

func (w *shelfWorld) use(session, id, role string) error {
	w.t.Helper()
	_, err := ask[self.RecordRoleUseOutput](w, session, "RecordRoleUse", &self.RecordRoleUseInput{AccountID: id, Role: role})
	return err
}

func names(out *self.ListOwnAccountsOutput) string {
	var all []string
	for _, a := range out.Accounts {
		all = append(all, a.Name)
	}
	return strings.Join(all, " ")
}

func TestAccountsAreFoundByAllThatTheyAreKnownBy(t *testing.T) {
	t.Parallel()
	w := newShelfWorld(t, "Tracking", "Development", "archive")
	for find, want := range map[string]string{
		"":                      "archive Development Tracking",
		"  DEV ":                "Development",
		"222222222223":          "Development",
		"2222-2222-2223":        "Development",
		"archive@example":       "archive",
		"poweruser":             "Tracking",
		"viewonly track":        "Tracking",
		"archive development":   "",
		"%":                     "",
		"\x00":                  "",
		"Main":                  "",
		strings.Repeat("v", 90): "",
	} {
		if got := w.list(find); names(got) != want || got.Total != 3 || got.Matching != len(got.Accounts) || got.Pages != 1 || got.Page != 1 {
			t.Errorf("%q finds %+v, want %q", find, got, want)
		}
	}
	if _, err := ask[self.ListOwnAccountsOutput](w, w.session, "ListOwnAccounts", &self.ListOwnAccountsInput{Find: strings.Repeat("a ", 101)}); fault.As(err) == nil || fault.As(err).Kind != fault.Invalid {
		t.Errorf("too long: %v", err)
	}
	roles := w.list("").Accounts[2].Roles
	if want := []self.OwnRole{{Name: "PowerUserAccess", Lasts: time.Hour}, {Name: "ViewOnlyAccess", Lasts: time.Hour}}; !slices.Equal(roles, want) {
		t.Errorf("roles are %+v, want %+v", roles, want)
	}
}

func TestFavouritesComeFirstAndAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	w := newShelfWorld(t, "Tracking", "Development", "archive")
	if err := w.favourite(w.session, "222222222222", true); err != nil {
		t.Fatal(err)
	}
	if got := w.list(""); names(got) != "Tracking archive Development" || !got.Accounts[0].Favourite || got.Accounts[1].Favourite {
		t.Errorf("got %+v", got)
	}
	for what, err := range map[string]error{
		"an account of others": w.favourite(w.stranger, "222222222222", true),
		"no account at all":    w.favourite(w.session, "999999999999", true),
		"a role of others":     w.use(w.stranger, "222222222222", "ViewOnlyAccess"),
		"a role elsewhere":     w.use(w.session, "222222222223", "PowerUserAccess"),
		"nobody":               w.favourite("", "222222222222", true),
		"a number too short":   w.favourite(w.session, "1", true),
	} {
		if fault.As(err) == nil {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := w.favourite(w.session, "222222222222", false); err != nil {
		t.Fatal(err)
	}
	if got := w.list(""); names(got) != "archive Development Tracking" {
		t.Errorf("got %+v", got)
	}
}

func TestRecentRolesAreThoseStillOpen(t *testing.T) {
	t.Parallel()
	w := newShelfWorld(t, "Tracking", "Development")
	for _, use := range [][2]string{{"222222222222", "PowerUserAccess"}, {"222222222223", "ViewOnlyAccess"}, {"222222222222", "ViewOnlyAccess"}} {
		w.Time.Pass(time.Minute)
		if err := w.use(w.session, use[0], use[1]); err != nil {
			t.Fatal(err)
		}
	}
	got := w.list("nothing like it").Recent
	if len(got) != 3 || got[0].AccountName != "Tracking" || got[0].Role != "ViewOnlyAccess" || got[2].Role != "PowerUserAccess" || !got[0].UsedAt.Equal(w.Time.Now()) {
		t.Fatalf("got %+v", got)
	}
	apitest.Change(w.World, store.Accounts, ident.AccountID("222222222222"), func(a *account.Account) { a.Status = account.Suspended })
	if out := w.list(""); len(out.Recent) != 1 || out.Recent[0].AccountName != "Development" || out.Total != 1 {
		t.Errorf("got %+v", out)
	}
}

// BenchmarkFindOneOfFiveThousand is what the server does for each search of a person with 5,000 accounts.
func BenchmarkFindOneOfFiveThousand(b *testing.B) {
	var names []string
	for i := range 5000 {
		names = append(names, fmt.Sprintf("Team %d of the company", i))
	}
	w := newShelfWorld(b, names...)
	b.ResetTimer()
	for b.Loop() {
		if got := w.list("team 4711 viewonly"); got.Matching == 0 || got.Matching > 10 {
			b.Fatalf("found %d", got.Matching)
		}
	}
}
