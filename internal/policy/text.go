package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is an operand of StringEquals: no wildcards, but variables.
type text struct{ template template }

func newText(value string, variables bool) (operand, bool) {
	return &text{newTemplate(value, false, variables)}, true
}

func (t *text) compare(e *evaluation, value string) comparison {
	if t.template.parts == nil {
		return compared(t.template.pattern.text == value)
	}
	var ok bool
	e.buf, ok = t.template.resolve(e.buf[:0], e.context)
	return compared(ok && string(e.buf) == value)
}

// like is an operand of StringLike.
type like struct{ template template }

func newLike(value string, variables bool) (operand, bool) {
	return &like{newTemplate(value, true, variables)}, true
}

func (l *like) compare(e *evaluation, value string) comparison {
	return compared(l.template.match(e, value))
}

// folded is an operand of StringEqualsIgnoreCase.
type folded struct {
	template template
	lower    string // when there is no variable
}

func newFolded(value string, variables bool) (operand, bool) {
	t := newTemplate(value, false, variables)
	if t.parts != nil {
		return &folded{template: t}, true
	}
	return &folded{lower: lower(t.pattern.text)}, true
}

func (f *folded) compare(e *evaluation, value string) comparison {
	if f.template.parts == nil {
		return compared(f.lower == lower(value))
	}
	var ok bool
	e.buf, ok = f.template.resolve(e.buf[:0], e.context)
	return compared(ok && lower(string(e.buf)) == lower(value))
}

// lower is the lower-casing that AWS was recorded to compare by: not Unicode case folding. Characters outside the basic
// plane keep their case, U+0130 becomes two characters, and a capital sigma that ends a word becomes a final sigma.
func lower(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r > 0xffff:
			b.WriteRune(r)
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && endsWord(s, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// endsWord is the Final_Sigma condition of the Unicode Standard, table 3-17, for the capital sigma at i: a cased letter
// stands before it and none after it, characters that case ignores left aside.
func endsWord(s string, i int) bool {
	before := false
	for rest := s[:i]; rest != ""; {
		r, n := utf8.DecodeLastRuneInString(rest)
		rest = rest[:len(rest)-n]
		if !ignoredByCase(r) {
			before = cased(r)
			break
		}
	}
	if !before {
		return false
	}
	for _, r := range s[i+len("Σ"):] {
		if !ignoredByCase(r) {
			return !cased(r)
		}
	}
	return true
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func ignoredByCase(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:··’‧︓﹒﹕＇．：", r)
}
