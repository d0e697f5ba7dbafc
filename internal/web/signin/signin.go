package signin

import (
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type signInPage struct {
	kit.Page
	To        string
	User      string // as typed
	In        string // the root user or IAM user who is signed in with this browser
	SignedOut bool
	Ended     bool // an attempt ended on its way
	Chosen    bool // a new password was chosen just now
	Wrong     bool
	NoPasskey bool   // the passkey signs nobody in
	Blocked   string // why the person cannot sign in, though the password was right
	Pause     bool   // too many tries
}

// Forgot is where who forgot the password goes.
func (s signInPage) Forgot() string { return kit.Leading("/signin/forgot", s.To) }

func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	q, in := r.URL.Query(), ""
	to := kit.LocalPath(q.Get("to"))
	if who := p.whoIsIn(r); who.Door != "" {
		in = who.Name
	}
	return p.Render(w, http.StatusOK, "signin.html", signInPage{
		In:        in,
		Page:      p.at(to, "Sign in", ""),
		To:        to,
		SignedOut: q.Has("signed_out"),
		Ended:     q.Has("ended"),
		Chosen:    q.Has("chosen"),
	})
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.PostFormValue("to"))
	in := &self.SignInInput{
		Portal:   kit.PortalOf(to),
		UserName: strings.TrimSpace(r.PostFormValue("user")),
		Password: r.PostFormValue("password"),
		Trust:    p.Kept(r, kit.Trust),
		Known:    p.Kept(r, kit.Known),
	}
	page := signInPage{Page: p.PageAt(in.Portal, "Sign in", ""), To: to, User: in.UserName}
	if in.UserName == "" || in.Password == "" {
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "SignIn", in)
	if err != nil {
		return p.refuseSignIn(w, page, err)
	}
	return p.goOn(w, r, out, to)
}

// goOn gives the browser what it keeps, and leads it to what a sign-in wants next, or to where it was going.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request, out *self.SignInOutput, to string) error {
	p.keep(w, r, out)
	switch out.Next {
	case "PROVE", "PASSWORD", "CODE":
		to = kit.Leading("/signin/step", to)
	default:
		if page, ok := elsewhere[out.Next]; ok {
			to = kit.Leading(page, to)
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// keep gives the browser what it keeps from now on.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request, out *self.SignInOutput) {
	if out.Trust != "" {
		p.Keep(w, kit.Trust, out.Trust, out.TrustUntil)
	}
	if out.Known != "" {
		p.Keep(w, kit.Known, out.Known, out.KnownUntil)
	}
	if out.Secret != "" {
		p.leave(r)
		p.Remember(w, out.Secret, out.SessionEndsAt)
	}
	switch {
	case out.Attempt != "":
		p.Keep(w, kit.Attempt, out.Attempt, out.ExpiresAt)
	case p.Kept(r, kit.Attempt) != "":
		p.Drop(w, kit.Attempt)
	}
}

// leave ends the session that a browser had before somebody signed in with it: a copy of its cookie opens nothing any more.
// One that goes on under another secret is not found by that of before. See OWASP ASVS 5.0 section 7.2.4.
func (p *Pages) leave(r *http.Request) {
	if !p.HasSession(r) {
		return
	}
	if err := p.endSession(r); err != nil {
		p.Log.ErrorContext(r.Context(), "the session before this one goes on", "error", err)
	}
}

// beginAgain leads who took too long back to sign-in.
func (p *Pages) beginAgain(w http.ResponseWriter, r *http.Request, to string) error {
	p.Drop(w, kit.Attempt)
	http.Redirect(w, r, kit.Leading("/signin", to, "ended", "1"), http.StatusSeeOther)
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
	case fault.Denied:
		if f.Code == self.Blocked {
			page.Blocked = f.Message
			return p.Render(w, http.StatusForbidden, "signin.html", page)
		}
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	case fault.Unauthenticated, fault.NotFound, fault.Invalid:
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	}
	return err
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.endSession(r); err != nil {
		return err
	}
	p.Forget(w)
	path := "/signin"
	if which := r.PostFormValue("door"); which == door.Root || which == door.IAM {
		path += "/" + which
	}
	http.Redirect(w, r, path+"?signed_out=1", http.StatusSeeOther)
	return nil
}

// endSession ends the browser's session, at whichever door it began. One that has ended already is as signed out as it can
// be.
func (p *Pages) endSession(r *http.Request) error {
	_, err := kit.AskSelf[self.SignOutOutput](p.Site, r, "SignOut", &self.SignOutInput{})
	if f := fault.As(err); f != nil && f.Kind == fault.Unauthenticated {
		return nil
	}
	return err
}
