package kit

import (
	"net"
	"net/http"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Middleware gives every page its headers, refuses posts from other origins and what is not text, and sends readers of a
// page to the host that the server is known by.
func (a *Area) Middleware(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	must(guard.AddTrustedOrigin(a.Origin())) // a proxy may change the Host that the guard compares with
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secureHeaders(w.Header())
		if a.secure() {
			w.Header().Set("Strict-Transport-Security", twoYears)
		}
		if err := guard.Check(r); err != nil {
			a.ServeError(w, r, errCrossOrigin.Because(err))
			return
		}
		if !a.here(r) {
			a.elsewhere(w, r)
			return
		}
		if err := readForm(w, r); err != nil {
			a.ServeError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// twoYears has browsers come by https only, for as long. See RFC 6797 and OWASP ASVS 5.0 section 3.4.1.
const twoYears = "max-age=63072000; includeSubDomains"

var errCrossOrigin = fault.New(fault.Denied, "CrossOrigin", "Another site sent this form. Nothing was changed.")

func secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	// Not no-referrer: that turns the Origin of our own posts into null, and the guard reads it where a browser
	// sends no Sec-Fetch-Site.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// here reports whether a page was asked for on the host that the server is known by, or on that of a trusted proxy which
// says so. HEAD may be asked anywhere, since only programs do.
func (a *Area) here(r *http.Request) bool {
	return r.Method == http.MethodHead || sameHost(r.Host, a.ExternalURL.Host) ||
		a.Proxied != nil && a.Proxied(r) && sameHost(r.Header.Get("X-Forwarded-Host"), a.ExternalURL.Host)
}

var errElsewhere = fault.New(fault.Denied, "Misdirected", "This form was sent to another name than this server's. Nothing was changed.")

// elsewhere leads a reader to the same page on the external host: cookies and passkeys belong to a host, and passkeys
// cannot belong to an address at all. What is sent to another host is refused: a name that somebody else has may lead to
// this server, too, and their pages are of the same origin as what is under that name. See RFC 9110
// section 7.4.
func (a *Area) elsewhere(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		a.ServeError(w, r, errElsewhere)
		return
	}
	to := *a.ExternalURL
	to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	http.Redirect(w, r, to.String(), http.StatusFound)
}

func sameHost(got, want string) bool {
	return strings.EqualFold(trimPort(got), trimPort(want))
}

// trimPort drops the ports that browsers leave out.
func trimPort(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil || (port != "80" && port != "443") {
		return host
	}
	return name
}
