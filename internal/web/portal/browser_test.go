package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// look opens a portal in Chromium, signed in.
func look(t *testing.T, open []self.OwnAccount, more answers) *testkit.Browser {
	t.Helper()
	b := testkit.NewBrowserFor(t, strings.TrimPrefix(origin, "https://"), enter(browser(open, more).Site))
	b.Open("/enter")
	return b
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
	b := look(t, nil, listing(*alder()))
	b.Shows("AWS accounts", "(12)", "Recent", "20 minutes ago", "Favourites", "Other accounts")

	b.WaitFor("2 accounts match.", func() { b.Fill("#find", "pay view") })
	if text := b.Text(); strings.Contains(text, "Tracking") || strings.Contains(text, "Favourites") || strings.Contains(text, "20 minutes ago") {
		t.Errorf("what does not match is shown:\n%s", text)
	}
	b.WaitFor("No account matches", func() { b.Fill("#find", "nothing of the kind") })
	b.Open("/start")

	b.Click(`.star[value="000000000003"]`)
	b.WaitUntil(`document.querySelector('.star[value="000000000003"]').getAttribute("aria-pressed") === "true"`)
	b.Click("details.account > summary")
	b.WaitFor("Keys end at", func() { b.Click(".roles button") })
	b.Shows("Access keys", "Development 000000000001 · PowerUserAccess", `export AWS_ACCESS_KEY_ID="ASIAIOSFODNN7EXAMPLE"`, "Recommended")
	// What is copied is what is there, and not the dots that are shown.
	b.Eval(`(navigator.clipboard.writeText = async text => { window.copied = text }, "")`)
	b.Click("#bash [data-copy]")
	b.WaitUntil("window.copied !== undefined")
	if got, want := b.Eval("window.copied.split(String.fromCharCode(10))[1]"), `export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	b.Click(`#keys [aria-label="Close"]`)
	b.WaitUntil(`!document.documentElement.outerHTML.includes("wJalrXUtnFEMI")`) // a closed dialog keeps no secret
	b.Quiet("the portal")
}

// TestKeysWithoutScript: the page of keys is the dialog of keys.
func TestKeysWithoutScript(t *testing.T) {
	t.Parallel()
	b := look(t, accounts("Development"), nil)
	b.DisableScripts()
	b.Open("/start")
	b.PressIn(".roles", "Access keys")
	b.Shows("Keys end at", "fish", "set -gx AWS_ACCESS_KEY_ID")
	security := func() string {
		return b.Eval(`getComputedStyle(document.querySelector(".secret")).getPropertyValue("-webkit-text-security")`)
	}
	if got := security(); got != "disc" {
		t.Errorf("secrets are shown as %q", got)
	}
	b.Click("#show")
	if got := security(); got != "none" {
		t.Errorf("when asked for, secrets are shown as %q", got)
	}
}

// TestTheServerSearchesWhatIsNotOnThePage asks as one types.
func TestTheServerSearchesWhatIsNotOnThePage(t *testing.T) {
	t.Parallel()
	b := look(t, nil, answers{"ListOwnAccounts": func(in any) (any, error) {
		out := &self.ListOwnAccountsOutput{Total: 5000, Matching: 5000, Page: 1, Pages: 50, Accounts: accounts("Archive", "Data", "Network", "Web")}
		if find := in.(*self.ListOwnAccountsInput).Find; find != "" {
			out.Matching, out.Pages, out.Accounts = 1, 1, accounts("Payments of "+find)
		}
		return out, nil
	}})
	b.Shows("(5,000)", "Page 1 of 50")
	b.WaitFor("Payments of zürich", func() { b.Fill("#find", "zürich") })
	b.Shows("1 account matches “zürich”.")
	if got, want := b.Path(), "/start?q="+url.QueryEscape("zürich"); got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
}
