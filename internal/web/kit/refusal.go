package kit

import (
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Handler is a page; an error becomes an error page in exactly one place, ServeError.
type Handler func(http.ResponseWriter, *http.Request) error

// Handle makes an http.Handler of a page.
func (a *Area) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.ServeError(w, r, err)
		}
	})
}

// SignInFirst is the error of a page that needs a signed-in person.
type SignInFirst struct {
	To    string // a local path to come back to
	Again bool   // somebody is signed in, and has to prove it anew
	Door  string // root or iam; empty for people
}

// Error says what is missing.
func (e *SignInFirst) Error() string { return "nobody is signed in" }

// NotFound answers that there is no such page.
func (a *Area) NotFound(w http.ResponseWriter, r *http.Request) {
	a.ServeError(w, r, ErrNoPage)
}

// ErrNoPage is the fault of an address that leads nowhere.
var ErrNoPage = fault.New(fault.NotFound, "NotFound", "There is no page at this address.")

type refusalPage struct {
	Page
	Tone    string // wait or stop
	What    string // what happened
	Next    string // what to do
	Request string
	At      time.Time
}

// ServeError answers with the page of an error. It is the only place that does.
func (a *Area) ServeError(w http.ResponseWriter, r *http.Request, err error) {
	var first *SignInFirst
	if errors.As(err, &first) {
		path := "/signin"
		if first.Door != "" {
			path = "/signin/" + first.Door
		} else if first.Again {
			path = "/signin/again"
		}
		http.Redirect(w, r, Leading(path, LocalPath(first.To)), http.StatusSeeOther)
		return
	}
	f := fault.As(err)
	if f == nil {
		a.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "request", a.requestID(r), "error", err)
		f = fault.New(fault.Internal, "Internal", "The mistake is ours, and nothing was changed that you did not see confirmed.")
	}
	words := refusalWords(f.Kind)
	page := refusalPage{
		Page: a.Page(words.title, ""), Tone: words.tone, What: f.Message, Next: words.next,
		Request: a.requestID(r), At: a.Now(),
	}
	if err := a.Render(w, words.status, "refusal.html", page); err != nil {
		a.Log.ErrorContext(r.Context(), "error page failed", "error", err)
		http.Error(w, words.title, words.status)
	}
}

type words struct {
	status            int
	title, tone, next string
}

func refusalWords(kind fault.Kind) words {
	switch kind {
	case fault.NotFound:
		return words{404, "Nothing is here", "wait", "Check the address, or go to your accounts."}
	case fault.Denied:
		return words{403, "This is not open to you", "stop", "Ask your administrator if you need it."}
	case fault.Unauthenticated:
		return words{403, "Sign in again", "wait", "Your sign-in has ended. Go to your accounts and sign in."}
	case fault.Invalid:
		return words{400, "This request is not complete", "wait", "Go back to where you came from and start again."}
	case fault.Conflict:
		return words{409, "This has ended already", "wait", "Go back to where you came from and start again."}
	case fault.Limit, fault.Throttled:
		return words{429, "A short pause", "wait", "Wait a minute, then try again."}
	case fault.Unavailable:
		return words{503, "Not available just now", "wait", "Wait a moment, then try again."}
	case fault.NotBuilt:
		return words{501, "Not built yet", "wait", "Go to your accounts."}
	}
	return words{500, "Something went wrong here", "stop", "Try again in a moment."}
}
