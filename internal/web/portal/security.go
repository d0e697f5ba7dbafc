package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// Where the pages about a person's own security stand.
const (
	securityPath = "/start/security"
	passwordPath = securityPath + "/password"
)

type securityPage struct {
	frame
	Is    self.DescribeSecurityOutput
	Error string
	Codes []string // made just now; shown once
	Now   time.Time
}

type ownDevicePage struct {
	frame
	Device self.OwnDevice
	Last   bool // and it may not be removed
	Error  string
}

type passwordPage struct {
	frame
	Min   int
	Error string
}

// Kind says what a device is.
func (securityPage) Kind(d self.OwnDevice) string {
	switch {
	case d.Kind == "TOTP":
		return "Authenticator app"
	case d.BackedUp:
		return "Passkey, on all your devices"
	case d.BuiltIn:
		return "Passkey of this device"
	}
	return "Security key"
}

// Icon is the icon of a device.
func (securityPage) Icon(d self.OwnDevice) string {
	switch {
	case d.Kind == "TOTP":
		return "device"
	case d.BuiltIn || d.BackedUp:
		return "passkey"
	}
	return "stick"
}

// Program names a program by what it calls itself. The AWS CLI registers by another name than its users know.
func (securityPage) Program(s self.OwnSession) string {
	name, _, _ := strings.Cut(s.UserAgent, " ")
	if version, ok := strings.CutPrefix(name, "aws-cli/"); ok {
		return "AWS CLI " + version
	}
	return cmp.Or(s.Name, name, "A program")
}

// Ago is how long a session has lasted.
func (p securityPage) Ago(s self.OwnSession) string {
	return kit.InWords(max(p.Now.Sub(s.Since), time.Second))
}

// Others reports whether the person is signed in elsewhere, too.
func (p securityPage) Others() bool { return len(p.Is.Sessions) > 1 }

func (p *Pages) showSecurity(w http.ResponseWriter, r *http.Request) error {
	return p.security(w, r, http.StatusOK, "", nil)
}

// security shows the page, with what went wrong, or with recovery codes that were made just now.
func (p *Pages) security(w http.ResponseWriter, r *http.Request, status int, wrong string, codes []string) error {
	who, err := p.viewer(r, securityPath)
	if err != nil {
		return err
	}
	is, err := kit.AskSignedIn[self.DescribeSecurityOutput](p.Site, r, "DescribeSecurity", &self.DescribeSecurityInput{}, securityPath)
	if err != nil {
		return err
	}
	return p.Render(w, status, "security.html", securityPage{p.frame("My security", who), *is, wrong, codes, p.Now()})
}

// again leads who has to prove anew who they are to that, and back to a page; what went wrong besides is told on it.
func again(err error, to string) (string, error) {
	f := fault.As(err)
	switch {
	case f == nil:
		return "", err
	case f.Code == api.StepUp:
		return "", &kit.SignInFirst{To: to, Again: true}
	case f.Kind == fault.Unauthenticated:
		return "", &kit.SignInFirst{To: to}
	case f.Kind == fault.Internal, f.Kind == fault.Unavailable:
		return "", err
	}
	return f.Message, nil
}

func (p *Pages) makeCodes(w http.ResponseWriter, r *http.Request) error {
	out, err := kit.AskSelf[self.CreateRecoveryCodesOutput](p.Site, r, "CreateRecoveryCodes", &self.CreateRecoveryCodesInput{})
	if err == nil {
		return p.security(w, r, http.StatusOK, "", out.RecoveryCodes)
	}
	wrong, err := again(err, securityPath)
	if err != nil {
		return err
	}
	return p.security(w, r, http.StatusUnprocessableEntity, wrong, nil)
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	in := &self.EndSessionsInput{ID: r.PostFormValue("id"), Others: r.PostFormValue("others") != ""}
	_, err := kit.AskSelf[self.EndSessionsOutput](p.Site, r, "EndSessions", in)
	return p.done(w, r, err)
}

// done goes back to the page, or says on it what went wrong.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil {
		http.Redirect(w, r, securityPath, http.StatusSeeOther)
		return nil
	}
	wrong, err := again(err, securityPath)
	if err != nil {
		return err
	}
	return p.security(w, r, http.StatusUnprocessableEntity, wrong, nil)
}

// devicePath is the page of one of the person's devices.
func devicePath(id string) string {
	return securityPath + "/device?" + url.Values{"id": {id}}.Encode()
}

func (p *Pages) showDevice(w http.ResponseWriter, r *http.Request) error {
	return p.device(w, r, http.StatusOK, r.URL.Query().Get("id"), "")
}

func (p *Pages) device(w http.ResponseWriter, r *http.Request, status int, id, wrong string) error {
	who, err := p.viewer(r, devicePath(id))
	if err != nil {
		return err
	}
	is, err := kit.AskSignedIn[self.DescribeSecurityOutput](p.Site, r, "DescribeSecurity", &self.DescribeSecurityInput{}, securityPath)
	if err != nil {
		return err
	}
	for _, d := range is.Devices {
		if d.ID == id {
			return p.Render(w, status, "own-device.html", ownDevicePage{p.frame(d.Name, who), d, len(is.Devices) == 1 && !is.MayRemoveLast, wrong})
		}
	}
	return fault.New(fault.NotFound, "NotFound", "You have no such device, or not any more.")
}

func (p *Pages) changeDevice(w http.ResponseWriter, r *http.Request) error {
	id := r.PostFormValue("id")
	var err error
	switch r.PostFormValue("do") {
	case "remove":
		_, err = kit.AskSelf[self.RemoveDeviceOutput](p.Site, r, "RemoveDevice", &self.RemoveDeviceInput{ID: id})
	case "rename":
		_, err = kit.AskSelf[self.RenameDeviceOutput](p.Site, r, "RenameDevice", &self.RenameDeviceInput{ID: id, Name: r.PostFormValue("name")})
	default:
		return fault.New(fault.Invalid, "ValidationException", "The answer is missing. Nothing was changed.")
	}
	if err == nil {
		return p.done(w, r, nil)
	}
	wrong, err := again(err, devicePath(id))
	if err != nil {
		return err
	}
	return p.device(w, r, http.StatusUnprocessableEntity, id, wrong)
}

func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request) error {
	return p.password(w, r, http.StatusOK, "")
}

// password asks for a new password, of who has proved a short time ago who they are.
func (p *Pages) password(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	who, err := p.viewer(r, passwordPath)
	if err != nil {
		return err
	}
	is, err := kit.AskSignedIn[self.DescribeSecurityOutput](p.Site, r, "DescribeSecurity", &self.DescribeSecurityInput{}, passwordPath)
	if err != nil {
		return err
	}
	if !is.Fresh {
		return &kit.SignInFirst{To: passwordPath, Again: true}
	}
	return p.Render(w, status, "password.html", passwordPage{p.frame("Change your password", who), is.MinPassword, wrong})
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	out, err := kit.AskSelf[self.SignInOutput](p.Site, r, "ChangePassword", &self.ChangePasswordInput{Password: r.PostFormValue("password")})
	if err == nil {
		p.Remember(w, out.Secret, out.SessionEndsAt)
		http.Redirect(w, r, securityPath, http.StatusSeeOther)
		return nil
	}
	wrong, err := again(err, passwordPath)
	if err != nil {
		return err
	}
	return p.password(w, r, http.StatusUnprocessableEntity, wrong)
}
