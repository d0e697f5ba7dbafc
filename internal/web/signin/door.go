package signin

import (
	"net/http"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type doorPage struct {
	kit.Page
	Door          string // root or iam
	To            string
	Account, User string // as typed
	In            string // who is signed in with this browser
	SignedOut     bool
	Ended         bool // an attempt ended on its way
	Chosen        bool // a new password was chosen just now
	Wrong         bool
	Blocked       string // why the user cannot sign in, though the password was right
	Pause         bool   // too many tries
}

type doorStepPage struct {
	kit.Page
	To      string
	Way     string // of a second step: key or code
	Options string // what a key is asked
	Wants   door.DescribeSignInOutput
	Wrong   string
	Pause   bool
}

// Other is the way that the user has besides the one that the page is about.
func (d doorStepPage) Other() *other {
	switch {
	case d.Wants.Next != door.Code:
		return nil
	case d.Way == byKey && len(d.Wants.Devices) > 0:
		return &other{To: kit.Leading("/signin/door", d.To, "way", byCode), Icon: "device", Name: "Use a code"}
	case d.Way == byCode && len(d.Wants.Keys) > 0:
		return &other{To: kit.Leading("/signin/door", d.To, "way", byKey), Icon: "stick", Name: "Use a key or passkey"}
	}
	return nil
}

// doorHome is where root users and IAM users land; the portal is for people.
const doorHome = "/security"

// behind returns to when it is a page of root users and IAM users, and else where they land.
func behind(to string) string {
	if to = kit.LocalPath(to); to == doorHome || strings.HasPrefix(to, doorHome+"/") {
		return to
	}
	return doorHome
}

func (p *Pages) doorPage(which string) doorPage {
	title := "Sign in as an IAM user"
	if which == door.Root {
		title = "Sign in as root user"
	}
	return doorPage{Page: p.Page(title, ""), Door: which}
}

// showDoor asks a root user or an IAM user for the password.
func (p *Pages) showDoor(which string) kit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, page := r.URL.Query(), p.doorPage(which)
		page.To, page.Account, page.Ended, page.SignedOut = behind(q.Get("to")), q.Get("account"), q.Has("ended"), q.Has("signed_out")
		page.Chosen = q.Has("chosen")
		page.In = p.whoIsIn(r).Name
		return p.Render(w, http.StatusOK, "door.html", page)
	}
}

// whoIsIn says who is signed in with the browser, if anybody is: that ends when somebody signs in.
func (p *Pages) whoIsIn(r *http.Request) door.WhoIsInOutput {
	if !p.HasSession(r) {
		return door.WhoIsInOutput{}
	}
	who, err := kit.Ask[door.WhoIsInOutput](p.Site, r, door.Name, "WhoIsIn", &door.WhoIsInInput{})
	if err != nil {
		return door.WhoIsInOutput{} // whoever it was is out already
	}
	return *who
}

func (p *Pages) enterDoor(which string) kit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		page := p.doorPage(which)
		page.To, page.Account, page.User = behind(r.PostFormValue("to")), strings.TrimSpace(r.PostFormValue("account")), strings.TrimSpace(r.PostFormValue("user"))
		out, err := kit.Ask[door.SignInOutput](p.Site, r, door.Name, "SignIn",
			&door.SignInInput{Door: which, Account: page.Account, Name: page.User, Password: r.PostFormValue("password"), Known: p.Kept(r, kit.DoorKnown)})
		if err != nil {
			return p.refuseDoor(w, page, err)
		}
		return p.throughDoor(w, r, out, page.To)
	}
}

// refuseDoor shows the form again. What was wrong looks the same.
func (p *Pages) refuseDoor(w http.ResponseWriter, page doorPage, err error) error {
	f := fault.As(err)
	switch {
	case f == nil:
		return err
	case f.Kind == fault.Throttled:
		page.Pause = true
		return p.Render(w, http.StatusTooManyRequests, "door.html", page)
	case f.Code == door.Expired:
		page.Blocked = f.Message
		return p.Render(w, http.StatusForbidden, "door.html", page)
	case f.Kind == fault.Denied, f.Kind == fault.Invalid:
		page.Wrong = true
		return p.Render(w, http.StatusUnprocessableEntity, "door.html", page)
	}
	return err
}

