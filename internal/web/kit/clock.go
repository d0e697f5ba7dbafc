package kit

import (
	"fmt"
	"html/template"
	"time"
)

// clockTime writes a time of day as a <time> that a script may rewrite to the reader's own clock.
func clockTime(t time.Time) template.HTML { return timeElement(t, "clock", "15:04 UTC") }

// stamp writes a day and a time of day.
func stamp(t time.Time) template.HTML { return timeElement(t, "stamp", "2 January 2006, 15:04 UTC") }

// exact is stamp with seconds, for who looks for it in a log.
func exact(t time.Time) template.HTML { return timeElement(t, "exact", "2 January 2006, 15:04:05 UTC") }

func timeElement(t time.Time, local, layout string) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" data-local="%s">%s</time>`, t.Format(time.RFC3339), local, t.Format(layout)))
}

// Clock is how much is left of a span of time.
type Clock struct {
	Ends  time.Time
	Left  string // "59 minutes"
	Share int    // percent left, for the ring
}

// NewClock reads the clock of a span at now.
func NewClock(begins, ends, now time.Time) Clock {
	c := Clock{Ends: ends, Left: InWords(ends.Sub(now))}
	if whole := ends.Sub(begins); whole > 0 {
		c.Share = int(100 * max(0, min(whole, ends.Sub(now))) / whole)
	}
	return c
}

// InWords writes a duration as people say it.
func InWords(d time.Duration) string {
	d = d.Truncate(time.Second)
	switch minutes := int(d.Minutes()); {
	case d <= 0:
		return "no time"
	case d < time.Minute:
		return count(int(d.Seconds()), "second")
	case minutes < 60:
		return count(minutes, "minute")
	case minutes < 24*60:
		if minutes%60 == 0 {
			return count(minutes/60, "hour")
		}
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	default:
		return count(minutes/(24*60), "day")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
