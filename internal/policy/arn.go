package policy

import "strings"

// arnPattern is a value of ArnLike and ArnEquals: six parts, each a pattern; the last may hold colons.
type arnPattern struct {
	valid    bool       // of a value with variables it is not known before they have values
	parts    [6]pattern // when there is no variable
	template template
}

func newARNPattern(value string, variables bool) arnPattern {
	t := newTemplate(value, true, variables)
	if t.parts != nil {
		return arnPattern{valid: true, template: t}
	}
	text := t.pattern.compiled()
	if !isARN(text) {
		return arnPattern{}
	}
	a := arnPattern{valid: true}
	for i, part := range strings.SplitN(text, ":", 6) {
		a.parts[i] = newPattern(part)
	}
	return a
}

// isARN reports whether s, an ARN or a compiled pattern of one, has six parts and begins as an ARN does.
func isARN[S string | []byte](s S) bool {
	if len(s) < 4 || string(s[:4]) != "arn:" {
		return false
	}
	colons := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ':' {
			colons++
		}
	}
	return colons >= 5
}

// isARN compares the policy's patterns with an ARN in order: a malformed one counts only when none before it matches.
func (c *condition) isARN(e *evaluation, value string) comparison {
	if !isARN(value) {
		return incomparable
	}
	for i := range c.arns {
		if r := c.arns[i].compare(e, value); r != differs {
			return r
		}
	}
	return differs
}

func (a *arnPattern) compare(e *evaluation, value string) comparison {
	if a.template.parts != nil {
		return a.template.compareARN(e, value)
	}
	if !a.valid {
		return malformed
	}
	for i := range 5 {
		var part string
		part, value, _ = strings.Cut(value, ":")
		if !a.parts[i].match(part) {
			return differs
		}
	}
	return compared(a.parts[5].match(value))
}

// compareARN is arnPattern.compare for a pattern with variables.
func (t *template) compareARN(e *evaluation, value string) comparison {
	p, ok := t.resolve(e)
	if !ok {
		return differs
	}
	if e.doubts != nil && e.unsure(t) { // its unknown parts may hold colons
		return compared(match(p, value))
	}
	if !isARN(p) {
		return malformed
	}
	for range 5 {
		var part string
		part, value, _ = strings.Cut(value, ":")
		n := 0
		for p[n] != ':' {
			n++
		}
		if !match(p[:n], part) {
			return differs
		}
		p = p[n+1:]
	}
	return compared(match(p, value))
}
