package policy

import "slices"

// Inquiry is a request of which not everything is known: who may ask about a call that nobody has made.
type Inquiry struct {
	Request
	// Absent lists the keys that the request is known to lack, with a "*" at the end all that begin so. Every other key
	// that Context does not have is unknown: it may be absent, or have any value, or, where the key allows it, several.
	Absent []string
	// Unknown, where it is not nil, lists the keys that are unknown, in the same way: every other that Context does not have
	// is absent.
	Unknown []string
	// Open says that each "*" in the Resource stands for a text that is unknown, and has no colon unless it is all there is.
	Open bool
	// Cases is how many combinations of unknown keys are tried, at most, to make a Yes or a No of a YesIf; 0 stands for many.
	Cases int
}

// Certainty is an answer to an inquiry.
type Certainty uint8

// The answers.
const (
	No    Certainty = iota // whatever the unknown keys are
	Yes                    // whatever the unknown keys are
	YesIf                  // it depends on them
)

// String names the answer.
func (c Certainty) String() string { return [...]string{"no", "yes", "yes-if"}[c] }

// MarshalText writes the answer as String does.
func (c Certainty) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Answer is what an inquiry comes to.
type Answer struct {
	Certainty Certainty
	Decision  Decision // of a Yes or a No: of some request that the inquiry may be
	// Ways are those by which a YesIf is a yes: the request is allowed exactly if everything that one of them requires holds.
	Ways []Way
}

// Way is what has to hold together.
type Way []Requirement

// Requirement holds if one of the clauses does.
type Requirement struct {
	Layer   Layer
	Level   int // of an SCP or RCP: 0 is the root; -1 otherwise
	Clauses []Clause
}

// Clause is what a statement asks of a request. It holds if all its terms do, except that of a Deny one suffices: the
// terms then say what keeps the statement from matching.
type Clause struct {
	PolicyARN, PolicyName string
	Index                 int
	Sid                   string
	At                    Position // of the statement in its document
	Deny                  bool
	Terms                 []Term

	doc *Document
}

// Term is an element of a statement, and whether it has to hold.
type Term struct {
	Element  string // "Condition", or "Resource" or "NotResource", which have variables of unknown value
	At       Position
	Operator string // of a condition
	Key      string // of a condition
	Values   []string
	Holds    bool // false: it must not hold

	statement *statement
	condition *condition
}

// with gives a clause its terms.
func (c Clause) with(terms []Term) Clause {
	for i := range terms {
		terms[i].Holds = !c.Deny
	}
	c.Terms = terms
	return c
}

// Inquire answers a request of which not everything is known. Yes means that Decide allows the request whatever the unknown
// keys are, No that it denies it; the ways of a YesIf say exactly when it allows. Every term is taken for itself: that two
// cannot hold together is found out for keys that are compared with plain texts only.
func Inquire(q *Inquiry, l *Layers) Answer {
	d := q.doubts()
	e := newEvaluation(&q.Request, l, []byte(lowerASCII(q.Action)))
	e.doubts, e.trail = &d, &trail{doubts: &d}
	f := e.gather(l)
	if f.denial.policy != nil {
		return Answer{Certainty: No, Decision: f.denial.decision()}
	}
	ways := d.ways(f, &q.Request, l)
	switch {
	case len(ways) == 0:
		return Answer{Certainty: No, Decision: d.hopeless(f, &q.Request, l)}
	case slices.ContainsFunc(ways, func(w Way) bool { return len(w) == 0 }):
		return Answer{Certainty: Yes, Decision: f.judge(&q.Request, l)}
	}
	return settle(q, l, &d, Answer{Certainty: YesIf, Ways: ways})
}

// doubts begin with what the inquiry does not know.
func (q *Inquiry) doubts() doubts {
	d := doubts{listed: lowered(q.Unknown), others: q.Unknown == nil}
	if d.others {
		d.listed = lowered(q.Absent)
	}
	if q.Open {
		d.open = wild(q.Resource)
	}
	return d
}

