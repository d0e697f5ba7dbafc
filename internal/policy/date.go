package policy

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// isDate is the Date operators. Dates are milliseconds since 1970; further digits are cut.
func (c *condition) isDate(value string) bool {
	got, ok := parseDate(value)
	if !ok {
		return false
	}
	for _, t := range c.dates {
		if relate(cmp.Compare(got, t))&c.want != 0 {
			return true
		}
	}
	return false
}

// parseDate reads seconds since 1970, or one of the forms of "Date and Time Formats" (W3C), which need no zone here.
func parseDate(s string) (int64, bool) {
	if len(s) >= len("2006-01-02T15:04:05Z") && s[4] == '-' { // as nearly all are; a failure costs an allocation
		if t, err := time.Parse(time.RFC3339, s); err == nil && !strings.Contains(s, ",") {
			return t.UnixMilli(), true
		}
	}
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
