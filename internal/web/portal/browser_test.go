package portal

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// shown is a portal that a real browser looks at. It notes what it is asked for.
type shown struct {
	*testkit.Browser
	mu    sync.Mutex
	asked []string
}

// look opens a portal in Chromium, signed in.
func look(t *testing.T, open []self.OwnAccount, more answers) *shown {
	t.Helper()
	s := &shown{}
	var pages http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	at := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	pages = enter(browserAt(at, open, more).Site)
	s.Browser = testkit.NewBrowser(t, at)
	s.Open("/enter")
	return s
}

// enter is the portal with a door that is always open.
func enter(site kit.Site) http.Handler {
	p := New(site)
	mux := http.NewServeMux()
	p.Routes(mux)
	p.CommonRoutes(mux)
	mux.HandleFunc("GET /enter", func(w http.ResponseWriter, r *http.Request) {
		p.Remember(w, kittest.Secret, kittest.Now().AddDate(50, 0, 0))
		http.Redirect(w, r, kit.Home, http.StatusSeeOther)
	})
	return p.Middleware(mux)
}

func (s *shown) pictures(name string) { s.Pictures(name) }

// alder is a company of twelve accounts, two of them favourites, and three roles used a short time ago.
func alder() *self.ListOwnAccountsOutput {
	all := accounts("Development", "Staging", "Customs gateway", "Data platform", "Finance", "Log archive", "Management", "Network",
		"Pay-per-mile", "Payments", "Sandbox of a team with a long name that has to wrap somewhere", "Tracking")
	all[0].Favourite, all[1].Favourite = true, true
	all[10].Email = "a-very-long-address-that-nobody-can-remember@subsidiaries.alderfreight.example"
	out := &self.ListOwnAccountsOutput{Total: len(all), Matching: len(all), Page: 1, Pages: 1, Accounts: all}
	for i, ago := range []time.Duration{20 * time.Minute, 6 * time.Hour, 22 * time.Hour} {
		out.Recent = append(out.Recent, self.OwnRecentRole{AccountID: all[i*4].ID, AccountName: all[i*4].Name,
			Role: cmp.Or([]string{"PowerUserAccess", "ViewOnlyAccess", ""}[i], "DataEngineer"), UsedAt: kittest.Now().Add(-ago)})
	}
	return out
}

func TestThePortalInABrowser(t *testing.T) {
	t.Parallel()
	s := look(t, nil, listing(*alder()))
	s.Shows("AWS accounts", "(12)", "Recent", "20 minutes ago", "Favourites", "Other accounts")
	s.pictures("portal-list")
	s.Axe("the list")

	s.WaitFor("2 accounts match.", func() { s.Fill("#find", "pay view") })
	if text := s.Text(); strings.Contains(text, "Tracking") || strings.Contains(text, "Favourites") || strings.Contains(text, "20 minutes ago") {
		t.Errorf("what does not match is shown:\n%s", text)
	}
	s.pictures("portal-found")
	s.WaitFor("No account matches", func() { s.Fill("#find", "nothing of the kind") })
	s.pictures("portal-nothing")
	s.Axe("nothing found")
	s.Open("/start")

	s.Click(`.star[value="000000000003"]`)
	s.WaitUntil(`document.querySelector('.star[value="000000000003"]').getAttribute("aria-pressed") === "true"`)
	s.Eval(`(document.querySelectorAll("details.account").forEach((d, i) => d.open = i < 2), "")`)
	s.pictures("portal-roles")
	s.Axe("roles")

	s.WaitFor("Keys end at", func() { s.Click(".roles button") })
	s.Shows("Access keys", "Development 000000000001 · PowerUserAccess", `export AWS_ACCESS_KEY_ID="ASIAIOSFODNN7EXAMPLE"`, "Recommended")
	s.pictures("portal-dialog")
	s.Axe("the dialog of keys")
	// What is copied is what is there, and not the dots that are shown.
	s.Eval(`(navigator.clipboard.writeText = async text => { window.copied = text }, "")`)
	s.Click("#bash [data-copy]")
	s.WaitUntil("window.copied !== undefined")
	if got, want := s.Eval("window.copied.split(String.fromCharCode(10))[1]"), `export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	s.Click(`#keys [aria-label="Close"]`)
	s.WaitUntil(`!document.documentElement.outerHTML.includes("wJalrXUtnFEMI")`) // a closed dialog keeps no secret
	s.onlyOwn(t)
}

