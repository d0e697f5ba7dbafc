package portal

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sso"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

type keysPage struct {
	frame
	Target  target
	Keys    *keys // nil while they are only offered
	Config  string
	Profile string
	Origin  string
	Start   string // the identifier that programs ask for as the start URL
	Region  string
}

type keys struct {
	ID, Secret, Token string
	Clock             kit.Clock
	Profile           string // of the credentials file
}

// offerKeys names account and role and asks for a post. It is where a bookmark or a reload leads.
func (p *Pages) offerKeys(w http.ResponseWriter, r *http.Request) error {
	return p.keysPage(w, r, r.URL.Query(), func(*http.Request, target) (*keys, error) { return nil, nil })
}

func (p *Pages) showKeys(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "ValidationException", "The form cannot be read.").Because(err)
	}
	return p.keysPage(w, r, r.PostForm, p.makeKeys)
}

func (p *Pages) keysPage(w http.ResponseWriter, r *http.Request, q url.Values, make func(*http.Request, target) (*keys, error)) error {
	t, err := parseTarget(q)
	if err != nil {
		return err
	}
	who, err := p.viewer(r, t.keysPath())
	if err != nil {
		return err
	}
	if t, err = p.named(r, t); err != nil {
		return err
	}
	made, err := make(r, t)
	if fault.Is(err, api.StepUp) {
		return &kit.SignInFirst{To: t.keysPath(), Again: true}
	}
	if err != nil {
		return endedAt(r, err)
	}
	page := keysPage{frame: p.frame("Access keys", who), Target: t, Keys: made, Origin: p.Origin(), Start: startURL(who.InstanceID), Region: cmp.Or(who.Region, p.Region)}
	page.Profile = profileName(t.AccountName, t.Role)
	page.Config = p.config(page)
	return p.Render(w, http.StatusOK, "keys.html", page)
}

func (p *Pages) makeKeys(r *http.Request, t target) (*keys, error) {
	in := &sdk.GetRoleCredentialsInput{AccountId: aws.String(t.AccountID), RoleName: aws.String(t.Role)}
	out, err := kit.Ask[sdk.GetRoleCredentialsOutput](p.Site, r, "sso", "GetRoleCredentials", in)
	if err != nil {
		return nil, err
	}
	c := out.RoleCredentials
	if c == nil {
		return nil, fmt.Errorf("GetRoleCredentials answered without credentials")
	}
	p.remember(r, t)
	now := p.Now()
	return &keys{
		ID: aws.ToString(c.AccessKeyId), Secret: aws.ToString(c.SecretAccessKey), Token: aws.ToString(c.SessionToken),
		Clock:   kit.NewClock(now, time.UnixMilli(c.Expiration), now),
		Profile: t.AccountID + "_" + t.Role,
	}, nil
}

// remember keeps a role among those used last. That it cannot is no reason to withhold keys.
func (p *Pages) remember(r *http.Request, t target) {
	in := &self.RecordRoleUseInput{AccountID: t.AccountID, Role: t.Role}
	if _, err := kit.AskSelf[self.RecordRoleUseOutput](p.Site, r, "RecordRoleUse", in); err != nil {
		p.Log.WarnContext(r.Context(), "use of a role not remembered", "error", err)
	}
}

// config is the part of ~/.aws/config that lets the AWS CLI take keys by itself. The services section sends the services that
// run here to this server, which alone knows the keys, and leaves all others where they are.
func (p *Pages) config(page keysPage) string {
	var b strings.Builder
	fmt.Fprintf(&b, `[profile %[1]s]
sso_session    = %[2]s
sso_account_id = %[3]s
sso_role_name  = %[4]s
region         = %[5]s
services       = %[2]s

[sso-session %[2]s]
sso_start_url           = %[6]s
sso_region              = %[5]s
sso_registration_scopes = sso:account:access

[services %[2]s]
`, page.Profile, p.SessionName, page.Target.AccountID, page.Target.Role, page.Region, page.Start)
	for _, s := range wire.Services() {
		if len(s.Operations()) > 0 { // one of AWS's
			fmt.Fprintf(&b, "%s =\n  endpoint_url = %s\n", strings.ReplaceAll(s.Name, "-", "_"), page.Origin)
		}
	}
	return b.String()
}

// endedAt leads a person whose sign-in ended between two questions to sign-in, and back to the portal.
func endedAt(r *http.Request, err error) error {
	if f := fault.As(err); f == nil || f.Kind != fault.Unauthenticated {
		return err
	}
	if r.Method == http.MethodGet {
		return &kit.SignInFirst{To: r.URL.RequestURI()}
	}
	return &kit.SignInFirst{To: kit.Home}
}
