package policy

import (
	"math/bits"
	"slices"
)

// Explanation is a decision with everything that was to be said about it.
type Explanation struct {
	Decision Decision
	Layers   []LayerReport // in the order in which a Deny is named; those that do not bind stand last
	// Changes would allow the request: all of them together, and none of them can be left out. Nil when it is allowed.
	Changes []Change
}

// LayerReport is what one layer, or one level of it, says of a request.
type LayerReport struct {
	Layer      Layer
	Level      int // of an SCP or RCP: 0 is the root; -1 otherwise
	Verdict    Verdict
	Blocks     bool // the request would be denied even if every other layer agreed
	Statements []StatementReport

	lacks bool // the layer has to allow and does not
}

// Verdict is what a layer says.
type Verdict uint8

// The verdicts.
const (
	Silent Verdict = iota // nothing in the layer allows or denies
	Allows
	Denies
	Exempt // the layer does not bind the caller
)

// String names the verdict.
func (v Verdict) String() string { return [...]string{"silent", "allows", "denies", "exempt"}[v] }

// MarshalText writes the verdict as String does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// StatementReport is a statement that means the action of a request. One that does not match says why.
type StatementReport struct {
	PolicyARN, PolicyName string
	Index                 int
	Sid                   string
	Deny                  bool
	At                    Position // of the statement in its document
	Matches               bool
	Failures              []Failure // when it does not match

	doc *Document
}

// Failure is an element of a statement that does not match the request.
type Failure struct {
	Element  string // "Principal", "Resource" or "Condition", with "Not" before the first two where it is written so
	At       Position
	Operator string   // of a condition
	Key      string   // of a condition
	Want     []string // what the element lists
	Got      []string // what the request has
	Absent   bool     // the request lacks the key
}

// Explain answers a request as Decide does and says why.
func Explain(r *Request, l *Layers) Explanation {
	t := trail{resource: r.Resource, reports: make([]LayerReport, 0, 16)}
	e := newEvaluation(r, l, []byte(lowerASCII(r.Action)))
	e.trail = &t
	f := e.gather(l)
	lacking := f.lacking(r, l)
	t.complete(&e, l, lacking)
	x := Explanation{Decision: f.judge(r, l), Layers: t.reports}
	for i := range x.Layers {
		x.Layers[i].conclude(lacking)
	}
	if !x.Decision.Allowed {
		x.Changes = changes(r, x.Layers)
	}
	return x
}

// trail collects what Decide passes by. It has the resource of its own, because what it takes from an evaluation would move
// that of Decide to the heap.
type trail struct {
	resource string
	reports  []LayerReport
	doubts   *doubts // of Inquire, which collects them in place of reports
}

// enter begins the report of a layer. Decide has no trail.
func (t *trail) enter(layer Layer, level int) {
	switch {
	case t == nil:
	case t.doubts != nil:
		t.doubts.enter(layer, level)
	default:
		t.reports = append(t.reports, LayerReport{Layer: layer, Level: level})
	}
}

// note reports the statements of a block that mean the action.
func (t *trail) note(e *evaluation, p *Policy, b *block, found uint64) {
	if t.doubts != nil {
		t.doubts.note(e, p, b, found)
		return
	}
	report := &t.reports[len(t.reports)-1]
	for m := found; m != 0; m &= m - 1 {
		at := bits.TrailingZeros64(m)
		s := &b.statements[at]
		failures := e.failures(s)
		report.Statements = append(report.Statements, StatementReport{PolicyARN: p.ARN, PolicyName: p.Name, Index: b.first + at,
			Sid: s.sid, Deny: s.deny, At: s.start, Matches: len(failures) == 0, Failures: failures, doc: p.Doc})
	}
}

// complete adds the layers that were not asked: those that do not bind, and a policy of the resource that is not there.
func (t *trail) complete(e *evaluation, l *Layers, lacking layers) {
	if l.RCP != nil && !e.bindsRCP() {
		t.reports = append(t.reports, LayerReport{Layer: LayerRCP, Level: -1, Verdict: Exempt})
	}
	if l.SCP != nil && !bindsSCP(e.principal) {
		t.reports = append(t.reports, LayerReport{Layer: LayerSCP, Level: -1, Verdict: Exempt})
	}
	if l.Resource == nil && lacking.has(resourceLayer(l)) {
		t.enter(resourceLayer(l), -1)
	}
}

// conclude draws the verdict of what was noted.
func (r *LayerReport) conclude(lacking layers) {
	if r.Verdict == Exempt {
		return
	}
	for i := range r.Statements {
		switch s := &r.Statements[i]; {
		case !s.Matches:
		case s.Deny:
			r.Verdict = Denies
		case r.Verdict == Silent:
			r.Verdict = Allows
		}
	}
	r.lacks = lacking.has(r.Layer) && !slices.ContainsFunc(r.Statements, func(s StatementReport) bool { return s.Matches && !s.Deny })
	r.Blocks = r.Verdict == Denies || r.lacks
}

// failures says why a statement that means the action does not match; none when it does.
func (e *evaluation) failures(s *statement) (list []Failure) {
	if e.speaksOf(s) == notNamed {
		list = append(list, s.failure(pick(s.notPrincipal, "NotPrincipal", "Principal"), s.principal.names(), caller(e.principal)))
	}
	if !s.matchesResource(e) {
		list = append(list, s.failure(pick(s.notResource, "NotResource", "Resource"), s.resourceTexts(), e.trail.resource))
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if held := c.holds(e); held == yes || held == failClosed && s.deny {
			continue
		}
		f := Failure{Element: "Condition", At: c.at, Operator: c.operator, Key: c.key, Want: c.values}
		var present bool
		f.Got, _, present = e.context.Get(c.key)
		f.Absent = !present
		list = append(list, f)
	}
	return list
}

func (s *statement) failure(element string, want []string, got string) Failure {
	f := Failure{Element: element, Want: want, Got: []string{got}}
	for _, place := range s.elements {
		if place.name == element {
			f.At = place.at
		}
	}
	return f
}

// resourceTexts returns the resources as written.
func (s *statement) resourceTexts() []string {
	texts := make([]string, len(s.resources))
	for i := range s.resources {
		texts[i] = s.resources[i].text
	}
	return texts
}

// names returns the principals as written.
func (s *principals) names() (names []string) {
	if s.everyone {
		return []string{"*"}
	}
	for i := range s.aws {
		names = append(names, s.aws[i].text)
	}
	names = append(names, s.services...)
	names = append(names, s.federated...)
	return append(names, s.canonical...)
}
