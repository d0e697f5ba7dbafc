package signin

import (
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// showLogo answers with the picture of a portal.
func (p *Pages) showLogo(w http.ResponseWriter, r *http.Request) error {
	hash, ok := strings.CutSuffix(r.PathValue("file"), ".png")
	if !ok {
		return kit.ErrNoPage
	}
	out, err := kit.AskSelf[self.GetPortalLogoOutput](p.Site, r, "GetPortalLogo", &self.GetPortalLogoInput{InstanceID: r.PathValue("instance"), Hash: hash})
	if err != nil {
		return err
	}
	kit.ServeLogo(w, out.PNG)
	return nil
}
