package api

import (
	"encoding/json"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// Refusal is a decision that said no, with all that there was to say about it.
type Refusal struct {
	Question    authz.Question
	Explanation policy.Explanation
	snapshot    *authz.Snapshot
}

// Refuse explains a denial by the policies of the snapshot that it was decided on.
func Refuse(snap *authz.Snapshot, q authz.Question) *Refusal {
	x, _ := snap.Explain(q)
	return &Refusal{Question: q, Explanation: x, snapshot: snap}
}

// Explain returns the explanation of a question in the form that is kept.
func Explain(snap *authz.Snapshot, q authz.Question) *audit.Explanation {
	x, _ := snap.Explain(q)
	return kept(snap, q, &x)
}

func kept(snap *authz.Snapshot, q authz.Question, x *policy.Explanation) *audit.Explanation {
	return audit.Explain(x, q.Action, q.Resource, audit.Targets{SCP: snap.Levels(q.Principal.Account), RCP: snap.Levels(q.Owner)})
}

// recorded is the explanation as it is kept with the event of the call.
func (r *Refusal) recorded() json.RawMessage {
	text, err := kept(r.snapshot, r.Question, &r.Explanation).Encode()
	if err != nil {
		return nil // plain structs and strings do not fail
	}
	return text
}

// Hidden are the layers of a decision on a resource of owner's that a viewer may not look into: what guards a resource is
// its owner's to show, to the owner's organization.
func Hidden(snap *authz.Snapshot, viewer, owner ident.AccountID) []policy.Layer {
	if owner == "" || owner == viewer {
		return nil
	}
	o := snap.OrganizationOf(owner)
	switch {
	case o == nil || o != snap.OrganizationOf(viewer):
		return []policy.Layer{policy.LayerRCP, policy.LayerResource, policy.LayerTrust}
	case o.Management == viewer:
		return nil
	}
	return []policy.Layer{policy.LayerResource, policy.LayerTrust}
}

// Guarded are the layers whose policies are the organization's of a viewer: members learn that these bind them and how they
// are called, and not what is in them. DescribePolicy of AWS Organizations is for the management account and delegated
// administrators, and so is this.
func Guarded(snap *authz.Snapshot, viewer ident.AccountID) []policy.Layer {
	o := snap.OrganizationOf(viewer)
	if o == nil || o.Management == viewer || snap.Administers(viewer, "") {
		return nil
	}
	return []policy.Layer{policy.LayerSCP, policy.LayerRCP}
}

// mostMessage is how long an encoded authorization message may be: proxies allow an answer's headers 4 KB, or 8.
const mostMessage = 3000

// Message returns the refusal as an encoded authorization message, which sts:DecodeAuthorizationMessage opens for the
// account of the caller. What makes it too long for a header is left out; it is empty when nothing fits.
func (r *Refusal) Message(s *Services) (string, error) {
	details := r.details()
	for range 3 {
		text, err := s.Seal.SealDenial(details.json(), string(r.Question.Principal.Account), mostMessage, s.Random)
		if !errors.Is(err, seal.ErrTooLong) {
			return text, err
		}
		details.shorten()
	}
	return "", nil
}
