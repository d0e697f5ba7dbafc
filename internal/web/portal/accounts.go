package portal

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

const (
	// searchFrom is how many accounts make a search field worth its place.
	searchFrom = 6
	// foldFrom is how many accounts fold their roles away.
	foldFrom = 4
	// shownRecent is how many of the roles used last are shown: one row.
	shownRecent = 3
)

type accountsPage struct {
	frame
	Is   self.ListOwnAccountsOutput
	Find string
	Path string // of this page, with nothing looked for
	Here string // of this page as it is

	sheet *kit.Sheet
	lists *lists
}

// List puts the list of a group on the page.
func (p accountsPage) List(g group) template.HTML { return p.sheet.Put(p.lists.of(g)) }

// Search reports whether there is something to search.
func (p accountsPage) Search() bool { return p.Is.Total >= searchFrom }

// Total writes how many accounts there are, as in 5,000.
func (p accountsPage) Total() string { return thousands(p.Is.Total) }

// Matching writes how many accounts there are of those looked for.
func (p accountsPage) Matching() string { return thousands(p.Is.Matching) }

// Whole reports whether all accounts are on the page, so that it can be searched without the server.
func (p accountsPage) Whole() bool { return p.Find == "" && p.Is.Pages <= 1 }

// Folded reports whether accounts show their roles only when asked.
func (p accountsPage) Folded() bool { return len(p.Is.Accounts) >= foldFrom }

// Recent is what was used last, where the list is long enough to want it.
func (p accountsPage) Recent() []self.OwnRecentRole {
	if p.Find != "" || p.Is.Page > 1 || p.Is.Total < foldFrom {
		return nil
	}
	return p.Is.Recent[:min(shownRecent, len(p.Is.Recent))]
}

// group is a part of the list.
type group struct {
	Title    string
	Accounts []self.OwnAccount
	Folded   bool
}

// Groups are the favourites and the others, or what was found.
func (p accountsPage) Groups() []group {
	all := p.Is.Accounts
	marked := 0
	for marked < len(all) && all[marked].Favourite {
		marked++
	}
	if p.Find != "" || marked == 0 {
		title := ""
		if len(p.Recent()) > 0 {
			title = "All accounts"
		}
		return []group{{title, all, p.Folded()}}
	}
	if marked == len(all) {
		return []group{{"Favourites", all, p.Folded()}}
	}
	return []group{{"Favourites", all[:marked], p.Folded()}, {"Other accounts", all[marked:], p.Folded()}}
}

// Previous is the address of the page before, or "".
func (p accountsPage) Previous() string { return p.at(p.Is.Page - 1) }

// Next is the address of the page after, or "".
func (p accountsPage) Next() string { return p.at(p.Is.Page + 1) }

func (p accountsPage) at(page int) string {
	if page < 1 || page > p.Is.Pages {
		return ""
	}
	q := url.Values{"page": {strconv.Itoa(page)}}
	if p.Find != "" {
		q.Set("q", p.Find)
	}
	return p.Path + "?" + q.Encode()
}

// Ago writes how long ago a time was.
func (p accountsPage) Ago(t time.Time) string {
	past := p.Now.Sub(t)
	if past < time.Minute {
		return "Just now"
	}
	return kit.InWords(past) + " ago"
}

// showAccounts is the portal. A HEAD asks which portal this is: AWS's clients look for the issuer behind an alias by
// following the Location of such an answer.
func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	instance := p.InstanceID(name)
	if r.Method == http.MethodHead {
		return identify(w, instance)
	}
	if front := p.FrontOf(name); front.Moved {
		http.Redirect(w, r, kit.Home+"/"+front.Name, http.StatusFound)
		return nil
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
	page := accountsPage{frame: p.frame("AWS accounts", who), Path: r.URL.EscapedPath(), Here: r.URL.RequestURI(),
		Find: strings.TrimSpace(r.URL.Query().Get("q")), sheet: new(kit.Sheet), lists: &p.lists}
	number, _ := strconv.Atoi(r.URL.Query().Get("page")) // whatever it is not, it is the first
	found, err := p.accounts(r, page.Find, number)
	if err != nil {
		return err
	}
	page.Is = *found
	return p.RenderPacked(w, r, "accounts.html", page, page.sheet)
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

// accounts lists what is open to the person.
func (p *Pages) accounts(r *http.Request, find string, page int) (*self.ListOwnAccountsOutput, error) {
	out, err := kit.AskSelf[self.ListOwnAccountsOutput](p.Site, r, "ListOwnAccounts", &self.ListOwnAccountsInput{Find: find, Page: page})
	if err != nil {
		return nil, endedAt(r, err)
	}
	return out, nil
}

// account returns an account by its number if it is open to the person, or nil.
func (p *Pages) account(r *http.Request, id string) (*self.OwnAccount, error) {
	found, err := p.accounts(r, id, 1)
	if err != nil {
		return nil, err
	}
	for _, a := range found.Accounts {
		if a.ID == id {
			return &a, nil
		}
	}
	return nil, nil
}

// changeFavourite marks an account or takes the mark off. A script that shows this by itself asks to stay.
func (p *Pages) changeFavourite(w http.ResponseWriter, r *http.Request) error {
	in := &self.PutFavouriteInput{AccountID: r.PostFormValue("unmark")}
	if id := r.PostFormValue("mark"); id != "" {
		in = &self.PutFavouriteInput{AccountID: id, Favourite: true}
	}
	if _, err := kit.AskSelf[self.PutFavouriteOutput](p.Site, r, "PutFavourite", in); err != nil {
		return endedAt(r, err)
	}
	if r.PostFormValue("stay") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, kit.LocalPath(r.PostFormValue("to")), http.StatusSeeOther)
	return nil
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
