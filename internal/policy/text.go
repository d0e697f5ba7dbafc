package policy

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isText is StringEquals: no wildcards, but variables.
func (c *condition) isText(e *evaluation, value string) bool {
	if c.plain != nil {
		_, found := c.plain[value]
		return found
	}
	for i := range c.texts {
		t := &c.texts[i]
		if t.parts == nil {
			if t.pattern.text == value {
				return true
			}
			continue
		}
		if text, ok := t.resolve(e); ok && (string(text) == value || e.doubts != nil && match(text, value)) {
			return true
		}
	}
	return false
}

// isFolded is StringEqualsIgnoreCase.
func (c *condition) isFolded(e *evaluation, value string) bool {
	for i := range c.texts {
		t := &c.texts[i]
		if t.parts == nil {
			if equalsLowered(t.pattern.text, value) {
				return true
			}
			continue
		}
		if text, ok := t.resolve(e); ok && (lower(string(text)) == lower(value) || e.doubts != nil && bytes.IndexByte(text, star) >= 0) {
			return true
		}
	}
	return false
}

// equalsLowered is lowered == lower(s), without an allocation for ASCII.
func equalsLowered(lowered, s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return lowered == lower(s)
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if i >= len(lowered) || lowered[i] != c {
			return false
		}
	}
	return len(lowered) == len(s)
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
