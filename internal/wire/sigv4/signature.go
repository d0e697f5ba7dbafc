package sigv4

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeLayout = "20060102T150405Z"

	// Skew is how far the clock of a client may be from ours.
	Skew = 5 * time.Minute
	// MaxExpires is the longest life a presigned request may ask for.
	MaxExpires = 7 * 24 * time.Hour

	maxSignedHeaders = 64
)

// Signature is what a request says about its signature. Nothing in it is proven until Verify returns nil.
type Signature struct {
	AccessKeyID  string
	Date         string // the day of the credential scope, such as "20260102"
	Region       string
	Service      string
	Time         time.Time // when the request says it was signed, UTC
	SessionToken string    // empty for long-term keys
	Presigned    bool      // the signature is in the query
	Expires      time.Duration

	signedHeaders string // as sent: lower case, sorted, separated by semicolons
	query         []parameter
	sum           [32]byte
	unread        bool
	payload       string // what is stated of a body that is not read
}

// LeaveBody says that the request follows Amazon S3's rules and that its body is not read: what it states of the body is
// signed and believed, and its path is encoded once. It is for whoever decides on a request and never acts on its body.
func (s *Signature) LeaveBody() { s.unread = true }

// Signs reports whether the signature covers the header name, which is given in lower case.
func (s *Signature) Signs(name string) bool {
	for h := range strings.SplitSeq(s.signedHeaders, ";") {
		if h == name {
			return true
		}
	}
	return false
}

// Parse reads the signature of r from its Authorization header or its query. It returns ErrUnsigned where there is
// none, which includes an Authorization header of another scheme, and an *Error with Incomplete where there is one
// that cannot be read.
func Parse(r *http.Request) (*Signature, error) {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	auth, err := one(r.Header, "Authorization")
	if err != nil {
		return nil, err
	}
	presigned := has(query, "X-Amz-Signature") || has(query, "X-Amz-Algorithm") || has(query, "X-Amz-Credential")
	switch {
	case presigned && auth != "":
		return nil, incomplete("The request is signed both in its Authorization header and in its query.")
	case presigned:
		return parsePresigned(r, query)
	case len(auth) < 3 || !strings.EqualFold(auth[:3], "AWS"):
		return nil, ErrUnsigned
	default:
		return parseHeader(r, auth, query)
	}
}

func parseHeader(r *http.Request, auth string, query []parameter) (*Signature, error) {
	s := &Signature{query: query}
	for _, p := range query {
		if isPresigning(p.name) {
			return nil, incomplete("The request has an Authorization header and the query parameter '" + p.name + "'.")
		}
	}
	rest, ok := strings.CutPrefix(auth, algorithm+" ")
	if !ok {
		return nil, incomplete("Unsupported AWS 'algorithm'; only " + algorithm + " is supported.")
	}
	if err := s.parseFields(rest); err != nil {
		return nil, err
	}
	var err error
	if s.Time, err = headerTime(r.Header); err != nil {
		return nil, err
	}
	if s.SessionToken, err = one(r.Header, "X-Amz-Security-Token"); err != nil {
		return nil, err
	}
	return s, nil
}

// parseFields reads the three name=value pairs of an Authorization header.
func (s *Signature) parseFields(rest string) error {
	var credential, signature string
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.Trim(field, " "), "=")
		var to *string
		switch name {
		case "Credential":
			to = &credential
		case "SignedHeaders":
			to = &s.signedHeaders
		case "Signature":
			to = &signature
		default:
			return incomplete("Authorization header has a parameter that is not one of 'Credential', 'SignedHeaders' and 'Signature'.")
		}
		if *to != "" {
			return incomplete("Authorization header has the parameter '" + name + "' twice.")
		}
		*to = value
	}
	for _, p := range [...]parameter{{"Credential", credential}, {"SignedHeaders", s.signedHeaders}, {"Signature", signature}} {
		if p.value == "" {
			return incomplete("Authorization header requires '" + p.name + "' parameter.")
		}
	}
	return s.set(credential, signature)
}

func parsePresigned(r *http.Request, query []parameter) (*Signature, error) {
	s := &Signature{Presigned: true, query: query}
	var alg, credential, signature, date, expires string
	fields := [...]struct {
		name string
		to   *string
	}{
		{"X-Amz-Algorithm", &alg}, {"X-Amz-Credential", &credential}, {"X-Amz-Signature", &signature},
		{"X-Amz-SignedHeaders", &s.signedHeaders}, {"X-Amz-Date", &date}, {"X-Amz-Expires", &expires},
	}
	for _, f := range fields {
		if *f.to = value(query, f.name); *f.to == "" {
			return nil, incomplete("AWS query-string parameters must include '" + f.name + "'.")
		}
	}
	if alg != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm'; only " + algorithm + " is supported.")
	}
	if len(r.Header["X-Amz-Security-Token"]) > 0 {
		return nil, incomplete("A presigned request carries its security token in the query.")
	}
	s.SessionToken = value(query, "X-Amz-Security-Token")
	seconds, err := strconv.Atoi(expires)
	if err != nil || seconds < 1 || seconds > int(MaxExpires/time.Second) {
		return nil, incomplete("X-Amz-Expires must be between 1 and 604800 seconds.")
	}
	s.Expires = time.Duration(seconds) * time.Second
	if s.Time, err = time.Parse(timeLayout, date); err != nil {
		return nil, incomplete("X-Amz-Date must be in the ISO8601 basic format YYYYMMDD'T'HHMMSS'Z'.")
	}
	return s, s.set(credential, signature)
}

// set reads the values that both forms of signature have.
func (s *Signature) set(credential, signature string) error {
	if err := s.setScope(credential); err != nil {
		return err
	}
	if !sortedHeaderNames(s.signedHeaders) {
		return incomplete("SignedHeaders must be lower-case header names, sorted, each once, separated by semicolons.")
	}
	if len(signature) != 64 || strings.ContainsAny(signature, "ABCDEF") {
		return incomplete("The signature must be 64 lower-case hexadecimal digits.")
	}
	if _, err := hex.Decode(s.sum[:], []byte(signature)); err != nil {
		return incomplete("The signature must be 64 lower-case hexadecimal digits.")
	}
	return nil
}

// headerTime reads the instant of signing: X-Amz-Date, or Date where it is absent.
func headerTime(h http.Header) (time.Time, error) {
	v, err := one(h, "X-Amz-Date")
	if err != nil {
		return time.Time{}, err
	}
	if v != "" {
		if t, err := time.Parse(timeLayout, v); err == nil {
			return t, nil
		}
		return time.Time{}, incomplete("X-Amz-Date must be in the ISO8601 basic format YYYYMMDD'T'HHMMSS'Z'.")
	}
	if v, err = one(h, "Date"); err != nil {
		return time.Time{}, err
	}
	if t, err := time.Parse(timeLayout, v); err == nil {
		return t, nil
	}
	if t, err := time.Parse(http.TimeFormat, v); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
}

// one returns the only value of a header, or "" where the header is absent.
func one(h http.Header, key string) (string, error) {
	switch vs := h[key]; len(vs) {
	case 0:
		return "", nil
	case 1:
		return vs[0], nil
	default:
		return "", incomplete("The header '" + key + "' occurs more than once.")
	}
}
