package setup

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

const (
	origin  = "https://id.alder.example"
	hostile = `<script>alert("x")</script>`
)

type answers = map[string]func(any) (any, error)

// browser is one at a new server; it keeps the secret of the set-up.
func browser(a answers) kittest.Browser {
	open := map[string]bool{}
	for name := range a {
		open[name] = true
	}
	site := kittest.Site(kittest.Corridor{Answers: a, Open: open}, origin)
	pages := New(site)
	mux := http.NewServeMux()
	pages.Routes(mux)
	pages.CommonRoutes(mux)
	return kittest.Browser{Site: site, Handler: pages.Middleware(mux)}
}

func at(stage domain.Stage) func(any) (any, error) {
	return kittest.Always(&setup.DescribeSetupOutput{Stage: string(stage), AccountId: "111111111111", AccountName: hostile, Email: "aws@alder.example",
		PortalUrl: origin + "/start", MinLength: 15, ExpiresAt: kittest.Now().Add(time.Hour)})
}

func no(code string, fields ...string) func(any) (any, error) {
	kind := map[string]fault.Kind{setup.LinkOver: fault.NotFound, setup.NotYours: fault.Unauthenticated, setup.MovedOn: fault.Conflict, setup.UnderWork: fault.Conflict}[code]
	if kind == 0 {
		kind = fault.Invalid
	}
	f := fault.New(kind, code, "Not like this.")
	for i := 0; i+1 < len(fields); i += 2 {
		f = f.With(fields[i], fields[i+1])
	}
	return kittest.Never(f)
}

func TestEveryStageHasItsPage(t *testing.T) {
	t.Parallel()
	for stage, texts := range map[domain.Stage][]string{
		domain.Account:       {"Let us open the gate", `aria-current="step">Account`, `value="Management"`, `minlength="15"`, `autocomplete="new-password"`, "until <time"},
		domain.Organization:  {"&lt;script&gt;", "Create an organization", "Leave the account alone", `aria-current="step">Organization`},
		domain.Portal:        {"id.alder.example/start/", `aria-current="step">Portal`},
		domain.Administrator: {"&lt;script&gt;", "With a link that I pass on", `aria-current="step">First person`, `minlength="15"`},
		domain.Over:          {"The set-up is over", `href="/signin/root"`},
	} {
		kittest.WantPage(t, browser(answers{"DescribeSetup": at(stage)}).Get("/setup"), http.StatusOK, texts...)
	}
	b := browser(answers{"DescribeSetup": at(domain.Portal)})
	kittest.WantPage(t, b.Get("/setup?moved=1"), http.StatusOK, "This was done in another window.")
	kittest.WantPage(t, b.Get("/setup?busy=1"), http.StatusOK, "This is being done in another window.")
}

// TestTheLinkIsSpentByAForm leaves a link as it is that is only looked at: mail scanners and chats look at links too.
func TestTheLinkIsSpentByAForm(t *testing.T) {
	t.Parallel()
	spent := 0
	b := browser(answers{"DescribeSetupLink": kittest.Always(&setup.DescribeSetupLinkOutput{ExpiresAt: kittest.Now()}),
		"BeginSetup": func(in any) (any, error) {
			spent++
			if in.(*setup.BeginSetupInput).Secret != "abc" {
				t.Error("another secret is spent")
			}
			return &setup.BeginSetupOutput{Browser: "kept-secret", ExpiresAt: kittest.Now().Add(time.Hour)}, nil
		}})
	kittest.WantPage(t, b.Get("/setup?secret=abc"), http.StatusOK, `name="secret" value="abc"`, "gatehouse init", "Whoever goes on owns this server.")
	if spent != 0 {
		t.Error("a look spends the link")
	}
	w := b.Post("/setup/begin", url.Values{"secret": {"abc"}})
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/setup")
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-gatehouse-setup=kept-secret;") || !strings.Contains(got, "HttpOnly") ||
		!strings.Contains(got, "Secure") || !strings.Contains(got, "SameSite=Lax") {
		t.Errorf("the cookie is %q", got)
	}
}

func TestWhoCannotGoOnIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	over := browser(answers{"DescribeSetupLink": no(setup.LinkOver), "BeginSetup": no(setup.LinkOver), "DescribeSetup": no(setup.NotYours),
		"CreateFirstAccount": no(setup.NotYours), "CreateFirstOrganization": no(setup.NotYours), "EnableFirstPortal": no(setup.NotYours),
		"CreateFirstAdministrator": no(setup.NotYours)})
	for what, w := range map[string]*httptest.ResponseRecorder{
		"a forged link": over.Get("/setup?secret=x"), "no link": over.Get("/setup"), "a replay": over.Post("/setup/begin", url.Values{"secret": {"x"}}),
		"an account": over.Post("/setup/account", nil), "an organization": over.Post("/setup/organization", nil),
		"alone": over.Post("/setup/organization", url.Values{"way": {"alone"}}), "a portal": over.Post("/setup/portal", nil), "a person": over.Post("/setup/person", nil),
	} {
		t.Log(what)
		kittest.WantPage(t, w, http.StatusNotFound, "This does not open the set-up", "gatehouse init --link", `href="/signin"`)
	}
}

