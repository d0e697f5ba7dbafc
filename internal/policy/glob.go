package policy

// Wildcards inside a compiled pattern. These two bytes never occur in UTF-8, so that a literal "*" and a wildcard cannot
// be confused, and text from a request, once known to be UTF-8, cannot bring in a wildcard.
const (
	star     = '\xfe' // any number of characters
	question = '\xff' // exactly one UTF-16 code unit
)

// match reports whether the compiled pattern p matches all of s. Only the last star ever needs to be retried, so the cost
// is at most len(p) times len(s).
func match[P string | []byte](p P, s string) bool {
	pi, si := 0, 0
	retryP, retryS := -1, 0
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
func unit(s string, i int) int {
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
	general shape = iota // by match
	all                  // "*"
	exact                // no wildcard at all
	prefix               // one star, at the end
)

// pattern is a compiled glob without variables.
type pattern struct {
	text  string // for prefix without its star
	shape shape
}

func newPattern(compiled string) pattern {
	first := -1
	for i := 0; i < len(compiled) && first < 0; i++ {
		if compiled[i] == star || compiled[i] == question {
			first = i
		}
	}
	switch {
	case first < 0:
		return pattern{compiled, exact}
	case first != len(compiled)-1 || compiled[first] != star:
		return pattern{compiled, general}
	case first == 0:
		return pattern{"", all}
	}
	return pattern{compiled[:first], prefix}
}

func (p *pattern) match(s string) bool {
	switch p.shape {
	case all:
		return true
	case exact:
		return p.text == s
	case prefix:
		return len(s) >= len(p.text) && s[:len(p.text)] == p.text
	}
	return match(p.text, s)
}
