package signin

import (
	"embed"
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

//go:embed templates
var files embed.FS

// Pages answers for sign-in, devices and authorization requests.
type Pages struct{ *kit.Area }

// New reads the templates.
func New(site kit.Site) *Pages { return &Pages{kit.NewArea(site, files)} }

// Routes adds the pages to mux, and what all areas share: who is not signed in sees nothing else.
func (p *Pages) Routes(mux *http.ServeMux) {
	p.CommonRoutes(mux)
	p.Area.Routes(mux)
	mux.Handle("GET "+kit.LogoPath+"{instance}/{file}", p.Handle(p.showLogo))
	mux.Handle("GET /signin", p.Handle(p.showSignIn))
	mux.Handle("POST /signin", p.Handle(p.signIn))
	mux.Handle("GET /signin/step", p.Handle(p.showStep))
	mux.Handle("POST /signin/step", p.Handle(p.takeStep))
	mux.Handle("POST /signin/code", p.Handle(p.sendCode))
	mux.Handle("GET /signin/device", p.Handle(p.showRegistration))
	mux.Handle("POST /signin/device", p.Handle(p.register))
	mux.Handle("GET /signin/kept", p.Handle(p.kept))
	mux.Handle("GET /signin/again", p.Handle(p.proveAgain))
	mux.Handle("GET "+api.LinkPath, p.Handle(p.showLink))
	mux.Handle("POST "+api.LinkPath, p.Handle(p.spendLink))
	mux.Handle("GET /signin/forgot", p.Handle(p.showForgot))
	mux.Handle("POST /signin/forgot", p.Handle(p.forgot))
	mux.Handle("GET "+api.RootDoor+"/forgot", p.Handle(p.showRootForgot))
	mux.Handle("POST "+api.RootDoor+"/forgot", p.Handle(p.rootForgot))
	mux.Handle("GET /signin/password", p.Handle(p.showChoice))
	mux.Handle("POST /signin/password", p.Handle(p.choose))
	mux.Handle("POST /signin/passkey", p.Handle(p.signInWithPasskey))
	mux.Handle("POST /signin/passkey/options", p.Handle(p.passkeyOptions))
	for _, which := range []string{door.Root, door.IAM} {
		mux.Handle("GET /signin/"+which, p.Handle(p.showDoor(which)))
		mux.Handle("POST /signin/"+which, p.Handle(p.enterDoor(which)))
	}
	mux.Handle("GET /signin/door", p.Handle(p.showDoorStep))
	mux.Handle("POST /signin/door", p.Handle(p.takeDoorStep))
	mux.Handle("POST /signout", p.Handle(p.signOut))
	mux.Handle("GET /device", p.Handle(p.showDevice))
	mux.Handle("POST /device", p.Handle(p.enterCode))
	mux.Handle("POST /device/answer", p.Handle(p.answerDevice))
	mux.Handle("GET /authorize", p.Handle(p.showAuthorization))
	mux.Handle("POST /authorize", p.Handle(p.answerAuthorization))
}

// viewer returns who is signed in, or the error that leads to sign-in and from there to the local path to.
func (p *Pages) viewer(r *http.Request, to string) (*self.WhoAmIOutput, error) {
	return kit.AskSignedIn[self.WhoAmIOutput](p.Site, r, "WhoAmI", &self.WhoAmIInput{}, to)
}

// at begins a page on the way to a local path, which bears the sign of the portal there.
func (p *Pages) at(to, title, brand string) kit.Page { return p.PageAt(kit.PortalOf(to), title, brand) }
