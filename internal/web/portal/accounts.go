package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

const (
	// shownAccounts is how many accounts one page lists; the others are found by their name.
	shownAccounts = 50
	// searchFrom is how many accounts make a search field worth its place.
	searchFrom = 6
	// foldFrom is how many accounts fold their roles away.
	foldFrom = 4
)

type accountsPage struct {
	frame
	Accounts []account
	Total    int
	Matching int
	Find     string
	Search   bool
	Here     string // the address of this page
}

type account struct {
	ID, Name, Email string
	Roles           []role
	Open            bool
}

type role struct {
	AccountID, Name string
	Console         string // address
}

// showAccounts is the portal. A HEAD asks which portal this is: AWS's clients look for the issuer behind an alias by
// following the Location of such an answer.
func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	instance := p.InstanceID(name)
	if r.Method == http.MethodHead {
		return identify(w, instance)
	}
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	if name != "" && instance != who.InstanceID {
		if instance == "" {
			return kit.ErrNoPage
		}
		return &kit.SignInFirst{To: r.URL.RequestURI()} // signed in, but at another portal
	}
	accounts, err := p.accounts(r)
	if err != nil {
		return err
	}
	page := accountsPage{
		frame: p.frame("AWS accounts", who), Total: len(accounts), Search: len(accounts) >= searchFrom,
		Find: strings.TrimSpace(r.URL.Query().Get("find")), Here: r.URL.EscapedPath(),
	}
	page.Accounts = matching(accounts, page.Find)
	page.Matching = len(page.Accounts)
	page.Accounts = page.Accounts[:min(shownAccounts, len(page.Accounts))]
	for i := range page.Accounts {
		a := &page.Accounts[i]
		a.Open = len(page.Accounts) < foldFrom
		if a.Roles, err = p.roles(r, a.ID); err != nil {
			return err
		}
	}
	return p.Render(w, http.StatusOK, "accounts.html", page)
}

func identify(w http.ResponseWriter, instance string) error {
	if instance == "" {
		return kit.ErrNoPage
	}
	w.Header().Set("Location", startURL(instance))
	w.WriteHeader(http.StatusFound)
	return nil
}

// startURL is the identifier of an instance. It is nobody's address: clients send it and do not visit it.
func startURL(instance string) string {
	return "https://identitycenter.amazonaws.com/" + instance
}

// accounts lists what is open to the person, by name.
func (p *Pages) accounts(r *http.Request) ([]account, error) {
	var all []account
	in := &sdk.ListAccountsInput{MaxResults: aws.Int32(100)}
	for {
		out, err := kit.Ask[sdk.ListAccountsOutput](p.Site, r, "sso", "ListAccounts", in)
		if err != nil {
			return nil, endedAt(r, err)
		}
		for _, a := range out.AccountList {
			all = append(all, accountOf(a))
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.SortFunc(all, func(a, b account) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func accountOf(a types.AccountInfo) account {
	return account{ID: aws.ToString(a.AccountId), Name: aws.ToString(a.AccountName), Email: aws.ToString(a.EmailAddress)}
}

func (p *Pages) roles(r *http.Request, accountID string) ([]role, error) {
	var all []role
	in := &sdk.ListAccountRolesInput{AccountId: aws.String(accountID), MaxResults: aws.Int32(100)}
	for {
		out, err := kit.Ask[sdk.ListAccountRolesOutput](p.Site, r, "sso", "ListAccountRoles", in)
		if err != nil {
			return nil, endedAt(r, err)
		}
		for _, info := range out.RoleList {
			all = append(all, roleOf(accountID, aws.ToString(info.RoleName)))
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.SortFunc(all, func(a, b role) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func roleOf(accountID, name string) role {
	q := url.Values{"account_id": {accountID}, "role_name": {name}}
	return role{AccountID: accountID, Name: name, Console: "/start/console?" + q.Encode()}
}

// matching keeps the accounts whose name, number or e-mail contains text.
func matching(all []account, text string) []account {
	if text == "" {
		return all
	}
	text = strings.ToLower(text)
	var kept []account
	for _, a := range all {
		if strings.Contains(strings.ToLower(a.Name+"\n"+a.ID+"\n"+a.Email), text) {
			kept = append(kept, a)
		}
	}
	return kept
}
