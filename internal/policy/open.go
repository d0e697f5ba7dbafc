package policy

// openResource says whether a statement applies to a resource of which parts are unknown. Entries are taken for
// themselves: two that only together leave nothing out are not seen to.
func (d *doubts) openResource(e *evaluation, s *statement) outcome {
	if out, known := d.opened[s]; known {
		return out
	}
	all, some := false, false
	for i := range s.resources {
		least, most, ok := d.texts(e, &s.resources[i].template)
		if !d.affords(most) {
			some = true // or not: nobody knows
			continue
		}
		all = all || ok && coversOpen(least, d.open)
		some = some || touches(most, d.open)
	}
	out := verdict(s.notResource)
	switch {
	case all:
		out = verdict(!s.notResource)
	case some:
		out = perhaps
	}
	if d.opened == nil {
		d.opened = map[*statement]outcome{}
	}
	d.opened[s] = out
	return out
}

// mostSteps bounds the work of comparing patterns with a resource of which parts are unknown, which takes a step for each
// pair of their characters.
const mostSteps = 1 << 20

// affords reports whether there is work left for another pattern, and takes it.
func (d *doubts) affords(pattern string) bool {
	p, s, differ := unlike(pattern, d.open)
	switch {
	case differ:
		return true
	case d.steps+len(p)*len(s) > mostSteps:
		return false
	}
	d.steps += len(p) * len(s)
	return true
}

// unlike is what two patterns have behind the plain text with which both begin, and whether that differs at once: nearly
// all that differ do so soon.
func unlike(p, s string) (_, _ string, differ bool) {
	for len(p) > 0 && len(s) > 0 && p[0] == s[0] && p[0] != star {
		p, s = p[1:], s[1:]
	}
	return p, s, len(p) > 0 && len(s) > 0 && p[0] != s[0] && p[0] < star && s[0] < star
}

// texts are a template with its variables replaced: as one that certainly matches, where ok, and as one that could.
func (d *doubts) texts(e *evaluation, t *template) (least, most string, ok bool) {
	if t.parts == nil {
		text := t.pattern.compiled()
		return text, text, true
	}
	found, ok := t.resolve(e)
	least = string(found)
	d.could = true
	found, could := t.resolve(e)
	d.could = false
	if !could {
		return "", "", false
	}
	return least, string(found), ok
}

// coversOpen reports whether the compiled pattern p matches whatever the stars of s stand for: only a star of its own can.
func coversOpen(p, s string) bool {
	pi, si := 0, 0
	retryP, retryS := -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == star:
			retryP, retryS = pi+1, si
			pi++
		case pi < len(p) && p[pi] == question && s[si] != star:
			pi++
			si += unit(s, si)
		case pi < len(p) && p[pi] == s[si]:
			pi++
			si++
		case retryP >= 0:
			retryS++
			pi, si = retryP, retryS
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == star {
		pi++
	}
	return pi == len(p)
}

// touches reports whether the compiled pattern p matches for something that the stars of s could stand for: a text without
// a colon, which separates the parts of ARNs, unless s is a star and nothing else. It takes len(p) times len(s) steps: row
// by row, from behind, it finds from where on the two have a text in common.
func touches(p, s string) bool {
	anything := len(s) == 1
	p, s, differ := unlike(p, s)
	if differ {
		return false
	}
	below := make([]bool, len(s)+1)
	row := make([]bool, len(s)+1)
	for i := len(p); i >= 0; i-- {
		for j := len(s); j >= 0; j-- {
			switch {
			case i == len(p) && j == len(s):
				row[j] = true
			case i < len(p) && p[i] == star:
				row[j] = below[j] || j < len(s) && row[j+1]
			case j < len(s) && s[j] == star:
				row[j] = row[j+1] || i < len(p) && (p[i] != ':' || anything) && below[j]
			case i == len(p) || j == len(s):
				row[j] = false
			case p[i] == question:
				row[j] = below[j+unit(s, j)]
			default:
				row[j] = p[i] == s[j] && below[j+1]
			}
		}
		row, below = below, row
	}
	return below[0]
}