// TestOtherSitesSetNothingUp has the forms sent from elsewhere, and the steps asked for by address.
func TestOtherSitesSetNothingUp(t *testing.T) {
	t.Parallel()
	b := browser(answers{"DescribeSetup": at(domain.Account)})
	for _, path := range []string{"begin", "account", "organization", "portal", "person"} {
		r := httptest.NewRequest(http.MethodPost, origin+"/setup/"+path, strings.NewReader("secret=abc&name=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		kittest.WantPage(t, b.Do(r), http.StatusForbidden, "Another site sent this form.")
		if w := b.Get("/setup/" + path); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
			t.Errorf("GET /setup/%s answers %d", path, w.Code)
		}
	}
}

func TestWhatWasTypedStaysButForPasswords(t *testing.T) {
	t.Parallel()
	b := browser(answers{"DescribeSetup": at(domain.Account), "CreateFirstAccount": no("ValidationException", "Field", "Email")})
	w := b.Post("/setup/account", url.Values{"name": {hostile}, "email": {"nobody"}, "password": {"hunter2hunter2hunter2"}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "Not like this.", `value="&lt;script&gt;`, `value="nobody"`, `aria-describedby="email-help why" aria-invalid="true" autofocus`)
	if strings.Contains(w.Body.String(), "hunter2") || strings.Count(w.Body.String(), " autofocus") != 1 {
		t.Errorf("the password came back, or the focus is not in one place:\n%s", w.Body)
	}
	weak := fault.New(fault.Invalid, api.PasswordRefused, "no").With("Objections", []string{"Too short.", "Too easy."})
	b = browser(answers{"DescribeSetup": at(domain.Administrator), "CreateFirstAdministrator": kittest.Never(weak)})
	w = b.Post("/setup/person", url.Values{"user": {"ines"}, "given": {hostile}, "family": {"Marek"}, "email": {"i@alder.example"}, "way": {"password"}, "password": {"hunter2"}})
	kittest.WantPage(t, w, http.StatusUnprocessableEntity, "<li>Too short.</li><li>Too easy.</li>", `value="ines"`, `value="Marek"`)
	b = browser(answers{"DescribeSetup": at(domain.Portal), "EnableFirstPortal": no("ValidationException")})
	kittest.WantPage(t, b.Post("/setup/portal", url.Values{"address": {"A/B"}}), http.StatusUnprocessableEntity, `value="a/b"`, `aria-invalid="true"`)
}

func TestTheStepsLeadOn(t *testing.T) {
	t.Parallel()
	b := browser(answers{"CreateFirstAccount": kittest.Always(&setup.CreateFirstAccountOutput{}), "EnableFirstPortal": no(setup.UnderWork),
		"CreateFirstOrganization": no(setup.MovedOn)})
	kittest.WantRedirect(t, b.Post("/setup/account", nil), http.StatusSeeOther, "/setup")
	kittest.WantRedirect(t, b.Post("/setup/organization", nil), http.StatusSeeOther, "/setup?moved=1")
	kittest.WantRedirect(t, b.Post("/setup/portal", nil), http.StatusSeeOther, "/setup?busy=1")
	b = browser(answers{"CreateFirstOrganization": kittest.Always(&setup.CreateFirstOrganizationOutput{})})
	w := b.Post("/setup/organization", url.Values{"way": {"alone"}})
	kittest.WantPage(t, w, http.StatusOK, "The set-up is over")
	if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Error("the browser keeps its secret")
	}
}

// TestALinkIsShownOnce covers the ways in which the first person gets in. An empty password is not a wish for a link.
func TestALinkIsShownOnce(t *testing.T) {
	t.Parallel()
	var asked []string
	made := &setup.CreateFirstAdministratorOutput{PortalUrl: origin + "/start/alder", Link: origin + "/signin/link?secret=x&y", ExpiresAt: kittest.Now()}
	b := browser(answers{"CreateFirstAdministrator": func(in any) (any, error) {
		asked = append(asked, in.(*setup.CreateFirstAdministratorInput).Password)
		return made, nil
	}})
	kittest.WantPage(t, b.Post("/setup/person", url.Values{"user": {hostile}, "way": {"link"}}), http.StatusOK, "secret=x&amp;y", "&lt;script&gt;", "It is shown this once.")
	made.Link, made.SentTo = "", "i@alder.example"
	kittest.WantPage(t, b.Post("/setup/person", url.Values{"way": {"password"}}), http.StatusOK, "on its way to i@alder.example", `href="`+origin+`/start/alder"`)
	if len(asked) != 2 || asked[0] != "" || strings.TrimSpace(asked[1]) != "" || asked[1] == "" {
		t.Errorf("the passwords are %q", asked)
	}
}

func TestTemplatesRenderZeroValues(t *testing.T) {
	t.Parallel()
	nothing, full := page{}, page{Moved: true, Busy: true, Wrong: hostile, Objections: []string{hostile}, Made: setup.CreateFirstAdministratorOutput{Link: hostile}}
	pages := map[string][]any{}
	for _, name := range []string{"begin.html", "account.html", "organization.html", "portal.html", "person.html", "done.html", "over.html", "dead.html"} {
		pages[name] = []any{nothing, full}
	}
	kittest.WantTemplates(t, New(kittest.Site(kittest.Corridor{}, origin)).Area, files, pages)
}
