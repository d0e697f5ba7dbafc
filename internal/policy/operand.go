package policy

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
)

// boolean is an operand of Bool, which knows "true" in any letter case and everything else.
type boolean bool

func newBoolean(value string, _ bool) (operand, bool) {
	return boolean(strings.EqualFold(value, "true")), true
}

func (b boolean) compare(_ *evaluation, value string) comparison {
	return compared(strings.EqualFold(value, "true") == bool(b))
}

// binary is an operand of BinaryEquals. Only canonical, padded base64 takes part, so that equal texts are equal bytes.
type binary struct {
	value string
	valid bool
}

func newBinary(value string, _ bool) (operand, bool) {
	ok := isBase64(value)
	return &binary{value, ok}, ok
}

func (b *binary) compare(_ *evaluation, value string) comparison {
	return compared(b.valid && value == b.value)
}

func isBase64(s string) bool {
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}

// network is an operand of IpAddress.
type network struct {
	prefix netip.Prefix
	valid  bool
}

func newNetwork(value string, _ bool) (operand, bool) {
	p, ok := parseNetwork(value)
	return &network{p, ok}, ok
}

func (n *network) compare(_ *evaluation, value string) comparison {
	a, ok := parseAddress(value)
	if !ok {
		return incomparable
	}
	return compared(n.valid && n.prefix.Contains(a))
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
	if octets := strings.Split(s, "."); len(octets) == 4 && !strings.Contains(s, ":") {
		for i, o := range octets {
			if len(o) > 1 {
				octets[i] = strings.TrimLeft(o[:len(o)-1], "0") + o[len(o)-1:]
			}
		}
		s = strings.Join(octets, ".")
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// arnPattern is an operand of ArnLike and ArnEquals: six parts, each a pattern; the last may hold colons.
type arnPattern struct {
	template template
	pattern  string // compiled, when there is no variable
}

func newARNPattern(value string, variables bool) (operand, bool) {
	t := newTemplate(value, true, variables)
	if t.parts != nil {
		return &arnPattern{template: t}, true
	}
	p := t.compiled()
	return &arnPattern{pattern: p}, isARN(p)
}

// isARN reports whether s, an ARN or a compiled pattern of one, has six parts and begins as an ARN does.
func isARN(s string) bool { return strings.Count(s, ":") >= 5 && strings.HasPrefix(s, "arn:") }

func (a *arnPattern) compare(e *evaluation, value string) comparison {
	if !isARN(value) {
		return incomparable
	}
	p := a.pattern
	if a.template.parts != nil {
		var ok bool
		if e.buf, ok = a.template.resolve(e.buf[:0], e.context); !ok {
			return differs
		}
		p = string(e.buf)
	}
	if !isARN(p) {
		return malformed
	}
	for range 5 {
		var wantPart, part string
		wantPart, p, _ = strings.Cut(p, ":")
		part, value, _ = strings.Cut(value, ":")
		if !match(wantPart, part) {
			return differs
		}
	}
	return compared(match(p, value))
}
