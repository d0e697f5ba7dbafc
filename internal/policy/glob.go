package policy

import (
	"slices"
	"strings"
)

// Wildcards inside a compiled pattern. These two bytes never occur in UTF-8, so that a literal "*" and a wildcard cannot
// be confused, and text from a request, once known to be UTF-8, cannot bring in a wildcard.
const (
	star     = '\xfe' // any number of characters
	question = '\xff' // exactly one UTF-16 code unit
)

// match reports whether the compiled pattern p matches all of s. Only the last star ever needs to be retried. Where retrying
// costs more than reading both once, the pattern is of no good will, and all its ways are followed at once.
func match[P, S string | []byte](p P, s S) bool {
	pi, si := 0, 0
	retryP, retryS := -1, 0
	patience := len(p) + len(s)
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == star:
			retryP, retryS = pi+1, si
			pi++
		case pi < len(p) && p[pi] == question:
			pi++
			si += unit(s, si)
		case pi < len(p) && p[pi] == s[si]:
			pi++
			si++
		case retryP >= 0:
			if patience -= si - retryS; patience < 0 {
				return matchAtOnce(p, s)
			}
			retryS += unit(s, retryS)
			pi, si = retryP, retryS
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == star {
		pi++
	}
	return pi == len(p) && si == len(s)
}

// unit returns how many bytes of s at i make one UTF-16 code unit. A character outside the basic plane is two units; half
// of its four bytes stand for each. IAM counts units: "?" does not match such a character, "??" does.
func unit[S string | []byte](s S, i int) int {
	n := 1
	switch c := s[i]; {
	case c < 0x80:
		return 1
	case c < 0xc0: // the second half of a character of four bytes
		n = 2
	case c < 0xe0:
		n = 2
	case c < 0xf0:
		n = 3
	default:
		n = 2
	}
	return min(n, len(s)-i)
}

// wild compiles text in which "*" and "?" are wildcards.
func wild(text string) string {
	b := []byte(text)
	for i, c := range b {
		switch c {
		case '*':
			b[i] = star
		case '?':
			b[i] = question
		}
	}
	return string(b)
}

// shape says how a pattern without variables can be matched.
type shape uint8

const (
	general shape = iota // by match: it has a question mark
	all                  // "*"
	exact                // no wildcard at all
	split                // text between stars
)

// pattern is a compiled glob without variables. Where it has only stars it is split at them, so that matching it is a
// search for a few texts.
type pattern struct {
	shape  shape
	least  int      // no shorter text matches
	text   string   // before the first star; the whole where it is not split
	middle []string // between stars
	tail   string   // behind the last star
}

func newPattern(compiled string) pattern {
	least := 0
	for i := 0; i < len(compiled); i++ {
		if compiled[i] != star {
			least++
		}
	}
	p := pattern{text: compiled, least: least}
	switch {
	case strings.IndexByte(compiled, question) >= 0:
		// A question mark stands for a byte at least.
	case least == len(compiled):
		p.shape = exact
	case least == 0:
		p.shape = all
	default:
		p.shape = split
		parts := strings.Split(compiled, string([]byte{star}))
		p.text, p.tail = parts[0], parts[len(parts)-1]
		for _, part := range parts[1 : len(parts)-1] {
			if part != "" {
				p.middle = append(p.middle, part)
			}
		}
	}
	return p
}

func (p *pattern) match(s string) bool {
	switch p.shape {
	case all:
		return true
	case exact:
		return p.text == s
	case general:
		return len(s) >= p.least && match(p.text, s)
	}
	if len(s) < p.least || s[:len(p.text)] != p.text || s[len(s)-len(p.tail):] != p.tail {
		return false
	}
	s = s[len(p.text) : len(s)-len(p.tail)]
	for _, part := range p.middle {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// compiled returns a text that the pattern can be made of.
func (p *pattern) compiled() string {
	const wildcard = "\xfe" // star
	switch p.shape {
	case all:
		return wildcard
	case split:
		return p.text + wildcard + strings.Join(append(slices.Clone(p.middle), p.tail), wildcard)
	}
	return p.text
}
