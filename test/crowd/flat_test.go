package crowd

import "testing"

// A list is read when it is short and when it is long. A page of one may read uneven times the rows of a page of another.
const (
	short, long = 10, 60
	uneven      = 1.5
)

// growing are nouns of which a page reads what there is of them in one account, which a quota keeps to a few hundred: roles
// that derive from permission sets stand among others by their names, and are put there page by page.
var growing = map[string]bool{"roles of permission sets": true}

func TestAPageReadsAsMuchWhereverItIs(t *testing.T) {
	t.Parallel()
	for name, n := range nouns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, made := furnished(t, engines[0]), 0
			least, most := map[string]int64{}, map[string]int64{}
			for _, length := range []int{short, long} {
				for ; made < length; made++ {
					if _, err := n.create(s); err != nil {
						t.Fatal(err)
					}
				}
				for operation, read := range n.lists {
					if growing[name] {
						delete(least, operation)
						delete(most, operation)
					}
					pages := rowsOf(t, s, read)
					if len(pages) < 2 {
						continue // all of them are on one page
					}
					for _, rows := range pages {
						if least[operation] == 0 || rows < least[operation] {
							least[operation] = rows
						}
						most[operation] = max(most[operation], rows)
					}
					if float64(most[operation]) > uneven*float64(least[operation]) {
						t.Errorf("%s of %d: one page reads %d rows, another %d", operation, length, least[operation], most[operation])
					}
				}
			}
		})
	}
}

// rowsOf reads a list to its end and returns how many rows were read for each page. Of the last, which is shorter, and of
// pages that none of the rows are on, it says nothing.
func rowsOf(t *testing.T, s *site, read list) (pages []int64) {
	t.Helper()
	var token *string
	for {
		before := s.Store.RowsRead()
		_, next, err := read(s, token)
		if err != nil {
			t.Fatal(err)
		}
		if next == nil {
			return pages
		}
		if rows := s.Store.RowsRead() - before; rows > 0 {
			pages = append(pages, rows)
		}
		token = next
	}
}
