// Package setup is the pages behind the set-up link of a new server: four short forms, one after another, for whoever
// started it. See package setup of the API for what they call.
//
// The address of the first page has the secret; a form of that page spends it, and from there on the browser keeps another
// in a cookie. What the pages show is what the set-up waits for, whichever page was asked for.
package setup

import (
	"cmp"
	"embed"
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

//go:embed templates
var files embed.FS

// kept is what the browser keeps the secret as.
const kept = "setup"

// Pages answers for the set-up.
type Pages struct{ *kit.Area }

// New reads the templates.
func New(site kit.Site) *Pages { return &Pages{kit.NewArea(site, files)} }

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.Handle("GET "+setup.Path, p.Handle(p.show))
	mux.Handle("POST "+setup.Path+"/begin", p.Handle(p.begin))
	mux.Handle("POST "+setup.Path+"/account", p.Handle(p.makeAccount))
	mux.Handle("POST "+setup.Path+"/organization", p.Handle(p.makeOrganization))
	mux.Handle("POST "+setup.Path+"/portal", p.Handle(p.enablePortal))
	mux.Handle("POST "+setup.Path+"/person", p.Handle(p.addPerson))
}

// page is every page of the set-up.
type page struct {
	kit.Page
	Secret     string // of the link, on the page that spends it
	Is         setup.DescribeSetupOutput
	Moved      bool     // a step was done in another window
	Busy       bool     // or is being done there
	Wrong      string   // what is said against what was typed
	Field      string   // which is wrong, when one is
	Objections []string // to a password
	Typed      typed
	Made       setup.CreateFirstAdministratorOutput // of the last page
}

// typed is what was typed, but for passwords, which do not come back.
type typed struct{ Name, Email, Address, User, Given, Family, Way string }

// Steps are the names of the steps, in their order.
func (page) Steps() []string { return []string{"Account", "Organization", "Portal", "First person"} }

// Step is which of them the set-up is at, from 0.
func (p page) Step() int {
	return map[string]int{string(domain.Organization): 1, string(domain.Portal): 2, string(domain.Administrator): 3}[p.Is.Stage]
}

// templates are the pages of the stages, and their titles.
var templates = map[string]struct{ name, title string }{
	string(domain.Account):       {"account.html", "Let us open the gate"},
	string(domain.Organization):  {"organization.html", "An organization?"},
	string(domain.Portal):        {"portal.html", "The portal"},
	string(domain.Administrator): {"person.html", "The first person"},
	string(domain.Over):          {"over.html", "The set-up is over"},
}

// show answers with the page that spends a link or, without one, with what the set-up waits for.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if secret := q.Get("secret"); secret != "" {
		is, err := kit.Ask[setup.DescribeSetupLinkOutput](p.Site, r, setup.Name, "DescribeSetupLink", &setup.DescribeSetupLinkInput{Secret: secret})
		if err == nil {
			return p.Render(w, http.StatusOK, "begin.html", page{Page: p.Page("Set up Gatehouse", ""), Secret: secret, Is: setup.DescribeSetupOutput{ExpiresAt: is.ExpiresAt}})
		}
		if p.Kept(r, kept) == "" {
			return p.dead(w, err)
		}
	}
	return p.stage(w, r, http.StatusOK, page{Moved: q.Has("moved"), Busy: q.Has("busy")})
}

// stage answers with what the set-up waits for.
func (p *Pages) stage(w http.ResponseWriter, r *http.Request, status int, page page) error {
	is, err := kit.Ask[setup.DescribeSetupOutput](p.Site, r, setup.Name, "DescribeSetup", &setup.DescribeSetupInput{Browser: p.Kept(r, kept)})
	if err != nil {
		return p.dead(w, err)
	}
	shown := templates[is.Stage]
	page.Page, page.Is = p.Page(shown.title, is.AccountName), *is
	return p.Render(w, status, shown.name, page)
}

// dead answers to who cannot go on with the set-up, whatever the reason.
func (p *Pages) dead(w http.ResponseWriter, err error) error {
	if !fault.Is(err, setup.LinkOver) && !fault.Is(err, setup.NotYours) {
		return err
	}
	return p.Render(w, http.StatusNotFound, "dead.html", page{Page: p.Page("This does not open the set-up", "")})
}

