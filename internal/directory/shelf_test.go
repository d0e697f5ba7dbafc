package directory

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

func TestFavouritesAreFewAndOnce(t *testing.T) {
	t.Parallel()
	var s Shelf
	for i := range MaxFavourites {
		if !s.Mark(ident.AccountID(fmt.Sprintf("%012d", MaxFavourites-i))) {
			t.Fatalf("no room for favourite %d", i)
		}
	}
	if s.Mark("999999999999") {
		t.Error("there is room for one more")
	}
	if !s.Mark("000000000001") || len(s.Favourites) != MaxFavourites || !slices.IsSorted(s.Favourites) {
		t.Errorf("marking again: %v", s.Favourites)
	}
	s.Unmark("000000000001")
	s.Unmark("000000000001")
	if s.IsFavourite("000000000001") || !s.IsFavourite("000000000002") || len(s.Favourites) != MaxFavourites-1 {
		t.Errorf("after unmarking: %v", s.Favourites)
	}
}

func TestRecentRolesAreTheLastOnes(t *testing.T) {
	t.Parallel()
	var s Shelf
	at := time.UnixMilli(0).UTC()
	for i := range MaxRecent + 2 {
		s.Use("111111111111", fmt.Sprint("R", i), at.Add(time.Duration(i)*time.Minute))
	}
	s.Use("111111111111", "R4", at.Add(time.Hour))
	var got []string
	for _, r := range s.Recent {
		got = append(got, r.Role)
	}
	if want := []string{"R4", "R7", "R6", "R5", "R3", "R2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !s.Recent[0].UsedAt.Equal(at.Add(time.Hour)) {
		t.Errorf("used at %v", s.Recent[0].UsedAt)
	}
}
