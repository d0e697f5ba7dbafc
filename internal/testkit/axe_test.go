package testkit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAxeFindsWhatWasPlanted: a check that finds nothing anywhere would be none.
func TestAxeFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>A</title><h1>A</h1><input><p style="color:#999;background:#aaa">Not to be read</p></html>`)
	}))
	t.Cleanup(server.Close)
	b := NewBrowser(t, server.URL)
	b.Open("/")
	found := b.axe()
	for _, rule := range []string{"label: input", "color-contrast: p"} {
		if !strings.Contains(found, rule) {
			t.Errorf("axe-core does not find %q but:\n%s", rule, found)
		}
	}
}
