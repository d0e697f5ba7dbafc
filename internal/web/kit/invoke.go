package kit

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// selfService is the name of the table of what people do for themselves.
const selfService = "gatehouse-self"

// Ask walks the corridor for the person whose browser sent r.
func Ask[Out any](s Site, r *http.Request, service, operation string, in any) (*Out, error) {
	return api.Invoke[Out](r.Context(), s.Invoke, s.caller(r), service, operation, in)
}

// AskSelf is Ask for an operation of selfService.
func AskSelf[Out any](s Site, r *http.Request, operation string, in any) (*Out, error) {
	return Ask[Out](s, r, selfService, operation, in)
}

func (s Site) caller(r *http.Request) api.Caller {
	return api.Caller{
		Session:   s.session(r),
		Address:   s.Remote(r),
		UserAgent: r.UserAgent(),
		RequestID: s.requestID(r),
	}
}

// AskSignedIn is AskSelf for a page that needs a signed-in person: without one the error leads to sign-in and from
// there to the local path to.
func AskSignedIn[Out any](s Site, r *http.Request, operation string, in any, to string) (*Out, error) {
	if s.session(r) == "" {
		return nil, &SignInFirst{To: to}
	}
	out, err := AskSelf[Out](s, r, operation, in)
	if f := fault.As(err); f != nil && f.Kind == fault.Unauthenticated {
		return nil, &SignInFirst{To: to}
	}
	return out, err
}
