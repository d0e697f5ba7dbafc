package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Key is the key that signs: a secret narrowed to one day, region and service.
type Key [32]byte

// SigningKey derives the key of a scope from the secret of an access key.
func SigningKey(secret, date, region, service string) Key {
	k := mac([]byte("AWS4"+secret), []byte(date))
	k = mac(k[:], []byte(region))
	k = mac(k[:], []byte(service))
	return mac(k[:], []byte(terminator))
}

// mac is HMAC-SHA256 (RFC 2104) with a key that is used once: crypto/hmac would put two digests on the heap for it.
func mac(key, message []byte) Key {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var inner [sha256.BlockSize + 192]byte // a string to sign has about 150 bytes
	var outer [2 * sha256.BlockSize]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := sha256.Sum256(append(inner[:sha256.BlockSize], message...))
	return sha256.Sum256(append(outer[:sha256.BlockSize], sum[:]...))
}

// Key derives the key that must have signed, given the secret of s.AccessKeyID.
func (s *Signature) Key(secret string) Key {
	return SigningKey(secret, s.Date, s.Region, s.Service)
}

// Verify checks that whoever holds key signed r with this body, and did so for now. r is the request that s was
// parsed from. Each check is one function; the first that objects decides, the cheap ones come first.
func (s *Signature) Verify(r *http.Request, body []byte, key Key, now time.Time) error {
	return s.verify(r, body, newSigner(key), now)
}

func (s *Signature) verify(r *http.Request, body []byte, by *signer, now time.Time) error {
	if err := s.checkTime(now); err != nil {
		return err
	}
	if err := s.checkDay(); err != nil {
		return err
	}
	if err := s.checkSignedHeaders(r); err != nil {
		return err
	}
	if s.unread {
		if err := s.statePayload(r.Header); err != nil {
			return err
		}
		return s.checkSignature(r, nil, by)
	}
	hash := sha256.Sum256(body)
	if err := checkContentHash(r.Header, &hash); err != nil {
		return err
	}
	return s.checkSignature(r, &hash, by)
}

// checkTime: "Troubleshoot Signature Version 4 signing", timestamps; the window is five minutes.
func (s *Signature) checkTime(now time.Time) error {
	switch early, late := now.Add(-Skew), now.Add(Skew); {
	case s.Time.After(late):
		return &Error{Skewed, "Signature not yet current: " + stamp(s.Time) + " is still later than " +
			stamp(late) + " (" + stamp(now) + " + 5 min.)"}
	case s.Presigned && now.After(s.Time.Add(s.Expires)):
		return &Error{Reason: PresignedExpired}
	case !s.Presigned && s.Time.Before(early):
		return &Error{Skewed, "Signature expired: " + stamp(s.Time) + " is now earlier than " +
			stamp(early) + " (" + stamp(now) + " - 5 min.)"}
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }

// checkDay: the day of the scope is the day of the timestamp.
func (s *Signature) checkDay() error {
	var room [8]byte
	if day := s.Time.AppendFormat(room[:0], "20060102"); string(day) != s.Date {
		return &Error{ScopeMismatch, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			s.Date + "' != '" + string(day) + "'."}
	}
	return nil
}

// checkSignedHeaders: what the server acts on must be signed.
func (s *Signature) checkSignedHeaders(r *http.Request) error {
	if !s.Signs("host") {
		return incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	if len(r.Header["X-Amz-Target"]) > 0 && !s.Signs("x-amz-target") {
		return incomplete("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.")
	}
	if s.unread { // these headers make another request of it, such as a copy
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Amz-") && !s.Signs(strings.ToLower(name)) && !(s.Presigned && name == "X-Amz-Content-Sha256") {
				return &Error{Reason: HeaderUnsigned}
			}
		}
	}
	if s.Presigned {
		return nil // date and token are in the query, all of which is signed
	}
	dated := "date"
	if len(r.Header["X-Amz-Date"]) > 0 {
		dated = "x-amz-date"
	}
	if !s.Signs(dated) {
		return incomplete("'X-Amz-Date' or 'Date' must be a 'SignedHeader' in the AWS Authorization.")
	}
	if len(r.Header["X-Amz-Security-Token"]) > 0 && !s.Signs("x-amz-security-token") {
		return incomplete("'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

// checkContentHash: a stated hash must be the body's. This is also what refuses UNSIGNED-PAYLOAD.
func checkContentHash(h http.Header, hash *[32]byte) error {
	stated, err := one(h, "X-Amz-Content-Sha256")
	if err != nil {
		return err
	}
	var room [64]byte
	if stated != "" && stated != string(hex.AppendEncode(room[:0], hash[:])) {
		return &Error{BadSignature, "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	return nil
}

// unsigned is what a presigned request states of its body when it states nothing.
const unsigned = "UNSIGNED-PAYLOAD"

// statePayload reads what a request of Amazon S3 says of its body: a hash, or that it signs it in chunks or not at all.
// See "Authenticating Requests" in the Amazon S3 API Reference.
func (s *Signature) statePayload(h http.Header) error {
	stated, err := one(h, "X-Amz-Content-Sha256")
	switch {
	case err != nil:
		return err
	case stated == "" && s.Presigned:
		s.payload = unsigned
		return nil
	case stated == "":
		return incomplete("Missing required header for this request: x-amz-content-sha256.")
	case !s.Presigned && !s.Signs("x-amz-content-sha256"):
		return incomplete("'X-Amz-Content-Sha256' must be a 'SignedHeader' in the AWS Authorization.")
	}
	s.payload = stated
	return nil
}

// checkSignature compares the signature with the one that the key makes of the canonical request.
func (s *Signature) checkSignature(r *http.Request, hash *[32]byte, by *signer) error {
	room, _ := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	canonical, err := s.appendCanonical((*room)[:0], r, hash)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(canonical)
	buf := append(canonical[:0], algorithm+"\n"...)
	buf = append(s.Time.AppendFormat(buf, timeLayout), '\n')
	for _, part := range [...]string{s.Date, "/", s.Region, "/", s.Service, "/" + terminator + "\n"} {
		buf = append(buf, part...)
	}
	buf = hex.AppendEncode(buf, sum[:])
	*room = buf
	if !by.signed(buf, &s.sum) {
		return &Error{Reason: BadSignature}
	}
	return nil
}

// rooms are buffers for canonical requests.
var rooms = sync.Pool{New: func() any { room := make([]byte, 0, 4096); return &room }}
