package pages

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
	"github.com/gatehouse-sso/gatehouse/internal/web/mailbox"
	"github.com/gatehouse-sso/gatehouse/internal/web/portal"
	"github.com/gatehouse-sso/gatehouse/internal/web/setup"
	"github.com/gatehouse-sso/gatehouse/internal/web/signin"
)

const (
	host   = "id.alderfreight.example"
	origin = "https://" + host
)

type answers = map[string]func(in any) (any, error)

// scene is a page in a state that a person can meet.
type scene struct {
	name     string                 // of its pictures
	page     string                 // the template
	path     string                 // where it is
	out      bool                   // nobody is signed in
	answers  answers                // over those of the company
	do       func(*testkit.Browser) // what the person does to get there from path
	shows    []string               // what tells that the state is there
	letters  []*mail.Message        // in the mailbox
	notStill string                 // why parts of it move
}

// scenes are all scenes.
func scenes() []scene {
	return slices.Concat(setupScenes(), signInScenes(), stepScenes(), registrationScenes(), linkScenes(), programScenes(),
		portalScenes(), keysScenes(), securityScenes(), doorScenes(), ownScenes(), refusalScenes(), mailboxScenes())
}

// stage serves all scenes; each browser's cookie says which it plays.
type stage map[string]http.Handler

const cookie = "scene"

func newStage() stage {
	s := stage{}
	for _, c := range scenes() {
		s[c.name] = c.pages()
	}
	return s
}

// ServeHTTP holds scripts back, as a slow network would, so that what they change after the page is shown is seen.
func (s stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/scene/"); ok {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: name, Path: "/"})
		r.URL.Path = "/enter"
		s[name].ServeHTTP(w, r)
		return
	}
	if path.Ext(r.URL.Path) == ".js" {
		time.Sleep(60 * time.Millisecond)
	}
	c, err := r.Cookie(cookie)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	s[c.Value].ServeHTTP(w, r)
}

// pages are all pages, with the answers of the scene.
func (c scene) pages() http.Handler {
	all := company()
	maps.Copy(all, c.answers)
	open := map[string]bool{}
	for name := range all {
		open[name] = c.out
	}
	site := kittest.Site(kittest.Corridor{Answers: all, Open: open}, origin)
	site.Front = func(portal string) kit.Front { return fronts[portal] }
	mux, box, front := http.NewServeMux(), new(mail.Box), signin.New(site)
	for _, letter := range c.letters {
		box.Put(letter)
	}
	front.Routes(mux)
	portal.New(site).Routes(mux)
	setup.New(site).Routes(mux)
	mailbox.New(site, box).Routes(mux)
	mux.HandleFunc("GET /enter", func(w http.ResponseWriter, r *http.Request) {
		if forever := time.Now().AddDate(1, 0, 0); !c.out {
			front.Remember(w, kittest.Secret, forever)
		} else {
			front.Keep(w, kit.Attempt, "attempt", forever)
			front.Keep(w, kit.DoorAttempt, "attempt", forever)
			front.Keep(w, "setup", "browser", forever)
		}
		http.Redirect(w, r, c.path, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return front.Middleware(mux)
}

// enter opens the scene in a tab of its own.
func (c scene) enter(t *testing.T, first *testkit.Browser) *testkit.Browser {
	t.Helper()
	b := first.Tab(t)
	b.Resize(1280)
	b.Open("/scene/" + c.name)
	if c.do != nil {
		b.Still(c.name + ", before anything is done,")
		c.do(b)
	}
	b.Shows(c.shows...)
	return b
}

// TestEveryScene: no page scrolls sideways, moves by itself, asks anybody else for anything, breaks its own policy, or
// shuts anybody out who sees other colours, uses other senses, or has only a keyboard. See WCAG 2.2, levels A and AA.
func TestEveryScene(t *testing.T) {
	t.Parallel()
	testkit.Tool(t, testkit.AxeCore) // or none of this is worth a beginning
	first := testkit.NewBrowserFor(t, host, newStage())
	for _, c := range scenes() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := c.enter(t, first)
			if c.notStill == "" {
				b.Still(c.name)
			}
			b.Light(c.name, 100<<10)
			b.Fits(c.name, 360)
			b.Pictures(c.name)
			b.Axe(c.name)
			b.Calm(c.name)
			b.Reach(c.name)
			b.Quiet(c.name)
		})
	}
}

// TestEveryTemplateHasAScene keeps the table whole.
func TestEveryTemplateHasAScene(t *testing.T) {
	t.Parallel()
	shown, names := map[string]bool{}, map[string]bool{}
	for _, c := range scenes() {
		if names[c.name] {
			t.Errorf("two scenes are called %q", c.name)
		}
		names[c.name], shown[c.page] = true, true
	}
	files, err := fs.Glob(os.DirFS("../../internal/web"), "*/templates/*.html")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile("../../internal/web/" + file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.HasPrefix(string(text), "{{define")
		if name := path.Base(file); !parts && !shown[name] {
			t.Errorf("no scene shows %s: add a row for it to a table of scenes", file)
		}
		delete(shown, path.Base(file))
	}
	for name := range shown {
		t.Errorf("there is no template %q", name)
	}
}
