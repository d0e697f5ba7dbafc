package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// How the events of a request are found: its id tells when it began, so that only records of the time after it are read.
const (
	searchBefore = time.Second     // clocks of nodes differ
	searchAfter  = 2 * time.Minute // in which a call has ended and its record is written
	searchMore   = time.Second     // after the first event: a request of a page makes several calls
	searchPage   = 1 << 20         // bytes of records that are read at once
)

// explainRequest tells why the calls of a request were allowed or denied.
func explainRequest(ctx context.Context, c *api.Call, in *ExplainRequestInput) (*ExplainRequestOutput, error) {
	began, ok := ident.RequestTime(in.RequestId)
	if !ok {
		return nil, invalid("%q is not the id of a request to this server. Ids look like %s.", in.RequestId, c.RequestID)
	}
	events, err := eventsOf(ctx, c, in.RequestId, began)
	if err != nil {
		return nil, err
	}
	out := &ExplainRequestOutput{RequestId: in.RequestId}
	for i := range events {
		out.Calls = append(out.Calls, explainCall(c, &events[i]))
	}
	if len(out.Calls) == 0 {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no request %s that you may see.", in.RequestId)
	}
	return out, nil
}

// sees reports whether the caller may see an event: operators see all, others those of their account and, from the
// management account, those of their organization. What an account did before it joined is not the organization's business.
func sees(c *api.Call, e *audit.Event) bool {
	if c.Principal.Kind == authz.Operator || e.Account != "" && e.Account == c.Principal.Account {
		return true
	}
	a, o := c.Snapshot.Account(e.Account), c.Snapshot.OrganizationOf(e.Account)
	return o != nil && o.Management == c.Principal.Account && !e.Time.Before(a.JoinedAt)
}

// eventsOf finds the events of a request that the caller may see.
func eventsOf(ctx context.Context, c *api.Call, id string, began time.Time) ([]audit.Event, error) {
	s := search{id: id, raw: ident.UUIDBytes(id), until: began.Add(searchAfter)}
	for place := (store.AuditPlace{At: began.Add(-searchBefore)}); ; {
		rows, err := api.Look(ctx, c, func(tx *store.Tx) ([]store.AuditRow, error) { return tx.AuditSince(place, searchPage) })
		if err != nil || len(rows) == 0 {
			return s.found, err
		}
		for i := range rows {
			if rows[i].At.After(s.until) {
				return s.found, nil
			}
			if err := s.read(c, &rows[i]); err != nil {
				return nil, err
			}
		}
		last := &rows[len(rows)-1]
		place = store.AuditPlace{At: last.At, Seq: last.Seq}
	}
}

// search collects the events of a request.
type search struct {
	id    string
	raw   []byte // the id as blocks have it
	until time.Time
	found []audit.Event
}

// read looks for the request in a record. Most records do not have it, and are not opened.
func (s *search) read(c *api.Call, row *store.AuditRow) error {
	if !bytes.Contains(row.Body, s.raw) && !bytes.Contains(row.Body, []byte(s.id)) {
		return nil
	}
	r := audit.Record{Seq: row.Seq, Time: row.At.UnixMilli(), Body: row.Body, MAC: row.MAC}
	if err := c.Seal.CheckMAC(seal.AuditMAC, r.MAC, r.Signed()...); err != nil {
		return fmt.Errorf("the audit record %d is not as it was written: %w", row.Seq, err)
	}
	events, err := r.Open()
	if err != nil {
		return err
	}
	for i := range events {
		if e := &events[i]; e.RequestID == s.id && e.Kind != audit.ServiceEvent && sees(c, e) {
			s.found = append(s.found, *e)
			s.until = row.At.Add(searchMore)
		}
	}
	return nil
}

// explainCall explains one call.
func explainCall(c *api.Call, e *audit.Event) ExplainedCall {
	out := ExplainedCall{Time: e.Time, Service: e.Service, Operation: e.Operation, AccountId: string(e.Account), PrincipalArn: e.Principal.ARN,
		UserName: e.Principal.UserName, SourceIp: e.SourceIP, ErrorCode: e.ErrorCode, ErrorMessage: e.ErrorMessage}
	who := c.Recorded(c.Snapshot, e)
	for i := range e.Decisions {
		d := &e.Decisions[i]
		decided := ExplainedDecision{Action: d.Action, Resource: d.Resource, Allowed: d.Allowed}
		if i == len(e.Decisions)-1 && !d.Allowed && e.Explanation != nil {
			decided.Then = new(audit.Explanation)
			if json.Unmarshal(e.Explanation, decided.Then) != nil {
				decided.Then = nil
			}
		}
		if decided.Then == nil {
			decided.Then = audit.Recorded(d)
		}
		if who != nil {
			decided.Today = api.Explain(c.Snapshot, authz.Asked(who, e, d))
		}
		if c.Principal.Kind != authz.Operator {
			hidden := api.Hidden(c.Snapshot, c.Principal.Account, d.Owner)
			for _, x := range []*audit.Explanation{decided.Then, decided.Today} {
				x.Hide(hidden...)
				x.Veil(api.Guarded(c.Snapshot, c.Principal.Account)...)
			}
		}
		out.Decisions = append(out.Decisions, decided)
	}
	return out
}
