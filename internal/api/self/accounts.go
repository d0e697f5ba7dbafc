package self

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	// wholeList is how many accounts are still listed at once.
	wholeList = 500
	// listPage is how many of more are on one page.
	listPage = 100
	// maxFind is how many bytes may be looked for.
	maxFind = 200
)

// openAccount is an account that is open to the caller, and what they have been given there.
type openAccount struct {
	*account.Account
	sets   []*permission.Set
	place  place
	folded string // the name
}

// place is where in the list an account stands.
type place int

const (
	atHand place = iota // it is a favourite
	below
)

// listOwnAccounts lists the caller's accounts with their roles, favourites first and then by name: all at once, or in
// pages where they are very many.
func listOwnAccounts(ctx context.Context, c *api.Call, in *ListOwnAccountsInput) (*ListOwnAccountsOutput, error) {
	if len(in.Find) > maxFind {
		return nil, invalid("This is too long to look for.")
	}
	shelf, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.Shelf, error) { return shelfOf(tx, c) })
	if err != nil {
		return nil, err
	}
	open := openAccounts(c, shelf)
	out := &ListOwnAccountsOutput{Total: len(open), Accounts: []OwnAccount{}, Recent: recentRoles(open, shelf)}
	open = matching(open, in.Find)
	slices.SortFunc(open, openAccount.compare)
	out.Matching = len(open)
	size := wholeList
	if len(open) > wholeList {
		size = listPage
	}
	out.Pages = max(1, (len(open)+size-1)/size)
	out.Page = min(max(1, in.Page), out.Pages)
	open = open[(out.Page-1)*size : min(out.Page*size, len(open))]
	out.Accounts = slices.Grow(out.Accounts, len(open))
	for _, a := range open {
		out.Accounts = append(out.Accounts, a.shown(c))
	}
	return out, nil
}

// compare says which of two stands first in the list.
func (a openAccount) compare(b openAccount) int {
	if a.place != b.place {
		return cmp.Compare(a.place, b.place)
	}
	if a.folded != b.folded {
		return strings.Compare(a.folded, b.folded)
	}
	return cmp.Compare(a.ID, b.ID)
}

// openAccounts returns the active accounts where the caller has been given something, in the order of their ids.
func openAccounts(c *api.Call, shelf *directory.Shelf) []openAccount {
	var open []openAccount
	for _, g := range c.Snapshot.Grants(c.Principal.UserID) {
		if n := len(open); n > 0 && open[n-1].ID == g.Account {
			open[n-1].sets = append(open[n-1].sets, g.Set)
			continue
		}
		if a := c.Snapshot.Account(g.Account); a != nil && a.Status == account.Active {
			at := below
			if shelf.IsFavourite(a.ID) {
				at = atHand
			}
			open = append(open, openAccount{a, []*permission.Set{g.Set}, at, strings.ToLower(a.Name)})
		}
	}
	return open
}

// matching keeps the accounts that have every word of text in their name, number, e-mail address or roles. Numbers may be
// written in groups, as AWS's console does.
func matching(open []openAccount, text string) []openAccount {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return open
	}
	for i, w := range words {
		if strings.Trim(w, "0123456789-") == "" {
			words[i] = strings.ReplaceAll(w, "-", "")
		}
	}
	return slices.DeleteFunc(open, func(a openAccount) bool {
		var has strings.Builder
		has.WriteString(a.folded + "\n" + string(a.ID) + "\n" + strings.ToLower(a.Email))
		for _, s := range a.sets {
			has.WriteString("\n" + strings.ToLower(s.Name))
		}
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(has.String(), w) })
	})
}

func (a openAccount) shown(c *api.Call) OwnAccount {
	own := OwnAccount{ID: string(a.ID), Name: a.Name, Email: a.Email, Favourite: a.place == atHand, Roles: make([]OwnRole, 0, len(a.sets))}
	for _, s := range a.sets {
		role, lasts := c.Snapshot.Reserved(s.ARN, a.ID)
		if role == nil {
			lasts = s.SessionDuration
		}
		own.Roles = append(own.Roles, OwnRole{s.Name, s.Description, lasts})
	}
	slices.SortFunc(own.Roles, func(a, b OwnRole) int { return cmp.Compare(a.Name, b.Name) })
	return own
}

// recentRoles returns the roles used last, of those that are still the caller's.
func recentRoles(open []openAccount, shelf *directory.Shelf) []OwnRecentRole {
	var recent []OwnRecentRole
	for _, r := range shelf.Recent {
		at, found := slices.BinarySearchFunc(open, r.Account, func(a openAccount, id ident.AccountID) int { return cmp.Compare(a.ID, id) })
		if found && slices.ContainsFunc(open[at].sets, func(s *permission.Set) bool { return s.Name == r.Role }) {
			recent = append(recent, OwnRecentRole{string(r.Account), open[at].Name, r.Role, r.UsedAt})
		}
	}
	return recent
}

func shelfOf(tx *store.Tx, c *api.Call) (*directory.Shelf, error) {
	s, err := store.Shelves.Get(tx, c.Principal.UserID)
	if err != nil {
		return &directory.Shelf{UserID: c.Principal.UserID}, store.Missing(err, nil)
	}
	return s, nil
}

// putFavourite marks one of the caller's accounts, or takes the mark off.
func putFavourite(ctx context.Context, c *api.Call, in *PutFavouriteInput) (*PutFavouriteOutput, error) {
	id, err := ident.ParseAccountID(in.AccountID)
	if err != nil {
		return nil, invalid("An account has 12 digits.")
	}
	if in.Favourite && len(c.Snapshot.GrantsIn(c.Principal.UserID, id)) == 0 {
		return nil, notOpen()
	}
	return &PutFavouriteOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		s, err := shelfOf(tx, c)
		if err != nil {
			return err
		}
		if !in.Favourite {
			s.Unmark(id)
		} else if !s.Mark(id) {
			return fault.New(fault.Conflict, "ConflictException", "You have %d favourites, and there is no room for more. Take the mark off another first.", directory.MaxFavourites)
		}
		return store.Shelves.Save(tx, s)
	})
}

// recordRoleUse remembers that the caller used one of their roles.
func recordRoleUse(ctx context.Context, c *api.Call, in *RecordRoleUseInput) (*RecordRoleUseOutput, error) {
	id, err := ident.ParseAccountID(in.AccountID)
	if err != nil {
		return nil, invalid("An account has 12 digits.")
	}
	named := func(s *permission.Set) bool { return s.Name == in.Role }
	if !slices.ContainsFunc(c.Snapshot.GrantsIn(c.Principal.UserID, id), named) {
		return nil, notOpen()
	}
	return &RecordRoleUseOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		s, err := shelfOf(tx, c)
		if err != nil {
			return err
		}
		s.Use(id, in.Role, tx.Now)
		return store.Shelves.Save(tx, s)
	})
}

// notOpen is the answer for an account or a role that is not the caller's, existing or not.
func notOpen() error { return fault.New(fault.Denied, "ForbiddenException", "No access") }
