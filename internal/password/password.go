// Package password hashes passwords and slows down those who guess them.
//
// Passwords are hashed with argon2id (RFC 9106) and kept as PHC strings that name their parameters, so that
// parameters can be raised: a hash that is not made with today's says so when it is verified, and is then made anew.
//
// Hashing is meant to be expensive, which makes it a way to exhaust a server. So a Hasher computes a few at a time, lets
// a bounded number wait, and turns the rest away with ErrBusy; and when it has been idle for a while it gives its memory
// back to the system.
//
// Whether a user exists must not be told by the time of an answer: VerifyNobody does the work of Verify for users that do
// not exist.
//
// What a new password has to meet, Rules say: long enough, not one of the 122,214 that guessers try first, not a pattern, and
// not the name of the person or the place. The list is embedded as a set of 269 KB that answers yes or no.
//
// A Throttle makes guessing slow, by account and by address. It is kept in memory, bounded, and forgets.
//
// See OWASP's "Password Storage Cheat Sheet" and "Authentication Cheat Sheet".
package password

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// MaxLength is the longest password in bytes, in its normal form; longer ones verify as wrong, at once and for everybody.
const MaxLength = 1024

// Params are the cost of a hash.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// Recommended returns the parameters that OWASP recommends for argon2id: 19 MiB, two passes, one thread.
func Recommended() Params { return Params{Memory: 19456, Time: 2, Threads: 1} }

// Lengths of what is made, in bytes.
const (
	saltSize = 16
	hashSize = 32
)

// Bounds of what is read, so that a damaged row cannot cost the server its memory.
const (
	maxMemory  = 1 << 20 // KiB
	maxTime    = 64
	maxThreads = 64
)

// errMalformed is every way in which a string is not a hash.
var errMalformed = errors.New("not an argon2id hash")

// hashed is a PHC string taken apart.
type hashed struct {
	Params
	salt, sum []byte
}

// encoding is base64 as PHC strings have it: strict, so that a hash has one spelling.
var encoding = base64.RawStdEncoding.Strict()

// compute hashes a password that is in its normal form.
func compute(p Params, salt []byte, password string, size int) hashed {
	return hashed{Params: p, salt: salt, sum: argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, uint32(size))}
}

// String writes the PHC string.
func (h hashed) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads,
		encoding.EncodeToString(h.salt), encoding.EncodeToString(h.sum))
}

// parse reads a PHC string.
func parse(phc string) (hashed, error) {
	f := strings.Split(phc, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v="+strconv.Itoa(argon2.Version) {
		return hashed{}, errMalformed
	}
	var h hashed
	costs := strings.Split(f[3], ",")
	if len(costs) != 3 {
		return hashed{}, errMalformed
	}
	var n [3]uint64
	for i, c := range []struct {
		name string
		max  uint64
	}{{"m=", maxMemory}, {"t=", maxTime}, {"p=", maxThreads}} {
		digits, ok := strings.CutPrefix(costs[i], c.name)
		v, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || v < 1 || v > c.max {
			return hashed{}, errMalformed
		}
		n[i] = v
	}
	h.Params = Params{Memory: uint32(n[0]), Time: uint32(n[1]), Threads: uint8(n[2])}
	var errs [2]error
	h.salt, errs[0] = encoding.DecodeString(f[4])
	h.sum, errs[1] = encoding.DecodeString(f[5])
	if errors.Join(errs[:]...) != nil || len(h.salt) < 8 || len(h.salt) > 64 || len(h.sum) < 16 || len(h.sum) > 64 || h.String() != phc {
		return hashed{}, errMalformed
	}
	return h, nil
}

// matches hashes a password that is in its normal form as h was, and compares.
func (h hashed) matches(password string) bool {
	got := compute(h.Params, h.salt, password, len(h.sum))
	return subtle.ConstantTimeCompare(got.sum, h.sum) == 1
}

// current reports whether h is made as today's are.
func (h hashed) current(p Params) bool {
	return h.Params == p && len(h.salt) == saltSize && len(h.sum) == hashSize
}
