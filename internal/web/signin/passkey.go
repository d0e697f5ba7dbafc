package signin

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// passkeyOptions answers the script of the sign-in page with what a passkey is asked, and gives the browser the ticket
// that it brings back.
func (p *Pages) passkeyOptions(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.PostFormValue("to"))
	out, err := kit.AskSelf[self.StartPasskeySignInOutput](p.Site, r, "StartPasskeySignIn", &self.StartPasskeySignInInput{Portal: kit.PortalOf(to)})
	if err != nil {
		return err
	}
	p.Keep(w, kit.Ticket, out.Ticket, out.ExpiresAt)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(out.Options)) // a reader who left is no error of ours
	return nil
}

func (p *Pages) signInWithPasskey(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.PostFormValue("to"))
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "SignInWithPasskey", &self.SignInWithPasskeyInput{
		Portal: kit.PortalOf(to), Ticket: p.Kept(r, kit.Ticket), KeyAnswer: r.PostFormValue("key")})
	p.Drop(w, kit.Ticket)
	switch f := fault.As(err); {
	case err == nil:
		return p.goOn(w, r, out, to)
	case f != nil && f.Kind == fault.Unauthenticated:
		return p.beginAgain(w, r, to)
	case f != nil && f.Kind == fault.Denied && f.Code != self.Blocked:
		page := signInPage{Page: p.at(to, "Sign in", ""), To: to, NoPasskey: true}
		return p.Render(w, http.StatusUnprocessableEntity, "signin.html", page)
	}
	return p.refuseSignIn(w, signInPage{Page: p.at(to, "Sign in", ""), To: to}, err)
}
