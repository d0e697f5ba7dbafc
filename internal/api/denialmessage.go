package api

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// denialDetails is a decoded authorization message. See DecodeAuthorizationMessage in the AWS STS API Reference, which
// tells what it contains; the names are those that AWS's messages have.
type denialDetails struct {
	Allowed    bool                   `json:"allowed"`
	Explicit   bool                   `json:"explicitDeny"`
	Statements items[denialStatement] `json:"matchedStatements"`
	Failures   items[struct{}]        `json:"failures"`
	Context    denialContext          `json:"context"`
}

// items is a list as these messages have them.
type items[T any] struct {
	Items []T `json:"items"`
}

type denialValue struct {
	Value string `json:"value"`
}

type denialStatement struct {
	ID              string                 `json:"statementId"`
	Effect          string                 `json:"effect"`
	Principals      items[denialValue]     `json:"principals"`
	NotPrincipals   *items[denialValue]    `json:"notPrincipals,omitempty"`
	PrincipalGroups items[struct{}]        `json:"principalGroups"`
	Actions         items[denialValue]     `json:"actions"`
	NotActions      *items[denialValue]    `json:"notActions,omitempty"`
	Resources       items[denialValue]     `json:"resources"`
	NotResources    *items[denialValue]    `json:"notResources,omitempty"`
	Conditions      items[denialCondition] `json:"conditions"`
}

type denialCondition struct {
	Key    string             `json:"key"`
	Values items[denialValue] `json:"values"`
}

type denialContext struct {
	Principal struct {
		ID  string `json:"id"`
		ARN string `json:"arn"`
	} `json:"principal"`
	Action     string                 `json:"action"`
	Resource   string                 `json:"resource"`
	Conditions items[denialCondition] `json:"conditions"`
}

// details says what AWS says of a denial: the statements that deny, as far as the caller's account may see them, and what
// the decision looked at.
func (r *Refusal) details() *denialDetails {
	q := r.Question
	d := &denialDetails{Explicit: r.Explanation.Decision.Explicit}
	d.Statements.Items, d.Failures.Items = []denialStatement{}, []struct{}{}
	d.Context.Principal.ID, d.Context.Principal.ARN = q.Principal.ID(), q.Principal.ARN
	d.Context.Action, d.Context.Resource = q.Action, q.Resource
	hidden := Hidden(r.snapshot, q.Principal.Account, q.Owner)
	d.Context.Conditions.Items = conditionsOf(q.Context, len(hidden) > 0)
	hidden = append(hidden, Guarded(r.snapshot, q.Principal.Account)...)
	for i := range r.Explanation.Layers {
		l := &r.Explanation.Layers[i]
		for j := range l.Statements {
			if s := &l.Statements[j]; s.Matches && s.Deny && !slices.Contains(hidden, l.Layer) {
				d.Statements.Items = append(d.Statements.Items, statementOf(s, q.Principal.ID()))
			}
		}
	}
	return d
}

// conditionsOf lists the condition keys of a request, without those that tell of the resource when that is another's.
func conditionsOf(x *policy.Context, others bool) []denialCondition {
	list := make([]denialCondition, 0, x.Len())
	for i := range x.Len() {
		key, value, values, multi := x.At(i)
		if others && audit.OfResource(key) {
			continue
		}
		if !multi {
			values = []string{value}
		}
		list = append(list, denialCondition{key, valuesOf(values)})
	}
	return list
}

// statementOf describes a statement that denied. One without principals is its holder's.
func statementOf(s *policy.StatementReport, holder string) denialStatement {
	e := s.Elements()
	if e.Principals == nil {
		e.Principals = []string{holder}
	}
	d := denialStatement{ID: s.Sid, Effect: "DENY"}
	d.Principals, d.NotPrincipals = either(e.NotPrincipal, e.Principals)
	d.PrincipalGroups.Items = []struct{}{}
	d.Actions, d.NotActions = either(e.NotAction, e.Actions)
	d.Resources, d.NotResources = either(e.NotResource, e.Resources)
	d.Conditions.Items = []denialCondition{}
	for _, c := range e.Conditions {
		d.Conditions.Items = append(d.Conditions.Items, denialCondition{c.Key, valuesOf(c.Values)})
	}
	return d
}

func valuesOf(texts []string) (list items[denialValue]) {
	list.Items = make([]denialValue, len(texts))
	for i, text := range texts {
		list.Items[i].Value = text
	}
	return list
}

// either makes texts the values of an element, or of the one that excepts them.
func either(not bool, texts []string) (is items[denialValue], isNot *items[denialValue]) {
	list := valuesOf(texts)
	if not {
		return valuesOf(nil), &list
	}
	return list, nil
}

// shorten leaves out what there may be most of: first what the request had, then what the statements say.
func (d *denialDetails) shorten() {
	if len(d.Context.Conditions.Items) > 0 {
		d.Context.Conditions.Items = []denialCondition{}
		return
	}
	d.Statements.Items = []denialStatement{}
}

// json writes the details as they travel: ARN patterns and tags need no escapes there.
func (d *denialDetails) json() []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(d) // plain structs and strings do not fail
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
