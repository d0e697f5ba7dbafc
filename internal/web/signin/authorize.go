package signin

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type consentPage struct {
	kit.Page
	User    string
	Client  string
	Request self.ApproveAuthorizationInput
	EndsAt  time.Time
}

type onwardPage struct {
	kit.Page
	Client  string
	Refused bool
	To      string
}

// showAuthorization asks the person whether the program may act for them. A request with an unknown client or another
// callback than the client registered is a fault and never a redirect (RFC 6749, section 4.1.2.1).
func (p *Pages) showAuthorization(w http.ResponseWriter, r *http.Request) error {
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	in := authorizationRequest(r.URL.Query())
	in.Ask = true
	out, err := kit.AskSelf[self.ApproveAuthorizationOutput](p.Site, r, "ApproveAuthorization", in)
	if err != nil {
		return err
	}
	if out.RedirectTo != "" {
		return p.sendOn(w, out, true)
	}
	return p.Render(w, http.StatusOK, "consent.html", consentPage{
		Page: p.Page("Allow this program?", who.Organization), User: who.UserName,
		Client: out.ClientName, Request: *in, EndsAt: who.ExpiresAt,
	})
}

func (p *Pages) answerAuthorization(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	in := authorizationRequest(r.PostForm)
	if _, err := p.viewer(r, "/authorize?"+authorizationQuery(in)); err != nil {
		return err
	}
	refuse, err := refuses(r)
	if err != nil {
		return err
	}
	in.Refuse = refuse
	out, err := kit.AskSelf[self.ApproveAuthorizationOutput](p.Site, r, "ApproveAuthorization", in)
	if fault.Is(err, api.StepUp) {
		return &kit.SignInFirst{To: "/authorize?" + authorizationQuery(in), Again: true}
	}
	if err != nil {
		return err
	}
	return p.sendOn(w, out, refuse)
}

// sendOn leads the browser to the program's callback.
func (p *Pages) sendOn(w http.ResponseWriter, out *self.ApproveAuthorizationOutput, refused bool) error {
	to, err := url.Parse(out.RedirectTo)
	if err != nil || to.Host == "" || (to.Scheme != "http" && to.Scheme != "https") {
		return fmt.Errorf("authorization leads to %q, which is no web address", to.Redacted())
	}
	title := "You can close this page"
	if refused {
		title = "Nothing was allowed"
	}
	w.Header().Set("Refresh", "0;url="+to.String())
	return p.Render(w, http.StatusOK, "onward.html", onwardPage{
		Page: p.Page(title, ""), Client: out.ClientName, Refused: refused, To: to.String(),
	})
}

// authorizationRequest reads the parameters. AWS's own clients say scopes, RFC 6749 says scope.
func authorizationRequest(q url.Values) *self.ApproveAuthorizationInput {
	scopes := q.Get("scopes")
	if scopes == "" {
		scopes = q.Get("scope")
	}
	return &self.ApproveAuthorizationInput{
		ResponseType:        q.Get("response_type"),
		ClientID:            q.Get("client_id"),
		RedirectURI:         q.Get("redirect_uri"),
		State:               q.Get("state"),
		CodeChallenge:       q.Get("code_challenge"),
		CodeChallengeMethod: q.Get("code_challenge_method"),
		Scopes:              scopes,
	}
}

func authorizationQuery(in *self.ApproveAuthorizationInput) string {
	return url.Values{
		"response_type":         {in.ResponseType},
		"client_id":             {in.ClientID},
		"redirect_uri":          {in.RedirectURI},
		"state":                 {in.State},
		"code_challenge":        {in.CodeChallenge},
		"code_challenge_method": {in.CodeChallengeMethod},
		"scopes":                {in.Scopes},
	}.Encode()
}
