package policy

import "strings"

// Narrowing is a YesIf for many requests that differ in a few keys, such as one role's in many accounts: what the answer
// comes to where they are known is found by its terms alone. It is for one goroutine.
type Narrowing struct {
	answer  Answer
	request Request
	doubts  doubts
	terms   []*Term
	seen    map[string]*Answer
}

// Narrow begins to narrow the answer to q.
func (a Answer) Narrow(q *Inquiry) *Narrowing {
	return &Narrowing{answer: a, request: q.Request, doubts: q.doubts(), terms: terms(a.Ways), seen: map[string]*Answer{}}
}

// Depends reports whether the answer depends on one of the keys, given in lower case.
func (n *Narrowing) Depends(keys ...string) bool {
	for _, t := range n.terms {
		if t.depends(keys) {
			return true
		}
	}
	return false
}

// With returns what the answer comes to where the keys of known are known, among them all those that were known before.
// No Decision is named. The same terms left open give the same pointer.
func (n *Narrowing) With(known *Context) *Answer {
	n.request.Context = known
	e := newEvaluation(&n.request, &Layers{}, nil)
	e.doubts = &n.doubts
	var few [64]byte
	outcomes := few[:0]
	for _, t := range n.terms {
		outcomes = append(outcomes, byte(t.reading(&e)))
	}
	if a := n.seen[string(outcomes)]; a != nil {
		return a
	}
	a := n.answer.narrowed(outcomes)
	n.seen[string(outcomes)] = &a
	return &a
}

// narrowed drops what is certain by now, given an outcome for each term.
func (a Answer) narrowed(outcomes []byte) Answer {
	out := Answer{Certainty: YesIf}
	for _, w := range a.Ways {
		var way Way
		lost := false
		for _, r := range w {
			left, met := Requirement{Layer: r.Layer, Level: r.Level}, false
			for _, c := range r.Clauses {
				var terms []Term
				terms, outcomes = c.left(outcomes)
				switch {
				case terms == nil:
				case len(terms) == 0:
					met = true
				default:
					c.Terms = terms
					left.Clauses = append(left.Clauses, c)
				}
			}
			if !met {
				lost = lost || len(left.Clauses) == 0
				way = way.and(left)
			}
		}
		switch {
		case lost:
		case len(way) == 0:
			return Answer{Certainty: Yes}
		default:
			out.Ways = append(out.Ways, way)
		}
	}
	if len(out.Ways) == 0 {
		out.Certainty = No
	}
	return out
}

// left returns the terms of a clause that are in doubt still, and the outcomes of those behind them: nil when the clause
// cannot hold, none when it does.
func (c *Clause) left(outcomes []byte) (terms []Term, rest []byte) {
	terms = []Term{}
	decided := false
	for i := range c.Terms {
		t := c.Terms[i]
		switch o := outcome(outcomes[i]); {
		case o == perhaps:
			terms = append(terms, t)
		case o == yes && c.Deny, o == no && !c.Deny: // one is enough
			decided = true
		}
	}
	rest = outcomes[len(c.Terms):]
	switch {
	case decided && c.Deny:
		return []Term{}, rest
	case decided, c.Deny && len(terms) == 0:
		return nil, rest
	}
	return terms, rest
}

// reading says whether the term is as it has to be.
func (t *Term) reading(e *evaluation) outcome {
	o := no
	if t.condition == nil {
		o = e.doubts.resource(e, t.statement)
	} else {
		o = e.doubts.condition(e, t.condition, t.statement.deny)
	}
	if o != perhaps && !t.Holds {
		return verdict(o == no)
	}
	return o
}

// depends reports whether one of the keys has a say in the term: by itself, or as a variable.
func (t *Term) depends(keys []string) bool {
	var templates []*template
	if t.condition == nil {
		for i := range t.statement.resources {
			templates = append(templates, &t.statement.resources[i].template)
		}
	} else {
		if contains(keys, t.condition.lowerKey) {
			return true
		}
		for i := range t.condition.texts {
			templates = append(templates, &t.condition.texts[i])
		}
		for i := range t.condition.arns {
			templates = append(templates, &t.condition.arns[i].template)
		}
	}
	for _, m := range templates {
		for i := range m.parts {
			if contains(keys, m.parts[i].key) {
				return true
			}
		}
	}
	return false
}

func lowered(keys []string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = strings.ToLower(key)
	}
	return out
}
