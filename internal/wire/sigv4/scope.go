package sigv4

import "strings"

// setScope reads the five elements of a credential.
func (s *Signature) setScope(credential string) error {
	var end, more string
	var ok [4]bool
	s.AccessKeyID, more, ok[0] = strings.Cut(credential, "/")
	s.Date, more, ok[1] = strings.Cut(more, "/")
	s.Region, more, ok[2] = strings.Cut(more, "/")
	s.Service, end, ok[3] = strings.Cut(more, "/")
	if ok != [4]bool{true, true, true, true} || end != terminator {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/" + terminator + ".")
	}
	if !word(s.AccessKeyID, 128) || !word(s.Region, 64) || !word(s.Service, 64) || !word(s.Date, 8) || len(s.Date) != 8 {
		return incomplete("An element of the Credential is empty, too long, or has characters it cannot have.")
	}
	return nil
}

// word reports whether v could be an element of a credential scope. The bound keeps hostile values out of caches.
func word(v string, limit int) bool {
	for i := range len(v) {
		c := v[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return v != "" && len(v) <= limit
}

// sortedHeaderNames reports whether list has one spelling only: lower-case names in ascending order.
func sortedHeaderNames(list string) bool {
	last, n := "", 0
	for name := range strings.SplitSeq(list, ";") {
		if n++; name <= last || n > maxSignedHeaders || len(name) > 128 {
			return false
		}
		for i := range len(name) {
			c := name[i]
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
				return false
			}
		}
		last = name
	}
	return true
}
