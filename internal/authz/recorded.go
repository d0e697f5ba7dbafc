package authz

import (
	"encoding/json"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Recorded returns the principal of an event as decisions of today take it, or nil for one that policies do not bind. It
// proves nothing of anybody: it is for asking again what was decided then, not for authorising a call. managed returns a
// managed policy that may bound sessions of an account.
func (s *Snapshot) Recorded(p *audit.Principal, managed func(account ident.AccountID, arn string) (policy.Policy, bool)) *Principal {
	out := &Principal{Account: p.Account, ARN: p.ARN, SessionName: p.SessionName, UserID: p.UserID}
	switch p.Type {
	case "Root":
		out.Kind = Root
	case "IAMUser":
		out.Kind, out.IAMUserID = IAMUser, p.ID
		if u := s.IAMUserByID(p.ID); u != nil {
			out.ARN = u.ARN() // it may have another name by now
		}
	case "AssumedRole":
		out.Kind, out.RoleID = Role, p.IssuerID
	case "FederatedUser":
		out.Kind, out.IAMUserID = Federated, p.IssuerID
	default:
		return nil
	}
	out.rebind(p.SessionPolicies, managed)
	return out
}

// rebind gives a session the policies that it was made with. What cannot be had any more binds it to nothing at all, as it
// does when it calls.
func (p *Principal) rebind(texts string, managed func(ident.AccountID, string) (policy.Policy, bool)) {
	p.HasSession = texts != "" || p.Kind == Federated
	if texts == "" || json.Unmarshal([]byte(texts), &p.SessionTexts) != nil {
		return
	}
	for _, text := range p.SessionTexts {
		var bound policy.Policy
		found := false
		if strings.HasPrefix(text, "arn:") {
			bound, found = managed(p.Account, text)
		} else if doc, err := policy.Parse([]byte(text), policy.Session); err == nil {
			bound, found = policy.Policy{Doc: doc}, true
		}
		if !found {
			p.SessionPolicies = nil
			return
		}
		p.SessionPolicies = append(p.SessionPolicies, bound)
	}
}

// Asked returns the question that a decision of an event answered, for its principal as Recorded returns it.
func Asked(p *Principal, e *audit.Event, d *audit.Decision) Question {
	x := d.Context.Clone()
	TimeKeys(e.Time, x)
	return Question{Principal: p, Action: d.Action, Resource: d.Resource, Owner: d.Owner, Context: x, Trust: d.Trust,
		Organization: d.Organization, Admitted: d.Admitted}
}
