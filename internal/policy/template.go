package policy

import (
	"strings"
	"unicode/utf8"
)

// template is a text of a policy that may hold variables such as ${aws:username}. See "IAM policy elements: Variables and
// tags" in the IAM User Guide. A template without variables is its pattern alone.
type template struct {
	pattern pattern
	parts   []part // nil when there is no variable
}

// part is either compiled text or a variable.
type part struct {
	text       string // compiled text; the default value of a variable
	key        string // lower case; empty for text
	hash       uint32 // of the key
	hasDefault bool
}

// newTemplate compiles text. With wildcards, "*" and "?" are wildcards; with variables, ${...} is replaced during evaluation.
func newTemplate(text string, wildcards, variables bool) template {
	compile := func(s string) string { return s }
	if wildcards {
		compile = wild
	}
	if !variables || !strings.Contains(text, "${") {
		return template{pattern: newPattern(compile(text))}
	}
	var parts []part
	var plain strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "${")
		plain.WriteString(compile(before))
		if !found {
			break
		}
		inside, after, closed := cutVariable(rest)
		switch {
		case !closed || inside == "":
			plain.WriteString("${") // not a variable: it stands for itself
			text = rest
			continue
		case inside == "*" || inside == "?" || inside == "$":
			plain.WriteString(inside)
		default:
			if plain.Len() > 0 {
				parts = append(parts, part{text: plain.String()})
				plain.Reset()
			}
			parts = append(parts, newVariable(inside))
		}
		text = after
	}
	if parts == nil {
		return template{pattern: newPattern(plain.String())}
	}
	if plain.Len() > 0 {
		parts = append(parts, part{text: plain.String()})
	}
	return template{parts: parts}
}

// maxVariable bounds what stands between the braces of a variable, so that reading hostile text takes linear time.
const maxVariable = 1024

// cutVariable returns what stands before the brace that closes a variable; a quoted default value may itself hold braces.
func cutVariable(s string) (inside, after string, closed bool) {
	quoted := false
	near := s[:min(len(s), maxVariable)]
	for i := 0; i < len(near); i++ {
		switch s[i] {
		case '\'':
			quoted = !quoted
		case '}':
			if !quoted {
				return s[:i], s[i+1:], true
			}
		}
	}
	if i := strings.IndexByte(near, '}'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// newVariable reads "key" or "key, 'default'".
func newVariable(inside string) part {
	key, value, hasDefault := splitVariable(inside)
	lower := strings.ToLower(key)
	return part{key: lower, hash: hash(lower), text: value, hasDefault: hasDefault}
}

func splitVariable(inside string) (key, value string, hasDefault bool) {
	key, value, found := strings.Cut(inside, ",")
	value = strings.TrimSpace(value)
	if found && len(value) >= 2 && value[0] == '\'' && value[len(value)-1] == '\'' {
		return strings.TrimSpace(key), value[1 : len(value)-1], true
	}
	return strings.TrimSpace(inside), "", false
}

// variables calls fn with the key of each variable of a text, as written.
func variables(text string, fn func(key string)) {
	for {
		_, rest, found := strings.Cut(text, "${")
		if !found {
			return
		}
		inside, after, closed := cutVariable(rest)
		if !closed || inside == "" {
			text = rest
			continue
		}
		if text = after; inside != "*" && inside != "?" && inside != "$" {
			key, _, _ := splitVariable(inside)
			fn(key)
		}
	}
}

// resolve appends the template with its variables replaced to buf. It reports false when a variable has no value: it is
// absent without a default, or multi-valued (then the default is not used either), or not text.
//
// In an inquiry, a variable of unknown value has none, or, where the inquiry supposes that it could match, any.
func (t *template) resolve(e *evaluation) ([]byte, bool) {
	buf := e.space[:0]
	for i := range t.parts {
		p := &t.parts[i]
		if p.key == "" {
			buf = append(buf, p.text...)
			continue
		}
		x := e.context.find(p.hash, p.key)
		switch {
		case x == nil && e.doubts != nil && e.doubts.about(p.key):
			if !e.doubts.could {
				return buf, false
			}
			buf = append(buf, star)
		case x == nil && p.hasDefault:
			buf = append(buf, p.text...)
		case x == nil, x.multi, !utf8.ValidString(x.value):
			return buf, false
		default:
			buf = append(buf, x.value...)
		}
	}
	return buf, true
}

// match reports whether the template, its variables replaced, matches s.
func (t *template) match(e *evaluation, s string) bool {
	if t.parts == nil {
		return t.pattern.match(s)
	}
	text, ok := t.resolve(e)
	return ok && match(text, s)
}
