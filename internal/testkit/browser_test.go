package testkit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aDoor is the least of a sign-in: a form, and a page behind it.
func aDoor(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /start", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("in"); err == nil {
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>Accounts</h1>`)
			return
		}
		fmt.Fprint(w, `<!doctype html><title>x</title><main><form method="post"><input name="u" autocomplete="username">
			<input name="p" type="password" autocomplete="current-password"><button>Sign  in</button></form></main>`)
	})
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("u") == "notsure" && r.FormValue("p") == "a b'c\"" {
			http.SetCookie(w, &http.Cookie{Name: "in", Value: "yes"})
		}
		http.Redirect(w, r, "/start", http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestTheBrowserFillsAFormAndReadsThePageBehindIt(t *testing.T) {
	t.Setenv("GATEHOUSE_ARTEFACTS", t.TempDir())
	b := NewBrowser(t, aDoor(t).URL)
	b.SignIn("notsure", `a b'c"`)
	b.Shows("Accounts")
	b.Pictures("accounts")
	if _, err := os.Stat(filepath.Join(os.Getenv("GATEHOUSE_ARTEFACTS"), "accounts-390-dark.png")); err != nil {
		t.Error(err)
	}
}

// aRoom has everything that a page must not have.
func aRoom(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/moving":
			fmt.Fprint(w, `<!doctype html><title>x</title><main style="transition: color 1s"><h1>A</h1><p>B</p></main><script>
				requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector("h1").before("news, and more news")))</script>`)
		case "/foreign":
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>A</h1><img src="http://127.0.0.1:1/a.png">`)
		case "/inline":
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			fmt.Fprint(w, `<!doctype html><title>x</title><h1 style="color: red">A</h1>`)
		case "/broken":
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>A</h1><script>nothing.here()</script>`)
		case "/missing":
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>A</h1><img src="/gone">`)
		case "/still":
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>A</h1><p>B</p>`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<!doctype html><title>x</title><h1>Nothing is here</h1>`)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// TestTheBrowserSeesWhatWasPlanted: who sees nothing anywhere proves nothing.
func TestTheBrowserSeesWhatWasPlanted(t *testing.T) {
	t.Parallel()
	first := NewBrowser(t, aRoom(t).URL)
	for path, want := range map[string]string{"/foreign": "asked for http://127.0.0.1:1/a.png", "/inline": "Content Security Policy", "/broken": "Uncaught", "/missing": "404", "/still": "", "/404": ""} {
		b := first.Tab(t)
		b.Open(path)
		got := strings.Join(b.trouble(), "; ")
		if !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: the browser sees %q, want %q", path, got, want)
		}
		if moved := b.moved(); moved != "" {
			t.Errorf("%s moves: %s", path, moved)
		}
	}
	b := first.Tab(t)
	b.WaitFor("news", func() { b.Open("/moving") })
	if moved := b.moved(); !strings.Contains(moved, "<p>B</p>") {
		t.Errorf("what moves is %q", moved)
	}
	if lively := b.lively(); !strings.HasPrefix(lively, "<main") {
		t.Errorf("what is lively is %q", lively)
	}
	if !b.showsAlready("news") || b.showsAlready("olds") {
		t.Error("what a page shows already is not known")
	}
}