// throughDoor gives the browser what it keeps, and leads it to what the sign-in wants next, or in.
func (p *Pages) throughDoor(w http.ResponseWriter, r *http.Request, out *door.SignInOutput, to string) error {
	if out.Next != door.Done {
		p.Keep(w, kit.DoorAttempt, out.Attempt, out.ExpiresAt)
		http.Redirect(w, r, kit.Leading("/signin/door", to), http.StatusSeeOther)
		return nil
	}
	if err := p.replace(w, r, out.Secret, out.SessionEndsAt); err != nil {
		return err
	}
	if p.Kept(r, kit.DoorAttempt) != "" {
		p.Drop(w, kit.DoorAttempt)
	}
	if out.Known != "" {
		p.Keep(w, kit.DoorKnown, out.Known, out.KnownUntil)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// replace gives the browser a session in place of the one that it has, which ends.
func (p *Pages) replace(w http.ResponseWriter, r *http.Request, secret string, until time.Time) error {
	if p.HasSession(r) {
		if err := p.endSession(r); err != nil {
			return err
		}
	}
	p.Remember(w, secret, until)
	return nil
}

// showDoorStep asks for a key, a code or a new password.
func (p *Pages) showDoorStep(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.doorStep(w, r, http.StatusOK, doorStepPage{To: behind(q.Get("to")), Way: q.Get("way")})
}

func (p *Pages) doorStep(w http.ResponseWriter, r *http.Request, status int, page doorStepPage) error {
	wants, err := kit.Ask[door.DescribeSignInOutput](p.Site, r, door.Name, "DescribeSignIn", &door.DescribeSignInInput{Attempt: p.Kept(r, kit.DoorAttempt)})
	if err != nil {
		return p.lostAtDoor(w, r, err)
	}
	page.Way = doorWay(wants, page.Way)
	title := "Enter your code"
	switch page.Way {
	case byKey:
		title = "Use your key or passkey"
		asked, err := kit.Ask[door.StartKeyProofOutput](p.Site, r, door.Name, "StartKeyProof", &door.StartKeyProofInput{Attempt: p.Kept(r, kit.DoorAttempt)})
		if err != nil {
			return p.lostAtDoor(w, r, err)
		}
		page.Options = asked.Options
	case "":
		title = "Set a new password"
	}
	page.Page, page.Wants = p.Page(title, wants.Account), *wants
	return p.Render(w, status, "door-step.html", page)
}

// doorWay is how a second step is proved: as asked for, or else by a key, which is the strongest. A password has no ways.
func doorWay(wants *door.DescribeSignInOutput, asked string) string {
	switch {
	case wants.Next != door.Code:
		return ""
	case len(wants.Keys) > 0 && (asked != byCode || len(wants.Devices) == 0):
		return byKey
	}
	return byCode
}

// lostAtDoor leads back to the door who has no attempt, or none any more.
func (p *Pages) lostAtDoor(w http.ResponseWriter, r *http.Request, err error) error {
	if f := fault.As(err); f == nil || f.Kind != fault.Unauthenticated {
		return err
	}
	p.Drop(w, kit.DoorAttempt)
	http.Redirect(w, r, "/signin/iam?ended=1", http.StatusSeeOther)
	return nil
}

func (p *Pages) takeDoorStep(w http.ResponseWriter, r *http.Request) error {
	page := doorStepPage{To: behind(r.PostFormValue("to")), Way: byCode}
	if r.PostFormValue("way") == byKey {
		page.Way = byKey
	}
	out, err := kit.Ask[door.SignInOutput](p.Site, r, door.Name, "ContinueSignIn",
		&door.ContinueSignInInput{Attempt: p.Kept(r, kit.DoorAttempt), Code: r.PostFormValue("code"), KeyAnswer: r.PostFormValue("key"),
			NewPassword: r.PostFormValue("password")})
	switch f := fault.As(err); {
	case err == nil:
		return p.throughDoor(w, r, out, page.To)
	case f == nil:
		return err
	case f.Kind == fault.Throttled:
		page.Pause = true
		return p.doorStep(w, r, http.StatusTooManyRequests, page)
	case f.Kind == fault.Denied, f.Kind == fault.Invalid:
		page.Wrong = f.Message
		return p.doorStep(w, r, http.StatusUnprocessableEntity, page)
	}
	return p.lostAtDoor(w, r, err)
}
