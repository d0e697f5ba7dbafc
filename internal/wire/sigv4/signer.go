package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync/atomic"
)

// signer makes signatures with one key. From the second on it keeps the HMAC that it used last, whose key is half of the
// work: many keys sign once and never again, and an HMAC for each would be most of what a cache of keys holds.
type signer struct {
	key  Key
	used atomic.Bool
	idle atomic.Pointer[signing]
}

// signing is an HMAC, and room for its sum.
type signing struct {
	mac hash.Hash
	sum [32]byte
}

func newSigner(key Key) *signer { return &signer{key: key} }

// signed reports whether sum is the signature of message.
func (s *signer) signed(message []byte, sum *[32]byte) bool {
	if !s.used.Load() {
		s.used.Store(true)
		made := mac(s.key[:], message)
		return hmac.Equal(made[:], sum[:])
	}
	at := s.idle.Swap(nil)
	if at == nil {
		at = &signing{mac: hmac.New(sha256.New, s.key[:])}
	}
	at.mac.Reset()
	at.mac.Write(message)
	at.mac.Sum(at.sum[:0])
	equal := hmac.Equal(at.sum[:], sum[:])
	s.idle.Store(at)
	return equal
}
