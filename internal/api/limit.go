package api

import "strconv"

// Limit is how many of something there may be, or how large it may be. Each service declares its own as a table, in
// limits.go; the operators of a server may set each to another value. What AWS grants on request is granted from the
// start. A lower limit takes nothing away: it refuses what is added from then on.
//
// Bounds that the protocols' models fix, such as how many items one request holds, are no limits in this sense.
type Limit struct {
	Name    string // of its setting: the service, a point, and what is limited
	Quota   string // what AWS calls it, or what AWS says of it where it has no name there
	Page    string // the page of AWS that tells it
	Default int    // the highest that AWS grants
	Least   int    // that it may be set to
	Most    int    // that it may be set to
}

// Most returns what a limit is now. It reads the snapshot, not the database.
func (c *Call) Most(l *Limit) int {
	return l.Of(c.Snapshot.Setting(l.Name))
}

// Of returns the limit by the value of its setting, which is "" until it is set. A value from a time with other bounds is
// brought within them.
func (l *Limit) Of(setting string) int {
	n, err := strconv.Atoi(setting)
	if err != nil {
		return l.Default
	}
	return min(max(n, l.Least), l.Most)
}
