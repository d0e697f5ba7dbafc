package clients_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// newServer is a server on a directory that nobody has set up.
type newServer struct {
	t        *testing.T
	url, dir string
	process  *testkit.Process
}

// start starts the server, again after it was stopped, and returns the path of the link that it prints.
func (s *newServer) start() string {
	s.t.Helper()
	s.process = testkit.Start(s.t, nil, testkit.Binary(s.t), "serve", "--data", s.dir, "--listen", strings.TrimPrefix(s.url, "http://"))
	return s.process.Find(`(?m)^  http://localhost:[0-9]+(/setup\?secret=\S+)$`)[1]
}

func newServerAt(t *testing.T) *newServer {
	t.Helper()
	return &newServer{t: t, url: fmt.Sprintf("http://localhost:%d", testkit.FreePort(t)), dir: filepath.Join(t.TempDir(), "data")}
}

// TestAServerIsSetUpInABrowser walks the whole set-up without scripts, across a restart and a lost browser, until the first
// person is at the portal.
func TestAServerIsSetUpInABrowser(t *testing.T) {
	t.Parallel()
	s := newServerAt(t)
	link := s.start()
	b := testkit.NewBrowser(t, s.url)
	b.DisableScripts()
	b.Open(link)
	b.Shows("Let us open the gate", "Whoever goes on owns this server.")
	picture(b, "setup-begin")
	b.Open(link) // a look leaves it as it is
	b.Press("Begin")
	b.Shows("Name of the first account")
	picture(b, "setup-account")
	b.Fill("#email", "aws@alder.example")
	b.Fill("#password", "gatehouse-alder-gatehouse")
	b.Fill("#name", "Gatehouse Alder")
	b.Press("Create the account")
	b.Shows("Choose another password.")
	picture(b, "setup-account-objection")
	b.Fill("#password", "eleven grey herons wade")
	b.Press("Create the account")
	b.Shows("An organization?")
	picture(b, "setup-organization")
	s.process.Stop()
	again := s.start()
	b.Press("Continue") // this browser goes on after a restart
	b.Shows("What follows localhost")
	picture(b, "setup-portal")

	lost := testkit.NewBrowser(t, s.url)
	lost.DisableScripts()
	lost.Open("/setup")
	lost.Shows("This does not open the set-up", "gatehouse init --link")
	picture(lost, "setup-dead")
	lost.Open(link)
	lost.Shows("This does not open the set-up")
	lost.Open(again)
	lost.Press("Begin")
	lost.Shows("What follows localhost")
	b.Press("Enable the identity center") // the browser before is out
	b.Shows("This does not open the set-up")
	lost.Fill("#address", "Alder")
	lost.Press("Enable the identity center")
	lost.Shows("They may do everything in Gatehouse Alder", s.url+"/start/alder")
	picture(lost, "setup-person")
	for field, text := range map[string]string{"#given": "Ines", "#family": "Marek", "#email": "ines@alder.example", "#user": "ines", "#password": "six otters paint the quay"} {
		lost.Fill(field, text)
	}
	lost.Press("Add the first person")
	lost.Shows("The gate is open", s.url+"/start/alder")
	picture(lost, "setup-done")
	lost.Press("Go to the portal")
	lost.Fill("#user", "ines")
	lost.Fill("#password", "six otters paint the quay")
	lost.Press("Sign in")
	lost.Shows("Add a second step")
	lost.Open("/setup")
	lost.Shows("This does not open the set-up")
	s.process.Stop()
	s.process = testkit.Start(t, nil, testkit.Binary(t), "serve", "--data", s.dir, "--listen", strings.TrimPrefix(s.url, "http://"))
	if ready := s.process.Find(`(?s)Gatehouse is ready.*`)[0]; strings.Contains(ready, "setup") {
		t.Errorf("a server that is set up says %q", ready)
	}
}

// TestNobodyElseSetsAServerUp sends the forms from another site, with forged secrets, and with a link that is spent.
func TestNobodyElseSetsAServerUp(t *testing.T) {
	t.Parallel()
	s := newServerAt(t)
	link, err := url.Parse(s.start())
	if err != nil {
		t.Fatal(err)
	}
	secret := link.Query().Get("secret")
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(path, site, cookie string, form url.Values) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer
	}
	begin := func(secret, site string) *http.Response {
		return post("/setup/begin", site, "", url.Values{"secret": {secret}})
	}
	if a := begin(secret, "cross-site"); a.StatusCode != http.StatusForbidden {
		t.Errorf("another site begins: %d", a.StatusCode)
	}
	for _, forged := range []string{"", "x", secret[1:] + "A", strings.Repeat("A", len(secret))} {
		if a := begin(forged, "same-origin"); a.StatusCode != http.StatusNotFound || len(a.Cookies()) > 0 {
			t.Errorf("%q begins: %d", forged, a.StatusCode)
		}
	}
	if a := begin(secret, "same-origin"); a.StatusCode != http.StatusSeeOther || len(a.Cookies()) != 1 {
		t.Fatalf("the link begins nothing: %d", a.StatusCode)
	}
	if a := begin(secret, "same-origin"); a.StatusCode != http.StatusNotFound {
		t.Errorf("the link begins twice: %d", a.StatusCode)
	}
	account := url.Values{"name": {"Mallory"}, "email": {"mallory@example.com"}, "password": {"eleven grey herons wade"}}
	name := "gatehouse-" + strings.TrimPrefix(s.url, "http://localhost:") + "-setup="
	for _, cookie := range []string{"", name + "x", name + secret, name + strings.Repeat("A", len(secret))} {
		if a := post("/setup/account", "same-origin", cookie, account); a.StatusCode != http.StatusNotFound {
			t.Errorf("an account for %q: %d", cookie, a.StatusCode)
		}
	}
	res := testkit.Run(t, nil, testkit.Binary(t), "account", "list", "--data", s.dir)
	if res.Exit != 0 || strings.Contains(res.Stdout, "Mallory") {
		t.Errorf("an account was made: %+v", res)
	}
}
