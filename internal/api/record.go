package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// recordChange writes the events of a change into its transaction.
func (c *Call) recordChange(tx *store.Tx) error {
	for i, told := range append([]event{c.event}, c.besides...) {
		var e audit.Event
		c.fill(&e, audit.Change, nil)
		c.tell(&e, told)
		if i > 0 {
			e.ID = c.IDs.UUID()
		}
		if err := c.append(tx, &e); err != nil {
			return err
		}
	}
	return c.recordEffects(tx, c.RequestID, c.effects)
}

// tell makes e tell of an event instead of the operation, which its details name.
func (c *Call) tell(e *audit.Event, t event) {
	if t.name == "" {
		return
	}
	e.Service, e.Operation = t.source, t.name
	e.Details = audit.Facts(append(slices.Clip(t.details), audit.Fact{Name: audit.Called, Value: c.Service + " " + c.Operation}))
	if t.source == SignInSource {
		e.Kind = audit.SignIn
	}
}

// append writes one event in a row of its own.
func (s *Services) append(tx *store.Tx, e *audit.Event) error {
	body, err := e.Encode()
	if err != nil {
		return err
	}
	return appendRecord(tx, s.Seal, string(e.Kind), body)
}

// appendRecord writes one record with its MAC.
func appendRecord(tx *store.Tx, ring *seal.Ring, kind string, body []byte) error {
	r := audit.Record{Time: tx.Now.UnixMilli(), Body: body}
	mac, err := ring.MAC(seal.AuditMAC, r.Signed()...)
	if err != nil {
		return fmt.Errorf("mac of an audit record: %w", err)
	}
	_, err = tx.AppendAudit(kind, body, mac)
	return err
}

// record hands the event of a call that changed nothing to the queue. A full queue is a fault.
func (c *Corridor) record(k *Call, err error) error {
	kind := audit.Read
	switch f := fault.As(err); {
	case f != nil && f.Kind == fault.Denied:
		kind = audit.Denial
	case k.response != nil && err == nil:
		kind = audit.Vend
	case !k.row.Read:
		kind = audit.Change
	}
	if k.Snapshot.AuditStrict() {
		return c.writeThrough(k, kind, err)
	}
	if k.Principal.Kind == authz.Nobody && c.batch.Len() >= strangersShare {
		return behind()
	}
	var e audit.Event
	k.fill(&e, kind, err)
	failed := c.batch.Add(&e)
	if errors.Is(failed, audit.ErrFull) {
		return behind()
	}
	return failed
}

// maxErrorMessage is how much of an error's message is recorded: messages repeat what was sent.
const maxErrorMessage = 1024

// strangersShare is how far calls of strangers may fill the queue of records. From many addresses they can come as fast as
// they like, and those whom the server knows shall not be refused for it.
const strangersShare = audit.BatchCapacity / 2

func behind() error {
	return fault.New(fault.Unavailable, "ServiceUnavailable", "The audit record cannot keep up. Try again in a moment.")
}

// fill makes e the record of a call, with what its decision was made of. The event has the id of its request, unless that
// makes several calls.
func (c *Call) fill(e *audit.Event, kind audit.Kind, err error) {
	e.ID, e.Time, e.Kind, e.Account = c.RequestID, c.Now, kind, c.Principal.Account
	if c.eventID != "" {
		e.ID = c.eventID
	}
	e.Service, e.Operation, e.Action = c.Service, c.Operation, c.row.Action
	c.tell(e, c.event)
	e.UserAgent, e.RequestID, e.Region = c.UserAgent, c.RequestID, c.Region
	c.identify(&e.Principal)
	if c.Address.IsValid() {
		e.SourceIP = c.Address.String()
	}
	for _, t := range c.targets {
		if t.ARN != "*" && !slices.Contains(e.Resources, t.ARN) {
			e.Resources = append(e.Resources, t.ARN)
		}
	}
	e.Response = audit.Facts(c.response)
	if f := fault.As(err); f != nil {
		e.ErrorCode, e.ErrorMessage = f.Code, clip(f.Message, maxErrorMessage)
	} else if err != nil {
		e.ErrorCode = "InternalFailure"
	}
	e.Decisions = c.decided
	if kind == audit.Denial && c.refusal != nil {
		e.Explanation = c.refusal.recorded()
	}
}

// identify makes out the caller in CloudTrail's words.
func (c *Call) identify(out *audit.Principal) {
	p := c.Principal
	out.ID, out.ARN, out.Account, out.AccessKeyID = p.ID(), p.ARN, p.Account, p.AccessKeyID
	out.SessionName, out.UserID, out.CredentialID = p.SessionName, p.UserID, p.SessionID
	out.SourceIdentity, out.MFA = p.SourceIdentity, !p.MFAAt.IsZero()
	if len(p.SessionTexts) > 0 {
		texts, _ := json.Marshal(p.SessionTexts) // strings do not fail
		out.SessionPolicies = string(texts)
	}
	if p.Temporary && !p.IssuedAt.IsZero() {
		out.SessionIssued = p.IssuedAt.UnixMilli()
	}
	switch p.Kind {
	case authz.Root:
		out.Type = "Root"
	case authz.IAMUser:
		out.Type = "IAMUser"
		if u := c.Snapshot.IAMUserByID(p.IAMUserID); u != nil {
			out.UserName = u.Name
		}
	case authz.Role:
		out.Type, out.IssuerType, out.IssuerID = "AssumedRole", "Role", p.RoleID
		if r := c.Snapshot.RoleOf(p); r != nil {
			out.IssuerARN, out.IssuerName = r.ARN(), r.Name
		}
	case authz.Federated:
		out.Type, out.IssuerType, out.IssuerID = "FederatedUser", "IAMUser", p.IAMUserID
		if u := c.Snapshot.IAMUserByID(p.IAMUserID); u != nil {
			out.IssuerARN, out.IssuerName = u.ARN(), u.Name
		}
	case authz.Person:
		out.Type = "IdentityCenterUser"
		if u := c.Person(); u != nil {
			out.UserName = u.UserName
		}
	case authz.Operator:
		out.Type, out.UserName = "AWSService", "operator"
	default:
		out.Type = "Unknown"
	}
}
