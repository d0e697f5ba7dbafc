package portal

import (
	"errors"
	"html/template"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// Where the pages of root users and IAM users stand.
const (
	ownPath         = "/security"
	ownPasswordPath = ownPath + "/password"
)

// ownFrame is what the bar above the pages of root users and IAM users shows.
type ownFrame struct {
	kit.Page
	Is      door.DescribeSelfOutput
	Session kit.Clock
	Error   string
}

// Who says who is signed in.
func (f ownFrame) Who() string {
	if f.Is.Door == door.Root {
		return "Root user"
	}
	return f.Is.Name
}

// Initials stand for who is signed in.
func (f ownFrame) Initials() string { return initials(f.Who()) }

// Others reports whether the user is signed in elsewhere, too.
func (f ownFrame) Others() bool { return len(f.Is.Sessions) > 1 }

type ownPage struct {
	ownFrame
	Keys    []types.AccessKeyMetadata
	HasKeys bool // the user may look at them
	Left    []door.SetupTask
}

// Active reports whether a key works.
func (ownPage) Active(k types.AccessKeyMetadata) bool { return k.Status == types.StatusTypeActive }

type ownAppPage struct {
	ownFrame
	Name                string
	Serial, Secret, URI string
	QR                  template.HTML
	Groups              string
}

// ownPasskeyPage asks the browser for a new security key or passkey.
type ownPasskeyPage struct {
	ownFrame
	Name, Ticket, Options string
}

type ownKeyPage struct {
	ownFrame
	Key types.AccessKey
}

// owner returns who is signed in, or the error that leads to their door and from there to the local path to.
func (p *Pages) owner(r *http.Request, title, to string) (ownFrame, error) {
	if !p.HasSession(r) {
		return ownFrame{}, &kit.SignInFirst{To: to, Door: door.IAM}
	}
	is, err := kit.Ask[door.DescribeSelfOutput](p.Site, r, door.Name, "DescribeSelf", &door.DescribeSelfInput{})
	if f := fault.As(err); f != nil && f.Kind == fault.Unauthenticated {
		return ownFrame{}, &kit.SignInFirst{To: to, Door: door.IAM}
	}
	if err != nil {
		return ownFrame{}, err
	}
	return ownFrame{Page: p.Page(title, is.Account), Is: *is, Session: kit.NewClock(is.SignedInAt, is.ExpiresAt, p.Now())}, nil
}

// refused turns an error into what is said on a page, or into one that leads to where who is signed in proves it anew.
func (f ownFrame) refused(err error, to string) (string, error) {
	wrong, err := again(err, to)
	var first *kit.SignInFirst
	if errors.As(err, &first) {
		first.Again, first.Door = false, f.Is.Door
	}
	return wrong, err
}

func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request) error {
	return p.own(w, r, http.StatusOK, nil)
}

// own shows how the user gets in and where they are in, with what went wrong.
func (p *Pages) own(w http.ResponseWriter, r *http.Request, status int, failed error) error {
	frame, err := p.owner(r, "My security", ownPath)
	if err != nil {
		return err
	}
	if failed != nil {
		if frame.Error, err = frame.refused(failed, ownPath); err != nil {
			return err
		}
	}
	page := ownPage{ownFrame: frame}
	if page.Left, err = p.left(r, frame); err != nil {
		return err
	}
	if frame.Is.Door == door.IAM {
		keys, err := kit.Ask[iamsdk.ListAccessKeysOutput](p.Site, r, "iam", "ListAccessKeys", &iamsdk.ListAccessKeysInput{})
		if err == nil {
			page.Keys, page.HasKeys = keys.AccessKeyMetadata, true
		} else if f := fault.As(err); f == nil || f.Kind != fault.Denied {
			return err
		}
	}
	return p.Render(w, status, "own.html", page)
}

// after goes back to the page, or says on it what went wrong.
func (p *Pages) after(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil {
		return p.own(w, r, http.StatusUnprocessableEntity, err)
	}
	http.Redirect(w, r, ownPath, http.StatusSeeOther)
	return nil
}

// changeOwnDevice begins a device, completes it, or removes one.
func (p *Pages) changeOwnDevice(w http.ResponseWriter, r *http.Request) error {
	switch r.PostFormValue("do") {
	case "start":
		return p.startApp(w, r)
	case "complete":
		return p.completeApp(w, r)
	case "start-key":
		return p.startPasskey(w, r)
	case "complete-key":
		_, err := kit.Ask[door.CompleteKeyOutput](p.Site, r, door.Name, "CompleteKey",
			&door.CompleteKeyInput{Ticket: r.PostFormValue("ticket"), Name: r.PostFormValue("name"), KeyAnswer: r.PostFormValue("key")})
		return p.after(w, r, err)
	case "remove":
		_, err := kit.Ask[door.RemoveDeviceOutput](p.Site, r, door.Name, "RemoveDevice", &door.RemoveDeviceInput{Serial: r.PostFormValue("serial")})
		return p.after(w, r, err)
	}
	return fault.New(fault.Invalid, "ValidationException", "The answer is missing. Nothing was changed.")
}

func (p *Pages) startApp(w http.ResponseWriter, r *http.Request) error {
	frame, err := p.owner(r, "Connect your app", ownPath)
	if err != nil {
		return err
	}
	name := r.PostFormValue("name")
	out, err := kit.Ask[door.StartDeviceOutput](p.Site, r, door.Name, "StartDevice", &door.StartDeviceInput{Name: name})
	if err != nil {
		return p.own(w, r, http.StatusUnprocessableEntity, err)
	}
	return p.app(w, http.StatusOK, ownAppPage{ownFrame: frame, Name: name, Serial: out.Serial, Secret: out.Secret, URI: out.URI})
}

