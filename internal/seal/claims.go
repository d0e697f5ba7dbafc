package seal

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Kind says how a session came to be.
type Kind uint8

// The kinds of sessions.
const (
	AssumedRole Kind = 1 + iota // AssumeRole and its relatives, GetRoleCredentials
	RootUser                    // a root user's session
	User                        // GetSessionToken of an IAM user
	Federated                   // GetFederationToken
)

// Tag is a session tag.
type Tag struct{ Key, Value string }

// Claims are what session credentials say about their holder. Times have milliseconds.
type Claims struct {
	Kind        Kind
	Account     ident.AccountID
	RoleID      string // the unique id of the role (AROA…) or IAM user (AIDA…)
	RoleName    string // the name of the role or IAM user
	RolePath    string
	SessionName string // the role session name, or the federated user's name
	UserID      string // of the person in the directory, if one signed in
	SessionID   string // of the portal session

	IssuedAt  time.Time
	ExpiresAt time.Time
	MFAAt     time.Time // when MFA was last proven; zero if it was not

	// Generations of what the session hangs on; revoking raises one, and lower is refused. The portal session has none: it is
	// revoked by being ended, and is looked up by its id.
	UserGeneration uint64
	RoleGeneration uint64

	SourceIdentity string
	Packed
}

// Packed is the part of the claims that travels deflated, for which AWS's limit on the packed size is meant. See "Session
// policies" and "Passing session tags in AWS STS" in the IAM User Guide.
type Packed struct {
	SessionPolicies   [][]byte // policy documents, as they were passed
	SessionPolicyARNs []string
	Tags              []Tag
	TransitiveTagKeys []string
}

// empty reports whether there is nothing to pack.
func (p *Packed) empty() bool {
	return len(p.SessionPolicies)+len(p.SessionPolicyARNs)+len(p.Tags)+len(p.TransitiveTagKeys) == 0
}

// encode appends the binary form of the claims: a kind, then numbers as uvarints and strings with their length, in
// the order that decode reads, then the packed part, which is already deflated. The box's format is the version of this layout.
func (c *Claims) encode(dst, packed []byte) []byte {
	account, _ := strconv.ParseUint(string(c.Account), 10, 64)
	dst = append(dst, byte(c.Kind))
	dst = binary.AppendUvarint(dst, account)
	for _, t := range []time.Time{c.IssuedAt, c.ExpiresAt, c.MFAAt} {
		dst = binary.AppendUvarint(dst, millis(t))
	}
	dst = binary.AppendUvarint(dst, c.UserGeneration)
	dst = binary.AppendUvarint(dst, c.RoleGeneration)
	for _, s := range []string{c.RoleID, c.RoleName, c.RolePath, c.SessionName, c.UserID, c.SessionID, c.SourceIdentity} {
		dst = appendString(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(packed)))
	return append(dst, packed...)
}

// decode reads what encode wrote and returns the packed part; it accepts nothing else.
func (c *Claims) decode(contents []byte) (packed string, ok bool) {
	r := reader{rest: string(contents)} // one copy, which all strings of the claims share
	c.Kind = Kind(r.byte())
	account := r.uvarint()
	c.IssuedAt, c.ExpiresAt, c.MFAAt = r.time(), r.time(), r.time()
	c.UserGeneration, c.RoleGeneration = r.uvarint(), r.uvarint()
	for _, s := range []*string{&c.RoleID, &c.RoleName, &c.RolePath, &c.SessionName, &c.UserID, &c.SessionID, &c.SourceIdentity} {
		*s = r.string()
	}
	packed = r.string()
	if r.bad || r.rest != "" || c.Kind < AssumedRole || c.Kind > Federated || account >= 1e12 {
		return "", false
	}
	c.Account = accountID(account)
	return packed, true
}

// accountID writes an account number with its leading zeros.
func accountID(n uint64) ident.AccountID {
	var b [12]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return ident.AccountID(b[:])
}

// encode appends the packed part before it is deflated.
func (p *Packed) encode(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(p.SessionPolicies)))
	for _, doc := range p.SessionPolicies {
		dst = appendString(dst, string(doc))
	}
	dst = appendStrings(dst, p.SessionPolicyARNs)
	dst = binary.AppendUvarint(dst, uint64(len(p.Tags)))
	for _, t := range p.Tags {
		dst = appendString(appendString(dst, t.Key), t.Value)
	}
	return appendStrings(dst, p.TransitiveTagKeys)
}

// decode reads what encode wrote.
func (p *Packed) decode(contents string) bool {
	r := reader{rest: contents}
	for n := r.count(); n > 0 && !r.bad; n-- {
		p.SessionPolicies = append(p.SessionPolicies, []byte(r.string()))
	}
	p.SessionPolicyARNs = r.strings()
	for n := r.count(); n > 0 && !r.bad; n-- {
		p.Tags = append(p.Tags, Tag{Key: r.string(), Value: r.string()})
	}
	p.TransitiveTagKeys = r.strings()
	return !r.bad && r.rest == ""
}

// maxMillis is the end of the year 9999, the last that timestamps can write.
const maxMillis = 253402300799999

// millis is a time in milliseconds; the zero time and times before 1970 are 0.
func millis(t time.Time) uint64 {
	if t.IsZero() || t.UnixMilli() < 0 {
		return 0
	}
	return uint64(t.UnixMilli())
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendStrings(dst []byte, list []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendString(dst, s)
	}
	return dst
}

// reader takes claims apart. Once something is missing it is bad and yields zeros.
type reader struct {
	rest string
	bad  bool
}

func (r *reader) byte() byte {
	if r.rest == "" {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	var n uint64
	for shift := uint(0); shift < 64; shift += 7 {
		b := r.byte()
		if shift == 63 && b > 1 || shift > 0 && b == 0 { // overflow, or a number written longer than needed
			break
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.bad = true
	return 0
}

// count is the length of a list; each element takes a byte at least.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) time() time.Time {
	n := r.uvarint()
	if n == 0 || n > maxMillis {
		r.bad = r.bad || n != 0
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

func (r *reader) string() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) strings() []string {
	var list []string
	for n := r.count(); n > 0 && !r.bad; n-- {
		list = append(list, r.string())
	}
	return list
}
