package signin

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type codePage struct {
	kit.Page
	Code    string
	Unknown bool
}

type devicePage struct {
	kit.Page
	User     string
	Device   self.LookUpDeviceCodeOutput
	From     string // the browser's address
	Ago      string
	Spelling string // a well formed code to show and to post
	Again    string // where the person proves anew who they are
}

type deviceDonePage struct {
	kit.Page
	User    string
	Client  string
	Refused bool
	EndsAt  time.Time
}

// showDevice asks for the code, or, where the device's own link brought it, at once whether it is the person's.
func (p *Pages) showDevice(w http.ResponseWriter, r *http.Request) error {
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	code := r.URL.Query().Get("user_code")
	if code == "" {
		return p.Render(w, http.StatusOK, "code.html", codePage{Page: p.Page("Enter the code", who.Organization)})
	}
	return p.confirmDevice(w, r, who, code)
}

func (p *Pages) enterCode(w http.ResponseWriter, r *http.Request) error {
	code := r.PostFormValue("user_code")
	who, err := p.viewer(r, devicePath(code))
	if err != nil {
		return err
	}
	return p.confirmDevice(w, r, who, code)
}

func (p *Pages) confirmDevice(w http.ResponseWriter, r *http.Request, who *self.WhoAmIOutput, typed string) error {
	code := spellCode(typed)
	out, err := kit.AskSelf[self.LookUpDeviceCodeOutput](p.Site, r, "LookUpDeviceCode", &self.LookUpDeviceCodeInput{UserCode: code})
	if f := fault.As(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Invalid) {
		page := codePage{Page: p.Page("Enter the code", who.Organization), Code: typed, Unknown: true}
		return p.Render(w, http.StatusUnprocessableEntity, "code.html", page)
	}
	if err != nil {
		return err
	}
	if out.State != "" && out.State != "PENDING" {
		return fault.New(fault.Conflict, "Conflict", "This code was answered before. Ask your terminal for a new one.")
	}
	now := p.Now()
	if !out.ExpiresAt.IsZero() && !now.Before(out.ExpiresAt) {
		return fault.New(fault.Conflict, "Conflict", "This code has expired. Nothing was allowed. Ask your terminal for a new one.")
	}
	return p.Render(w, http.StatusOK, "device.html", devicePage{
		Page:     p.Page("Is this your code?", who.Organization),
		User:     who.UserName,
		Device:   *out,
		From:     p.Remote(r).String(),
		Ago:      kit.InWords(max(now.Sub(out.RequestedAt), time.Second)),
		Spelling: code,
		Again:    kit.Leading("/signin/again", devicePath(code)),
	})
}

func (p *Pages) answerDevice(w http.ResponseWriter, r *http.Request) error {
	code := spellCode(r.PostFormValue("user_code"))
	who, err := p.viewer(r, devicePath(code))
	if err != nil {
		return err
	}
	refuse, err := refuses(r)
	if err != nil {
		return err
	}
	in := &self.ApproveDeviceInput{UserCode: code, Refuse: refuse}
	out, err := kit.AskSelf[self.ApproveDeviceOutput](p.Site, r, "ApproveDevice", in)
	if fault.Is(err, api.StepUp) {
		return &kit.SignInFirst{To: devicePath(code), Again: true}
	}
	if err != nil {
		return err
	}
	title := "You can close this page"
	if refuse {
		title = "Nothing was allowed"
	}
	return p.Render(w, http.StatusOK, "device-done.html", deviceDonePage{
		Page: p.Page(title, who.Organization), User: who.UserName, Client: out.ClientName, Refused: refuse, EndsAt: out.LetInUntil,
	})
}

// refuses reads the button that was pressed. Whatever is not a clear yes or no changes nothing.
func refuses(r *http.Request) (bool, error) {
	switch r.PostFormValue("answer") {
	case "allow":
		return false, nil
	case "stop":
		return true, nil
	}
	return false, fault.New(fault.Invalid, "ValidationException", "The answer is missing. Nothing was changed.")
}

// spellCode writes a code as devices show it: capitals, with a dash in the middle. People type it in many ways.
func spellCode(typed string) string {
	code := strings.Map(func(c rune) rune {
		if c == '-' || c == ' ' || c == '\t' {
			return -1
		}
		return c
	}, strings.ToUpper(typed))
	if len(code) == 8 {
		return code[:4] + "-" + code[4:]
	}
	return code
}

func devicePath(code string) string {
	if code == "" {
		return "/device"
	}
	return "/device?" + url.Values{"user_code": {code}}.Encode()
}
