package admin

import (
	"context"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/replay"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Bounds of WhatIf.
const (
	usualDays   = 7
	mostDays    = 3650
	mostChanges = 100
	mostListed  = 10_000
	trailPage   = 4 << 20 // bytes that are read at once
)

// replays answers WhatIf, one at a time: it keeps all processors busy.
type replays struct{ turn chan struct{} }

func newReplays() *replays { return &replays{make(chan struct{}, 1)} }

// whatIf asks the decisions of the last days again, by the policies of today and by those that there would be. The record
// of an organization is its management account's to see.
func (r *replays) whatIf(ctx context.Context, c *api.Call, in *WhatIfInput) (*WhatIfOutput, error) {
	o, err := managed(c, in.AccountId)
	if err != nil {
		return nil, err
	}
	days := int(in.Days)
	if days == 0 {
		days = usualDays
	}
	if days < 1 || days > mostDays {
		return nil, invalid("Days must be 1 to %d.", mostDays)
	}
	changes, err := hypothetical(c, o, in.Changes)
	if err != nil {
		return nil, err
	}
	after, err := c.State.Hypothesis(c.Snapshot, changes...)
	if err != nil {
		return nil, err
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	since := c.Now.AddDate(0, 0, -days)
	report, err := (&replay.Replay{
		Before: c.Snapshot, After: after, Organization: o.ID, From: since,
		SessionPolicy: func(account ident.AccountID, arn string) (policy.Policy, bool) {
			return c.SessionPolicy(c.Snapshot, account, arn)
		},
		Check: func(r *audit.Record) error { return c.Seal.CheckMAC(seal.AuditMAC, r.MAC, r.Signed()...) },
	}).Run(ctx, trail(c, since))
	if err != nil {
		return nil, err
	}
	return told(c.Snapshot, since, report), nil
}

// managed is the organization that a caller may ask about: the one that the caller's account manages, and for operators
// that of any account.
func managed(c *api.Call, account string) (*organization.Organization, error) {
	a, err := own(c, account)
	if err != nil {
		return nil, err
	}
	o := c.Snapshot.OrganizationOf(a.ID)
	switch {
	case o == nil:
		return nil, fault.New(fault.NotFound, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	case c.Principal.Kind != authz.Operator && o.Management != a.ID:
		return nil, fault.New(fault.Denied, "AccessDeniedException", "Only the management account of an organization may ask what a change would do to it.")
	}
	return o, nil
}

// trail reads the audit trail page by page. A row is written after its events happened, so that those since a time stand in
// rows since then.
func trail(c *api.Call, since time.Time) func(context.Context) ([]audit.Record, error) {
	at := store.AuditPlace{At: since}
	return func(ctx context.Context) (page []audit.Record, err error) {
		err = c.View(ctx, func(tx *store.Tx) error {
			rows, err := tx.AuditSince(at, trailPage)
			page = make([]audit.Record, len(rows))
			for i, row := range rows {
				page[i] = audit.Record{Seq: row.Seq, Time: row.At.UnixMilli(), Body: row.Body, MAC: row.MAC}
			}
			return err
		})
		if n := len(page); n > 0 {
			at = store.AuditPlace{At: time.UnixMilli(page[n-1].Time), Seq: page[n-1].Seq}
		}
		return page, err
	}
}

// hypothetical reads the changes of a request. They may name what belongs to the organization and nothing else.
func hypothetical(c *api.Call, o *organization.Organization, list []PolicyChange) ([]authz.Change, error) {
	if len(list) == 0 || len(list) > mostChanges {
		return nil, invalid("Changes must name 1 to %d changes.", mostChanges)
	}
	out := make([]authz.Change, len(list))
	for i := range list {
		change := &list[i]
		if strings.HasSuffix(change.Operation, "PermissionSet") && !hasSet(c.Snapshot, o, change.PermissionSetArn) {
			return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no permission set %q in your organization.", change.PermissionSetArn)
		}
		if out[i] = change.in(o); out[i] == nil {
			return nil, invalid("%q is no change that can be tried, or its Content is missing.", change.Operation)
		}
	}
	return out, nil
}

// in is a change in an organization, or nil when there is no such.
func (p *PolicyChange) in(o *organization.Organization) authz.Change {
	switch p.Operation {
	case "AttachPolicy":
		if p.PolicyId == "" {
			return authz.NewPolicy{Organization: o.ID, Type: p.PolicyType, Name: p.PolicyName, Content: p.Content, Target: p.TargetId}
		}
		return authz.Attachment{Organization: o.ID, Policy: p.PolicyId, Target: p.TargetId}
	case "DetachPolicy":
		return authz.Detachment{Organization: o.ID, Policy: p.PolicyId, Target: p.TargetId}
	case "UpdatePolicy":
		return authz.Rewriting{Organization: o.ID, Policy: p.PolicyId, Content: p.Content}
	case "PutInlinePolicyToPermissionSet":
		if p.Content == "" {
			return nil
		}
		return authz.InlinePolicy{Set: p.PermissionSetArn, Document: p.Content}
	case "DeleteInlinePolicyFromPermissionSet":
		return authz.InlinePolicy{Set: p.PermissionSetArn}
	case "AttachManagedPolicyToPermissionSet":
		return authz.ManagedPolicy{Set: p.PermissionSetArn, ARN: p.ManagedPolicyArn}
	case "DetachManagedPolicyFromPermissionSet":
		return authz.ManagedPolicy{Set: p.PermissionSetArn, ARN: p.ManagedPolicyArn, Detached: true}
	}
	return nil
}

// hasSet reports whether a permission set is one of the organization's identity center.
func hasSet(s *authz.Snapshot, o *organization.Organization, arn string) bool {
	set := s.Set(arn)
	if set == nil {
		return false
	}
	i := s.Instance(set.InstanceARN)
	return i != nil && i.OrganizationID == o.ID
}

// told puts a report into words: the names of today for those who are in it.
func told(s *authz.Snapshot, since time.Time, r *replay.Report) *WhatIfOutput {
	out := &WhatIfOutput{Since: since, Decisions: r.Decisions, Gone: r.Gone, Asked: r.Asked, Drifted: r.Drifted, Lost: r.Lost, Gained: r.Gained,
		OutsideLost: r.OutsideLost, OutsideGained: r.OutsideGained, UnreadableRecords: r.Unreadable, Unlisted: r.Unlisted}
	listed := r.Differences[:min(len(r.Differences), mostListed)]
	out.Differences = make([]AccessDifference, len(listed))
	for i := range listed {
		out.Differences[i] = difference(s, &listed[i])
	}
	for _, d := range r.Differences[len(listed):] {
		out.Unlisted += d.Count
	}
	return out
}

func difference(s *authz.Snapshot, d *replay.Difference) AccessDifference {
	out := AccessDifference{Effect: "GAINS", AccountId: string(d.Account), Action: d.Action, Resource: d.Resource, Count: d.Count, Last: d.Last,
		FederatedUserName: d.Federated, UserId: d.UserID, DeniedBy: d.By.String(), Layer: d.By.Layer.String(), PolicyArn: d.By.PolicyARN, PolicyName: d.By.PolicyName}
	if d.Lost {
		out.Effect = "LOSES"
	}
	if a := s.Account(d.Account); a != nil {
		out.AccountName = a.Name
	}
	if u := s.User(d.UserID); u != nil {
		out.UserName = u.UserName
	}
	if r := s.RoleByID(d.RoleID); r != nil {
		out.RoleName = r.Name
		if set := s.Set(r.PermissionSet); set != nil {
			out.PermissionSetName = set.Name
		}
	}
	if u := s.IAMUserByID(d.IAMUserID); u != nil {
		out.IAMUserName = u.Name
	}
	return out
}
