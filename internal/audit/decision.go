package audit

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Decision is one question that authorisation asked and its answer, with what else it takes beside the event's principal
// to ask it again of other policies.
type Decision struct {
	policy.Decision
	Action, Resource string
	Owner            ident.AccountID // of the resource
	Trust            string          // the AROA… of the role whose trust policy had a say
	Organization     string          // whose delegation policy had a say
	Admitted         bool            // by a rule of the service, so that no policy of the resource had to

	// Context holds the condition keys. What was read from a record lacks those that tell the time, which is the event's;
	// several decisions may share it, so nobody changes it.
	Context *policy.Context
}

// decisionRow is the encoded form of a decision.
type decisionRow struct {
	Action       string                     `json:"act,omitempty"`
	Resource     string                     `json:"res,omitempty"`
	Owner        ident.AccountID            `json:"owner,omitempty"`
	Trust        string                     `json:"trust,omitempty"`
	Organization string                     `json:"org,omitempty"`
	Admitted     bool                       `json:"admitted,omitempty"`
	Allowed      bool                       `json:"allowed,omitempty"`
	Explicit     bool                       `json:"explicit,omitempty"`
	Layer        string                     `json:"layer,omitempty"`
	ARN          string                     `json:"policy,omitempty"`
	Name         string                     `json:"name,omitempty"`
	Sid          string                     `json:"sid,omitempty"`
	Statement    int                        `json:"at,omitempty"`      // from 1
	Level        int                        `json:"level,omitempty"`   // from 1
	Context      map[string]json.RawMessage `json:"context,omitempty"` // a multi-valued key has an array
	Same         bool                       `json:"same,omitempty"`    // the context is that of the decision before
}

// errDecision is every way in which a decision on record is not one.
var errDecision = errors.New("not a recorded decision")

// decisions are those of one event.
type decisions []Decision

// UnmarshalJSON reads what an event's encoding holds of its decisions.
func (l *decisions) UnmarshalJSON(text []byte) error {
	var rows []decisionRow
	if err := decodeStrictly(text, &rows); err != nil {
		return err
	}
	*l = make(decisions, len(rows))
	for i := range rows {
		var before *policy.Context
		if i > 0 {
			before = (*l)[i-1].Context
		}
		if err := rows[i].read(&(*l)[i], before); err != nil {
			return err
		}
	}
	return nil
}

// read makes the decision that a row holds; before is the context of the decision before, or nil.
func (r *decisionRow) read(d *Decision, before *policy.Context) error {
	*d = Decision{Decision: policy.Decision{Allowed: r.Allowed, Explicit: r.Explicit, PolicyARN: r.ARN, PolicyName: r.Name,
		Sid: r.Sid, StatementIndex: r.Statement - 1, Level: r.Level - 1},
		Action: r.Action, Resource: r.Resource, Owner: r.Owner, Trust: r.Trust, Organization: r.Organization, Admitted: r.Admitted,
		Context: before}
	if err := d.Layer.UnmarshalText([]byte(r.Layer)); err != nil {
		return err
	}
	if r.Same {
		if before == nil || len(r.Context) > 0 {
			return errDecision
		}
		return nil
	}
	d.Context = policy.NewContext()
	for key, text := range r.Context {
		if err := setFact(d.Context, key, text); err != nil {
			return err
		}
	}
	return nil
}

// setFact sets a condition key to a string, or to an array of them.
func setFact(x *policy.Context, key string, text json.RawMessage) error {
	if strings.HasPrefix(string(text), "[") {
		var values []string
		err := json.Unmarshal(text, &values)
		x.SetList(key, values)
		return err
	}
	var value *string
	if err := json.Unmarshal(text, &value); err != nil || value == nil {
		return errDecision
	}
	x.Set(key, *value)
	return nil
}

func appendDecisions(buf []byte, list []Decision) []byte {
	buf = append(buf, '[')
	for i := range list {
		if i > 0 {
			buf = append(buf, ',')
		}
		// What is asked about several resources is mostly asked in the same circumstances.
		same := i > 0 && list[i].Context.Len() > 0 && list[i].Context.Equal(list[i-1].Context)
		buf = appendDecision(buf, &list[i], same)
	}
	return append(buf, ']')
}

func appendDecision(buf []byte, d *Decision, same bool) []byte {
	o := object{buf: append(buf, '{')}
	o.text("act", d.Action)
	o.text("res", d.Resource)
	o.text("owner", string(d.Owner))
	o.text("trust", d.Trust)
	o.text("org", d.Organization)
	o.yes("admitted", d.Admitted)
	o.yes("allowed", d.Allowed)
	o.yes("explicit", d.Explicit)
	o.text("layer", d.Layer.String())
	o.text("policy", d.PolicyARN)
	o.text("name", d.PolicyName)
	o.text("sid", d.Sid)
	o.number("at", d.StatementIndex+1)
	o.number("level", d.Level+1)
	o.yes("same", same)
	if same {
		return append(o.buf, '}')
	}
	if keys := sortedKeys(d.Context); len(keys) > 0 {
		o.name("context")
		o.buf = appendContext(o.buf, d.Context, keys)
	}
	return append(o.buf, '}')
}

// sortedKeys are the numbers of the keys that are kept, in the order of their names, as encoding/json sorts those of a map.
func sortedKeys(x *policy.Context) []int {
	name := func(i int) string { key, _, _, _ := x.At(i); return key }
	list := make([]int, 0, x.Len())
	for i := range x.Len() {
		if !policy.TellsTime(name(i)) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b int) int { return strings.Compare(name(a), name(b)) })
	return list
}

func appendContext(buf []byte, x *policy.Context, keys []int) []byte {
	o := object{buf: append(buf, '{')}
	for _, i := range keys {
		key, value, values, multi := x.At(i)
		o.member(key)
		if multi {
			o.values(values)
		} else {
			o.buf = appendJSONString(o.buf, value)
		}
	}
	return append(o.buf, '}')
}
