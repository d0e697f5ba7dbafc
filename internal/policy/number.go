package policy

import (
	"strconv"
	"strings"
)

// relation is a set of the three ways in which two ordered values can stand to each other.
type relation uint8

const (
	less relation = 1 << iota
	equals
	greater
)

// relate turns the sign of a comparison of request and policy into a relation.
func relate(sign int) relation {
	switch {
	case sign < 0:
		return less
	case sign > 0:
		return greater
	}
	return equals
}

// isNumber is the Numeric operators. Values are exact decimals: 9007199254740993 is not ...992.
func (c *condition) isNumber(value string) bool {
	got, ok := parseDecimal(value)
	if !ok {
		return false
	}
	for _, n := range c.numbers {
		if relate(got.compare(n))&c.want != 0 {
			return true
		}
	}
	return false
}

// decimal is 0.digits times ten to the power of point, with a sign; digits neither begin nor end with a zero.
type decimal struct {
	sign   int // -1, 0 or 1
	digits string
	point  int
}

// parseDecimal accepts "01", "+1", "1.", ".5" and "1e0", but not NaN or infinities.
func parseDecimal(s string) (decimal, bool) {
	d := decimal{sign: 1}
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			d.sign = -1
		}
		s = s[1:]
	}
	exponent := 0
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(s[at+1:]); err != nil || exponent > 1e6 || exponent < -1e6 {
			return d, false
		}
		s = s[:at]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole+fraction == "" || !isDigits(whole) || !isDigits(fraction) {
		return d, false
	}
	digits := whole + fraction
	significant := strings.TrimLeft(digits, "0")
	d.point = len(whole) - (len(digits) - len(significant)) + exponent
	d.digits = strings.TrimRight(significant, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (d decimal) compare(other decimal) int {
	if d.sign != other.sign || d.sign == 0 {
		return d.sign - other.sign
	}
	if d.point != other.point {
		return d.sign * (d.point - other.point)
	}
	return d.sign * strings.Compare(d.digits, other.digits)
}
