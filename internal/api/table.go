package api

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Who says which callers an operation admits. It is a set.
type Who uint8

// The ways to be admitted.
const (
	Signed        Who = 1 << iota // a SigV4 signature; policies decide
	Bearer                        // a portal access token; the resource is the person
	Session                       // a browser's session; the resource is the person
	Door                          // a browser's session of a root user or an IAM user; the resource is the caller
	Open                          // anybody
	OperatorsOnly                 // the control socket of the data directory, besides Signed
)

// Target is one resource that a decision is about.
type Target struct {
	ARN     string // or "*"
	Action  string // in place of the row's, where an operation needs a further permission, such as sts:TagSession
	Account ident.AccountID
	Tags    map[string]string   // aws:ResourceTag
	Context map[string][]string // further condition keys of this request, such as aws:RequestTag/K
	Lists   map[string][]string // the same for keys that hold several values, such as aws:TagKeys
	Trust   string              // AROA… of the role whose trust policy has a say
	// Organization is whose delegation policy has a say. Admitted says that callers of other accounts need no policy of
	// the owner: a rule of the service lets them in, and their own account has to agree.
	Organization string
	Admitted     bool
}

// Row is one operation.
type Row struct {
	Name   string // "CreatePermissionSet"
	Action string // "sso:CreatePermissionSet"; empty when no permission is needed
	Who    Who
	Read   bool // changes nothing

	input   reflect.Type
	output  reflect.Type
	run     func(context.Context, *Call, any) (any, error)
	targets func(context.Context, *Call, any) ([]Target, error)
}

// Table is the operations of one service.
type Table []Row

// Check reports whether every input and output can be read and written. A test asks that of every table, so that a server
// need not work out at its start how a type is read that nobody calls for.
func (t Table) Check() error {
	for i := range t {
		if err := wire.Check(t[i].NewInput(), t[i].NewOutput()); err != nil {
			return fmt.Errorf("%s: %w", t[i].Name, err)
		}
	}
	return nil
}

// Option is a further column of a Row.
type Option func(*Row)

// Op makes a row for a handler that is called with a signature, and whose resource is "*" unless On says otherwise.
func Op[In, Out any](name, action string, handler func(context.Context, *Call, *In) (*Out, error), options ...Option) Row {
	run := func(ctx context.Context, c *Call, in any) (any, error) {
		out, err := handler(ctx, c, in.(*In))
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = new(Out) // the protocols write what has a type
		}
		return out, nil
	}
	return newRow(name, action, [2]reflect.Type{reflect.TypeFor[In](), reflect.TypeFor[Out]()}, run, options)
}

// newRow is what making a row takes without the types of its input and output being known to the compiler, which would
// write it anew for every operation.
func newRow(name, action string, inOut [2]reflect.Type, run func(context.Context, *Call, any) (any, error), options []Option) Row {
	row := Row{Name: name, Action: action, Who: Signed, Read: reads(name), input: inOut[0], output: inOut[1], run: run}
	for _, o := range options {
		o(&row)
	}
	return row
}

// On derives the resources of an operation from its input.
func On[In any](fn func(context.Context, *Call, *In) ([]Target, error)) Option {
	return func(r *Row) {
		r.targets = func(ctx context.Context, c *Call, in any) ([]Target, error) {
			typed, ok := in.(*In)
			if !ok {
				return nil, fmt.Errorf("api: the resources of %s are derived from %T, its input is %T", r.Name, *new(In), in)
			}
			return fn(ctx, c, typed)
		}
	}
}

// By says who may call, in place of Signed.
func By(who Who) Option { return func(r *Row) { r.Who = who } }

// Reads marks an operation that changes nothing although its name does not say so.
func Reads() Option { return func(r *Row) { r.Read = true } }

func reads(name string) bool {
	for _, p := range []string{"Get", "List", "Describe", "LookUp", "WhoAmI"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// NewInput returns a pointer to an empty input of the operation, or nil when the operation is not built.
func (r *Row) NewInput() any {
	if r.input == nil {
		return nil
	}
	return reflect.New(r.input).Interface()
}

// NewOutput returns a pointer to an empty output of the operation.
func (r *Row) NewOutput() any { return reflect.New(r.output).Interface() }
