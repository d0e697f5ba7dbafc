package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

type consolePage struct {
	frame
	Target      target
	Destination string
	Foreign     bool   // the destination is no page of AWS's console
	Keys        string // address
}

// rolesPage is where a link leads that leaves open which account or which role.
type rolesPage struct {
	frame
	Wanted      target // as far as the link says
	Destination string
	Find        string
	Is          self.ListOwnAccountsOutput // the accounts to choose from, with the roles
	Lacking     bool                       // what the link says is not the person's
}

// Search reports whether there is something to search.
func (p rolesPage) Search() bool { return p.Is.Total >= searchFrom && p.Wanted.AccountID == "" }

// To is the console of a role, with the destination of the link.
func (p rolesPage) To(account, role string) string {
	return target{AccountID: account, Role: role}.consolePath(p.Destination)
}

// showConsole is where links to a console lead while there is none. The destination is shown and never followed. A link may
// leave open which role, or which account, too: see "Creating shortcut links to AWS Management Console destinations" in the
// IAM Identity Center User Guide.
func (p *Pages) showConsole(w http.ResponseWriter, r *http.Request) error {
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	wanted, err := parseWanted(q)
	if err != nil {
		return err
	}
	page := rolesPage{frame: p.frame("Choose a role", who), Wanted: wanted, Destination: q.Get("destination"), Find: strings.TrimSpace(q.Get("q"))}
	if err := p.choices(r, &page); err != nil {
		return err
	}
	if t, clear := page.only(); clear {
		p.remember(r, t)
		return p.Render(w, http.StatusOK, "console.html", consolePage{
			frame: p.frame("Console", who), Target: t, Destination: page.Destination, Foreign: !isConsole(page.Destination), Keys: t.keysPath(),
		})
	}
	return p.Render(w, http.StatusOK, "roles.html", page)
}

// choices finds the accounts and roles that a link leaves open. Where the person has none of them, it offers all they have.
func (p *Pages) choices(r *http.Request, page *rolesPage) error {
	find := page.Find
	if page.Wanted.AccountID != "" {
		find = page.Wanted.AccountID
	}
	found, err := p.accounts(r, strings.TrimSpace(find+" "+page.Wanted.Role), 1)
	if err != nil {
		return err
	}
	page.Is = *found
	page.Is.Accounts = nil
	for _, a := range found.Accounts {
		a.Roles = slices.DeleteFunc(slices.Clone(a.Roles), func(role self.OwnRole) bool { return page.Wanted.Role != "" && role.Name != page.Wanted.Role })
		if len(a.Roles) > 0 && (page.Wanted.AccountID == "" || a.ID == page.Wanted.AccountID) {
			page.Is.Accounts = append(page.Is.Accounts, a)
		}
	}
	if len(page.Is.Accounts) > 0 || page.Find != "" || page.Wanted == (target{}) {
		return nil
	}
	page.Lacking, page.Wanted = true, target{}
	found, err = p.accounts(r, "", 1)
	if err == nil {
		page.Is = *found
	}
	return err
}

// only returns the one role that a link can mean, if it names an account and leaves no choice.
func (p rolesPage) only() (target, bool) {
	if p.Wanted.AccountID == "" || len(p.Is.Accounts) != 1 || len(p.Is.Accounts[0].Roles) != 1 {
		return target{}, false
	}
	a := p.Is.Accounts[0]
	return target{AccountID: a.ID, Role: a.Roles[0].Name, AccountName: a.Name}, true
}

// consolePath is the address of the console of t.
func (t target) consolePath(destination string) string {
	q := t.query()
	if destination != "" {
		q.Set("destination", destination)
	}
	return kit.Home + "/console?" + q.Encode()
}

// query is t as an address names it, as far as it is known.
func (t target) query() url.Values {
	q := url.Values{}
	if t.AccountID != "" {
		q.Set("account_id", t.AccountID)
	}
	if t.Role != "" {
		q.Set("role_name", t.Role)
	}
	return q
}
