package kit

import (
	"net/http"
	"time"
)

// cookieName is __Host-gatehouse on https. The prefix needs Secure, which http://localhost has not in every browser;
// there the name carries the port, because cookies do not, and two servers on one machine must not share one.
func (s Site) cookieName() string {
	if s.secure() {
		return "__Host-gatehouse"
	}
	if port := s.ExternalURL.Port(); port != "" {
		return "gatehouse-" + port
	}
	return "gatehouse"
}

func (s Site) secure() bool { return s.ExternalURL.Scheme == "https" }

func (s Site) session(r *http.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// Remember gives the browser the secret of its session until the session ends.
func (s Site) Remember(w http.ResponseWriter, secret string, until time.Time) {
	c := s.cookie(secret)
	c.Expires = until
	http.SetCookie(w, c)
}

// Forget takes the session's secret out of the browser.
func (s Site) Forget(w http.ResponseWriter) {
	c := s.cookie("")
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func (s Site) cookie(value string) *http.Cookie {
	return &http.Cookie{
		Name:     s.cookieName(),
		Value:    value,
		Path:     "/",
		Secure:   s.secure(),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}