func (p *Pages) startPasskey(w http.ResponseWriter, r *http.Request) error {
	frame, err := p.owner(r, "Add a passkey or key", ownPath)
	if err != nil {
		return err
	}
	name := r.PostFormValue("name")
	out, err := kit.Ask[door.StartKeyOutput](p.Site, r, door.Name, "StartKey", &door.StartKeyInput{Name: name})
	if err != nil {
		return p.own(w, r, http.StatusUnprocessableEntity, err)
	}
	return p.Render(w, http.StatusOK, "own-passkey.html", ownPasskeyPage{frame, name, out.Ticket, out.Options})
}

func (p *Pages) app(w http.ResponseWriter, status int, page ownAppPage) (err error) {
	if page.QR, err = kit.QRCode(page.URI, "QR code with the key for your authenticator app"); err != nil {
		return fault.New(fault.Invalid, "ValidationException", "The key of the app is missing. Nothing was changed.").Because(err)
	}
	page.Groups = kit.Groups(page.Secret)
	return p.Render(w, status, "own-app.html", page)
}

// completeApp takes two codes in a row. The page brings the key back that it showed, since nobody else shows it again.
func (p *Pages) completeApp(w http.ResponseWriter, r *http.Request) error {
	_, failed := kit.Ask[door.CompleteDeviceOutput](p.Site, r, door.Name, "CompleteDevice",
		&door.CompleteDeviceInput{Serial: r.PostFormValue("serial"), First: r.PostFormValue("first"), Second: r.PostFormValue("second")})
	if failed == nil {
		return p.after(w, r, nil)
	}
	frame, err := p.owner(r, "Connect your app", ownPath)
	if err != nil {
		return err
	}
	if frame.Error, err = frame.refused(failed, ownPath); err != nil {
		return err
	}
	return p.app(w, http.StatusUnprocessableEntity, ownAppPage{ownFrame: frame, Name: r.PostFormValue("name"), Serial: r.PostFormValue("serial"),
		Secret: r.PostFormValue("secret"), URI: r.PostFormValue("uri")})
}

func (p *Pages) showOwnPassword(w http.ResponseWriter, r *http.Request) error {
	frame, err := p.owner(r, "Change your password", ownPasswordPath)
	if err != nil {
		return err
	}
	return p.Render(w, http.StatusOK, "own-password.html", frame)
}

func (p *Pages) changeOwnPassword(w http.ResponseWriter, r *http.Request) error {
	_, failed := kit.Ask[door.ChangePasswordOutput](p.Site, r, door.Name, "ChangePassword",
		&door.ChangePasswordInput{Old: r.PostFormValue("old"), New: r.PostFormValue("password")})
	if failed == nil {
		return p.after(w, r, nil)
	}
	frame, err := p.owner(r, "Change your password", ownPasswordPath)
	if err != nil {
		return err
	}
	if frame.Error, err = frame.refused(failed, ownPasswordPath); err != nil {
		return err
	}
	return p.Render(w, http.StatusUnprocessableEntity, "own-password.html", frame)
}

func (p *Pages) endOwnSession(w http.ResponseWriter, r *http.Request) error {
	_, err := kit.Ask[door.EndSessionsOutput](p.Site, r, door.Name, "EndSessions",
		&door.EndSessionsInput{ID: r.PostFormValue("id"), Others: r.PostFormValue("others") != ""})
	return p.after(w, r, err)
}

// changeOwnKey makes an access key, switches one off or on, or deletes it.
func (p *Pages) changeOwnKey(w http.ResponseWriter, r *http.Request) error {
	id, err := aws.String(r.PostFormValue("id")), error(nil)
	switch do := r.PostFormValue("do"); do {
	case "create":
		return p.makeKey(w, r)
	case "on", "off":
		status := map[string]types.StatusType{"on": types.StatusTypeActive, "off": types.StatusTypeInactive}[do]
		_, err = kit.Ask[iamsdk.UpdateAccessKeyOutput](p.Site, r, "iam", "UpdateAccessKey", &iamsdk.UpdateAccessKeyInput{AccessKeyId: id, Status: status})
	case "delete":
		_, err = kit.Ask[iamsdk.DeleteAccessKeyOutput](p.Site, r, "iam", "DeleteAccessKey", &iamsdk.DeleteAccessKeyInput{AccessKeyId: id})
	default:
		err = fault.New(fault.Invalid, "ValidationException", "The answer is missing. Nothing was changed.")
	}
	return p.after(w, r, err)
}

// makeKey shows a new access key, once.
func (p *Pages) makeKey(w http.ResponseWriter, r *http.Request) error {
	frame, err := p.owner(r, "Your new access key", ownPath)
	if err != nil {
		return err
	}
	out, err := kit.Ask[iamsdk.CreateAccessKeyOutput](p.Site, r, "iam", "CreateAccessKey", &iamsdk.CreateAccessKeyInput{})
	if err != nil {
		return p.own(w, r, http.StatusUnprocessableEntity, err)
	}
	return p.Render(w, http.StatusOK, "own-key.html", ownKeyPage{frame, *out.AccessKey})
}
