package testkit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
	b.Screenshot("accounts", 390, "dark")
	if _, err := os.Stat(filepath.Join(os.Getenv("GATEHOUSE_ARTEFACTS"), "accounts-390-dark.png")); err != nil {
		t.Error(err)
	}
}
