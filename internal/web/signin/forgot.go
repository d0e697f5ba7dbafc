package signin

import (
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type forgotPage struct {
	kit.Page
	To     string
	User   string // as typed
	Asked  bool   // whoever that is
	Wrong  bool
	Pause  bool   // too many tries
	Cannot string // why no mail can be sent
}

// SignIn is the way back.
func (f forgotPage) SignIn() string { return kit.Leading("/signin", f.To) }

func (p *Pages) showForgot(w http.ResponseWriter, r *http.Request) error {
	return p.Render(w, http.StatusOK, "forgot.html", forgotPage{Page: p.Page("I forgot my password", ""), To: kit.LocalPath(r.URL.Query().Get("to"))})
}

// forgot asks for a link by mail. The answer is the same for whoever is named.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	page := forgotPage{Page: p.Page("I forgot my password", ""), To: kit.LocalPath(r.PostFormValue("to")), User: strings.TrimSpace(r.PostFormValue("user"))}
	_, err := kit.AskSelf[self.RequestPasswordResetOutput](p.Site, r, "RequestPasswordReset",
		&self.RequestPasswordResetInput{Portal: kit.PortalOf(page.To), UserName: page.User})
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