// begin spends the link.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	out, err := kit.Ask[setup.BeginSetupOutput](p.Site, r, setup.Name, "BeginSetup", &setup.BeginSetupInput{Secret: r.PostFormValue("secret")})
	if err != nil {
		return p.dead(w, err)
	}
	p.Keep(w, kept, out.Browser, out.ExpiresAt)
	http.Redirect(w, r, setup.Path, http.StatusSeeOther)
	return nil
}

func (p *Pages) makeAccount(w http.ResponseWriter, r *http.Request) error {
	page := page{Typed: typed{Name: field(r, "name"), Email: field(r, "email")}}
	_, err := kit.Ask[setup.CreateFirstAccountOutput](p.Site, r, setup.Name, "CreateFirstAccount",
		&setup.CreateFirstAccountInput{Browser: p.Kept(r, kept), AccountName: page.Typed.Name, Email: page.Typed.Email, Password: r.PostFormValue("password")})
	return p.next(w, r, page, err)
}

func (p *Pages) makeOrganization(w http.ResponseWriter, r *http.Request) error {
	alone := r.PostFormValue("way") == "alone"
	_, err := kit.Ask[setup.CreateFirstOrganizationOutput](p.Site, r, setup.Name, "CreateFirstOrganization",
		&setup.CreateFirstOrganizationInput{Browser: p.Kept(r, kept), Standalone: alone})
	if err != nil || !alone {
		return p.next(w, r, page{Typed: typed{Way: r.PostFormValue("way")}}, err)
	}
	p.Drop(w, kept)
	return p.Render(w, http.StatusOK, "over.html", page{Page: p.Page(templates[string(domain.Over)].title, "")})
}

func (p *Pages) enablePortal(w http.ResponseWriter, r *http.Request) error {
	page := page{Typed: typed{Address: strings.ToLower(field(r, "address"))}}
	_, err := kit.Ask[setup.EnableFirstPortalOutput](p.Site, r, setup.Name, "EnableFirstPortal",
		&setup.EnableFirstPortalInput{Browser: p.Kept(r, kept), Address: page.Typed.Address})
	return p.next(w, r, page, err)
}

// addPerson adds the first person, and says how they get in: a link is shown this once.
func (p *Pages) addPerson(w http.ResponseWriter, r *http.Request) error {
	page := page{Typed: typed{User: field(r, "user"), Given: field(r, "given"), Family: field(r, "family"), Email: field(r, "email"), Way: r.PostFormValue("way")}}
	in := &setup.CreateFirstAdministratorInput{Browser: p.Kept(r, kept), UserName: page.Typed.User, GivenName: page.Typed.Given, FamilyName: page.Typed.Family,
		Email: page.Typed.Email}
	if page.Typed.Way != "link" {
		in.Password = cmp.Or(r.PostFormValue("password"), " ") // an empty one would mean a link
	}
	out, err := kit.Ask[setup.CreateFirstAdministratorOutput](p.Site, r, setup.Name, "CreateFirstAdministrator", in)
	if err != nil {
		return p.next(w, r, page, err)
	}
	p.Drop(w, kept)
	page.Page, page.Made = p.Page("The gate is open", ""), *out
	return p.Render(w, http.StatusOK, "done.html", page)
}

// next leads on after a step that was done, here or elsewhere, and shows one again that was refused.
func (p *Pages) next(w http.ResponseWriter, r *http.Request, page page, err error) error {
	f := fault.As(err)
	to := setup.Path
	switch {
	case err == nil:
	case f == nil:
		return err
	case f.Code == setup.MovedOn:
		to += "?moved=1"
	case f.Code == setup.UnderWork:
		to += "?busy=1"
	case f.Kind == fault.Invalid || f.Kind == fault.Conflict:
		page.Wrong = f.Message
		page.Field, _ = f.Fields["Field"].(string)
		if f.Code == api.PasswordRefused {
			page.Objections, _ = f.Fields["Objections"].([]string)
			page.Field = "Password"
		}
		return p.stage(w, r, http.StatusUnprocessableEntity, page)
	default:
		return p.dead(w, err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
