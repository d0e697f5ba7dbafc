package policy

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
)

// many is how many plain texts of a condition are looked up rather than tried in turn.
const many = 8

// add compiles one value of the policy; it reports whether the value is what the operator expects. Only texts and ARNs know
// variables.
func (c *condition) add(value string, variables bool) (ok bool) {
	c.values = append(c.values, value)
	ok = true
	switch c.test {
	case testText:
		c.texts = append(c.texts, newTemplate(value, false, variables))
	case testFolded:
		t := newTemplate(value, false, variables)
		t.pattern.text = lower(t.pattern.text)
		c.texts = append(c.texts, t)
	case testLike:
		c.texts = append(c.texts, newTemplate(value, true, variables))
	case testARN:
		a := newARNPattern(value, variables)
		c.arns, ok = append(c.arns, a), a.valid
	case testBool, testNull:
		c.truths[truth(value)] = true
	case testBinary:
		if ok = isBase64(value); ok {
			c.binaries = append(c.binaries, value)
		}
	case testNetwork:
		var p netip.Prefix
		if p, ok = parseNetwork(value); ok {
			c.networks = append(c.networks, p)
		}
	case testNumber:
		var d decimal
		if d, ok = parseDecimal(value); ok {
			c.numbers = append(c.numbers, d)
		}
	case testDate:
		var t int64
		if t, ok = parseDate(value); ok {
			c.dates = append(c.dates, t)
		}
	}
	return ok
}

// finish is called behind the last value.
func (c *condition) finish() {
	if c.test != testText || len(c.texts) <= many {
		return
	}
	plain := make(map[string]struct{}, len(c.texts))
	for i := range c.texts {
		if c.texts[i].parts != nil {
			return
		}
		plain[c.texts[i].pattern.text] = struct{}{}
	}
	c.plain, c.texts = plain, nil
}

// compare compares one value of the request with the policy's. Those are tried in order, and a match ends the search.
func (c *condition) compare(e *evaluation, value string) comparison {
	switch c.test {
	case testText:
		return compared(c.isText(e, value))
	case testFolded:
		return compared(c.isFolded(e, value))
	case testLike:
		for i := range c.texts {
			if c.texts[i].match(e, value) {
				return equal
			}
		}
	case testARN:
		return c.isARN(e, value)
	case testBool:
		return compared(c.truths[truth(value)])
	case testBinary:
		return compared(contains(c.binaries, value))
	case testNetwork:
		a, ok := parseAddress(value)
		if !ok {
			return incomparable
		}
		for _, n := range c.networks {
			if n.Contains(a) {
				return equal
			}
		}
	case testNumber:
		return compared(c.isNumber(value))
	case testDate:
		return compared(c.isDate(value))
	}
	return differs
}

// truth is 1 for "true" in any letter case and 0 for everything else.
func truth(value string) int {
	if strings.EqualFold(value, "true") {
		return 1
	}
	return 0
}

// isBase64 reports whether s is canonical, padded base64. Only such takes part in BinaryEquals, so that equal texts are
// equal bytes.
func isBase64(s string) bool {
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}

// parseNetwork reads an address or a CIDR block; host bits may be set, and "/024" and "/+24" are accepted as AWS does.
func parseNetwork(s string) (netip.Prefix, bool) {
	address, mask, found := strings.Cut(s, "/")
	a, ok := parseAddress(address)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := a.BitLen()
	if found {
		n, err := strconv.ParseUint(strings.TrimPrefix(mask, "+"), 10, 8)
		if err != nil || int(n) > bits {
			return netip.Prefix{}, false
		}
		bits = int(n)
	}
	p, err := a.Prefix(bits)
	return p, err == nil
}

// parseAddress reads an address; octets may have leading zeros. An IPv4-mapped address counts as IPv4.
func parseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		if a, err = netip.ParseAddr(withoutZeros(s)); err != nil {
			return netip.Addr{}, false
		}
	}
	if a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// withoutZeros takes the leading zeros off the octets of an IPv4 address, and leaves alone what is none.
func withoutZeros(s string) string {
	octets := strings.Split(s, ".")
	if len(octets) != 4 || strings.Contains(s, ":") {
		return s
	}
	for i, o := range octets {
		if len(o) > 1 {
			octets[i] = strings.TrimLeft(o[:len(o)-1], "0") + o[len(o)-1:]
		}
	}
	return strings.Join(octets, ".")
}
