package constraint

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// pattern is a Java regular expression that a whole value must match, compiled when it is first needed.
type pattern struct {
	java    string
	once    sync.Once
	err     error
	class   *class
	re      *regexp.Regexp
	without string // text that a look-ahead forbids
	begins  *regexp.Regexp
}

// class is a pattern that only says which characters may occur, and at least how often. Most do.
type class struct {
	ascii  [128]bool
	ranges []rune
	min    int
	max    int // -1: any number
}

// The look-aheads of the models. RE2 has none; each is one more condition on the value.
const (
	noDoubleDash  = `-(?!-)`      // iam accountAliasType: no dash is followed by a dash
	durationParts = `P(?=\d|T\d)` // sso-admin Duration: something follows the P
)

func (p *pattern) compile() error {
	p.once.Do(func() {
		src := translate(p.java)
		if strings.Contains(src, noDoubleDash) {
			src, p.without = strings.Replace(src, noDoubleDash, "-", 1), "--"
		}
		if strings.Contains(src, durationParts) {
			src, p.begins = strings.Replace(src, durationParts, "P", 1), regexp.MustCompile(`^-?P(\d|T\d)`)
		}
		tree, err := syntax.Parse(src, syntax.Perl)
		if err != nil {
			p.err = fmt.Errorf("pattern %s: %w", p.java, err)
			return
		}
		if p.class = classOf(tree); p.class == nil {
			p.re, p.err = regexp.Compile(`\A(?:` + src + `)\z`)
		}
	})
	return p.err
}

// translate spells a Java pattern for RE2: \uXXXX is \x{XXXX}. The range of supplementary characters in sts's
// model, \u10000-\u10FFFF, is not one in Java either; it is read as it was meant.
func translate(java string) string {
	java = strings.ReplaceAll(java, `\u10000-\u10FFFF`, `\x{10000}-\x{10FFFF}`)
	var b strings.Builder
	for i := 0; i < len(java); i++ {
		switch {
		case java[i] == '\\' && i+5 < len(java) && java[i+1] == 'u':
			b.WriteString(`\x{` + java[i+2:i+6] + `}`)
			i += 5
		case java[i] == '\\' && i+1 < len(java):
			b.WriteString(java[i : i+2])
			i++
		default:
			b.WriteByte(java[i])
		}
	}
	return b.String()
}

// classOf reads a pattern that is one repeated set of characters; nil means that it is more than that.
func classOf(re *syntax.Regexp) *class {
	for re.Op == syntax.OpCapture || re.Op == syntax.OpConcat && edges(re) {
		if re.Op == syntax.OpConcat {
			re = re.Sub[1]
		} else {
			re = re.Sub[0]
		}
	}
	c := &class{max: -1}
	switch re.Op {
	case syntax.OpStar:
	case syntax.OpPlus:
		c.min = 1
	case syntax.OpRepeat:
		c.min, c.max = re.Min, re.Max
	default:
		return nil
	}
	set := re.Sub[0]
	switch set.Op {
	case syntax.OpCharClass:
		c.ranges = set.Rune
	case syntax.OpAnyChar:
		c.ranges = []rune{0, 0x10FFFF}
	default:
		return nil
	}
	for r := range rune(128) {
		c.ascii[r] = in(c.ranges, r)
	}
	return c
}

// edges reports whether a concatenation is something between ^ and $, which say nothing about a whole value.
func edges(re *syntax.Regexp) bool {
	return len(re.Sub) == 3 && (re.Sub[0].Op == syntax.OpBeginText || re.Sub[0].Op == syntax.OpBeginLine) &&
		(re.Sub[2].Op == syntax.OpEndText || re.Sub[2].Op == syntax.OpEndLine)
}

func in(ranges []rune, r rune) bool {
	lo, hi := 0, len(ranges)/2
	for lo < hi {
		switch mid := (lo + hi) / 2; {
		case r < ranges[2*mid]:
			hi = mid
		case r > ranges[2*mid+1]:
			lo = mid + 1
		default:
			return true
		}
	}
	return false
}

func (c *class) matches(v string) bool {
	n := 0
	for _, r := range v {
		if r < 128 && !c.ascii[r] || r >= 128 && !in(c.ranges, r) {
			return false
		}
		n++
	}
	return n >= c.min && (c.max < 0 || n <= c.max)
}

// matches reports whether the whole of v matches. Every pattern of the table compiles, which a test makes sure of;
// one that did not would match nothing.
func (p *pattern) matches(v string) bool {
	if p.compile() != nil {
		return false
	}
	if p.class != nil {
		return p.class.matches(v)
	}
	return p.re.MatchString(v) && (p.without == "" || !strings.Contains(v, p.without)) &&
		(p.begins == nil || p.begins.MatchString(v))
}
