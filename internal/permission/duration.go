package permission

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Bounds of a permission set's session duration, and what it is unless told otherwise.
const (
	DefaultDuration = time.Hour
	minDuration     = time.Hour
	maxDuration     = 12 * time.Hour
)

// isoDuration is the part of ISO 8601 that session durations use: hours, minutes and seconds.
var isoDuration = regexp.MustCompile(`^PT(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?$`)

// ParseDuration reads a session duration such as PT12H.
func ParseDuration(s string) (time.Duration, error) {
	m := isoDuration.FindStringSubmatch(s)
	if m == nil || s == "PT" {
		return 0, fmt.Errorf("%q is not a session duration: want one like PT8H", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return 0, fmt.Errorf("parse session duration %q: %w", s, err)
		}
		d += time.Duration(n) * unit
	}
	if d < minDuration || d > maxDuration {
		return 0, fmt.Errorf("the session duration %s is not between PT1H and PT12H", s)
	}
	return d, nil
}

// FormatDuration writes d as ParseDuration reads it.
func FormatDuration(d time.Duration) string {
	s := "PT"
	for _, u := range []struct {
		unit   time.Duration
		letter string
	}{{time.Hour, "H"}, {time.Minute, "M"}, {time.Second, "S"}} {
		if n := d / u.unit; n > 0 {
			s += strconv.Itoa(int(n)) + u.letter
			d -= n * u.unit
		}
	}
	return s
}
