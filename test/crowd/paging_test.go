package crowd

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// How many rows are there throughout, how many come and go beside them, how many a page has, and how often the list is
// read from its beginning to its end.
const (
	staying, passing = 12, 8
	pageLength       = 3
	readings         = 2
)

// few is how many rows a page is asked to have.
var few = aws.Int32(pageLength)

// noun is something that lists are of. An id is what the lists show of a row.
type noun struct {
	create func(s *site) (id string, err error)
	remove func(s *site, id string) error
	lists  map[string]list
	// joined says that a list is read from more than one table, so that it is worth its time on every engine. What is a
	// page of one table is examined in internal/store/storetest.
	joined bool
}

// list reads the page of a token.
type list func(s *site, token *string) (ids []string, next *string, err error)

// paged is a list by its operation's name, of how it is asked, and of what it answers.
func paged[In, Out any](service, operation string, ask func(s *site, token *string) *In, answer func(*Out) ([]string, *string)) list {
	return func(s *site, token *string) ([]string, *string, error) {
		out, err := call[Out](s, service, operation, ask(s, token))
		if err != nil {
			return nil, nil, err
		}
		ids, next := answer(out)
		return ids, next, nil
	}
}

// ids maps rows to their ids.
func ids[Row any](rows []Row, id func(Row) *string) []string {
	var out []string
	for _, row := range rows {
		out = append(out, *id(row))
	}
	return out
}

func TestRowsThatStayAreOnOnePage(t *testing.T) {
	t.Parallel()
	for name, n := range nouns() {
		for operation, read := range n.lists {
			for i, e := range engines {
				if i > 0 && !n.joined {
					continue
				}
				t.Run(name+"/"+operation+"/"+e.name, func(t *testing.T) {
					t.Parallel()
					turnPages(t, furnished(t, e), n, read)
				})
			}
		}
	}
}

// turnPages makes rows that stay among others, and reads the list several times while the others come and go.
func turnPages(t *testing.T, s *site, n noun, read list) {
	t.Helper()
	c := &churn{site: s, noun: n}
	var stay []string
	for range staying {
		id, err := n.create(s)
		if err := errors.Join(err, c.add(1)); err != nil {
			t.Fatal(err)
		}
		stay = append(stay, id)
	}
	for range readings {
		expectOnce(t, c.whole(t, read), stay)
	}
}

// churn makes rows and takes them away again.
type churn struct {
	site  *site
	noun  noun
	there []string
}

// add makes n rows, and takes away the oldest ones that are too many.
func (c *churn) add(n int) error {
	for range n {
		id, err := c.noun.create(c.site)
		if err != nil {
			return err
		}
		c.there = append(c.there, id)
		if len(c.there) > passing {
			if err := c.noun.remove(c.site, c.there[0]); err != nil {
				return err
			}
			c.there = c.there[1:]
		}
	}
	return nil
}

// whole reads a list to its end; while each page is read, rows come and go. It counts how often an id was there.
func (c *churn) whole(t *testing.T, read list) map[string]int {
	t.Helper()
	seen := map[string]int{}
	var token *string
	for pages := 0; ; pages++ {
		done := make(chan error)
		go func() { done <- c.add(2) }()
		rows, next, err := read(c.site, token)
		if err := errors.Join(err, <-done); err != nil {
			t.Fatal(err)
		}
		for _, id := range rows {
			seen[id]++
		}
		if next == nil {
			return seen
		}
		if pages > 10*(staying+passing) {
			t.Fatal("the list has no end")
		}
		token = next
	}
}

// expectOnce expects every row that stays once, and no row twice.
func expectOnce(t *testing.T, seen map[string]int, stay []string) {
	t.Helper()
	for _, id := range stay {
		if seen[id] == 0 {
			t.Errorf("%s was on no page", id)
		}
	}
	for id, times := range seen {
		if times > 1 {
			t.Errorf("%s was on %d pages", id, times)
		}
	}
}