func TestPagesOfThePortalInABrowser(t *testing.T) {
	t.Parallel()
	s := look(t, accounts("Development"), nil)
	for _, page := range []struct{ name, path string }{
		{"portal-one", "/start"},
		{"portal-keys-offered", "/start/keys?account_id=000000000001&role_name=PowerUserAccess"},
		{"portal-console", "/start#/console?account_id=000000000001&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fevil.example%2F"},
		{"portal-shortcut", "/start/shortcut?account_id=000000000001&role_name=ViewOnlyAccess&destination=https://console.aws.amazon.com/s3/home"},
		{"portal-shortcut-wrong", "/start/shortcut?account_id=000000000001&role_name=ViewOnlyAccess&destination=//evil.example"},
	} {
		if strings.Contains(page.path, "#") {
			s.WaitFor("There is no console yet", func() { s.Open(page.path) })
		} else {
			s.Open(page.path)
		}
		s.pictures(page.name)
		s.Axe(page.name)
	}
	s.onlyOwn(t)
}

func TestAnEmptyPortalInABrowser(t *testing.T) {
	t.Parallel()
	s := look(t, nil, nil)
	s.Shows("You are in, but no account is open to you yet")
	s.pictures("portal-none")
	s.Axe("no account")
}

// TestKeysWithoutScript: the page of keys is the dialog of keys.
func TestKeysWithoutScript(t *testing.T) {
	t.Parallel()
	s := look(t, accounts("Development"), nil)
	s.DisableScripts()
	s.Open("/start")
	s.PressIn(".roles", "Access keys")
	s.Shows("Keys end at", "fish", "set -gx AWS_ACCESS_KEY_ID")
	s.pictures("portal-keys")
	security := func() string {
		return s.Eval(`getComputedStyle(document.querySelector(".secret")).getPropertyValue("-webkit-text-security")`)
	}
	if got := security(); got != "disc" {
		t.Errorf("secrets are shown as %q", got)
	}
	s.Click("#show")
	if got := security(); got != "none" {
		t.Errorf("when asked for, secrets are shown as %q", got)
	}
}

// TestTheServerSearchesWhatIsNotOnThePage asks as one types.
func TestTheServerSearchesWhatIsNotOnThePage(t *testing.T) {
	t.Parallel()
	s := look(t, nil, answers{"ListOwnAccounts": func(in any) (any, error) {
		out := &self.ListOwnAccountsOutput{Total: 5000, Matching: 5000, Page: 1, Pages: 50, Accounts: accounts("Archive", "Data", "Network", "Web")}
		if find := in.(*self.ListOwnAccountsInput).Find; find != "" {
			out.Matching, out.Pages, out.Accounts = 1, 1, accounts("Payments of "+find)
		}
		return out, nil
	}})
	s.Shows("(5,000)", "Page 1 of 50")
	s.pictures("portal-many")
	s.Axe("one page of many")
	s.WaitFor("Payments of zürich", func() { s.Fill("#find", "zürich") })
	s.Shows("1 account matches “zürich”.")
	if got, want := s.Path(), "/start?q="+url.QueryEscape("zürich"); got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
}

// onlyOwn checks that the browser asked nobody else.
func (s *shown) onlyOwn(t *testing.T) {
	t.Helper()
	foreign := s.Eval(`performance.getEntries().map(e => e.name).filter(n => n.includes("://") && !n.startsWith(location.origin)).join(" ")`)
	if foreign != "" {
		t.Errorf("the page asked %s", foreign)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, asked := range s.asked {
		if strings.Contains(asked, "evil") && !strings.Contains(asked, "destination=") {
			t.Error(fmt.Sprint("asked for ", asked))
		}
	}
}
