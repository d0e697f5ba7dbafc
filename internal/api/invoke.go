package api

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Caller is who calls from inside the server: a page for a browser's session, the sample organization, an operator.
type Caller struct {
	Session   string           // the secret of a browser's cookie
	Principal *authz.Principal // given only by code of the server that stands for somebody; nobody's input reaches it
	Address   netip.Addr
	UserAgent string
	RequestID string
	Quiet     bool // nobody is written to, as when a sample is made
}

// Invoker walks the corridor from inside. Corridor is the one that does.
type Invoker interface {
	Invoke(ctx context.Context, caller Caller, service, operation string, in any) (any, error)
}

// Invoke walks the corridor: the same checks, the same decisions, the same record as for a call from outside.
func (c *Corridor) Invoke(ctx context.Context, caller Caller, service, operation string, in any) (any, error) {
	row := c.tables[service][operation]
	if row == nil {
		return nil, fault.New(fault.NotBuilt, "NotImplementedException", "%s %s is not built.", service, operation)
	}
	p, err := c.inside(caller, row, c.State.Current())
	if err != nil {
		return nil, err
	}
	if err := c.seen(ctx, p); err != nil {
		return nil, err
	}
	return c.invoke(ctx, &Call{Principal: p, RequestID: caller.RequestID, Region: c.Region, Address: caller.Address,
		UserAgent: clip(caller.UserAgent, maxHeader), Service: service, Operation: operation, row: row, input: in, quiet: caller.Quiet})
}

// Invoke has the caller of this call call another operation: with their rights and nothing more, and with a record of
// its own. It is for operations that do the work of several, such as an import, and for callers that policies bind. Nobody is
// written to for it.
func (c *Call) Invoke(ctx context.Context, service, operation string, in any) (any, error) {
	row := c.corridor.Row(service, operation)
	if row == nil {
		return nil, fault.New(fault.NotBuilt, "NotImplementedException", "%s %s is not built.", service, operation)
	}
	if k := c.Principal.Kind; row.Who&Signed == 0 || k != authz.Root && k != authz.IAMUser && k != authz.Role {
		return nil, fault.New(fault.Denied, "AccessDeniedException", "%s may not be called this way.", operation)
	}
	return c.beside(ctx, &Call{Principal: c.Principal, Service: service, row: row, input: in, quiet: true})
}

// InvokeAsRoot has the root user of an account call another operation, with a record of its own. It is for operations that
// stand for that root user, such as those of the first start. Which account it is comes from the store, and from nobody's
// input.
func (c *Call) InvokeAsRoot(ctx context.Context, id ident.AccountID, service, operation string, in any) (any, error) {
	row, a := c.corridor.Row(service, operation), c.State.Current().Account(id)
	if row == nil || a == nil || row.Who&Signed == 0 {
		return nil, fault.New(fault.Denied, "AccessDeniedException", "%s may not be called this way.", operation)
	}
	root := &authz.Principal{Kind: authz.Root, Account: id, ARN: ident.RootARN(id), RoleGeneration: a.RootGeneration}
	return c.beside(ctx, &Call{Principal: root, Service: service, row: row, input: in})
}

// beside makes k, a call of its own that comes from where this one comes.
func (c *Call) beside(ctx context.Context, k *Call) (any, error) {
	k.Region, k.Address, k.UserAgent, k.Secure, k.Operation = c.Region, c.Address, c.UserAgent, c.Secure, k.row.Name
	return c.corridor.invoke(ctx, k)
}

// invoke walks with a call that knows who asks for what.
func (c *Corridor) invoke(ctx context.Context, k *Call) (any, error) {
	k.corridor, k.Services, k.Snapshot, k.Now = c, c.Services, c.State.Current(), c.now()
	if k.RequestID == "" {
		k.RequestID = c.IDs.RequestID(k.Now)
	} else {
		k.eventID = c.IDs.UUID() // the request of a page makes several calls
	}
	out, err := c.walk(ctx, k)
	if err != nil && fault.As(err) == nil {
		return nil, c.shown(err, wire.Recognised{Service: wire.ServiceNamed(k.Service), Operation: k.Operation}, k.RequestID)
	}
	return out, err
}

// inside yields the caller of an Invoke, as the row admits.
func (c *Corridor) inside(caller Caller, row *Row, snap *authz.Snapshot) (*authz.Principal, error) {
	if p := caller.Principal; p != nil {
		if p.Kind == authz.Operator && row.Who&OperatorsOnly == 0 || p.Kind != authz.Operator && row.Who&Signed == 0 {
			return nil, fault.New(fault.Denied, "AccessDeniedException", "%s may not be called this way.", row.Name)
		}
		return p, nil
	}
	if row.Who&Open != 0 {
		return &authz.Principal{}, nil
	}
	p, err := c.browser(caller.Session, snap, c.now())
	if err != nil && row.Who&(Session|Door) == 0 {
		err = notForPages(row)
	}
	if err != nil {
		return nil, err
	}
	return p, admits(row, p)
}

// admits reports, by an error, whether a row admits who is signed in with a browser. A root user and an IAM user call what
// they could call by a key, bound by the same policies; people call what is made for them.
func admits(row *Row, p *authz.Principal) error {
	switch person := p.Kind == authz.Person; {
	case person && row.Who&Session != 0, !person && row.Who&(Door|Signed) != 0:
		return nil
	case row.Who&(Session|Door) != 0:
		return signInFirst() // at the other door
	}
	return notForPages(row)
}

func notForPages(row *Row) error {
	return fault.New(fault.Denied, "AccessDeniedException", "%s is not called from pages.", row.Name)
}

// Invoke calls an operation through inv and returns its output by its type.
func Invoke[Out any](ctx context.Context, inv Invoker, caller Caller, service, operation string, in any) (*Out, error) {
	return As[Out](inv.Invoke(ctx, caller, service, operation, in))
}

// As gives the output of an Invoke its type back. One that says nothing is empty.
func As[Out any](out any, err error) (*Out, error) {
	if err != nil {
		return nil, err
	}
	if out == nil {
		return new(Out), nil
	}
	typed, ok := out.(*Out)
	if !ok {
		return nil, fmt.Errorf("api: an operation answers %T, not %T", out, new(Out))
	}
	return typed, nil
}
