package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

const (
	origin  = "https://id.alderfreight.example"
	hostile = `<script>alert("x")</script>`
)

type answers = map[string]func(any) (any, error)

// browser is signed in at a portal with these accounts and two roles in each.
func browser(open []self.OwnAccount, more answers) kittest.Browser {
	a := answers{
		"WhoAmI": kittest.Always(&self.WhoAmIOutput{
			UserName: "pcollins", DisplayName: "Paula Collins", Organization: "Alder Freight", InstanceID: "ssoins-7223a1b0c9d8e7f6",
			Region: "eu-central-1", SignedInAt: kittest.Now().Add(-time.Hour), ExpiresAt: kittest.Now().Add(119 * time.Minute),
		}),
		"ListOwnAccounts": listAccounts(open),
		"PutFavourite":    kittest.Always(&self.PutFavouriteOutput{}),
		"RecordRoleUse":   kittest.Always(&self.RecordRoleUseOutput{}),
		"GetRoleCredentials": kittest.Always(&sdk.GetRoleCredentialsOutput{RoleCredentials: &types.RoleCredentials{
			AccessKeyId: aws.String("ASIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
			SessionToken: aws.String("IQoJb3JpZ2luX2VjEXAMPLETOKEN+/="), Expiration: kittest.Now().Add(59*time.Minute + 30*time.Second).UnixMilli(),
		}}),
	}
	for name, answer := range more {
		a[name] = answer
	}
	site := kittest.Site(kittest.Corridor{Answers: a}, origin)
	pages := New(site)
	mux := http.NewServeMux()
	pages.Routes(mux)
	return kittest.Browser{Site: site, Handler: pages.Middleware(mux), Session: kittest.Secret}
}

// listAccounts answers with all of them, or with what has every word that is looked for in its name, number or roles.
func listAccounts(all []self.OwnAccount) func(any) (any, error) {
	return func(in any) (any, error) {
		words := strings.Fields(strings.ToLower(in.(*self.ListOwnAccountsInput).Find))
		out := &self.ListOwnAccountsOutput{Total: len(all), Page: 1, Pages: 1}
		for _, a := range all {
			has := a.Name + " " + a.ID
			for _, role := range a.Roles {
				has += " " + role.Name
			}
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(strings.ToLower(has), w) }) {
				out.Accounts = append(out.Accounts, a)
			}
		}
		out.Matching = len(out.Accounts)
		return out, nil
	}
}

// accounts have these names and two roles each.
func accounts(names ...string) []self.OwnAccount {
	var all []self.OwnAccount
	for i, name := range names {
		all = append(all, self.OwnAccount{ID: fmt.Sprintf("%012d", i+1), Name: name, Email: fmt.Sprintf("a%d@alder.example", i+1), Roles: []self.OwnRole{
			{Name: "PowerUserAccess", Description: "Use all services.", Lasts: time.Hour}, {Name: "ViewOnlyAccess", Lasts: 4 * time.Hour}}})
	}
	return all
}

func TestTemplatesRenderZeroValues(t *testing.T) {
	t.Parallel()
	p := New(kittest.Site(kittest.Corridor{}, origin))
	kittest.WantTemplates(t, p.Area, files, map[string][]any{
		"accounts.html": {accountsPage{},
			accountsPage{lists: &p.lists, Is: self.ListOwnAccountsOutput{Total: 1, Matching: 1, Accounts: []self.OwnAccount{{Roles: []self.OwnRole{{}}}, {}}}},
			accountsPage{lists: &p.lists, Is: self.ListOwnAccountsOutput{Total: 700, Page: 2, Pages: 7, Accounts: []self.OwnAccount{{Favourite: true}}}},
			accountsPage{Find: "a", Is: self.ListOwnAccountsOutput{Total: 9}}},
		"console.html":      {consolePage{}, consolePage{Destination: "x", Foreign: true}},
		"keys.html":         {keysPage{}, keysPage{Keys: &keys{}}},
		"own-app.html":      {ownAppPage{}},
		"own-passkey.html":  {ownPasskeyPage{}},
		"own-device.html":   {ownDevicePage{}},
		"own-key.html":      {ownKeyPage{}},
		"own-password.html": {ownFrame{}},
		"own.html":          {ownPage{}, ownPage{ownFrame: ownFrame{Is: door.DescribeSelfOutput{Door: door.IAM, Devices: []door.Device{{}}, Sessions: []door.Session{{}, {}}}}, HasKeys: true}},
		"password.html":     {passwordPage{}},
		"roles.html": {rolesPage{}, rolesPage{Lacking: true, Destination: "x", Is: self.ListOwnAccountsOutput{Total: 9, Pages: 2,
			Accounts: []self.OwnAccount{{Roles: []self.OwnRole{{}}}}}}},
		"security.html": {securityPage{}, securityPage{Is: self.DescribeSecurityOutput{Devices: []self.OwnDevice{{}}, Sessions: []self.OwnSession{{}, {}}}, Codes: []string{""}}},
		"shortcut.html": {shortcutPage{}, shortcutPage{Wrong: true}, shortcutPage{Link: "x", Account: self.OwnAccount{Roles: []self.OwnRole{{}}}}},
	})
}

