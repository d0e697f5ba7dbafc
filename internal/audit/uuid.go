package audit

import "encoding/hex"

// uuidGroups are where the groups of digits of a UUID begin and end, in its text and in its bytes.
var uuidGroups = [...]struct{ from, to, at int }{{0, 8, 0}, {9, 13, 4}, {14, 18, 6}, {19, 23, 8}, {24, 36, 10}}

func parseUUID(raw *[16]byte, id string) bool {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return false
	}
	for _, g := range uuidGroups {
		for i, at := g.from, g.at; i < g.to; i, at = i+2, at+1 {
			high, low := digit(id[i]), digit(id[i+1])
			if high|low > 15 {
				return false
			}
			raw[at] = high<<4 | low
		}
	}
	return true
}

// digit returns the value of a lower-case hexadecimal digit, or 255.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func formatUUID(raw []byte) string {
	var text [36]byte
	for _, g := range uuidGroups {
		hex.Encode(text[g.from:g.to], raw[g.at:g.at+(g.to-g.from)/2])
		if g.to < len(text) {
			text[g.to] = '-'
		}
	}
	return string(text[:])
}
