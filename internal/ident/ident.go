// Package ident holds the identifiers of Gatehouse: account numbers, ARNs, and the random ids that AWS's services
// give their things. Ids are parsed at the edge; inside, a value of one of these types is known to be well formed.
// Randomness comes from a Source that is handed in, so that tests are repeatable.
package ident

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Partition is the partition of every ARN that Gatehouse makes.
const Partition = "aws"

// AccountID is an AWS account number: twelve digits.
type AccountID string

// ParseAccountID checks that s is twelve digits.
func ParseAccountID(s string) (AccountID, error) {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return "", fmt.Errorf("%q is not an account id: want 12 digits", s)
	}
	return AccountID(s), nil
}

// ARN is an Amazon Resource Name in its six parts. See "Amazon Resource Names (ARNs)" in the IAM User Guide.
type ARN struct {
	Partition, Service, Region string
	Account                    AccountID
	Resource                   string
}

// ParseARN splits s; the account is empty, "aws", or twelve digits.
func ParseARN(s string) (ARN, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, fmt.Errorf("%q is not an ARN", s)
	}
	if p[4] != "" && p[4] != "aws" {
		if _, err := ParseAccountID(p[4]); err != nil {
			return ARN{}, fmt.Errorf("%q is not an ARN: %w", s, err)
		}
	}
	return ARN{Partition: p[1], Service: p[2], Region: p[3], Account: AccountID(p[4]), Resource: p[5]}, nil
}

// String puts the six parts together.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + string(a.Account) + ":" + a.Resource
}

// IAM returns the ARN of an IAM resource such as "role/Admin".
func IAM(account AccountID, resource string) string {
	return "arn:" + Partition + ":iam::" + string(account) + ":" + resource
}

// SessionARN returns the ARN of a session of a role. It has the role's name and not its path.
func SessionARN(account AccountID, role, session string) string {
	return "arn:" + Partition + ":sts::" + string(account) + ":assumed-role/" + role + "/" + session
}

// FederatedARN returns the ARN of a federated user, who is a session of GetFederationToken.
func FederatedARN(account AccountID, name string) string {
	return "arn:" + Partition + ":sts::" + string(account) + ":federated-user/" + name
}

// RootARN returns the ARN of an account's root user.
func RootARN(account AccountID) string { return IAM(account, "root") }

// Source makes random ids from a reader of randomness. It is safe for concurrent use.
type Source struct {
	mu    sync.Mutex
	rand  io.Reader
	ahead [512]byte // read at once, because every request takes two ids, and each read may be a system call
	left  int       // bytes at the end of ahead that nobody has got
}

// NewSource returns a Source that reads r, which is crypto/rand.Reader but in tests.
func NewSource(r io.Reader) *Source { return &Source{rand: r} }

// Bytes returns n random bytes. It panics when randomness fails, since no answer made without it can be trusted.
func (s *Source) Bytes(n int) []byte {
	b := make([]byte, n)
	s.read(b)
	return b
}

// read fills rest with random bytes.
func (s *Source) read(rest []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(rest) > 0 {
		if s.left == 0 {
			if _, err := io.ReadFull(s.rand, s.ahead[:]); err != nil {
				panic("ident: no randomness: " + err.Error())
			}
			s.left = len(s.ahead)
		}
		got := s.ahead[len(s.ahead)-s.left:]
		took := copy(rest, got)
		clear(got[:took]) // what was a secret is nobody's now
		rest, s.left = rest[took:], s.left-took
	}
}

// Alphabets of ids: lower-case letters and digits, and the base32 alphabet of IAM's unique ids.
const (
	lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"
	upperAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	digits     = "0123456789"
)

