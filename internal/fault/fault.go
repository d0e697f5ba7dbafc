// Package fault is the one error type of Gatehouse.
//
// A Fault carries what a person or a client may see: a kind, the code that the AWS model of the operation
// gives the error, and a sentence that says what went wrong and what to do next. Every protocol has exactly one
// function that writes a fault; every other error is internal, is logged, and is never shown.
package fault

import (
	"errors"
	"fmt"
	"maps"
)

// Kind groups faults by what a caller can do about them. Protocols derive the HTTP status from it where the
// model of the operation names none.
type Kind uint8

// The kinds. The zero kind is Internal and is never shown to a caller.
const (
	Internal        Kind = iota
	Invalid              // the request is wrong: HTTP 400
	Unauthenticated      // nobody, or somebody who cannot prove it: 401, or 403 for query services
	Denied               // a policy said no: 403, or 400 for awsJson
	NotFound             // the thing named does not exist: 404, or 400 for awsJson
	Conflict             // it exists already, or is in use: 409, or 400 for awsJson
	Limit                // a quota is used up
	Throttled            // too many requests: 429
	Unavailable          // try again later: 503
	NotBuilt             // the operation is known and not built: 501
)

// Fault is an error that a caller may see.
type Fault struct {
	Kind    Kind
	Code    string         // the AWS error code, such as "ConflictException" or "NoSuchEntity"
	Message string         // a sentence for people
	Fields  map[string]any // further modelled members of the error, such as organizations' Reason; may be nil
	cause   error
}

// New makes a fault; format and args are its message.
func New(kind Kind, code, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// With returns a copy of f that also carries the modelled member name.
func (f *Fault) With(name string, value any) *Fault {
	g := *f
	g.Fields = maps.Clone(f.Fields)
	if g.Fields == nil {
		g.Fields = map[string]any{}
	}
	g.Fields[name] = value
	return &g
}

// Because returns a copy of f that wraps cause; the cause is logged and never shown.
func (f *Fault) Because(cause error) *Fault {
	g := *f
	g.cause = cause
	return &g
}

// Error returns the code and the message.
func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// Unwrap returns the cause, if there is one.
func (f *Fault) Unwrap() error { return f.cause }

// As returns the fault in err's chain, or nil when err is internal.
func As(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) && f.Kind != Internal {
		return f
	}
	return nil
}

// Is reports whether err is a fault with this code.
func Is(err error, code string) bool {
	f := As(err)
	return f != nil && f.Code == code
}
