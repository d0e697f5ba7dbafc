package signin

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// choosing is the part of a page in which a person chooses a password.
type choosing struct {
	UserName   string
	Rules      self.PasswordRules
	Objections []string // to the one that was typed, which does not come back
}

type linkPage struct {
	kit.Page
	choosing
	Secret string
	Is     self.DescribeLinkOutput
	Wrong  bool // the password of who registers a device
	Pause  bool // too many tries
}

// deadLinkPage is the page of a link that opens nothing. Whether there ever was such a link it does not say.
type deadLinkPage struct{ kit.Page }

// verifiedPage says that an address is confirmed. Nobody is signed in by that.
type verifiedPage struct {
	kit.Page
	Email string
}

// Invited reports whether there is no password yet.
func (l linkPage) Invited() bool { return l.Is.Purpose == "INVITATION" }

// Registers reports whether the link registers a device of a person who has a password.
func (l linkPage) Registers() bool { return l.Is.Purpose == "REGISTRATION" }

// Verifies reports whether the link shows that the person reads their mail.
func (l linkPage) Verifies() bool { return l.Is.Purpose == "VERIFICATION" }

// showLink asks for a password, and leaves the link as it is: mail scanners look at links too.
func (p *Pages) showLink(w http.ResponseWriter, r *http.Request) error {
	return p.link(w, r, http.StatusOK, linkPage{Secret: r.URL.Query().Get("secret")})
}

func (p *Pages) link(w http.ResponseWriter, r *http.Request, status int, page linkPage) error {
	is, err := kit.AskSelf[self.DescribeLinkOutput](p.Site, r, "DescribeLink", &self.DescribeLinkInput{Secret: page.Secret})
	if err != nil {
		return p.deadLink(w, err)
	}
	page.Is, page.UserName, page.Rules = *is, is.UserName, is.Rules
	title := "Choose a new password"
	switch {
	case page.Invited() && is.AccountID != "":
		title = "Set the root password"
	case page.Invited():
		title = "Welcome, " + is.Name
	case page.Registers():
		title = "Add a device"
	case page.Verifies():
		title = "Is this your address?"
	}
	page.Page = p.Page(title, is.Organization)
	return p.Render(w, status, "link.html", page)
}

func (p *Pages) deadLink(w http.ResponseWriter, err error) error {
	if f := fault.As(err); f == nil || f.Kind != fault.NotFound {
		return err
	}
	return p.Render(w, http.StatusNotFound, "link-dead.html", deadLinkPage{p.Page("This link opens nothing any more", "")})
}

// spendLink sets the password that was chosen, or goes on to register a device.
func (p *Pages) spendLink(w http.ResponseWriter, r *http.Request) error {
	page := linkPage{Secret: r.PostFormValue("secret")}
	is, err := kit.AskSelf[self.DescribeLinkOutput](p.Site, r, "DescribeLink", &self.DescribeLinkInput{Secret: page.Secret})
	if err != nil {
		return p.deadLink(w, err)
	}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "SpendLink", &self.SpendLinkInput{Secret: page.Secret, Password: r.PostFormValue("password")})
	var refused bool
	if page.Objections, refused = objections(err); refused {
		return p.link(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return p.refuseLink(w, r, page, err)
	}
	switch {
	case is.Purpose == "VERIFICATION":
		return p.Render(w, http.StatusOK, "verified.html", verifiedPage{p.Page("Your address is confirmed", is.Organization), is.Email})
	case is.AccountID != "":
		http.Redirect(w, r, api.RootDoor+"?chosen=1", http.StatusSeeOther)
		return nil
	}
	home := kit.Home
	if is.Portal != "" {
		home += "/" + is.Portal
	}
	if out.Next == "" {
		p.keep(w, r, out)
		http.Redirect(w, r, kit.Leading("/signin", home, "chosen", "1"), http.StatusSeeOther)
		return nil
	}
	return p.goOn(w, r, out, home)
}

// refuseLink shows the form again to who typed a wrong password.
func (p *Pages) refuseLink(w http.ResponseWriter, r *http.Request, page linkPage, err error) error {
	if f := fault.As(err); f != nil {
		switch f.Kind {
		case fault.Throttled, fault.Limit:
			page.Pause = true
			return p.link(w, r, http.StatusTooManyRequests, page)
		case fault.Denied:
			page.Wrong = true
			return p.link(w, r, http.StatusUnprocessableEntity, page)
		}
	}
	return p.deadLink(w, err)
}

// objections returns what is said against a password, if that is what an error is about.
func objections(err error) (said []string, refused bool) {
	if f := fault.As(err); fault.Is(err, api.PasswordRefused) {
		said, _ = f.Fields["Objections"].([]string)
		return said, true
	}
	return nil, false
}
