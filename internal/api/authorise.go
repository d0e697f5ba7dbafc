package api

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// resolve finds the resources of a call, in its snapshot.
func (c *Call) resolve(ctx context.Context) error {
	if c.row.targets == nil && c.row.Action == "" {
		return nil
	}
	if c.row.targets == nil {
		c.targets = []Target{{ARN: "*", Account: c.Principal.Account}}
		return nil
	}
	targets, err := c.row.targets(ctx, c, c.input)
	if err != nil {
		return err
	}
	if len(targets) == 0 && c.row.Action != "" {
		return fmt.Errorf("api: %s has nothing to decide on", c.row.Name)
	}
	c.targets = targets
	return nil
}

// Targets returns what a call from inside would be decided on. Nothing is decided, and nothing done.
func (c *Corridor) Targets(ctx context.Context, p *authz.Principal, service, operation string, in any) ([]Target, error) {
	row := c.Row(service, operation)
	if row == nil {
		return nil, wire.ServiceNamed(service).NotBuilt(operation)
	}
	k := &Call{Services: c.Services, corridor: c, Principal: p, Snapshot: c.State.Current(), Now: c.now(), Region: c.Region,
		Service: service, Operation: operation, row: row, input: in}
	err := k.resolve(ctx)
	return k.targets, err
}

// authorise decides the call on a snapshot. Every resource has to be allowed. People and operators are bound by who
// the row admits, and by being alive; everybody who signs is bound by policies.
func (c *Call) authorise(snap *authz.Snapshot) error {
	c.decided, c.refusal = c.room[:0], nil
	if c.State.Stale(c.Now) {
		return fault.New(fault.Unavailable, "ServiceUnavailable", "The database cannot be reached, so nobody's permissions can be known. Try again in a moment.")
	}
	if snap != c.live && !snap.Live(c.Principal, c.Now) {
		return c.revoked()
	}
	if err := c.barred(); err != nil {
		return err
	}
	if c.row.Action == "" || c.Principal.Kind == authz.Person || c.Principal.Kind == authz.Operator || c.Principal.Kind == authz.Nobody {
		return nil
	}
	for _, target := range c.targets {
		for t := range target.readings {
			if denial := c.decide(snap, cmp.Or(t.Action, c.row.Action), t); denial != nil {
				return denial
			}
		}
	}
	return nil
}

// decide decides one question of the call and notes it for the record. denial is nil when it is allowed.
func (c *Call) decide(snap *authz.Snapshot, action string, t Target) (denial error) {
	q := authz.Question{Principal: c.Principal, Action: action, Resource: t.ARN, Owner: t.Account, Context: c.conditions(snap, t),
		Trust: t.Trust, Organization: t.Organization, Admitted: t.Admitted}
	d, r := snap.Decide(q)
	c.decided = append(c.decided, audit.Decision{Decision: d, Action: q.Action, Resource: q.Resource, Owner: q.Owner, Trust: q.Trust,
		Organization: q.Organization, Admitted: q.Admitted, Context: q.Context})
	if c.refusal = nil; d.Allowed {
		return nil
	}
	c.refusal = Refuse(snap, q)
	return c.denied(d, r)
}

// authoriseWithin decides the call again where it changes something. Where there is one writer, its draft has every
// change that came before, so that the resources are found anew too: a name in the request may be another's by now.
// Where others write at the same time, the caller's own rows are read in the transaction too.
func (c *Call) authoriseWithin(ctx context.Context, tx *store.Tx) error {
	draft := c.State.Draft()
	if tx.OneWriter() && draft != c.Snapshot {
		c.Snapshot = draft
		if err := c.resolve(ctx); err != nil {
			return err
		}
	}
	if err := c.authorise(draft); err != nil || tx.OneWriter() {
		return err
	}
	snap, err := c.newest(tx)
	if err != nil {
		return err
	}
	return c.authorise(snap)
}

