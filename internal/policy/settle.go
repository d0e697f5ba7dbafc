package policy

import (
	"cmp"
	"slices"
	"strings"
)

// mostCases bounds how many cases settle looks at, where the inquiry does not.
const mostCases = 2048

// settle turns a YesIf into a Yes or a No where the terms leave no choice, as "is a" and "is not a" of one key do. It tries
// the unknown keys with one value of each kind that the terms can tell apart; where they compare otherwise than with plain
// texts, or too many kinds there are, the answer stays as it is, which is true too.
func settle(q *Inquiry, l *Layers, d *doubts, a Answer) Answer {
	keys, ok := kinds(q, d, a.Ways)
	if !ok {
		return a
	}
	cases := 1
	for i := range keys {
		if cases *= len(keys[i].values); cases > cmp.Or(q.Cases, mostCases) {
			return a
		}
	}
	var last *Request
	yeses := 0
	for n := range cases {
		r := q.Request
		r.Context = completed(q.Context, keys, n)
		e := newEvaluation(&r, l, nil)
		if slices.ContainsFunc(a.Ways, func(w Way) bool { return w.holds(&e) }) {
			yeses++
		}
		if yeses != 0 && yeses != n+1 {
			return a
		}
		last = &r
	}
	a = Answer{Certainty: No, Decision: Decide(last, l)}
	if a.Decision.Allowed {
		a.Certainty = Yes
	}
	return a
}

// unknownKey is an unknown key and the values worth trying.
type unknownKey struct {
	key    string
	values []*entry // nil: absent
}

// other is a value that no policy has: JSON cannot hold it.
const other = "\xff"

// kinds returns the unknown keys of the terms with one value of each kind; ok is false when there is no telling.
func kinds(q *Inquiry, d *doubts, ways []Way) (keys []unknownKey, ok bool) {
	e := evaluation{context: q.Context, doubts: d}
	texts := map[string][]string{}
	for _, t := range terms(ways) {
		c := t.condition
		if c == nil || !e.unknown(c.hash, c.lowerKey) || c.test != testText && c.test != testBool && c.test != testNull {
			return nil, false
		}
		for i := range c.texts {
			if c.texts[i].parts != nil {
				return nil, false
			}
		}
		if texts[c.lowerKey] == nil {
			keys = append(keys, unknownKey{key: c.lowerKey})
			texts[c.lowerKey] = []string{other}
		}
		for _, text := range c.plainTexts() {
			if !slices.Contains(texts[c.lowerKey], text) {
				texts[c.lowerKey] = append(texts[c.lowerKey], text)
			}
		}
	}
	for i := range keys {
		if keys[i].values, ok = entries(keys[i].key, texts[keys[i].key]); !ok {
			return nil, false
		}
	}
	return keys, true
}

// plainTexts are the texts that the condition compares with.
func (c *condition) plainTexts() (list []string) {
	switch c.test {
	case testBool:
		return []string{"true", "TRUE"} // which StringEquals tells apart
	case testNull:
		return nil
	}
	for text := range c.plain {
		list = append(list, text)
	}
	for i := range c.texts {
		list = append(list, c.texts[i].pattern.text)
	}
	return list
}

// entries are a key's absence, its single values, and its sets of values, of which AWS's own keys have one kind only; ok is
// false when these are too many.
func entries(key string, texts []string) (list []*entry, ok bool) {
	if len(texts) > 8 {
		return nil, false
	}
	list = append(list, nil)
	several, known := isMultiValued(key)
	known = known && strings.HasPrefix(key, "aws:")
	if !known || !several {
		for _, text := range texts {
			list = append(list, &entry{key: key, value: text})
		}
	}
	if known && !several {
		return list, true
	}
	for set := range 1 << len(texts) {
		e := &entry{key: key, multi: true}
		for i, text := range texts {
			if set>>i&1 == 1 {
				e.values = append(e.values, text)
			}
		}
		list = append(list, e)
	}
	return list, true
}

// completed is a context with the values of case n.
func completed(known *Context, keys []unknownKey, n int) *Context {
	c := known.Clone()
	for i := range keys {
		values := keys[i].values
		if e := values[n%len(values)]; e != nil {
			c.put(*e)
		}
		n /= len(values)
	}
	return c
}

// terms returns all terms of the ways.
func terms(ways []Way) (list []*Term) {
	for _, w := range ways {
		for i := range w {
			for j := range w[i].Clauses {
				c := &w[i].Clauses[j]
				for k := range c.Terms {
					list = append(list, &c.Terms[k])
				}
			}
		}
	}
	return list
}

// holds reports whether all that w requires holds for the request of e, of which everything is known.
func (w Way) holds(e *evaluation) bool {
	for i := range w {
		if !slices.ContainsFunc(w[i].Clauses, func(c Clause) bool { return c.holds(e) }) {
			return false
		}
	}
	return true
}

func (c *Clause) holds(e *evaluation) bool {
	for i := range c.Terms {
		if held := c.Terms[i].holds(e); held == c.Deny {
			return held
		}
	}
	return !c.Deny
}

// holds reports whether the term is as it has to be.
func (t *Term) holds(e *evaluation) bool {
	if t.condition == nil {
		return t.statement.matchesResource(e) == t.Holds
	}
	return (t.condition.holds(e).closed(t.statement.deny) == yes) == t.Holds
}
