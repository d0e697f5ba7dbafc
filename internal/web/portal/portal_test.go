package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
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
func browser(accounts []types.AccountInfo, more answers) kittest.Browser {
	a := answers{
		"WhoAmI": kittest.Always(&self.WhoAmIOutput{
			UserName: "pcollins", DisplayName: "Paula Collins", Organization: "Alder Freight", InstanceID: "ssoins-7223a1b0c9d8e7f6",
			Region: "eu-central-1", SignedInAt: kittest.Now().Add(-time.Hour), ExpiresAt: kittest.Now().Add(119 * time.Minute),
		}),
		"ListAccounts":     listAccounts(accounts),
		"ListAccountRoles": kittest.Always(&sdk.ListAccountRolesOutput{RoleList: roleInfos("ViewOnlyAccess", "PowerUserAccess")}),
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

// listAccounts answers two accounts a page.
func listAccounts(all []types.AccountInfo) func(any) (any, error) {
	return func(in any) (any, error) {
		from := 0
		if token := in.(*sdk.ListAccountsInput).NextToken; token != nil {
			fmt.Sscan(*token, &from)
		}
		to := min(from+2, len(all))
		out := &sdk.ListAccountsOutput{AccountList: all[from:to]}
		if to < len(all) {
			out.NextToken = aws.String(fmt.Sprint(to))
		}
		return out, nil
	}
}

func roleInfos(names ...string) []types.RoleInfo {
	var all []types.RoleInfo
	for _, name := range names {
		all = append(all, types.RoleInfo{RoleName: aws.String(name)})
	}
	return all
}

func accountInfos(names ...string) []types.AccountInfo {
	var all []types.AccountInfo
	for i, name := range names {
		all = append(all, types.AccountInfo{
			AccountId: aws.String(fmt.Sprintf("%012d", i+1)), AccountName: aws.String(name), EmailAddress: aws.String(fmt.Sprintf("a%d@alder.example", i+1)),
		})
	}
	return all
}

func TestTemplatesRenderZeroValues(t *testing.T) {
	t.Parallel()
	p := New(kittest.Site(kittest.Corridor{}, origin))
	for name, pages := range map[string][]any{
		"accounts.html": {accountsPage{}, accountsPage{Total: 1, Search: true, Accounts: []account{{Roles: []role{{}}}, {}}}},
		"keys.html":     {keysPage{}, keysPage{Keys: &keys{}}},
		"console.html":  {consolePage{}},
	} {
		for _, page := range pages {
			w := httptest.NewRecorder()
			if err := p.Render(w, http.StatusOK, name, page); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, mistake := range kittest.CheckHTML(w.Body.String()) {
				t.Errorf("%s: %s", name, mistake)
			}
		}
	}
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
	w := browser(accountInfos("Tracking", "Development", "archive"), nil).Get("/start")
	kittest.WantPage(t, w, 200, "<span>(3)</span>", "PowerUserAccess", "000000000002", "a1@alder.example", "2 roles", "Alder Freight", "PC",
		`action="/start/keys"`, `href="/start/console?account_id=000000000001&amp;role_name=ViewOnlyAccess"`, "until <time", `action="/signout"`)
	body := w.Body.String()
	if a, d, tr := strings.Index(body, "archive"), strings.Index(body, "Development"), strings.Index(body, "Tracking"); a > d || d > tr {
		t.Error("accounts are not in the order of their names")
	}
	if strings.Contains(body, "data-filter") {
		t.Error("three accounts need no search")
	}
	kittest.WantPage(t, browser(nil, nil).Get("/start"), 200, "no account is open to you yet", "pcollins")
}

func TestManyAccounts(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 120 {
		names = append(names, fmt.Sprintf("Account %03d", i))
	}
	b := browser(accountInfos(names...), nil)
	w := b.Get("/start")
	kittest.WantPage(t, w, 200, "The first 50 of 120 accounts.", "Account 049")
	if strings.Contains(w.Body.String(), "Account 050") {
		t.Error("more than one page of accounts")
	}
	kittest.WantPage(t, b.Get("/start?find=account+11"), 200, "<strong>10</strong> accounts match", "Account 119", "Show all")
	kittest.WantPage(t, b.Get("/start?find="+url.QueryEscape(hostile)), 200, "<strong>0</strong> accounts match", "&lt;script&gt;")
}

func TestHostileNamesAreText(t *testing.T) {
	t.Parallel()
	b := browser(accountInfos(hostile), answers{"ListAccountRoles": kittest.Always(&sdk.ListAccountRolesOutput{RoleList: roleInfos(`"><img src=x>`)})})
	for _, w := range []*httptest.ResponseRecorder{
		b.Get("/start"),
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
	b := browser(accountInfos("Development"), nil)
	kittest.WantPage(t, b.Get("/start/acme"), 200, "Development")
	kittest.WantRedirect(t, b.Get("/start/other"), http.StatusSeeOther, "/signin?to=%2Fstart%2Fother")
	kittest.WantPage(t, b.Get("/start/nowhere"), http.StatusNotFound)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := browser(accountInfos("Development"), nil)
	w := b.Post("/start/keys", url.Values{"account_id": {"000000000001"}, "role_name": {"PowerUserAccess"}})
	kittest.WantPage(t, w, 200,
		`export AWS_ACCESS_KEY_ID="ASIAIOSFODNN7EXAMPLE"`,
		`export AWS_SECRET_ACCESS_KEY="<span class="secret">wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</span>"`,
		`$Env:AWS_SESSION_TOKEN="<span class="secret">IQoJb3JpZ2luX2VjEXAMPLETOKEN&#43;/=</span>"`,
		`SET "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE"`,
		"[000000000001_PowerUserAccess]",
		"sso_start_url           = https://identitycenter.amazonaws.com/ssoins-7223a1b0c9d8e7f6",
		"sso_region              = eu-central-1",
		"aws sso login --profile development-poweruseraccess",
		"Keys end at <time", "15:40 UTC", "In 59 minutes.", "Sign-in ends at <time", "16:40 UTC", "In 1 h 59 min.",
		"Show the secret values")
}

func TestKeysAreNotMadeByALink(t *testing.T) {
	t.Parallel()
	b := browser(accountInfos("Development"), answers{"GetRoleCredentials": func(any) (any, error) {
		t.Error("keys were made")
		return nil, nil
	}})
	w := b.Get("/start/keys?account_id=000000000001&role_name=PowerUserAccess")
	kittest.WantPage(t, w, 200, "Get access keys", `method="post" action="/start/keys"`, "[sso-session gatehouse-4f2a]", "[services gatehouse-4f2a]")
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
		for _, page := range []string{"/start/keys?", "/start/console?"} {
			kittest.WantPage(t, b.Get(page+q.Encode()), http.StatusBadRequest, "names no account or no role")
		}
	}
}

func TestConsoleShowsAndNeverFollows(t *testing.T) {
	t.Parallel()
	w := browser(accountInfos("Development"), nil).Get("/start/console?account_id=000000000001&role_name=ViewOnlyAccess&destination=https%3A%2F%2Fevil.example%2F")
	kittest.WantPage(t, w, 200, "There is no console yet", "Development", "000000000001", "ViewOnlyAccess", "https://evil.example/")
	if strings.Contains(w.Body.String(), `href="https://evil.example`) || w.Header().Get("Refresh") != "" {
		t.Error("the destination is followed")
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
