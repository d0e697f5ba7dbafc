package signin

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type choosePage struct {
	kit.Page
	choosing
	To string
}

// showChoice asks who is signing in for another password in place of one that has to be changed.
func (p *Pages) showChoice(w http.ResponseWriter, r *http.Request) error {
	return p.choice(w, r, http.StatusOK, choosePage{To: kit.LocalPath(r.URL.Query().Get("to"))})
}

func (p *Pages) choice(w http.ResponseWriter, r *http.Request, status int, page choosePage) error {
	wants, err := p.wants(r)
	if wants == nil || err != nil {
		return p.lost(w, r, page.To, err)
	}
	if wants.Next != "CHOOSE" {
		http.Redirect(w, r, kit.Leading("/signin/step", page.To), http.StatusSeeOther)
		return nil
	}
	page.Page, page.UserName, page.Rules = p.at(page.To, "Choose your own password", wants.Organization), wants.UserName, wants.Rules
	return p.Render(w, status, "choose.html", page)
}

// choose sets the password that was chosen, and goes on.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	page := choosePage{To: kit.LocalPath(r.PostFormValue("to"))}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "ChooseInSignIn",
		&self.ChooseInSignInInput{Attempt: p.Kept(r, kit.Attempt), Password: r.PostFormValue("password")})
	var refused bool
	if page.Objections, refused = objections(err); refused {
		return p.choice(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return p.lost(w, r, page.To, err)
	}
	return p.goOn(w, r, out, page.To)
}
