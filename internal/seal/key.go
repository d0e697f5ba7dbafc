package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// WrappedKey is a ring key as the store keeps it.
type WrappedKey struct {
	Name      uint32 // unique in the ring; a store that finds it taken asks for another key
	Purpose   Purpose
	Wrapped   []byte // nonce, then the sealed key; purpose, name and creation are authenticated with it
	CreatedAt int64  // milliseconds
	RetiredAt int64  // milliseconds; from then on the key only opens; 0 while in use
}

// nameCheckBits is how many low bits of a name are made with the root key.
const nameCheckBits = 12

// mint makes a new ring key.
func (r *Root) mint(purpose Purpose, random io.Reader, now time.Time) (WrappedKey, error) {
	var buf [4 + chacha20poly1305.NonceSizeX + keySize]byte
	if _, err := io.ReadFull(random, buf[:]); err != nil {
		return WrappedKey{}, fmt.Errorf("mint %s key: read randomness: %w", purpose, err)
	}
	k := WrappedKey{Purpose: purpose, CreatedAt: now.UnixMilli()}
	free := binary.BigEndian.Uint32(buf[:4]) &^ (1<<nameCheckBits - 1)
	k.Name = free | r.nameCheck(free)
	nonce, raw := buf[4:4+chacha20poly1305.NonceSizeX], buf[4+chacha20poly1305.NonceSizeX:]
	k.Wrapped = r.wrap.Seal(slices.Clone(nonce), nonce, raw, k.bound())
	return k, nil
}

// MintMissing makes a key for each purpose for which have holds none in use.
func (r *Root) MintMissing(have []WrappedKey, random io.Reader, now time.Time) ([]WrappedKey, error) {
	var made []WrappedKey
	for _, p := range Purposes() {
		if slices.ContainsFunc(have, func(k WrappedKey) bool { return k.Purpose == p && k.RetiredAt == 0 }) {
			continue
		}
		k, err := r.mint(p, random, now)
		for err == nil && slices.ContainsFunc(append(made, have...), func(o WrappedKey) bool { return o.Name == k.Name }) {
			k, err = r.mint(p, random, now)
		}
		if err != nil {
			return nil, err
		}
		made = append(made, k)
	}
	return made, nil
}

// nameCheck returns the low bits of the name whose other bits are free.
func (r *Root) nameCheck(free uint32) uint32 {
	m := hmac.New(sha256.New, r.names)
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], free)
	m.Write(b[:])
	return binary.BigEndian.Uint32(m.Sum(nil)) & (1<<nameCheckBits - 1)
}

// plausible reports whether name can be the name of a key of this root.
func (r *Root) plausible(name uint32) bool {
	check := name & (1<<nameCheckBits - 1)
	return r.nameCheck(name-check) == check
}

// bound is the additional data of a wrapped key.
func (k *WrappedKey) bound() []byte {
	b := append([]byte("gatehouse ring key 1\x00"), k.Purpose...)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint32(b, k.Name)
	return binary.BigEndian.AppendUint64(b, uint64(k.CreatedAt))
}

// key is an unwrapped ring key: the keys derived from it, ready for use.
type key struct {
	name    uint32
	purpose Purpose
	created int64
	retired bool
	aead    cipher.AEAD
	macs    hmacs
	secrets hmacs
}

// unwrap opens a wrapped key.
func (r *Root) unwrap(w WrappedKey) (*key, error) {
	n := r.wrap.NonceSize()
	if len(w.Wrapped) != n+keySize+r.wrap.Overhead() {
		return nil, fmt.Errorf("key %08x (%s): %w", w.Name, w.Purpose, ErrInvalid)
	}
	raw, err := r.wrap.Open(nil, w.Wrapped[:n], w.Wrapped[n:], w.bound())
	if err != nil {
		return nil, fmt.Errorf("key %08x (%s) does not belong to this root key: %w", w.Name, w.Purpose, ErrInvalid)
	}
	k := &key{name: w.Name, purpose: w.Purpose, created: w.CreatedAt, retired: w.RetiredAt != 0}
	var derived [3][]byte
	for i, use := range []string{"seal", "mac", "secret"} {
		if derived[i], err = derive(raw, "gatehouse ring "+string(w.Purpose)+" "+use); err != nil {
			return nil, err
		}
	}
	k.macs.key, k.secrets.key = derived[1], derived[2]
	k.aead, err = chacha20poly1305.NewX(derived[0])
	return k, err
}

// hmacs is HMAC-SHA256 under one key, its states used again and again.
type hmacs struct {
	key  []byte
	pool sync.Pool // *macState
}

// macState is one state with room for its input and its sum, which would otherwise be allocated each time.
type macState struct {
	hash hash.Hash
	in   []byte
	out  [sha256.Size]byte
}

// maxScratch is how much input a state keeps room for.
const maxScratch = 4096

// sum appends to dst the first n bytes of the HMAC of what input appends; input makes its parts unambiguous.
func (h *hmacs) sum(dst []byte, n int, input func([]byte) []byte) []byte {
	s, _ := h.pool.Get().(*macState)
	if s == nil {
		s = &macState{hash: hmac.New(sha256.New, h.key)}
	}
	s.in = input(s.in[:0])
	s.hash.Reset()
	s.hash.Write(s.in)
	dst = append(dst, s.hash.Sum(s.out[:0])[:n]...)
	if cap(s.in) > maxScratch {
		s.in = nil
	}
	h.pool.Put(s)
	return dst
}

// appendPart appends a part with its length, so that no byte can move to the next.
func appendPart(dst, part []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(part))), part...)
}
