package kit_test

import (
	"cmp"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

const origin = "https://id.alderfreight.example"

func browser(origin string, h kit.Handler) kittest.Browser {
	site := kittest.Site(kittest.Corridor{}, origin)
	site.Proxied = func(r *http.Request) bool { return strings.HasPrefix(r.RemoteAddr, "192.0.2.9:") }
	area := kit.NewArea(site, nil)
	mux := http.NewServeMux()
	area.CommonRoutes(mux)
	mux.Handle("/page", area.Handle(h))
	return kittest.Browser{Site: site, Handler: area.Middleware(mux)}
}

func failing(err error) kit.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

// TestLocalPath takes paths of this server, and nothing else. See OWASP ASVS 5.0 section 3.7.2.
func TestLocalPath(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"":                                kit.Home,
		"/":                               "/",
		"/start":                          "/start",
		"/start/console?destination=//x":  "/start/console?destination=//x",
		"/device?user_code=SQSX-VKBN":     "/device?user_code=SQSX-VKBN",
		"/authorize?redirect_uri=http%3A": "/authorize?redirect_uri=http%3A",
		"//evil.example":                  kit.Home,
		"///evil.example":                 kit.Home,
		`/\evil.example`:                  kit.Home,
		`\\evil.example`:                  kit.Home,
		"/\t/evil.example":                kit.Home,
		"/\n/evil.example":                kit.Home,
		"\t//evil.example":                kit.Home,
		" //evil.example":                 kit.Home,
		"/%zz":                            kit.Home,
		"https://evil.example":            kit.Home,
		"https:evil.example":              kit.Home,
		"javascript:alert(1)":             kit.Home,
		"evil.example":                    kit.Home,
		"@evil.example":                   kit.Home,
		"/%2f/evil.example":               kit.Home,
		"/.//evil.example":                kit.Home,
		"/start/..//evil.example":         kit.Home,
		"/%5cevil.example":                kit.Home,
		"/start\r\nSet-Cookie: a=b":       kit.Home,
	} {
		if got := kit.LocalPath(to); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestPortalOf(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/start":                                "",
		"/start/":                               "",
		"/start/acme":                           "acme",
		"/start/acme?find=x":                    "acme",
		"/start/keys?account_id=1":              "",
		"/start/console?account_id=1":           "",
		"/start/console?portal=acme":            "acme",
		"/device?user_code=A":                   "",
		"/device?user_code=A&portal=alder-east": "alder-east",
	} {
		if got := kit.PortalOf(to); got != want {
			t.Errorf("PortalOf(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second:              "no time",
		time.Second:               "1 second",
		25 * time.Second:          "25 seconds",
		59 * time.Minute:          "59 minutes",
		time.Hour:                 "1 hour",
		119 * time.Minute:         "1 h 59 min",
		50 * time.Hour:            "2 days",
		1500 * time.Millisecond:   "1 second",
		time.Minute - time.Second: "59 seconds",
	} {
		if got := kit.InWords(d); got != want {
			t.Errorf("InWords(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestClockOfAnEmptySpanIsEmpty(t *testing.T) {
	t.Parallel()
	if got := kit.NewClock(time.Time{}, time.Time{}, kittest.Now()); got.Share != 0 || got.Left != "no time" {
		t.Errorf("got %+v", got)
	}
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"a fault is shown":          {fault.New(fault.Denied, "X", "No <b>way</b>."), 403, "No &lt;b&gt;way&lt;/b&gt;."},
		"a throttle is a pause":     {fault.New(fault.Throttled, "X", "Slow."), 429, "A short pause"},
		"a missing page":            {kit.ErrNoPage, 404, "Nothing is here"},
		"what is not built":         {fault.New(fault.NotBuilt, "X", "Later."), 501, "Not built yet"},
		"an internal error is dumb": {errors.New("password hunter2"), 500, "Something went wrong here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := browser(origin, failing(test.err)).Get("/page")
			kittest.WantPage(t, w, test.status, test.text, "7F3K-91QD")
			if strings.Contains(w.Body.String(), "hunter2") {
				t.Error("an internal error is shown")
			}
		})
	}
	kittest.WantPage(t, browser(origin, failing(nil)).Get("/nowhere"), 404, "There is no page at this address.")
}

func TestSignInFirstNeverLeadsAway(t *testing.T) {
	t.Parallel()
	w := browser(origin, failing(&kit.SignInFirst{To: "//evil.example"})).Get("/page")
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin")
	w = browser(origin, failing(&kit.SignInFirst{To: "/device?user_code=A"})).Get("/page")
	kittest.WantRedirect(t, w, http.StatusSeeOther, "/signin?to=%2Fdevice%3Fuser_code%3DA")
}

// TestHeaders are on every page. See OWASP ASVS 5.0 sections 3.4.3 and 3.4.6.
func TestHeaders(t *testing.T) {
	t.Parallel()
	h := browser(origin, failing(kit.ErrNoPage)).Get("/page").Header()
	for name, want := range map[string]string{
		"Referrer-Policy":            "same-origin",
		"X-Content-Type-Options":     "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Content-Type":               "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestBrowsersComeBackByHTTPS looks for RFC 6797. See OWASP ASVS 5.0 section 3.4.1.
func TestBrowsersComeBackByHTTPS(t *testing.T) {
	t.Parallel()
	const name = "Strict-Transport-Security"
	if got := browser("https://id.example", failing(kit.ErrNoPage)).Get("/page").Header().Get(name); got != "max-age=63072000; includeSubDomains" {
		t.Errorf("got %q", got)
	}
	if got := browser("http://localhost:7070", failing(kit.ErrNoPage)).Get("/page").Header().Get(name); got != "" {
		t.Errorf("where there is no https: %q", got)
	}
}

// TestOnlyTextReachesAPage sends what no keyboard types. See OWASP ASVS 5.0 section 2.2.1.
func TestOnlyTextReachesAPage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1<<20)
	for name, test := range map[string]struct{ target, form, says string }{
		"a NUL":                    {"/page", "user=a%00b", "not text"},
		"half a character":         {"/page", "user=%c3", "not text"},
		"half an escape":           {"/page", "user=%z", "not text"},
		"a NUL in a name":          {"/page", "us%00er=a", "not text"},
		"a NUL in the address":     {"/page?to=%00", "", "not text"},
		"a megabyte":               {"/page", "user=" + long, "longer than any form"},
		"a megabyte of fields":     {"/page", strings.Repeat("a=&", 1<<18), "longer than any form"},
		"a megabyte in the middle": {"/page", "a=1&b=" + long + "&c=2", "longer than any form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := browser(origin, func(http.ResponseWriter, *http.Request) error { t.Error("the page is asked"); return nil })
			r := httptest.NewRequest(http.MethodPost, origin+test.target, strings.NewReader(test.form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			kittest.WantPage(t, b.Do(r), http.StatusBadRequest, test.says)
		})
	}
}

// TestPostsFromElsewhereAreRefused sends forms as other sites do. See OWASP ASVS 5.0 section 3.5.1.
func TestPostsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header, value string
		refused       bool
	}{
		"another site":          {"Sec-Fetch-Site", "cross-site", true},
		"a sibling":             {"Sec-Fetch-Site", "same-site", true},
		"another origin":        {"Origin", "https://evil.example", true},
		"a page without origin": {"Origin", "null", true},
		"this page":             {"Sec-Fetch-Site", "same-origin", false},
		"this origin":           {"Origin", origin, false},
		"a program":             {"Accept", "*/*", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := false
			b := browser(origin, func(http.ResponseWriter, *http.Request) error { called = true; return nil })
			r := httptest.NewRequest(http.MethodPost, origin+"/page", nil)
			r.Header.Set(test.header, test.value)
			w := b.Do(r)
			if called == test.refused {
				t.Errorf("called is %v, want %v", called, !test.refused)
			}
			if test.refused {
				kittest.WantPage(t, w, http.StatusForbidden, "Another site sent this form.")
			}
		})
	}
}

func TestPagesAskedOnAnotherHost(t *testing.T) {
	t.Parallel()
	b := browser("http://localhost:7070", failing(kit.ErrNoPage))
	for name, test := range map[string]struct {
		method, host, forwarded, peer string
		want                          string
	}{
		"an address leads to the name":  {"GET", "127.0.0.1:7070", "", "", "http://localhost:7070/page?a=b&c=d"},
		"the name stays":                {"GET", "localhost:7070", "", "", ""},
		"the name in capitals stays":    {"GET", "LOCALHOST:7070", "", "", ""},
		"a proxy's word is enough":      {"GET", "10.0.0.1", "localhost:7070", "192.0.2.9:1234", ""},
		"nobody else's is":              {"GET", "10.0.0.1", "localhost:7070", "192.0.2.1:1234", "http://localhost:7070/page?a=b&c=d"},
		"a proxy's word for another is": {"GET", "10.0.0.1", "evil.example", "192.0.2.9:1234", "http://localhost:7070/page?a=b&c=d"},
		"a program's question stays":    {"HEAD", "127.0.0.1:7070", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, "http://"+test.host+"/page?a=b&c=d", nil)
			r.Header.Set("X-Forwarded-Host", test.forwarded)
			r.RemoteAddr = cmp.Or(test.peer, r.RemoteAddr)
			if got := b.Do(r).Header().Get("Location"); got != test.want {
				t.Errorf("Location %q, want %q", got, test.want)
			}
		})
	}
}

