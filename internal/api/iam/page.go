package iam

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// page collects what a list answers, up to its length.
type page[T any] struct {
	items []T // never nil
	more  bool
	most  int
	last  string // where the last item stands
}

func newPage[T any](c *api.Call, asked *int32) *page[T] {
	return &page[T]{items: []T{}, most: limit(c, asked)}
}

// add reports whether the page had room for an item. at is where a page after it would begin.
func (p *page[T]) add(item T, at string) bool {
	if len(p.items) == p.most {
		p.more = true
		return false
	}
	p.items, p.last = append(p.items, item), at
	return true
}

// room is how many rows it takes to fill the page and to see whether there is another.
func (p *page[T]) room() int { return p.most - len(p.items) + 1 }

// marker is the token of the next page, and whether there is one.
func (p *page[T]) marker(c *api.Call, filter any) (*string, bool) {
	if !p.more {
		return nil, false
	}
	return c.NextToken(filter, p.last), true
}

// walk gives the rows of a list to fn, from after on, until it returns false. It reads first rows, which are all when nothing
// is left out, and then as many as are read at once.
func walk[T any](tx *store.Tx, table *store.Table[T], index string, values []any, after string, first int, fn func(*T) bool) error {
	for length := first; ; length = max(first, pageLength) {
		rows, next, err := table.List(tx, index, values, after, length)
		for _, r := range rows {
			if !fn(r) {
				return err
			}
		}
		if err != nil || next == "" {
			return err
		}
		after = next
	}
}

// window cuts a page out of a short sorted list.
func window(c *api.Call, filter string, list []string, marker *string, max *int32) ([]string, *string, error) {
	after, err := c.After(filter, marker)
	if err != nil {
		return nil, nil, err
	}
	page, next := api.PageOf(list, after, limit(c, max))
	return page, c.NextToken(filter, next), nil
}
