// Package setup is how far the first start of a server has come: one account with its root user, then, as somebody likes, an
// organization, an identity center with its portal, and the first person who may do everything.
//
// What must hold: whoever begins the set-up owns the server. It begins with a link that only who starts the server sees:
// 256 random bits, kept as a hash, good for one use and for an hour. It is spent by sending a form, never by looking at it,
// and binds the set-up to the browser that spent it; a newer link takes the place of an older one, and spending it ends the
// browser before. Once the set-up is over, no link opens it again. How far it has come is read from what there is, so that
// it goes on wherever it was left, and never does again what somebody did by other means.
package setup

import (
	"crypto/subtle"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Stage is what the set-up waits for.
type Stage string

// The stages, one after another.
const (
	Account       Stage = "ACCOUNT"
	Organization  Stage = "ORGANIZATION"
	Portal        Stage = "PORTAL"
	Administrator Stage = "ADMINISTRATOR"
	Over          Stage = "OVER"
)

// How long things are good for.
const (
	linkLife    = time.Hour
	browserLife = 4 * time.Hour
	workLife    = time.Minute // of one step, should the server stop in the middle of it
)

// Setup is the set-up of a server.
type Setup struct {
	LinkHash     []byte // SHA-256 of the secret in the link; empty once it is spent
	LinkUntil    time.Time
	BrowserHash  []byte // of the secret that the browser keeps
	BrowserUntil time.Time
	// Work is the step that is being done, until a time: two windows, or two nodes, must not do one step twice.
	Work      string
	WorkUntil time.Time

	Account ident.AccountID // that was made; empty before
	// FinishedAt is when it was over; zero while it is not. Some ends are told by what there is alone.
	FinishedAt time.Time
}

// Offer takes a new link in the place of the one before.
func (s *Setup) Offer(hash []byte, now time.Time) {
	s.LinkHash, s.LinkUntil = hash, now.Add(linkLife)
}

// Opens reports whether a link with this hash begins the set-up.
func (s *Setup) Opens(hash []byte, now time.Time) bool {
	return s.FinishedAt.IsZero() && now.Before(s.LinkUntil) && same(s.LinkHash, hash)
}

// Begin spends the link for a browser. The browser before, if there was one, is out.
func (s *Setup) Begin(browser []byte, now time.Time) {
	s.LinkHash, s.LinkUntil = nil, time.Time{}
	s.BrowserHash, s.BrowserUntil = browser, now.Add(browserLife)
}

// Knows reports whether a browser with this hash is the one that goes on with the set-up.
func (s *Setup) Knows(browser []byte, now time.Time) bool {
	return s.FinishedAt.IsZero() && now.Before(s.BrowserUntil) && same(s.BrowserHash, browser)
}

// Take claims the next step for whoever does it under this name, and reports whether it was free.
func (s *Setup) Take(work string, now time.Time) bool {
	if s.Work != "" && now.Before(s.WorkUntil) {
		return false
	}
	s.Work, s.WorkUntil = work, now.Add(workLife)
	return true
}

// Holds reports whether a step is still claimed under this name.
func (s *Setup) Holds(work string, now time.Time) bool {
	return s.Work == work && now.Before(s.WorkUntil)
}

// Leave gives the step back.
func (s *Setup) Leave() { s.Work, s.WorkUntil = "", time.Time{} }

// Finish ends the set-up, and with it every link and browser.
func (s *Setup) Finish(now time.Time) { *s = Setup{Account: s.Account, FinishedAt: now} }

func same(kept, shown []byte) bool {
	return len(kept) > 0 && subtle.ConstantTimeCompare(kept, shown) == 1
}
