// Package kittest drives pages in tests: a corridor of canned answers, a browser of a few lines, and a check of HTML.
package kittest

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// Secret is the session that Corridor knows.
const Secret = "browser-secret"

// Now is when every test happens.
func Now() time.Time { return time.Date(2026, 11, 20, 14, 41, 7, 0, time.UTC) }

// Corridor answers operations by their name. An operation of Open answers anybody, the others only Secret.
type Corridor struct {
	Answers map[string]func(in any) (any, error)
	Open    map[string]bool
}

// Invoke implements api.Invoker.
func (c Corridor) Invoke(_ context.Context, caller api.Caller, _, operation string, in any) (any, error) {
	answer, ok := c.Answers[operation]
	if !ok {
		return nil, fmt.Errorf("no answer for %s", operation)
	}
	if caller.Session != Secret && !c.Open[operation] {
		return nil, fault.New(fault.Unauthenticated, "UnauthorizedException", "Session token not found or invalid")
	}
	return answer(in)
}

// Always answers with out.
func Always(out any) func(any) (any, error) {
	return func(any) (any, error) { return out, nil }
}

// Never answers with err.
func Never(err error) func(any) (any, error) {
	return func(any) (any, error) { return nil, err }
}

// Site is a site at origin.
func Site(inv api.Invoker, origin string) kit.Site {
	u, err := url.Parse(origin)
	if err != nil {
		panic(err)
	}
	return kit.Site{
		Invoke: inv, ExternalURL: u, Region: "eu-central-1", SessionName: "gatehouse-4f2a", Now: Now, Log: slog.New(slog.DiscardHandler),
		InstanceID: func(portal string) string {
			return map[string]string{"": "ssoins-7223a1b0c9d8e7f6", "acme": "ssoins-7223a1b0c9d8e7f6", "other": "ssoins-1111111111111111"}[portal]
		},
		RequestID: func(*http.Request) string { return "7F3K-91QD" },
	}
}

// Browser asks a handler for pages of one site.
type Browser struct {
	Site    kit.Site
	Handler http.Handler
	Session string
}

// Get asks for a page.
func (b Browser) Get(target string) *httptest.ResponseRecorder {
	return b.Do(httptest.NewRequest(http.MethodGet, b.Site.Origin()+target, nil))
}

// Post sends a form as a page of the same origin does.
func (b Browser) Post(target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, b.Site.Origin()+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

// Do sends r with the browser's session.
func (b Browser) Do(r *http.Request) *httptest.ResponseRecorder {
	if b.Session != "" {
		name := "__Host-gatehouse"
		if b.Site.ExternalURL.Scheme == "http" {
			name = "gatehouse-" + b.Site.ExternalURL.Port()
		}
		r.AddCookie(&http.Cookie{Name: name, Value: b.Session})
	}
	w := httptest.NewRecorder()
	b.Handler.ServeHTTP(w, r)
	return w
}

// WantPage checks what holds for every page: its status, its headers and its HTML; then that it has every text.
func WantPage(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d; location %q", w.Code, status, w.Header().Get("Location"))
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q, want no-store", got)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy is %q", policy)
	}
	body := w.Body.String()
	for _, mistake := range CheckHTML(body) {
		t.Error(mistake)
	}
	shown := strings.ReplaceAll(body, "<wbr>", "") // where a line may break is nothing to read
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			t.Errorf("page lacks %q:\n%s", text, body)
		}
	}
}

// WantTemplates renders every template of an area with the pages given for it, the zero value among them, and checks the
// HTML. It fails for a template that is given none, unless it holds parts only.
func WantTemplates(t *testing.T, area *kit.Area, files fs.FS, pages map[string][]any) {
	t.Helper()
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) < len(pages) {
		t.Fatalf("%d templates for %d pages: %v", len(names), len(pages), err)
	}
	for _, file := range names {
		text, err := fs.ReadFile(files, file)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(file)
		if len(pages[name]) == 0 && !strings.HasPrefix(string(text), "{{define") {
			t.Errorf("%s is rendered with no page", name)
		}
		for i, page := range pages[name] {
			w := httptest.NewRecorder()
			if err := area.Render(w, http.StatusOK, name, page); err != nil {
				t.Errorf("%s, page %d: %v", name, i, err)
				continue
			}
			for _, mistake := range CheckHTML(w.Body.String()) {
				if !strings.HasSuffix(mistake, "has an empty href") { // which the data fills
					t.Errorf("%s, page %d: %s", name, i, mistake)
				}
			}
		}
	}
}

// WantRedirect checks that w leads to target.
func WantRedirect(t *testing.T, w *httptest.ResponseRecorder, status int, target string) {
	t.Helper()
	if got := w.Header().Get("Location"); w.Code != status || got != target {
		t.Errorf("answer is %d to %q, want %d to %q", w.Code, got, status, target)
	}
}
