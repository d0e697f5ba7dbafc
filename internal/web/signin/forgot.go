package signin

import (
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type forgotPage struct {
	kit.Page
	Root   bool // it is the root user who forgot
	To     string
	User   string // as typed
	Asked  bool   // whoever that is
	Wrong  bool
	Pause  bool   // too many tries
	Cannot string // why no mail can be sent
}

// SignIn is the way back.
func (f forgotPage) SignIn() string {
	if f.Root {
		return api.RootDoor
	}
	return kit.Leading("/signin", f.To)
}

func (p *Pages) forgotPage(root bool, to, user string) forgotPage {
	page := forgotPage{Page: p.Page("I forgot my password", ""), Root: root, To: kit.LocalPath(to), User: strings.TrimSpace(user)}
	if !root {
		page.Page = p.at(page.To, page.Title, "")
	}
	return page
}

func (p *Pages) showForgot(w http.ResponseWriter, r *http.Request) error {
	return p.Render(w, http.StatusOK, "forgot.html", p.forgotPage(false, r.URL.Query().Get("to"), ""))
}

func (p *Pages) showRootForgot(w http.ResponseWriter, _ *http.Request) error {
	return p.Render(w, http.StatusOK, "forgot.html", p.forgotPage(true, "", ""))
}

// forgot asks for a link by mail.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	page := p.forgotPage(false, r.PostFormValue("to"), r.PostFormValue("user"))
	_, err := kit.AskSelf[self.RequestPasswordResetOutput](p.Site, r, "RequestPasswordReset",
		&self.RequestPasswordResetInput{Portal: kit.PortalOf(page.To), UserName: page.User})
	return p.asked(w, page, err)
}

// rootForgot is forgot for a root user.
func (p *Pages) rootForgot(w http.ResponseWriter, r *http.Request) error {
	page := p.forgotPage(true, "", r.PostFormValue("user"))
	_, err := kit.Ask[door.RequestRootPasswordResetOutput](p.Site, r, door.Name, "RequestRootPasswordReset", &door.RequestRootPasswordResetInput{Email: page.User})
	return p.asked(w, page, err)
}

// asked tells what came of asking. It is the same for whoever was named.
func (p *Pages) asked(w http.ResponseWriter, page forgotPage, err error) error {
	f := fault.As(err)
	switch {
	case err == nil:
		page.Asked, page.Title = true, "Look at your mail"
		return p.Render(w, http.StatusOK, "forgot.html", page)
	case f == nil:
		return err
	case f.Kind == fault.Throttled:
		page.Pause = true
		return p.Render(w, http.StatusTooManyRequests, "forgot.html", page)
	case f.Kind == fault.Unavailable:
		page.Cannot = f.Message
		return p.Render(w, http.StatusServiceUnavailable, "forgot.html", page)
	case f.Kind == fault.Invalid:
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "forgot.html", page)
	}
	return err
}
