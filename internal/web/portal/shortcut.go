package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type shortcutPage struct {
	frame
	Account     self.OwnAccount // none where the link leaves that open
	Role        string
	Destination string
	Link        string // empty until it is asked for
	Wrong       bool   // the destination
}

// makeShortcut makes a link to the console of a role, to be kept as a bookmark or to be sent to who has the role too. It may
// leave open which role, or which account, too. See "Creating shortcut links to AWS Management Console destinations" in the
// IAM Identity Center User Guide.
func (p *Pages) makeShortcut(w http.ResponseWriter, r *http.Request) error {
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	wanted, err := parseWanted(q)
	if err != nil {
		return err
	}
	page := shortcutPage{frame: p.frame("Create a shortcut", who), Destination: strings.TrimSpace(q.Get("destination"))}
	if wanted.AccountID != "" {
		a, err := p.account(r, wanted.AccountID)
		if err != nil {
			return err
		}
		if a == nil {
			return kit.ErrNoPage
		}
		page.Account = *a
	}
	if slices.ContainsFunc(page.Account.Roles, func(role self.OwnRole) bool { return role.Name == wanted.Role }) {
		page.Role = wanted.Role
	}
	page.Wrong = page.Destination != "" && !isConsole(page.Destination)
	status := http.StatusOK
	switch {
	case page.Wrong:
		status = http.StatusUnprocessableEntity
	case q.Has("destination"): // the form was sent, whatever it leaves open
		page.Link = p.shortcut(who, target{AccountID: page.Account.ID, Role: page.Role}, page.Destination)
	}
	return p.Render(w, status, "shortcut.html", page)
}

// shortcut is the link to the console of t. What stands behind the hash is read by fragment.js.
func (p *Pages) shortcut(who *self.WhoAmIOutput, t target, destination string) string {
	path := kit.Home + "/"
	if who.Portal != "" {
		path += url.PathEscape(who.Portal) + "/"
	}
	q := t.query()
	if destination != "" {
		q.Set("destination", destination)
	}
	return strings.TrimSuffix(p.Origin()+path+"#/console?"+q.Encode(), "?")
}

// consoleHost is AWS's console; those of its regions and services stand under it.
const consoleHost = "console.aws.amazon.com"

// isConsole reports whether an address is a page of AWS's console. Whoever makes a link chooses its destination, and who
// follows it trusts the portal, so it leads nowhere else. Browsers drop tabs and line ends from an address and read a
// backslash as a slash, and names beyond ASCII can look like others, so none of these may be in it.
func isConsole(address string) bool {
	if len(address) > 2048 || strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '\\' }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return false
	}
	host := strings.ToLower(u.Host) // with a port, it is none of AWS's
	return host == consoleHost || strings.HasSuffix(host, "."+consoleHost)
}
