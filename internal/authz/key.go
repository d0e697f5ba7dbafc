package authz

import (
	"crypto/sha256"
	"strconv"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// id128 stands for a text in big maps: the bits of a UUID, and 128 bits of the digest of anything else.
type id128 [16]byte

func shorten(text string) id128 {
	if id, ok := parseUUID(text); ok {
		return id
	}
	sum := sha256.Sum256([]byte(text))
	return id128(sum[:16])
}

// parseUUID reads a UUID in its canonical form, which is in lower case. See RFC 9562, section 4.
func parseUUID(text string) (id id128, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		high, low := nibble(text[at]), nibble(text[at+1])
		if high > 15 || low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, true
}

func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// numbers gives texts numbers, from 1, in the order in which they come. A number is never taken back.
type numbers struct {
	byText tree[string, uint32]
	texts  tree[uint32, string]
	last   uint32
}

func (n *numbers) of(text string) uint32 {
	number, _ := n.byText.get(text)
	return number
}

func (n *numbers) text(number uint32) string {
	text, _ := n.texts.get(number)
	return text
}

// give returns the number of text, a new one if it has none.
func (n *numbers) give(text string, fresh bool) uint32 {
	if number := n.of(text); number != 0 {
		return number
	}
	n.last++
	n.byText = n.byText.with(text, n.last, fresh)
	n.texts = n.texts.with(n.last, text, fresh)
	return n.last
}

// A grant is an account and the number of a permission set in one number, so that grants are in the order of accounts.
const setBits = 24

func grantOf(account ident.AccountID, set uint32) (grant uint64, ok bool) {
	n, ok := accountNumber(account)
	return n<<setBits | uint64(set), ok && set != 0 && set < 1<<setBits
}

func accountNumber(id ident.AccountID) (uint64, bool) {
	n, err := strconv.ParseUint(string(id), 10, 64)
	return n, err == nil && len(id) == 12
}

func accountOf(grant uint64) ident.AccountID {
	digits := strconv.FormatUint(grant>>setBits, 10)
	return ident.AccountID("000000000000"[len(digits):] + digits)
}

func setOf(grant uint64) uint32 { return uint32(grant & (1<<setBits - 1)) }
