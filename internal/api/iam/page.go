package iam

import (
	"context"
	"strings"

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

// listing is an answered page of users, roles or groups.
type listing[T any] struct {
	items []T
	next  *string
	more  bool
}

// rowsAt answers a page of the rows of the caller's account whose path begins with a prefix, in the order of their names.
func rowsAt[Row, Item any](ctx context.Context, c *api.Call, table *store.Table[Row], pathPrefix, marker *string, most *int32,
	path func(*Row) string, describe func(*Row) Item) (out listing[Item], err error) {
	prefix := pathOf(pathPrefix)
	after, err := c.After(prefix, marker)
	if err != nil {
		return out, err
	}
	page := newPage[Item](c, most)
	err = c.View(ctx, func(tx *store.Tx) error {
		return walk(tx, table, "account", []any{c.Principal.Account}, after, page.room(), func(row *Row) bool {
			return !strings.HasPrefix(path(row), prefix) || page.add(describe(row), table.Place("account", row))
		})
	})
	out.items = page.items
	out.next, out.more = page.marker(c, prefix)
	return out, err
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
