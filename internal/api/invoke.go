package api

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Caller is who calls from inside the server: a page for a browser's session, the sample organization, an operator.
type Caller struct {
	Session   string           // the secret of a browser's cookie
	Principal *authz.Principal // given only by code of the server that stands for somebody; nobody's input reaches it
	Address   netip.Addr
	UserAgent string
	RequestID string
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
	now, snap := c.now(), c.State.Current()
	p, err := c.inside(caller, row, snap)
	if err != nil {
		return nil, err
	}
	id := caller.RequestID
	if id == "" {
		id = c.IDs.UUID()
	}
	k := &Call{Services: c.Services, Principal: p, Snapshot: snap, Now: now, RequestID: id, Region: c.Region,
		Address: caller.Address, UserAgent: caller.UserAgent, Service: service, Operation: operation, row: row, input: in}
	out, err := c.walk(ctx, k)
	if err != nil && fault.As(err) == nil {
		return nil, c.shown(err, wire.Recognised{Service: wire.ServiceNamed(service), Operation: operation}, id)
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
	if row.Who&Session != 0 {
		return c.browser(caller.Session, snap, c.now())
	}
	if row.Who&Open != 0 {
		return &authz.Principal{}, nil
	}
	return nil, fault.New(fault.Denied, "AccessDeniedException", "%s is not called from pages.", row.Name)
}

// Invoke calls an operation through inv and returns its output by its type.
func Invoke[Out any](ctx context.Context, inv Invoker, caller Caller, service, operation string, in any) (*Out, error) {
	out, err := inv.Invoke(ctx, caller, service, operation, in)
	if err != nil {
		return nil, err
	}
	if out == nil {
		return new(Out), nil
	}
	typed, ok := out.(*Out)
	if !ok {
		return nil, fmt.Errorf("api: %s %s answers %T, not %T", service, operation, out, new(Out))
	}
	return typed, nil
}