// Text returns n random characters of alphabet, whose length is at most 256.
func (s *Source) Text(n int, alphabet string) string {
	limit := 256 - 256%len(alphabet) // refuse the tail, so that all characters are equally likely
	out := make([]byte, 0, n)
	for len(out) < n {
		for _, b := range s.Bytes(n) {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// Lower returns n random lower-case letters and digits, as in "o-a1b2c3d4e5".
func (s *Source) Lower(n int) string { return s.Text(n, lowerAlnum) }

// Hex returns 2n hexadecimal digits.
func (s *Source) Hex(n int) string { return hex.EncodeToString(s.Bytes(n)) }

// UUID returns a random UUID (RFC 9562 section 5.4).
func (s *Source) UUID() string {
	var b [16]byte
	s.read(b[:])
	return uuid(&b, 4)
}

// RequestID returns a UUID that begins with the time (RFC 9562 section 5.7), so that what it names is found by looking at
// what happened then.
func (s *Source) RequestID(now time.Time) string {
	var b [16]byte
	s.read(b[6:])
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(b[:], uint16(ms>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(ms))
	return uuid(&b, 7)
}

// RequestTime returns when RequestID made an id; ok is false when it did not.
func RequestTime(id string) (at time.Time, ok bool) {
	b := UUIDBytes(id)
	if b == nil || uuid((*[16]byte)(slices.Clone(b)), 7) != id {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint16(b))<<32 | int64(binary.BigEndian.Uint32(b[2:]))).UTC(), true
}

// UUIDBytes returns the 16 bytes of a UUID in its usual form, or nil.
func UUIDBytes(id string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(b) != 16 || len(id) != 36 {
		return nil
	}
	return b
}

// uuid writes a UUID of a version.
func uuid(b *[16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:], b[:4])
	for i, at := range [...]int{8, 13, 18} {
		text[at] = '-'
		hex.Encode(text[at+1:], b[4+2*i:6+2*i])
	}
	text[23] = '-'
	hex.Encode(text[24:], b[10:])
	return string(text[:])
}

// AccountID returns a random account number that does not begin with 0.
func (s *Source) AccountID() AccountID {
	return AccountID(s.Text(1, digits[1:]) + s.Text(11, digits))
}

// Prefixes of IAM's unique ids. See "IAM identifiers" in the IAM User Guide.
const (
	UserPrefix      = "AIDA"
	RolePrefix      = "AROA"
	GroupPrefix     = "AGPA"
	PolicyPrefix    = "ANPA"
	KeyPrefix       = "AKIA" // long-term access keys
	TemporaryPrefix = "ASIA" // access keys of sessions
)

// IAM returns a unique id such as AROA and 17 characters.
func (s *Source) IAM(prefix string) string { return prefix + s.Text(17, upperAlnum) }

// keyEncoding is the alphabet of access key ids.
var keyEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// AccessKeyID returns an access key id of account: the prefix, then 10 bytes in base32. The first 40 bits hold the
// account number with a leading one bit, as AWS's own do, so that GetAccessKeyInfo needs no table; five random bytes follow.
func (s *Source) AccessKeyID(prefix string, account AccountID) string {
	return AccessKeyIDFrom(prefix, account, s.Bytes(5))
}

// AccessKeyIDFrom is AccessKeyID with the five random bytes given.
func AccessKeyIDFrom(prefix string, account AccountID, random []byte) string {
	var n uint64
	for _, c := range account {
		n = n*10 + uint64(c-'0')
	}
	// Six bytes: one set bit, 40 bits of account number, and 7 bits of randomness; then four random bytes.
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], (1<<47|n<<7|uint64(random[0]&0x7f))<<16)
	raw := append(append([]byte{}, head[:6]...), random[1:5]...)
	return prefix + keyEncoding.EncodeToString(raw)
}

// AccountOfKey returns the account that an access key id names.
func AccountOfKey(id string) (AccountID, error) {
	if len(id) != 20 {
		return "", fmt.Errorf("access key ids have 20 characters")
	}
	raw, err := keyEncoding.DecodeString(id[4:])
	if err != nil {
		return "", fmt.Errorf("access key id: %w", err)
	}
	n := binary.BigEndian.Uint64(append(raw[:6:6], 0, 0)) >> 16
	n = (n &^ (1 << 47)) >> 7
	if n >= 1_000_000_000_000 {
		return "", fmt.Errorf("access key id names no account")
	}
	return AccountID(fmt.Sprintf("%012d", n)), nil
}
