package directory

import (
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

const (
	// MaxFavourites is how many accounts a person may mark.
	MaxFavourites = 100
	// MaxRecent is how many roles are remembered as used last.
	MaxRecent = 6
)

// Shelf is what a person keeps at hand in the portal. It grants nothing, and what is on it may have been taken away since.
type Shelf struct {
	UserID     string
	Favourites []ident.AccountID // in the order of their ids
	Recent     []RecentRole      // the one used last first
}

// RecentRole is a role that a person used.
type RecentRole struct {
	Account ident.AccountID
	Role    string // the permission set's name
	UsedAt  time.Time
}

// IsFavourite reports whether an account is marked.
func (s *Shelf) IsFavourite(id ident.AccountID) bool {
	_, marked := slices.BinarySearch(s.Favourites, id)
	return marked
}

// Mark marks an account as a favourite. It reports whether there was room.
func (s *Shelf) Mark(id ident.AccountID) bool {
	at, marked := slices.BinarySearch(s.Favourites, id)
	if marked {
		return true
	}
	if len(s.Favourites) >= MaxFavourites {
		return false
	}
	s.Favourites = slices.Insert(s.Favourites, at, id)
	return true
}

// Unmark takes the mark off an account.
func (s *Shelf) Unmark(id ident.AccountID) {
	s.Favourites = slices.DeleteFunc(s.Favourites, func(f ident.AccountID) bool { return f == id })
}

// Use remembers the use of a role.
func (s *Shelf) Use(id ident.AccountID, role string, at time.Time) {
	others := slices.DeleteFunc(s.Recent, func(r RecentRole) bool { return r.Account == id && r.Role == role })
	s.Recent = slices.Insert(others, 0, RecentRole{id, role, at})
	s.Recent = s.Recent[:min(len(s.Recent), MaxRecent)]
}