// TestNothingIsSentByAnotherName has a page of somebody's whose name leads to this server post to it: to their browser it is
// of one origin with what it reads there. See RFC 9110 section 7.4.
func TestNothingIsSentByAnotherName(t *testing.T) {
	t.Parallel()
	b := browser("http://localhost:7070", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil })
	for host, want := range map[string]int{"localhost:7070": http.StatusNoContent, "evil.example:7070": http.StatusForbidden, "127.0.0.1:7070": http.StatusForbidden} {
		r := httptest.NewRequest(http.MethodPost, "http://"+host+"/page", nil)
		r.Header.Set("Origin", "http://"+host)
		r.Header.Set("X-Forwarded-Host", "localhost:7070")
		if got := b.Do(r).Code; got != want {
			t.Errorf("%s: %d, want %d", host, got, want)
		}
	}
}

// TestCookie has the prefix and the attributes of session cookies. See OWASP ASVS 5.0 section 3.3.1.
func TestCookie(t *testing.T) {
	t.Parallel()
	until := kittest.Now().Add(time.Hour)
	for origin, want := range map[string]string{
		"https://id.example":    "__Host-gatehouse=s; Path=/; Expires=Fri, 20 Nov 2026 15:41:07 GMT; HttpOnly; Secure; SameSite=Lax",
		"http://localhost:7070": "gatehouse-7070=s; Path=/; Expires=Fri, 20 Nov 2026 15:41:07 GMT; HttpOnly; SameSite=Lax",
		"http://localhost:7071": "gatehouse-7071=s; Path=/; Expires=Fri, 20 Nov 2026 15:41:07 GMT; HttpOnly; SameSite=Lax",
	} {
		w := httptest.NewRecorder()
		kittest.Site(kittest.Corridor{}, origin).Remember(w, "s", until)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s: %q, want %q", origin, got, want)
		}
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	b := browser(origin, failing(kit.ErrNoPage))
	page := b.Get("/page").Body.String()
	found := regexp.MustCompile(`"(/assets/[a-z]+\.[0-9a-f]{12}\.[a-z]+)"`).FindAllStringSubmatch(page, -1)
	if len(found) < 4 {
		t.Fatalf("page names %d assets: %s", len(found), page)
	}
	for _, m := range found {
		w := b.Get(m[1])
		if got := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || !strings.Contains(got, "immutable") {
			t.Errorf("%s: status %d, Cache-Control %q", m[1], w.Code, got)
		}
	}
	kittest.WantPage(t, b.Get("/assets/kit.000000000000.css"), http.StatusNotFound)
	if w := b.Get(b.Get("/favicon.ico").Header().Get("Location")); w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("favicon is %q", w.Header().Get("Content-Type"))
	}
}

func TestKitStaysSmall(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("assets/kit.css")
	if err != nil {
		t.Fatal(err)
	}
	if len(css) > 14<<10 {
		t.Errorf("kit.css has %d bytes, want at most 14 KB", len(css))
	}
	for _, forbidden := range []string{"@import", "url(", "data:"} {
		if strings.Contains(string(css), forbidden) {
			t.Errorf("kit.css contains %q", forbidden)
		}
	}
}

func BenchmarkNewArea(b *testing.B) {
	site := kittest.Site(kittest.Corridor{}, origin)
	for b.Loop() {
		kit.NewArea(site, nil)
	}
}