func TestPortalNeedsSignIn(t *testing.T) {
	t.Parallel()
	b := browser(nil, nil)
	b.Session = ""
	for target, want := range map[string]string{
		"/start":                        "/signin",
		"/start/":                       "/signin?to=%2Fstart%2F",
		"/start/acme":                   "/signin?to=%2Fstart%2Facme",
		"/start/console?account_id=1":   "/signin?to=%2Fstart%2Fconsole%3Faccount_id%3D1",
		"/start/keys?account_id=1&x=//": "",
	} {
		w := b.Get(target)
		if want == "" {
			kittest.WantPage(t, w, http.StatusBadRequest, "names no account or no role")
			continue
		}
		kittest.WantRedirect(t, w, http.StatusSeeOther, want)
	}
	kittest.WantRedirect(t, b.Get("/"), http.StatusSeeOther, "/start")
	w := b.Post("/start/keys", url.Values{"account_id": {"000000000001"}, "role_name": {"R"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?to=%2Fstart%2Fkeys%3Faccount_id%3D000000000001%26role_name%3DR")
}

func TestHeadNamesTheInstance(t *testing.T) {
	t.Parallel()
	b := browser(nil, nil)
	b.Session = ""
	for target, want := range map[string]string{
		"/start":         "https://identitycenter.amazonaws.com/ssoins-7223a1b0c9d8e7f6",
		"/start/":        "https://identitycenter.amazonaws.com/ssoins-7223a1b0c9d8e7f6",
		"/start/other":   "https://identitycenter.amazonaws.com/ssoins-1111111111111111",
		"/start/other/":  "https://identitycenter.amazonaws.com/ssoins-1111111111111111",
		"/start/nowhere": "",
	} {
		w := b.Do(httptest.NewRequest(http.MethodHead, origin+target, nil))
		status := http.StatusFound
		if want == "" {
			status = http.StatusNotFound
		}
		kittest.WantRedirect(t, w, status, want)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := browser(accounts("archive", "Development", "Tracking"), nil).Get("/start")
	kittest.WantPage(t, w, 200, "<span>(3)</span>", "PowerUserAccess", "000000000002", "a1@alder.example", "2 roles", "Alder Freight", "PC", "4 hours",
		"Use all services.", `action="/start/keys"`, `href="/start/console?account_id=000000000001&amp;role_name=ViewOnlyAccess"`, "until <time", `action="/signout"`,
		`form="marks" name="mark" value="000000000003" aria-pressed="false"`, `href="/start/shortcut?account_id=000000000001"`)
	for _, text := range []string{"data-filter", `class="label"`, `id="recent"`} {
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("three accounts need no %s", text)
		}
	}
	kittest.WantPage(t, browser(nil, nil).Get("/start"), 200, "no account is open to you yet", "pcollins")
}

// listing answers with a list as it is.
func listing(out self.ListOwnAccountsOutput) answers {
	return answers{"ListOwnAccounts": kittest.Always(&out)}
}

func TestFavouritesAndRecentRolesStandAboveTheOthers(t *testing.T) {
	t.Parallel()
	all := accounts("Staging", "archive", "Development", "Tracking", "Data", "Web")
	all[0].Favourite = true
	var recent []self.OwnRecentRole
	for i, ago := range []time.Duration{0, 20 * time.Minute, 26 * time.Hour, 99 * time.Hour} {
		recent = append(recent, self.OwnRecentRole{AccountID: all[i].ID, AccountName: all[i].Name, Role: fmt.Sprint("R", i), UsedAt: kittest.Now().Add(-ago)})
	}
	w := browser(nil, listing(self.ListOwnAccountsOutput{Total: 6, Matching: 6, Page: 1, Pages: 1, Accounts: all, Recent: recent})).Get("/start")
	kittest.WantPage(t, w, 200, `data-filter="here"`, "Favourites", "Other accounts", "Just now", "20 minutes ago", "1 day ago", `name="role_name" value="R2"`,
		`name="unmark" value="000000000001" aria-pressed="true"`)
	if strings.Contains(w.Body.String(), "R3") {
		t.Error("more recent roles than one row")
	}
	w = browser(nil, listing(self.ListOwnAccountsOutput{Total: 6, Matching: 1, Page: 1, Pages: 1, Accounts: all[:1], Recent: recent})).Get("/start?q=sta")
	kittest.WantPage(t, w, 200, `<strong>1</strong> account matches “sta”.`, `data-filter="server"`, `href="/start">Show all`, `name="to" value="/start?q=sta"`)
	for _, text := range []string{"Just now", "Favourites"} {
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("what was found stands below %q", text)
		}
	}
}

func TestVeryManyAccountsComeInPages(t *testing.T) {
	t.Parallel()
	many := self.ListOwnAccountsOutput{Total: 5000, Matching: 5000, Page: 2, Pages: 50, Accounts: accounts("Development")}
	kittest.WantPage(t, browser(nil, listing(many)).Get("/start/acme?page=2&q=a%26b"), 200, "(5,000)", "Page 2 of 50", `data-filter="server"`,
		`href="/start/acme?page=1&amp;q=a%26b" rel="prev"`, `href="/start/acme?page=3&amp;q=a%26b" rel="next"`, "<strong>5,000</strong> accounts match “a&amp;b”.")
	asked := 0
	b := browser(nil, answers{"ListOwnAccounts": func(in any) (any, error) { asked = in.(*self.ListOwnAccountsInput).Page; return &many, nil }})
	for page, want := range map[string]int{"7": 7, "-1": -1, "x": 0, "99999999999999999999": 1<<63 - 1, "": 0} {
		if b.Get("/start?page=" + page); asked != want {
			t.Errorf("page %q asks for %d, want %d", page, asked, want)
		}
	}
	none := self.ListOwnAccountsOutput{Total: 9, Page: 1, Pages: 1}
	kittest.WantPage(t, browser(nil, listing(none)).Get("/start?q="+url.QueryEscape(hostile)), 200, "No account matches “&lt;script&gt;", "Show all")
}

func TestFavouritesAreMarkedByAPost(t *testing.T) {
	t.Parallel()
	var got []self.PutFavouriteInput
	b := browser(accounts("Development"), answers{"PutFavourite": func(in any) (any, error) {
		got = append(got, *in.(*self.PutFavouriteInput))
		return &self.PutFavouriteOutput{}, nil
	}})
	id := "000000000001"
	kittest.WantRedirect(t, b.Post("/start/favourites", url.Values{"mark": {id}, "to": {"/start?q=dev"}}), http.StatusSeeOther, "/start?q=dev")
	kittest.WantRedirect(t, b.Post("/start/favourites", url.Values{"unmark": {id}, "to": {"//evil.example"}}), http.StatusSeeOther, "/start")
	if w := b.Post("/start/favourites", url.Values{"mark": {id}, "stay": {"yes"}}); w.Code != http.StatusNoContent {
		t.Errorf("a script gets %d", w.Code)
	}
	if want := []self.PutFavouriteInput{{AccountID: id, Favourite: true}, {AccountID: id}, {AccountID: id, Favourite: true}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	b.Session = ""
	kittest.WantRedirect(t, b.Post("/start/favourites", url.Values{"mark": {id}}), http.StatusSeeOther, "/signin")
	if w := b.Get("/start/favourites?mark=" + id); w.Code == http.StatusOK || len(got) != 3 {
		t.Errorf("a link marks: %d", w.Code)
	}
}

func TestHostileNamesAreText(t *testing.T) {
	t.Parallel()
	all := accounts(hostile)
	all[0].Roles = []self.OwnRole{{Name: `"><img src=x>`, Description: hostile}}
	b := browser(all, nil)
	for _, w := range []*httptest.ResponseRecorder{
		b.Get("/start"),
		b.Get("/start/shortcut?account_id=000000000001"),
		b.Get("/start/console?account_id=000000000001&role_name=R&destination=" + url.QueryEscape(hostile)),
		b.Post("/start/keys", url.Values{"account_id": {"000000000001"}, "role_name": {hostile}}),
	} {
		kittest.WantPage(t, w, 200, "&lt;script&gt;")
		if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
			t.Error("a name became markup")
		}
	}
}

func TestAnotherPortal(t *testing.T) {
	t.Parallel()
	b := browser(accounts("Development"), nil)
	kittest.WantPage(t, b.Get("/start/acme"), 200, "Development")
	kittest.WantRedirect(t, b.Get("/start/other"), http.StatusSeeOther, "/signin?to=%2Fstart%2Fother")
	kittest.WantPage(t, b.Get("/start/nowhere"), http.StatusNotFound)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := browser(accounts("Development"), nil)
	w := b.Post("/start/keys", url.Values{"account_id": {"000000000001"}, "role_name": {"PowerUserAccess"}})
	kittest.WantPage(t, w, 200,
		`export AWS_ACCESS_KEY_ID="ASIAIOSFODNN7EXAMPLE"`,
		`export AWS_SECRET_ACCESS_KEY="<span class="secret">wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</span>"`,
		`set -gx AWS_ACCESS_KEY_ID "ASIAIOSFODNN7EXAMPLE"`,
		`$Env:AWS_SESSION_TOKEN="<span class="secret">IQoJb3JpZ2luX2VjEXAMPLETOKEN&#43;/=</span>"`,
		`SET "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE"`,
		"[000000000001_PowerUserAccess]",
		"sso_start_url           = https://identitycenter.amazonaws.com/ssoins-7223a1b0c9d8e7f6",
		"sso_region              = eu-central-1",
		"aws sso login --profile development-poweruseraccess", "AWS_ENDPOINT_URL_SSO_OIDC=https://id.alderfreight.example aws configure sso",
		"Keys end at <time", "15:40 UTC", "In 59 minutes.", "Sign-in ends at <time", "16:40 UTC", "In 1 h 59 min.",
		"Show the secret values")
}

func TestKeysAreNotMadeByALink(t *testing.T) {
	t.Parallel()
	b := browser(accounts("Development"), answers{"GetRoleCredentials": func(any) (any, error) {
		t.Error("keys were made")
		return nil, nil
	}})
	w := b.Get("/start/keys?account_id=000000000001&role_name=PowerUserAccess")
	kittest.WantPage(t, w, 200, "Get access keys", `method="post" action="/start/keys"`, "[sso-session gatehouse-4f2a]", "[services gatehouse-4f2a]",
		"sts =\n  endpoint_url = "+origin+"\n", "sso_admin =\n  endpoint_url = "+origin+"\n")
	r := httptest.NewRequest(http.MethodPost, origin+"/start/keys", strings.NewReader("account_id=000000000001&role_name=R"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	kittest.WantPage(t, b.Do(r), http.StatusForbidden, "Another site sent this form.")
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	form := url.Values{"account_id": {"000000000001"}, "role_name": {"R"}}
	denied := answers{"GetRoleCredentials": kittest.Never(fault.New(fault.Denied, "ForbiddenException", "No access"))}
	kittest.WantPage(t, browser(nil, denied).Post("/start/keys", form), http.StatusForbidden, "No access")
	ended := answers{"GetRoleCredentials": kittest.Never(fault.New(fault.Unauthenticated, "UnauthorizedException", "Session token not found or invalid"))}
	kittest.WantRedirect(t, browser(nil, ended).Post("/start/keys", form), http.StatusSeeOther, "/signin")
}

func TestTargetsThatAreNone(t *testing.T) {
	t.Parallel()
	b := browser(nil, nil)
	for _, q := range []url.Values{
		{},
		{"account_id": {"000000000001"}},
		{"role_name": {"R"}},
		{"account_id": {"1"}, "role_name": {"R"}},
		{"account_id": {"000000000001\n[profile default]"}, "role_name": {"R"}},
		{"account_id": {"000000000001"}, "role_name": {"R\ncredential_process = sh"}},
	} {
		kittest.WantPage(t, b.Get("/start/keys?"+q.Encode()), http.StatusBadRequest, "names no account or no role")
		if q.Has("account_id") && q.Has("role_name") { // or else the link leaves them open
			kittest.WantPage(t, b.Get("/start/console?"+q.Encode()), http.StatusBadRequest, "names no account or no role")
		}
	}
}

func TestConsoleShowsAndNeverFollows(t *testing.T) {
	t.Parallel()
	b := browser(accounts("Development"), nil)
	w := b.Get("/start/console?account_id=000000000001&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fevil.example%2F")
	kittest.WantPage(t, w, 200, "There is no console yet", "Development", "000000000001", "ViewOnlyAccess", "https://evil.example/", "is no page of the AWS console")
	if strings.Contains(w.Body.String(), `href="https://evil.example`) || w.Header().Get("Refresh") != "" {
		t.Error("the destination is followed")
	}
	w = b.Get("/start/console?account_id=000000000001&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3")
	if strings.Contains(w.Body.String(), "Take care") {
		t.Error("a page of the console is warned of")
	}
}

// TestALinkMayLeaveOpenWhichRole, or which account, too; where it leaves no choice, it leads on.
func TestALinkMayLeaveOpenWhichRole(t *testing.T) {
	t.Parallel()
	var used []self.RecordRoleUseInput
	open := accounts("Development", "Production")
	open[1].Roles = open[1].Roles[:1] // PowerUserAccess
	b := browser(open, answers{"RecordRoleUse": func(in any) (any, error) {
		used = append(used, *in.(*self.RecordRoleUseInput))
		return &self.RecordRoleUseOutput{}, nil
	}})
	const to = "destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3"
	at := func(account, role string) string {
		return `href="/start/console?account_id=` + account + "&amp;" + to + "&amp;role_name=" + role + `"`
	}
	without := func(w *httptest.ResponseRecorder, text string) {
		t.Helper()
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("the page has %q", text)
		}
	}
	w := b.Get("/start/console?account_id=000000000001&" + to)
	kittest.WantPage(t, w, 200, "Choose a role", at("000000000001", "PowerUserAccess"), at("000000000001", "ViewOnlyAccess"), "https://console.aws.amazon.com/s3")
	without(w, "Production")
	w = b.Get("/start/console?" + to)
	kittest.WantPage(t, w, 200, "Choose a role", at("000000000001", "ViewOnlyAccess"), at("000000000002", "PowerUserAccess"))
	w = b.Get("/start/console?role_name=ViewOnlyAccess&" + to)
	kittest.WantPage(t, w, 200, "Choose a role", at("000000000001", "ViewOnlyAccess"))
	without(w, "PowerUserAccess")
	if len(used) > 0 {
		t.Errorf("what was only offered counts as used: %v", used)
	}
	kittest.WantPage(t, b.Get("/start/console?account_id=000000000002&"+to), 200, "There is no console yet", "PowerUserAccess", "Production")
	kittest.WantPage(t, b.Get("/start/console?account_id=000000000001&role_name=ViewOnlyAccess"), 200, "There is no console yet")
	if want := []self.RecordRoleUseInput{{AccountID: "000000000002", Role: "PowerUserAccess"}, {AccountID: "000000000001", Role: "ViewOnlyAccess"}}; !slices.Equal(used, want) {
		t.Errorf("used %v, want %v", used, want)
	}
	for _, lacking := range []string{"account_id=000000000009", "account_id=000000000002&role_name=ViewOnlyAccess", "role_name=Root"} {
		kittest.WantPage(t, b.Get("/start/console?"+lacking), 200, "You do not have what the link leads to.", "Development")
	}
	if len(used) > 2 {
		t.Errorf("what is not theirs counts as used: %v", used)
	}
	kittest.WantPage(t, b.Get("/start/shortcut?account_id=000000000001&role_name=&destination="), 200, "Your link", "#/console?account_id=000000000001</code>", "chooses a role of their own")
	kittest.WantPage(t, b.Get("/start/shortcut"), 200, "in whichever account")
	kittest.WantPage(t, b.Get("/start/shortcut?"+to), 200, "#/console?destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3</code>", "an account and a role of their own")
}

func TestShortcuts(t *testing.T) {
	t.Parallel()
	b := browser(accounts("Development"), nil)
	kittest.WantPage(t, b.Get("/start/shortcut?account_id=000000000001"), 200, "Create the shortcut", "<option>ViewOnlyAccess</option>")
	kittest.WantPage(t, b.Get("/start/shortcut?account_id=000000000001&role_name=ViewOnlyAccess&destination=https://eu-central-1.console.aws.amazon.com/s3/home%3Fregion=eu-central-1%23b"), 200,
		"<code>https://id.alderfreight.example/start/#/console?account_id=000000000001&amp;destination=https%3A%2F%2Feu-central-1.console.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Deu-central-1%23b&amp;role_name=ViewOnlyAccess</code>")
	kittest.WantPage(t, b.Get("/start/shortcut?account_id=000000000009"), http.StatusNotFound)
	kittest.WantPage(t, b.Get("/start/shortcut?account_id=1"), http.StatusBadRequest)
	w := b.Get("/start/shortcut?account_id=000000000001&role_name=ViewOnlyAccess&destination=//evil.example")
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "This is no page of the AWS console.", `value="//evil.example"`)
	if strings.Contains(w.Body.String(), "Your link") {
		t.Error("there is a link to elsewhere")
	}
}

// TestDestinations has what went wrong elsewhere: Keycloak CVE-2023-6291 and CVE-2024-8883, crewjam/saml
// CVE-2023-45683, and what browsers make of odd addresses (WHATWG URL Standard section 4.4).
func TestDestinations(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{
		"https://console.aws.amazon.com/", "https://console.aws.amazon.com", "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#Instances:",
		"https://CONSOLE.aws.amazon.com/x",
	} {
		if !isConsole(ok) {
			t.Errorf("%q is refused", ok)
		}
	}
	for _, evil := range []string{
		"", "//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "https:/evil.example", "%2f%2fevil.example", "/start", "javascript:alert(1)",
		"https://evil.example", "http://console.aws.amazon.com/", "https://console.aws.amazon.com@evil.example/", "https://user:p@console.aws.amazon.com/",
		"https://evil.example/console.aws.amazon.com", "https://evil.example#.console.aws.amazon.com", "https://evil.example?.console.aws.amazon.com",
		"https://evil.example\\.console.aws.amazon.com", "https://evilconsole.aws.amazon.com", "https://console.aws.amazon.com.evil.example/",
		"https://console.aws.amazon.com:444/", "https://console.aws.amazon.com%2eevil.example/", "https://evil.example%2f.console.aws.amazon.com/",
		"ht\ntps://console.aws.amazon.com/", "https://console.aws.amazon.com/\t", "\x00https://console.aws.amazon.com/", "https://consоle.aws.amazon.com/",
		"https://console。aws.amazon.com/", "data:text/html,x", "https://[::1].console.aws.amazon.com/", "https://console.aws.amazon.com/" + strings.Repeat("a", 2048),
	} {
		if isConsole(evil) {
			t.Errorf("%q is let through", evil)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "?", "Paula Collins": "PC", "pcollins": "P", "Ада Августа Лавлейс": "АЛ"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
	for account, want := range map[string]string{"Data platform": "data-platform-r", "": "r", "数据": "r", "a]\n[b": "a-b-r"} {
		if got := profileName(account, "R"); got != want {
			t.Errorf("profileName(%q) = %q, want %q", account, got, want)
		}
	}
}

// TestKeysWantAFreshProofWhereThePolicySaysSo leads to it and back to the offer of keys.
func TestKeysWantAFreshProofWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	b := browser(nil, answers{"GetRoleCredentials": kittest.Never(api.StepUpFirst())})
	w := b.Post("/start/keys", url.Values{"account_id": {"111122223333"}, "role_name": {"ViewOnlyAccess"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin/again?to=%2Fstart%2Fkeys%3Faccount_id%3D111122223333%26role_name%3DViewOnlyAccess")
}
