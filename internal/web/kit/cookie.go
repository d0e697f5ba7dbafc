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

// The things that a browser keeps for us, each in a cookie of its own.
const (
	Attempt = "attempt" // the secret of a sign-in on its way
	Trust   = "trust"   // what makes the browser a trusted one
	Ticket  = "ticket"  // of a passkey that is asked
	Known   = "known"   // what tells the browser from those of strangers who guess

	DoorAttempt = "door" // the secret of a sign-in of a root user or an IAM user on its way
	DoorKnown   = "doorknown"
)

// HasSession reports whether the browser brings a session's secret, be it good or not.
func (s Site) HasSession(r *http.Request) bool { return s.session(r) != "" }

func (s Site) session(r *http.Request) string { return s.value(r, s.cookieName()) }

func (s Site) value(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Remember gives the browser the secret of its session until the session ends.
func (s Site) Remember(w http.ResponseWriter, secret string, until time.Time) {
	http.SetCookie(w, s.cookie(s.cookieName(), secret, until))
}

// Forget takes the session's secret out of the browser.
func (s Site) Forget(w http.ResponseWriter) {
	http.SetCookie(w, s.cookie(s.cookieName(), "", time.Time{}))
}

// Keep gives the browser one of the things it keeps beside its session, until a time.
func (s Site) Keep(w http.ResponseWriter, thing, value string, until time.Time) {
	http.SetCookie(w, s.cookie(s.cookieName()+"-"+thing, value, until))
}

// Kept returns what the browser keeps, "" for nothing.
func (s Site) Kept(r *http.Request, thing string) string { return s.value(r, s.cookieName()+"-"+thing) }

// Drop takes it out of the browser.
func (s Site) Drop(w http.ResponseWriter, thing string) { s.Keep(w, thing, "", time.Time{}) }

// cookie is a cookie until a time; the zero time takes it away.
func (s Site) cookie(name, value string, until time.Time) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode, Expires: until}
	if until.IsZero() {
		c.MaxAge = -1
	}
	return c
}
