package portal

import (
	"embed"
	"net/http"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

//go:embed assets templates
var files embed.FS

// Pages answers for the portal.
type Pages struct {
	*kit.Area
	lists lists
}

// New reads the templates and assets.
func New(site kit.Site) *Pages {
	area := kit.NewArea(site, files)
	return &Pages{Area: area, lists: lists{write: area.NewPart}}
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	p.Area.Routes(mux)
	mux.Handle("GET /{$}", http.RedirectHandler(kit.Home, http.StatusSeeOther))
	mux.Handle("GET /start", p.Handle(p.showAccounts))
	mux.Handle("GET /start/{$}", p.Handle(p.showAccounts))
	mux.Handle("GET /start/{name}", p.Handle(p.showAccounts))
	mux.Handle("GET /start/{name}/{$}", p.Handle(p.showAccounts))
	mux.Handle("POST /start/favourites", p.Handle(p.changeFavourite))
	mux.Handle("GET /start/shortcut", p.Handle(p.makeShortcut))
	mux.Handle("GET /start/keys", p.Handle(p.offerKeys))
	mux.Handle("POST /start/keys", p.Handle(p.showKeys))
	mux.Handle("GET /start/console", p.Handle(p.showConsole))
	mux.Handle("GET /start/security", p.Handle(p.showSecurity))
	mux.Handle("GET /start/security/device", p.Handle(p.showDevice))
	mux.Handle("POST /start/security/device", p.Handle(p.changeDevice))
	mux.Handle("GET /start/security/password", p.Handle(p.showPassword))
	mux.Handle("POST /start/security/password", p.Handle(p.changePassword))
	mux.Handle("POST /start/security/codes", p.Handle(p.makeCodes))
	mux.Handle("POST /start/security/sessions", p.Handle(p.endSession))
	mux.Handle("GET /security", p.Handle(p.showOwn))
	mux.Handle("POST /security/device", p.Handle(p.changeOwnDevice))
	mux.Handle("GET /security/password", p.Handle(p.showOwnPassword))
	mux.Handle("POST /security/password", p.Handle(p.changeOwnPassword))
	mux.Handle("POST /security/sessions", p.Handle(p.endOwnSession))
	mux.Handle("POST /security/keys", p.Handle(p.changeOwnKey))
}

// frame is what the bar above every page of the portal shows.
type frame struct {
	kit.Page
	User     string
	Name     string
	Initials string
	Session  kit.Clock
	Now      time.Time
}

func (p *Pages) frame(title string, who *self.WhoAmIOutput) frame {
	name := who.DisplayName
	if name == "" {
		name = who.UserName
	}
	return frame{
		Page:     p.PageAt(who.Portal, title, who.Organization),
		User:     who.UserName,
		Name:     name,
		Initials: initials(name),
		Session:  kit.NewClock(who.SignedInAt, who.ExpiresAt, p.Now()),
		Now:      p.Now(),
	}
}

// viewer returns who is signed in, or the error that leads to sign-in and from there to the local path to.
func (p *Pages) viewer(r *http.Request, to string) (*self.WhoAmIOutput, error) {
	return kit.AskSignedIn[self.WhoAmIOutput](p.Site, r, "WhoAmI", &self.WhoAmIInput{}, to)
}
