package sigv4

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// parameter is a decoded name and value.
type parameter struct{ name, value string }

// parseQuery decodes a query and sorts it. Each name may occur once: order among equal names is not signed, and a
// signature must not cover two meanings.
func parseQuery(raw string) ([]parameter, error) {
	if raw == "" {
		return nil, nil
	}
	params := make([]parameter, 0, strings.Count(raw, "&")+1)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, val, _ := strings.Cut(pair, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(val)
		if err1 != nil || err2 != nil || strings.Contains(pair, ";") {
			return nil, incomplete("The query string of the request is malformed.")
		}
		params = append(params, parameter{n, v})
	}
	slices.SortFunc(params, func(a, b parameter) int { return cmp.Compare(a.name, b.name) })
	for i := 1; i < len(params); i++ {
		if params[i].name == params[i-1].name {
			return nil, incomplete("A query parameter occurs more than once.")
		}
	}
	return params, nil
}

func has(params []parameter, name string) bool {
	return slices.ContainsFunc(params, func(p parameter) bool { return p.name == name })
}

func value(params []parameter, name string) string {
	for _, p := range params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// isPresigning reports whether a query parameter means something to a presigned request.
func isPresigning(name string) bool {
	switch name {
	case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
		"X-Amz-Signature", "X-Amz-Security-Token":
		return true
	}
	return false
}

// appendQuery appends the canonical query string. Parameters are compared as AWS does, in their encoded form:
// the order of decoded names differs where one has a character that sorts after '%'.
func appendQuery(buf []byte, params []parameter) []byte {
	encoded := make([]string, 0, len(params))
	for _, p := range params {
		if p.name == "X-Amz-Signature" {
			continue
		}
		pair := appendEscaped(make([]byte, 0, len(p.name)+len(p.value)+16), p.name, false)
		pair = append(pair, 0) // sorts before every character, so that a name precedes the names it begins
		encoded = append(encoded, string(appendEscaped(pair, p.value, false)))
	}
	slices.Sort(encoded)
	for i, pair := range encoded {
		if i > 0 {
			buf = append(buf, '&')
		}
		name, val, _ := strings.Cut(pair, "\x00")
		buf = append(append(append(buf, name...), '='), val...)
	}
	return buf
}

// appendEscaped appends v with everything but the unreserved characters of RFC 3986 percent-encoded.
func appendEscaped(buf []byte, v string, keepSlash bool) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(v) {
		c := v[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '-' || c == '_' || c == '.' || c == '~' || c == '/' && keepSlash {
			buf = append(buf, c)
			continue
		}
		buf = append(buf, '%', digits[c>>4], digits[c&15])
	}
	return buf
}
