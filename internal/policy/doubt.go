package policy

import (
	"math/bits"
	"strings"
)

// doubts are what an inquiry does not know, and the statements for which that matters. The three-valued evaluation is the
// two-valued one run twice: once as if no text with an unknown variable matched, once as if each did that could. What comes
// out the same both times is certain.
type doubts struct {
	listed []string // keys in lower case that are unknown, or, with others, all that are not
	others bool
	open   string // the resource with stars where it is unknown; empty where it is known
	could  bool   // a text with an unknown variable is taken to match wherever some value would make it
	asked  []asked

	opened map[*statement]outcome // what openResource has said
	steps  int                    // of its work
}

// asked is a layer, or one level of it, and the statements in it that perhaps match.
type asked struct {
	layer    Layer
	level    int
	allows   bool // some statement certainly does
	doubtful []doubtful
}

// doubtful is a statement that matches exactly if all its terms hold.
type doubtful struct {
	clause Clause
	grant  grant // of an Allow
}

// about reports whether a key, in lower case, that the context lacks is unknown rather than absent.
func (d *doubts) about(key string) bool {
	for _, known := range d.listed {
		if prefix, all := strings.CutSuffix(known, "*"); known == key || all && strings.HasPrefix(key, prefix) {
			return !d.others
		}
	}
	return d.others
}

// unknown reports whether the value of a key, in lower case, is.
func (e *evaluation) unknown(hash uint32, key string) bool {
	return e.context.find(hash, key) == nil && e.doubts.about(key)
}

// unsure reports whether the value of a variable in t is unknown.
func (e *evaluation) unsure(t *template) bool {
	for i := range t.parts {
		if p := &t.parts[i]; p.key != "" && e.unknown(p.hash, p.key) {
			return true
		}
	}
	return false
}

// enter begins a layer.
func (d *doubts) enter(layer Layer, level int) {
	d.asked = append(d.asked, asked{layer: layer, level: level})
}

// note keeps the statements of a block that perhaps match.
func (d *doubts) note(e *evaluation, p *Policy, b *block, found uint64) {
	at := &d.asked[len(d.asked)-1]
	for m := found; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		s := &b.statements[i]
		g := e.speaksOf(s)
		if g == notNamed {
			continue
		}
		switch d.reading(e, s) {
		case yes:
			at.allows = at.allows || !s.deny
		case perhaps:
			c := Clause{PolicyARN: p.ARN, PolicyName: p.Name, Index: b.first + i, Sid: s.sid, At: s.start, Deny: s.deny, doc: p.Doc}
			at.doubtful = append(at.doubtful, doubtful{c.with(d.terms(e, s)), g})
		}
	}
}

// reading says whether a statement that means the action and the caller applies: yes, no, or perhaps.
func (d *doubts) reading(e *evaluation, s *statement) outcome {
	all := d.resource(e, s)
	for i := range s.conditions {
		if all == no {
			return no
		}
		switch d.condition(e, &s.conditions[i], s.deny) {
		case no:
			return no
		case perhaps:
			all = perhaps
		}
	}
	return all
}

// terms are the elements of a statement that perhaps hold.
func (d *doubts) terms(e *evaluation, s *statement) (list []Term) {
	if d.resource(e, s) == perhaps {
		element := pick(s.notResource, "NotResource", "Resource")
		at := s.failure(element, nil, "").At
		list = append(list, Term{Element: element, At: at, Values: s.resourceTexts(), Holds: true, statement: s})
	}
	for i := range s.conditions {
		if c := &s.conditions[i]; d.condition(e, c, s.deny) == perhaps {
			list = append(list, Term{Element: "Condition", At: c.at, Operator: c.operator, Key: c.key, Values: c.values, Holds: true,
				statement: s, condition: c})
		}
	}
	return list
}

// resource says whether the statement applies to the resource.
func (d *doubts) resource(e *evaluation, s *statement) outcome {
	if d.open != "" && s.resources != nil && !s.everywhere {
		return d.openResource(e, s)
	}
	least := s.matchesResource(e)
	d.could = true
	most := s.matchesResource(e)
	d.could = false
	if least != most {
		return perhaps
	}
	return verdict(least)
}

// condition says whether a condition of a statement that denies, or allows, holds.
func (d *doubts) condition(e *evaluation, c *condition, deny bool) outcome {
	if e.unknown(c.hash, c.lowerKey) {
		if c.test == testNull && c.truths[0] == c.truths[1] {
			return verdict(c.truths[0])
		}
		return perhaps
	}
	if c.test == testARN && d.misshapes(e, c) {
		return perhaps
	}
	least := c.holds(e).closed(deny)
	d.could = true
	most := c.holds(e).closed(deny)
	d.could = false
	if least != most {
		return perhaps
	}
	return least
}

// closed says what a condition that cannot be decided comes to in a statement.
func (o outcome) closed(deny bool) outcome {
	if o == failClosed {
		return verdict(deny)
	}
	return o
}

// misshapes reports whether a pattern with an unknown variable could turn out to be no ARN, or stands beside one that is
// none: then more than its matching is in doubt.
func (d *doubts) misshapes(e *evaluation, c *condition) bool {
	doubtful, sound := false, true
	for i := range c.arns {
		a := &c.arns[i]
		if a.template.parts == nil || !e.unsure(&a.template) {
			sound = sound && a.valid && (a.template.parts == nil || c.shaped(e, a))
			continue
		}
		doubtful = true
		var fixed []byte
		for _, p := range a.template.parts {
			if p.key == "" {
				fixed = append(fixed, p.text...)
			}
		}
		sound = sound && a.template.parts[0].key == "" && isARN(fixed) && len(a.template.parts[0].text) >= len("arn:")
	}
	return doubtful && !sound
}

// shaped reports whether a pattern whose variables are all known is that of an ARN.
func (c *condition) shaped(e *evaluation, a *arnPattern) bool {
	text, ok := a.template.resolve(e)
	return !ok || isARN(text)
}
