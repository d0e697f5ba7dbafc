package api_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

func TestPageOf(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "d"}
	tests := map[string]struct {
		after string
		limit int
		page  []string
		next  string
	}{
		"the first page ends where the second begins": {"", 2, []string{"a", "b"}, "b"},
		"the last page says that nothing follows":     {"b", 2, []string{"d"}, ""},
		"a page that is just full is the last":        {"", 3, names, ""},
		"a name that is gone since keeps its place":   {"c", 2, []string{"d"}, ""},
		"nothing comes after the last name":           {"z", 2, []string{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page, next := api.PageOf(names, test.after, test.limit)
			if !slices.Equal(page, test.page) || next != test.next {
				t.Errorf("PageOf(%q, %d) = %q, %q; want %q, %q", test.after, test.limit, page, next, test.page, test.next)
			}
		})
	}
}
