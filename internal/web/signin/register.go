package signin

import (
	"html/template"
	"net/http"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// The kinds of devices, as operations name them.
const (
	app = "TOTP"
	key = "WEBAUTHN"
)

type choicePage struct {
	kit.Page
	To    string
	Wants self.DescribeSignInOutput
}

type newDevicePage struct {
	kit.Page
	To     string
	Kind   string
	Wants  self.DescribeSignInOutput
	Start  self.StartDeviceOutput
	QR     template.HTML
	Groups string // the app's secret in groups of four
	Name   string
	Wrong  string // what is wrong
	Pause  bool
}

type codesPage struct {
	kit.Page
	To    string
	Codes []string
}

// MayApp and MayKey report which kinds can be registered.
func (c choicePage) MayApp() bool { return slices.Contains(c.Wants.MayRegister, app) }

// MayKey is MayApp for keys and passkeys.
func (c choicePage) MayKey() bool { return slices.Contains(c.Wants.MayRegister, key) }

// Back is where the kinds of devices are offered.
func (d newDevicePage) Back() string { return kit.Leading("/signin/device", d.To) }

// showRegistration offers the kinds of devices, or begins with one.
func (p *Pages) showRegistration(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.registration(w, r, http.StatusOK, newDevicePage{To: kit.LocalPath(q.Get("to")), Kind: q.Get("kind")})
}

func (p *Pages) registration(w http.ResponseWriter, r *http.Request, status int, page newDevicePage) error {
	wants, err := p.wants(r)
	if wants == nil || err != nil {
		return p.lost(w, r, page.To, err)
	}
	if wants.Next != "REGISTER" {
		http.Redirect(w, r, kit.Leading("/signin/step", page.To), http.StatusSeeOther)
		return nil
	}
	page.Wants = *wants
	if page.Kind != app && page.Kind != key {
		return p.Render(w, status, "choice.html", choicePage{Page: p.at(page.To, "Add a second step", wants.Organization), To: page.To, Wants: *wants})
	}
	start, err := kit.AskSelf[self.StartDeviceOutput](p.Site, r, "StartDevice", &self.StartDeviceInput{Attempt: p.Kept(r, kit.Attempt), Kind: page.Kind})
	if err != nil {
		return p.lost(w, r, page.To, err)
	}
	page.Start, page.Groups = *start, kit.Groups(start.Secret)
	if page.QR, err = kit.QRCode(start.URI, "QR code with the key for your authenticator app"); err != nil {
		return err
	}
	title := "Connect your app"
	if page.Kind == key {
		title = "Add a passkey or key"
	}
	page.Page = p.at(page.To, title, wants.Organization)
	return p.Render(w, status, "device-new.html", page)
}

// kept leads on who has kept their recovery codes.
func (p *Pages) kept(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, kit.LocalPath(r.URL.Query().Get("to")), http.StatusSeeOther)
	return nil
}

// register completes what showRegistration began.
func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	page := newDevicePage{To: kit.LocalPath(r.PostFormValue("to")), Kind: r.PostFormValue("kind"), Name: r.PostFormValue("name")}
	wants, err := p.wants(r)
	if wants == nil || err != nil {
		return p.lost(w, r, page.To, err)
	}
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "CompleteDevice", &self.CompleteDeviceInput{Attempt: p.Kept(r, kit.Attempt),
		Kind: page.Kind, Name: page.Name, Code: r.PostFormValue("code"), KeyAnswer: r.PostFormValue("key"), Trust: r.PostFormValue("trust") != ""})
	switch f := fault.As(err); {
	case err == nil && len(out.RecoveryCodes) > 0:
		p.keep(w, r, out)
		return p.Render(w, http.StatusOK, "codes.html", codesPage{p.at(page.To, "Keep these codes", wants.Organization), page.To, out.RecoveryCodes})
	case err == nil:
		return p.goOn(w, r, out, page.To)
	case f == nil:
		return err
	case f.Kind == fault.Throttled:
		page.Pause = true
		return p.registration(w, r, http.StatusTooManyRequests, page)
	case f.Kind == fault.Denied, f.Kind == fault.Invalid, f.Kind == fault.Conflict, f.Kind == fault.Limit:
		page.Wrong = f.Message
		return p.registration(w, r, http.StatusUnprocessableEntity, page)
	}
	return p.lost(w, r, page.To, err)
}
