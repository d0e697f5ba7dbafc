package factor

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What apps are told: the values that all of them know. See RFC 6238 section 4 and RFC 4226 section 5.3.
const (
	digits = 6
	period = 30 * time.Second
	// SecretSize is the length of an app's secret: 160 bits, as RFC 4226 section 4 recommends.
	SecretSize = 20
)

// How many steps the clock of an app may be off to either side. See RFC 6238 section 5.2.
const (
	Drift    = 1 // of people's apps
	IAMDrift = 2 // of the virtual MFA devices of IAM, as AWS has it
)

// step is the number of the period that a time is in.
func step(at time.Time) int64 { return at.Unix() / int64(period/time.Second) }

// Code is the code of a step. See RFC 4226 section 5.3.
func Code(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, secret)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// CodeAt is the code that an app shows at a time.
func CodeAt(secret []byte, at time.Time) string { return Code(secret, step(at)) }

// MatchCode returns the step that a code is of: one that is at most drift steps from now and later than used, the last
// step whose code was accepted. It takes as long whether a code is right or not.
func MatchCode(secret []byte, code string, now time.Time, drift, used int64) (at int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, code)
	for s := step(now) - drift; s <= step(now)+drift; s++ {
		same := subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1
		if same && s > used {
			at, ok = s, true
		}
	}
	return at, ok
}

// secretEncoding is how apps have their secret typed in.
var secretEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// SecretText is a secret as it is typed into an app.
func SecretText(secret []byte) string { return secretEncoding.EncodeToString(secret) }

// How long the secret of a hardware token may be: RFC 4226 section 4 wants 128 bits, and more than a block of the hash adds
// nothing (RFC 2104 section 3).
const (
	leastSecret = 16
	mostSecret  = 64
)

// ReadSecret reads a secret as the maker of a hardware token prints it: base32, in groups or not. It reports whether it is
// one.
func ReadSecret(text string) ([]byte, bool) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimRight(text, "= ")))
	secret, err := secretEncoding.DecodeString(text)
	return secret, err == nil && len(secret) >= leastSecret && len(secret) <= mostSecret
}

// AppURI is what the QR code of a secret says: the key URI that apps agree on.
func AppURI(secret []byte, issuer, account string) string {
	q := url.Values{"secret": {SecretText(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(digits)}, "period": {fmt.Sprint(int(period / time.Second))}}
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + spaced(q)
}

// spaced writes a query for apps, which do not read + as a blank.
func spaced(q url.Values) string { return strings.ReplaceAll(q.Encode(), "+", "%20") }
