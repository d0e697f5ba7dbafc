package signin

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// The ways to prove who it is at the second step.
const (
	byKey      = "key"
	byCode     = "code"
	byRecovery = "recovery"
	byPassword = "password"
	byMail     = "mail"
)

type stepPage struct {
	kit.Page
	To      string
	Way     string
	Wants   self.DescribeSignInOutput
	Options string // what a key is asked
	Wrong   bool
	Sent    bool // another code
	Pause   bool
}

// other is another way to prove who it is.
type other struct{ To, Icon, Name, Note string }

// Others are the ways that the person has besides the one that the page is about.
func (s stepPage) Others() []other {
	var list []other
	add := func(way, icon, name, note string, has bool) {
		if has && way != s.Way && s.Way != byPassword && s.Way != byMail {
			list = append(list, other{kit.Leading("/signin/step", s.To, "way", way), icon, name, note})
		}
	}
	add(byKey, "stick", "Use a key or passkey", quoted(s.Wants.Keys), len(s.Wants.Keys) > 0)
	add(byCode, "device", "Use a code", "From the app on "+quoted(s.Wants.Apps), len(s.Wants.Apps) > 0)
	add(byRecovery, "paper", "Use a recovery code", fmt.Sprintf("You have %d left", s.Wants.RecoveryCodes), s.Wants.RecoveryCodes > 0)
	return list
}

func quoted(names []string) string { return "“" + strings.Join(names, "”, “") + "”" }

// showStep asks for a second factor, or for the password anew.
func (p *Pages) showStep(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.URL.Query().Get("to"))
	return p.step(w, r, http.StatusOK, stepPage{To: to, Way: r.URL.Query().Get("way")})
}

// elsewhere are the pages of steps that have one of their own.
var elsewhere = map[string]string{"REGISTER": "/signin/device", "CHOOSE": "/signin/password"}

// step shows the page of what an attempt waits for. Each time a key is asked it is asked something new.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, status int, page stepPage) error {
	wants, err := p.wants(r)
	if wants == nil || err != nil {
		return p.lost(w, r, page.To, err)
	}
	if to, ok := elsewhere[wants.Next]; ok {
		http.Redirect(w, r, kit.Leading(to, page.To), http.StatusSeeOther)
		return nil
	}
	page.Wants, page.Way = *wants, way(wants, page.Way)
	title := map[string]string{byKey: "Use your key or passkey", byCode: "Enter your code", byRecovery: "Use a recovery code", byPassword: "Type your password again", byMail: "Enter the code from your mail"}
	page.Page = p.at(page.To, title[page.Way], wants.Organization)
	if page.Way == byKey {
		asked, err := kit.AskSelf[self.StartKeyProofOutput](p.Site, r, "StartKeyProof", &self.StartKeyProofInput{Attempt: p.Kept(r, kit.Attempt)})
		if err != nil {
			return p.lost(w, r, page.To, err)
		}
		page.Options = asked.Options
	}
	return p.Render(w, status, "step.html", page)
}

// wants is what the browser's attempt waits for; nil without an attempt.
func (p *Pages) wants(r *http.Request) (*self.DescribeSignInOutput, error) {
	attempt := p.Kept(r, kit.Attempt)
	if attempt == "" {
		return nil, nil
	}
	return kit.AskSelf[self.DescribeSignInOutput](p.Site, r, "DescribeSignIn", &self.DescribeSignInInput{Attempt: attempt})
}

// lost leads back to sign-in who has no attempt, or none any more.
func (p *Pages) lost(w http.ResponseWriter, r *http.Request, to string, err error) error {
	if f := fault.As(err); err == nil || f != nil && f.Kind == fault.Unauthenticated {
		return p.beginAgain(w, r, to)
	}
	return err
}

// way is the way that was asked for, if the person has it, else the best of those they have.
func way(wants *self.DescribeSignInOutput, asked string) string {
	switch {
	case wants.Next == "PASSWORD":
		return byPassword
	case wants.Next == "CODE":
		return byMail
	case asked == byRecovery && wants.RecoveryCodes > 0:
		return byRecovery
	case asked == byCode && len(wants.Apps) > 0:
		return byCode
	case len(wants.Keys) > 0:
		return byKey
	}
	return byCode
}

// takeStep goes on by what was proved.
func (p *Pages) takeStep(w http.ResponseWriter, r *http.Request) error {
	to := kit.LocalPath(r.PostFormValue("to"))
	in := &self.ContinueSignInInput{Attempt: p.Kept(r, kit.Attempt), Trust: r.PostFormValue("trust") != ""}
	page := stepPage{To: to, Way: r.PostFormValue("way")}
	switch page.Way {
	case byKey:
		in.KeyAnswer = r.PostFormValue("key")
	case byRecovery:
		in.RecoveryCode = r.PostFormValue("recovery")
	case byMail:
		in.MailedCode = strings.TrimSpace(r.PostFormValue("code"))
	case byPassword:
		in.Password = r.PostFormValue("password")
	default:
		in.Code = r.PostFormValue("code")
	}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "ContinueSignIn", in)
	switch f := fault.As(err); {
	case err == nil:
		return p.goOn(w, r, out, to)
	case f != nil && f.Kind == fault.Throttled:
		page.Pause = true
		return p.step(w, r, http.StatusTooManyRequests, page)
	case f != nil && f.Kind == fault.Denied && f.Code != self.Blocked:
		page.Wrong = true
		return p.step(w, r, http.StatusUnprocessableEntity, page)
	}
	return p.lost(w, r, to, err)
}

// sendCode has another code mailed.
func (p *Pages) sendCode(w http.ResponseWriter, r *http.Request) error {
	page := stepPage{To: kit.LocalPath(r.PostFormValue("to")), Way: byMail}
	_, err := kit.AskSelf[self.SendCodeOutput](p.Site, r, "SendCode", &self.SendCodeInput{Attempt: p.Kept(r, kit.Attempt)})
	switch f := fault.As(err); {
	case err == nil:
		page.Sent = true
		return p.step(w, r, http.StatusOK, page)
	case f != nil && f.Kind == fault.Throttled:
		page.Pause = true
		return p.step(w, r, http.StatusTooManyRequests, page)
	}
	return p.lost(w, r, page.To, err)
}

// proveAgain has who is signed in prove it anew, and goes on to what wants that. With device it goes on to a new device.
func (p *Pages) proveAgain(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	to := kit.LocalPath(q.Get("to"))
	out, err := kit.AskSignedIn[self.SignInOutput](p.Site, r, "StepUp", &self.StepUpInput{Register: q.Has("device")}, r.URL.RequestURI())
	if err != nil {
		return err
	}
	return p.goOn(w, r, out, to)
}
