package api

import (
	"encoding/json"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// recordedKinds are the kinds of principals whom policies bind, by what events call them.
var recordedKinds = map[string]authz.Kind{"Root": authz.Root, "IAMUser": authz.IAMUser, "AssumedRole": authz.Role, "FederatedUser": authz.Federated}

// Recorded returns the principal of an event as decisions on a snapshot take it, or nil when policies do not bind it. It
// proves nothing of anybody: it is for asking what was decided then again, not for authorising a call.
func (s *Services) Recorded(snap *authz.Snapshot, e *audit.Event) *authz.Principal {
	kind, ok := recordedKinds[e.Principal.Type]
	if !ok {
		return nil
	}
	p := &authz.Principal{Kind: kind, Account: e.Principal.Account, ARN: e.Principal.ARN, SessionName: e.Principal.SessionName,
		UserID: e.Principal.UserID, HasSession: kind == authz.Federated || e.Principal.SessionPolicies != ""}
	switch kind {
	case authz.IAMUser:
		p.IAMUserID = e.Principal.ID
	case authz.Federated:
		p.IAMUserID = e.Principal.IssuerID
	case authz.Role:
		p.RoleID = e.Principal.IssuerID
	}
	if e.Principal.SessionPolicies == "" {
		return p
	}
	_ = json.Unmarshal([]byte(e.Principal.SessionPolicies), &p.SessionTexts) // without its policies, a session may do nothing
	for _, text := range p.SessionTexts {
		bound, ok := s.sessionPolicy(snap, p, text)
		if !ok {
			p.SessionPolicies = nil
			break
		}
		p.SessionPolicies = append(p.SessionPolicies, bound)
	}
	return p
}

// sessionPolicy returns the policy that a document is, or an ARN names.
func (s *Services) sessionPolicy(snap *authz.Snapshot, p *authz.Principal, text string) (policy.Policy, bool) {
	if strings.HasPrefix(text, "arn:") {
		return s.SessionPolicy(snap, p.Account, text)
	}
	doc, err := policy.Parse([]byte(text), policy.Session)
	return policy.Policy{Doc: doc}, err == nil
}

// Asked returns the question that a decision of an event answered, for its principal as Recorded returns it.
func Asked(p *authz.Principal, e *audit.Event, d *audit.Decision) authz.Question {
	x := d.Context.Clone()
	authz.TimeKeys(e.Time, x)
	return authz.Question{Principal: p, Action: d.Action, Resource: d.Resource, Owner: d.Owner, Context: x, Trust: d.Trust,
		Organization: d.Organization, Admitted: d.Admitted}
}
