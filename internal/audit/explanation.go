package audit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Explanation is why a request was decided as it was, in the form that is kept with the event of a denied call and shown
// to those who ask: policies change, and the explanation stays that of the policies which decided.
type Explanation struct {
	Action   string
	Resource string
	Allowed  bool             `json:",omitempty"`
	Explicit bool             `json:",omitempty"` // denied by a Deny, not for want of an Allow
	Layer    string           `json:",omitempty"` // which decided
	Target   string           `json:",omitempty"` // of an SCP or RCP: the root, unit or account that it is attached to
	By       *ExplainedBy     `json:",omitempty"` // the statement that decided, if one did
	Layers   []ExplainedLayer `json:",omitempty"`
	// Changes would allow the request: all of them together, and none of them can be left out.
	Changes []ExplainedChange `json:",omitempty"`
	Omitted int               `json:",omitempty"` // changes that are left out here, because there are so many
}

// ExplainedBy is a statement of a policy.
type ExplainedBy struct {
	ARN       string `json:",omitempty"` // of the policy; an inline one has none
	Name      string `json:",omitempty"` // of the policy
	Statement int    // from 1
	Sid       string `json:",omitempty"`
	Line      int    `json:",omitempty"` // in the document, from 1
	Column    int    `json:",omitempty"`
}

// ExplainedLayer is what one layer, or one level of it, said.
type ExplainedLayer struct {
	Layer      string
	Target     string               `json:",omitempty"`
	Verdict    string               // silent, allows, denies or exempt
	Blocks     bool                 `json:",omitempty"`
	Statements []ExplainedStatement `json:",omitempty"` // that mean the action; of a layer that agrees, those that match
	Omitted    int                  `json:",omitempty"` // statements that are left out here
	Hidden     bool                 `json:",omitempty"` // its policies are another account's to see
}

// ExplainedStatement is a statement that means the action, and why it does not match the request if it does not.
type ExplainedStatement struct {
	By       ExplainedBy
	Effect   string             // Allow or Deny
	Matches  bool               `json:",omitempty"`
	Failures []ExplainedFailure `json:",omitempty"`
}

// ExplainedFailure is an element of a statement that does not match.
type ExplainedFailure struct {
	Element  string
	Operator string   `json:",omitempty"`
	Key      string   `json:",omitempty"`
	Want     []string `json:",omitempty"`
	Got      []string `json:",omitempty"`
	Absent   bool     `json:",omitempty"`
	Line     int      `json:",omitempty"`
	Column   int      `json:",omitempty"`
}

// ExplainedChange is a part of what would allow the request: a statement to take away, or one to add.
type ExplainedChange struct {
	Layer  string
	Target string       `json:",omitempty"`
	Remove *ExplainedBy `json:",omitempty"`
	Add    string       `json:",omitempty"` // a statement, as JSON
}

// Targets names the root, units and account that an account's SCPs and RCPs are attached to, from the root down.
type Targets struct{ SCP, RCP []string }

func (t *Targets) of(l policy.Layer, level int) string {
	names := t.SCP
	if l == policy.LayerRCP {
		names = t.RCP
	}
	if level < 0 || level >= len(names) {
		return ""
	}
	return names[level]
}