// newest is what a change is decided on.
func (c *Call) newest(tx *store.Tx) (*authz.Snapshot, error) {
	if tx.OneWriter() {
		return c.State.Draft(), nil
	}
	return c.State.Within(tx, c.Principal)
}

// Permits decides a further action that a change takes beside its own, in the change's transaction. denial is what refuses
// it, or nil.
func (c *Call) Permits(tx *store.Tx, action string, t Target) (denial, err error) {
	switch c.Principal.Kind {
	case authz.Person, authz.Operator, authz.Nobody:
		return nil, nil
	}
	snap, err := c.newest(tx)
	if err != nil {
		return nil, err
	}
	return c.decide(snap, action, t), nil
}

// barred refuses what session credentials of an IAM user are not good for, whatever policies say: without MFA they call
// nothing of IAM, and of STS only GetCallerIdentity and, unless they are a federated user's, AssumeRole. See "Compare AWS
// STS credentials" in the IAM User Guide.
func (c *Call) barred() error {
	p := c.Principal
	federated := p.Kind == authz.Federated
	if !federated && (p.Kind != authz.IAMUser || !p.Temporary || p.SessionID != "") {
		return nil // who signed in with a browser is not so bound
	}
	switch {
	case c.Service == "iam" && (federated || p.MFAAt.IsZero()):
		return c.revoked()
	case c.Service == "sts" && c.Operation != "GetCallerIdentity" && (federated || c.Operation != "AssumeRole"):
		return fault.New(fault.Denied, "AccessDenied", "Cannot call %s with session credentials", c.Operation)
	}
	return nil
}

// denied is AWS's answer to a call that a policy does not allow. Organizations never gives a reason.
func (c *Call) denied(d policy.Decision, r *policy.Request) error {
	code, message := "AccessDeniedException", d.Message(r)
	if s := wire.ServiceNamed(c.Service); s != nil && s.Protocol == wire.AWSQuery {
		code = "AccessDenied"
	}
	if c.Service == "organizations" {
		message = "You don't have permissions to access this resource."
	}
	return fault.New(fault.Denied, code, "%s", message)
}

// revoked is the answer to credentials that were good and are not any more.
func (c *Call) revoked() error {
	if c.Principal.Kind == authz.Person {
		return fault.New(fault.Unauthenticated, "UnauthorizedException", "Session token not found or invalid")
	}
	s := wire.ServiceNamed(c.Service)
	if s != nil && s.Protocol == wire.AWSQuery {
		return fault.New(fault.Denied, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return fault.New(fault.Unauthenticated, "UnrecognizedClientException", "The security token included in the request is invalid.")
}

// conditions are the condition keys of one decision. See "AWS global condition context keys" in the IAM User Guide.
func (c *Call) conditions(snap *authz.Snapshot, t Target) *policy.Context {
	x := policy.NewContext()
	snap.PrincipalKeys(c.Principal, x)
	c.Principal.SessionKeys(c.Now, x) // before those of the request, which may prove MFA anew
	authz.TimeKeys(c.Now, x)
	x.Set("aws:SecureTransport", strconv.FormatBool(c.Secure))
	x.Set("aws:ViaAWSService", "false")
	if c.Address.IsValid() {
		x.Set("aws:SourceIp", c.Address.Unmap().String())
	}
	if c.UserAgent != "" {
		x.Set("aws:UserAgent", c.UserAgent)
	}
	if c.Referer != "" {
		x.Set("aws:referer", c.Referer)
	}
	if c.Region != "" {
		x.Set("aws:RequestedRegion", c.Region)
	}
	snap.OwnerKeys(t.Account, x)
	for k, v := range t.Tags {
		x.Set("aws:ResourceTag/"+k, v)
	}
	for k, v := range t.Context {
		if len(v) > 0 {
			x.Set(k, v[0])
		}
	}
	for k, v := range t.Lists {
		x.SetList(k, v)
	}
	return x
}
