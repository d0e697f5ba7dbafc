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
		if to, ok := a.elsewhere(r); ok {
			http.Redirect(w, r, to, http.StatusFound)
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

// elsewhere returns the address of a page on the external host when it was asked for on another one: cookies and
// passkeys belong to a host, and passkeys cannot belong to an address at all. HEAD stays, since only programs use it.
func (a *Area) elsewhere(r *http.Request) (string, bool) {
	if r.Method != http.MethodGet || sameHost(r.Host, a.ExternalURL.Host) {
		return "", false
	}
	if sameHost(r.Header.Get("X-Forwarded-Host"), a.ExternalURL.Host) {
		return "", false
	}
	to := *a.ExternalURL
	to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	return to.String(), true
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