// Explain brings an explanation into the form that is kept.
func Explain(x *policy.Explanation, action, resource string, targets Targets) *Explanation {
	d := &x.Decision
	out := &Explanation{Action: action, Resource: resource, Allowed: d.Allowed, Explicit: d.Explicit, Layer: d.Layer.String(),
		Target: targets.of(d.Layer, d.Level)}
	for i := range x.Layers {
		report := &x.Layers[i]
		layer := ExplainedLayer{Layer: report.Layer.String(), Target: targets.of(report.Layer, report.Level),
			Verdict: report.Verdict.String(), Blocks: report.Blocks}
		for j := range report.Statements {
			s := &report.Statements[j]
			if !s.Matches && report.Verdict == policy.Allows && !report.Blocks {
				continue // of a layer that agrees, nobody asks what else does not match
			}
			layer.Statements = append(layer.Statements, explainedStatement(s))
			if s.Matches && s.Index == d.StatementIndex && report.Layer == d.Layer && report.Level == d.Level &&
				s.PolicyARN == d.PolicyARN && s.PolicyName == d.PolicyName && out.By == nil {
				by := layer.Statements[len(layer.Statements)-1].By
				out.By = &by
			}
		}
		out.Layers = append(out.Layers, layer)
	}
	for _, c := range x.Changes {
		change := ExplainedChange{Layer: c.Layer.String(), Target: targets.of(c.Layer, c.Level), Add: c.Add}
		if c.Remove {
			change.Remove = explainedBy(c.PolicyARN, c.PolicyName, c.Index, c.Sid, c.At)
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

// Recorded is what a decision on record tells by itself.
func Recorded(d *Decision) *Explanation {
	x := &Explanation{Action: d.Action, Resource: d.Resource, Allowed: d.Allowed, Explicit: d.Explicit, Layer: d.Layer.String()}
	if d.StatementIndex >= 0 {
		x.By = explainedBy(d.PolicyARN, d.PolicyName, d.StatementIndex, d.Sid, policy.Position{})
	}
	return x
}

func explainedBy(arn, name string, index int, sid string, at policy.Position) *ExplainedBy {
	return &ExplainedBy{ARN: arn, Name: name, Statement: index + 1, Sid: sid, Line: at.Line, Column: at.Column}
}

func explainedStatement(s *policy.StatementReport) ExplainedStatement {
	out := ExplainedStatement{By: *explainedBy(s.PolicyARN, s.PolicyName, s.Index, s.Sid, s.At), Effect: "Allow", Matches: s.Matches}
	if s.Deny {
		out.Effect = "Deny"
	}
	for _, f := range s.Failures {
		out.Failures = append(out.Failures, ExplainedFailure{Element: f.Element, Operator: f.Operator, Key: f.Key, Want: some(f.Want),
			Got: some(f.Got), Absent: f.Absent, Line: f.At.Line, Column: f.At.Column})
	}
	return out
}

// Bounds of an explanation. Policies are large, and a denial is something that anybody can cause.
const (
	maxExplanation = 16 << 10 // as JSON
	maxValues      = 10       // of a list
	maxValue       = 300      // bytes of a value
)

// some returns values as far as they are told.
func some(values []string) []string {
	var told []string
	for _, v := range values[:min(len(values), maxValues)] {
		if len(v) > maxValue {
			v = strings.ToValidUTF8(v[:maxValue], "") + "…"
		}
		told = append(told, v)
	}
	if more := len(values) - maxValues; more > 0 {
		told = append(told, fmt.Sprintf("… and %d more", more))
	}
	return told
}

// Encode returns the explanation as JSON, of 16 KB at most. Of one that is larger it leaves out statements, first those
// that do not match, then changes, and says how many.
func (x *Explanation) Encode() (json.RawMessage, error) {
	text, err := json.Marshal(x)
	for most := 16; err == nil && len(text) > maxExplanation; most /= 2 {
		cut := x.cut(most)
		text, err = json.Marshal(cut)
		if most == 0 && len(text) > maxExplanation {
			cut.Layers, cut.Omitted, cut.Changes = nil, cut.Omitted+len(cut.Changes), nil
			return json.Marshal(cut)
		}
	}
	return text, err
}

// cut returns x with so many statements a layer, those that match first, and four times as many changes.
func (x *Explanation) cut(most int) *Explanation {
	out := *x
	out.Layers = make([]ExplainedLayer, len(x.Layers))
	for i, l := range x.Layers {
		l.Statements = nil
		for _, matching := range []bool{true, false} {
			for _, s := range x.Layers[i].Statements {
				if s.Matches == matching && len(l.Statements) < most {
					l.Statements = append(l.Statements, s)
				}
			}
		}
		l.Omitted = len(x.Layers[i].Statements) - len(l.Statements)
		out.Layers[i] = l
	}
	if keep := 4 * most; len(x.Changes) > keep {
		out.Changes, out.Omitted = x.Changes[:keep], len(x.Changes)-keep
	}
	return &out
}

// Hide takes out of x what is another account's to show: what the policies of some layers say and where they are attached,
// and what the resource is known by. Verdicts stay, as they do in the message that the caller got. Without layers there is
// nothing to hide.
func (x *Explanation) Hide(layers ...policy.Layer) {
	if x == nil || len(layers) == 0 {
		return
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.String()
	}
	if slices.Contains(names, x.Layer) {
		x.By, x.Target = nil, ""
	}
	x.Layers = hidden(x.Layers, names)
	for i := range x.Layers {
		for j := range x.Layers[i].Statements {
			s := &x.Layers[i].Statements[j]
			for k := range s.Failures {
				s.Failures[k].hide()
			}
		}
	}
	var changes []ExplainedChange
	for _, c := range x.Changes {
		if slices.Contains(names, c.Layer) {
			c.Target = ""
			if c.Remove != nil {
				c.Remove = &ExplainedBy{}
			}
			if slices.ContainsFunc(changes, func(o ExplainedChange) bool { return o.Layer == c.Layer }) {
				continue
			}
		}
		changes = append(changes, c)
	}
	x.Changes = changes
}

// Veil takes out of x what the policies of some layers say and where they are attached. That they bind the caller stays, and
// how they are called.
func (x *Explanation) Veil(layers ...policy.Layer) {
	if x == nil {
		return
	}
	veiled := func(layer string) bool {
		return slices.ContainsFunc(layers, func(l policy.Layer) bool { return l.String() == layer })
	}
	if veiled(x.Layer) {
		x.By, x.Target = x.By.named(), ""
	}
	for i := range x.Layers {
		if l := &x.Layers[i]; veiled(l.Layer) {
			l.Target, l.Omitted, l.Statements = "", 0, namedOnly(l.Statements)
		}
	}
	var changes []ExplainedChange
	for _, c := range x.Changes {
		if veiled(c.Layer) {
			c.Target, c.Remove = "", c.Remove.named()
		}
		if !slices.ContainsFunc(changes, func(o ExplainedChange) bool { return reflect.DeepEqual(o, c) }) {
			changes = append(changes, c)
		}
	}
	x.Changes = changes
}

// named is the policy of a statement, without the statement.
func (b *ExplainedBy) named() *ExplainedBy {
	if b == nil {
		return nil
	}
	return &ExplainedBy{ARN: b.ARN, Name: b.Name}
}

// namedOnly is each policy of some statements that match, once.
func namedOnly(statements []ExplainedStatement) (out []ExplainedStatement) {
	for _, s := range statements {
		s = ExplainedStatement{By: *s.By.named(), Effect: s.Effect, Matches: s.Matches}
		if s.Matches && !slices.ContainsFunc(out, func(o ExplainedStatement) bool { return reflect.DeepEqual(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// hidden puts one layer without content in place of the levels of each named layer: the first that blocks, or the first.
func hidden(layers []ExplainedLayer, names []string) (out []ExplainedLayer) {
	for _, l := range layers {
		if !slices.Contains(names, l.Layer) {
			out = append(out, l)
			continue
		}
		l = ExplainedLayer{Layer: l.Layer, Verdict: l.Verdict, Blocks: l.Blocks, Hidden: true}
		at := slices.IndexFunc(out, func(o ExplainedLayer) bool { return o.Layer == l.Layer })
		switch {
		case at < 0:
			out = append(out, l)
		case l.Blocks && !out[at].Blocks:
			out[at] = l
		}
	}
	return out
}

// hide takes out the values of a condition key that tells of the resource.
func (f *ExplainedFailure) hide() {
	if OfResource(f.Key) {
		f.Got, f.Absent = []string{"…"}, false
	}
}

// OfResource reports whether a condition key tells of the resource of a request, such as of its tags.
func OfResource(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "aws:resource") || strings.Contains(key, "resourcetag/")
}
