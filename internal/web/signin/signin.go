package signin

import (
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type signInPage struct {
	kit.Page
	To        string
	User      string // as typed
	SignedOut bool
	Wrong     bool
	Pause     bool // too many tries
}

func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.Render(w, http.StatusOK, "signin.html", signInPage{
		Page:      p.Page("Sign in", ""),
		To:        kit.LocalPath(q.Get("to")),
		SignedOut: q.Has("signed_out"),
	})
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.PostFormValue("to"))
	in := &self.SignInInput{
		Portal:   kit.PortalOf(to),
		UserName: strings.TrimSpace(r.PostFormValue("user")),
		Password: r.PostFormValue("password"),
	}
	page := signInPage{Page: p.Page("Sign in", ""), To: to, User: in.UserName}
	if in.UserName == "" || in.Password == "" {
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "SignIn", in)
	if err != nil {
		return p.refuseSignIn(w, page, err)
	}
	p.Remember(w, out.Secret, out.ExpiresAt)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// refuseSignIn shows the form again. Whether the person, the password or the portal was wrong looks the same.
func (p *Pages) refuseSignIn(w http.ResponseWriter, page signInPage, err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	switch f.Kind {
	case fault.Throttled, fault.Limit:
		page.Pause = true
		return p.Render(w, http.StatusTooManyRequests, "signin.html", page)
	case fault.Unauthenticated, fault.Denied, fault.NotFound, fault.Invalid:
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	}
	return err
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	_, err := kit.AskSelf[self.SignOutOutput](p.Site, r, "SignOut", &self.SignOutInput{})
	// A session that has ended already is as signed out as it can be.
	if f := fault.As(err); err != nil && (f == nil || f.Kind != fault.Unauthenticated) {
		return err
	}
	p.Forget(w)
	http.Redirect(w, r, "/signin?signed_out=1", http.StatusSeeOther)
	return nil
}