// ways returns what each way to an allowance requires. A policy of the resource may speak for the caller more or less
// strongly, and the more it does, the fewer other layers have to agree: each strength is a way.
func (d *doubts) ways(f findings, r *Request, l *Layers) (ways []Way) {
	denials := d.denials()
	for g := f.grant(r); g <= inPerson; g++ {
		way := slices.Clone(denials)
		if g > f.grant(r) {
			speaking := d.speaking(r, resourceLayer(l), g)
			if len(speaking.Clauses) == 0 {
				continue
			}
			way = append(way, speaking)
		}
		as := f
		as.resource.grant = g
		if way, ok := d.agreeing(way, as.lacking(r, l)); ok && !slices.ContainsFunc(ways, func(w Way) bool { return within(w, way) }) {
			ways = append(ways, way)
		}
	}
	return ways
}

// denials requires that no Deny matches.
func (d *doubts) denials() (way Way) {
	for _, at := range d.asked {
		for _, s := range at.doubtful {
			if s.clause.Deny {
				way = way.and(Requirement{at.layer, at.level, []Clause{s.clause}})
			}
		}
	}
	return way
}

// speaking requires that the resource's policy speaks for the caller so strongly.
func (d *doubts) speaking(r *Request, layer Layer, g grant) Requirement {
	out := Requirement{Layer: layer, Level: -1}
	for _, at := range d.asked {
		for _, s := range at.doubtful {
			as := findings{resource: finding{grant: s.grant}}
			if at.layer == layer && !s.clause.Deny && as.grant(r) == g {
				out.Clauses = append(out.Clauses, s.clause)
			}
		}
	}
	return out
}

// agreeing adds what makes the layers agree that would have to; ok is false when one cannot.
func (d *doubts) agreeing(way Way, lacking layers) (_ Way, ok bool) {
	met := layers(0)
	for _, at := range d.asked {
		if !lacking.has(at.layer) {
			continue
		}
		met |= 1 << at.layer
		if at.allows && at.layer != LayerResource && at.layer != LayerTrust {
			continue
		}
		out := Requirement{Layer: at.layer, Level: at.level}
		for _, s := range at.doubtful {
			if !s.clause.Deny && at.layer != LayerResource && at.layer != LayerTrust {
				out.Clauses = append(out.Clauses, s.clause)
			}
		}
		if len(out.Clauses) == 0 {
			return nil, false
		}
		way = way.and(out)
	}
	return way, met == lacking
}

// hopeless is the decision of a request that some layer does not allow in any case.
func (d *doubts) hopeless(f findings, r *Request, l *Layers) Decision {
	best := f.resource.grant
	silent := map[Layer]int{} // the first level that stays silent
	for i := len(d.asked) - 1; i >= 0; i-- {
		at := &d.asked[i]
		hopes := at.allows
		for _, s := range at.doubtful {
			hopes = hopes || !s.clause.Deny
			if at.layer == resourceLayer(l) && !s.clause.Deny {
				best = max(best, s.grant)
			}
		}
		if !hopes {
			silent[at.layer] = at.level
		}
	}
	f.resource.grant = best
	lacking := f.lacking(r, l)
	for _, at := range d.asked {
		if _, found := silent[at.layer]; !found && at.layer != resourceLayer(l) {
			lacking &^= 1 << at.layer
		}
	}
	f.scp, f.rcp = silent[LayerSCP], silent[LayerRCP]
	return f.implicit(lacking)
}

// and adds a requirement, unless the same statements are required already: a policy may be attached at many levels.
func (w Way) and(r Requirement) Way {
	if slices.ContainsFunc(w, r.same) {
		return w
	}
	return append(w, r)
}

// within reports whether all that w requires, v requires too.
func within(w, v Way) bool {
	for _, r := range w {
		if !slices.ContainsFunc(v, r.same) {
			return false
		}
	}
	return true
}

// same reports whether two requirements are of the same statements.
func (r Requirement) same(o Requirement) bool {
	return slices.EqualFunc(r.Clauses, o.Clauses, func(a, b Clause) bool { return a.doc == b.doc && a.Index == b.Index })
}
