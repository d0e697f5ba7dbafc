package policy

import (
	"strconv"
	"strings"
	"time"
)

// date is an operand of the Date operators, in milliseconds since 1970; further digits are cut.
type date struct {
	want  relation
	value int64
	valid bool
}

func newDate(want relation, value string) (operand, bool) {
	t, ok := parseDate(value)
	return &date{want, t, ok}, ok
}

func (d *date) compare(_ *evaluation, value string) comparison {
	got, ok := parseDate(value)
	if !ok || !d.valid {
		return differs
	}
	sign := 0
	if got < d.value {
		sign = -1
	} else if got > d.value {
		sign = 1
	}
	return compared(relate(sign)&d.want != 0)
}

// parseDate reads seconds since 1970, or one of the forms of "Date and Time Formats" (W3C), which need no zone here.
func parseDate(s string) (int64, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && !isYear(s) {
		const limit = 1 << 50 // beyond the year 35,000,000; keeps the product in range
		return seconds * 1000, seconds < limit && seconds > -limit
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04", "2006-01-02", "2006-01", "2006", "2006-01-02T15:04:05Z0700"} {
		// time.Parse reads a fraction after seconds also where the layout has none, but with a comma too.
		if t, err := time.Parse(layout, s); err == nil && !strings.Contains(s, ",") {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

func isYear(s string) bool { return len(s) == 4 && isDigits(s) }
