package server

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// hostile are the texts that every field is sent, by what they try.
func hostile() map[string]string {
	return map[string]string{
		"nothing":             "",
		"script":              `"><script>alert(1)</script>`,
		"script in quotes":    `'" onfocus=alert(1) autofocus x='`,
		"script in a comment": `--><img src=x onerror=alert(1)>`,
		"a template":          `{{.}}${7*7}<%= 7*7 %>`,
		"SQL":                 `' OR 1=1; DROP TABLE portal_session; --`,
		"a NUL":               "pcollins\x00",
		"no UTF-8":            "pcollins\xff\xc3",
		"right to left":       "\u202egpj.snilloc\u202c",
		"look-alikes":         "pсоllіns", // Cyrillic
		"marks":               "Z" + strings.Repeat("\u0301", 500),
		"a new header":        "x\r\nSet-Cookie: evil=1\r\n\r\n<h1>evil</h1>",
		"a way out":           "//evil.example/\\@evil.example",
		"a script's address":  "javascript:alert(1)",
		"a large number":      "99999999999999999999",
		"a negative number":   "-1",
		"a path":              "../../../../etc/passwd",
		"long":                strings.Repeat("<a>", 10_000),
		"a megabyte":          strings.Repeat("<", 1<<20),
	}
}

// form is one of a page, with the values that it has.
type form struct {
	method, action string
	fields         map[string]string
}

var (
	formPattern  = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	fieldPattern = regexp.MustCompile(`<(?:input|button|select|textarea)([^>]*)>`)
	attrPattern  = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func attributes(text string) map[string]string {
	all := map[string]string{}
	for _, m := range attrPattern.FindAllStringSubmatch(text, -1) {
		all[m[1]] = html.UnescapeString(m[2])
	}
	return all
}

// forms are those of a page that go to the server.
func forms(page string) (list []form) {
	for _, m := range formPattern.FindAllStringSubmatch(page, -1) {
		a := attributes(m[1])
		f := form{method: strings.ToUpper(a["method"]), action: a["action"], fields: map[string]string{}}
		for _, field := range fieldPattern.FindAllStringSubmatch(m[2], -1) {
			if b := attributes(field[1]); b["name"] != "" {
				f.fields[b["name"]] = b["value"]
			}
		}
		if f.method != "DIALOG" {
			list = append(list, f)
		}
	}
	return list
}

// TestHostileTextIsAnswered sends hostile text to every field of every form of every page at every step, each field by
// itself and then twice. It is refused or it is text: never an error of the server's, never markup, never another header,
// never a way off the server, and nothing changes that needs a proof. See OWASP ASVS 5.0 sections 1.2.1, 1.5 and 2.2.1.
func TestHostileTextIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	sent := map[string]bool{}
	stages := s.stages()
	for _, name := range slices.Sorted(maps.Keys(stages)) {
		st := stages[name]
		s.policy(st.mode, st.none)
		_, all := st.enter()
		for i := range all {
			cookies, pages := st.enter() // each time anew: what is sent may end it
			page := s.get(pages[i], cookies...)
			if page.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s: %d to %q", name, pages[i], page.StatusCode, page.Header.Get("Location"))
			}
			for at, f := range forms(page.body) {
				sent[f.action] = true
				if like := fmt.Sprint(name, f.action, slices.Sorted(maps.Keys(f.fields))); !sent[like] {
					sent[like] = true
					s.attack(name, st, i, at, f)
				}
			}
			cookies, pages = st.enter()
			s.attackAddress(name, pages[i], cookies)
		}
	}
	for _, action := range append(posts(t), "/start/shortcut") {
		if !sent[action] && action != "/signin/passkey/options" { // which a script sends nothing to
			t.Errorf("no form was found that goes to %s", action)
		}
	}
}

var postPattern = regexp.MustCompile(`mux\.Handle\("POST ([^,]+), `)

// posts are the addresses that the pages take forms at, as their source registers them. The set-up has a test of its own.
func posts(t *testing.T) (list []string) {
	t.Helper()
	named := strings.NewReplacer(`"`, "", "+", "", "api.LinkPath", api.LinkPath, "api.RootDoor", api.RootDoor)
	for _, file := range []string{"../web/signin/pages.go", "../web/portal/pages.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range postPattern.FindAllStringSubmatch(string(text), -1) {
			if action, perDoor := strings.CutSuffix(m[1], `"+which`); perDoor {
				list = append(list, action+door.Root, action+door.IAM)
			} else {
				list = append(list, named.Replace(m[1]))
			}
		}
	}
	if len(list) < 20 {
		t.Fatalf("only %s take forms", list)
	}
	return list
}

// attack sends a form of a page with each field hostile in turn. Each time somebody is there anew.
func (s *siege) attack(name string, st stage, page, at int, f form) {
	s.t.Helper()
	for field := range f.fields {
		for what, text := range hostile() {
			cookies, pages := st.enter()
			now := f
			if again := forms(s.get(pages[page], cookies...).body); at < len(again) {
				now = again[at]
			}
			values := url.Values{}
			for k, v := range now.fields {
				values.Set(k, v)
			}
			values[field] = []string{text, now.fields[field]}
			before := s.state()
			var got *reply
			if now.method == http.MethodPost {
				got = s.post(now.action, values, cookies...)
			} else if len(text) > 1<<13 {
				continue // longer than an address may be
			} else {
				got = s.get(now.action+"?"+values.Encode(), cookies...)
			}
			title := fmt.Sprintf("%s: %s, field %s, %s", name, now.action, field, what)
			s.bears(title, text, got)
			if s.state() != before && field != "password" { // which may be a good one

				s.t.Errorf("%s: something changed", title)
			}
		}
	}
}

// attackAddress asks for a page with each of its parameters hostile in turn.
func (s *siege) attackAddress(name, page string, cookies []*http.Cookie) {
	s.t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		s.t.Fatal(err)
	}
	fields := []string{"to", "way", "kind", "secret", "account", "user_code", "id", "q", "page", "account_id", "role_name", "destination", "portal"}
	for _, field := range slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(fields, maps.Keys(u.Query()))))) {
		for what, text := range hostile() {
			if len(text) > 1<<13 {
				continue
			}
			q := u.Query()
			q.Set(field, text)
			s.bears(fmt.Sprintf("%s: %s, parameter %s, %s", name, u.Path, field, what), text, s.get(u.Path+"?"+q.Encode(), cookies...))
		}
	}
}

// bears checks an answer to hostile text.
func (s *siege) bears(title, text string, got *reply) {
	s.t.Helper()
	if got.StatusCode >= 500 {
		s.t.Errorf("%s: %d", title, got.StatusCode)
	}
	for _, c := range got.Header.Values("Set-Cookie") {
		if strings.Contains(c, "evil") {
			s.t.Errorf("%s: the cookie %s", title, c)
		}
	}
	if to := got.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
		s.t.Errorf("%s: leads to %s", title, to)
	}
	if to := got.Header.Get("Refresh"); to != "" && !strings.HasPrefix(to, "0;url="+callback+"?") {
		s.t.Errorf("%s: leads to %s", title, to)
	}
	if !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		return
	}
	if mistakes := kittest.CheckHTML(got.body); got.StatusCode/100 != 3 && len(mistakes) > 0 {
		s.t.Errorf("%s: %s", title, mistakes)
	}
	if strings.ContainsAny(text, `<"`) && len(text) > 3 && strings.Contains(got.body, text) {
		s.t.Errorf("%s: the text comes back as markup", title)
	}
}
