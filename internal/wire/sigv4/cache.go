package sigv4

import (
	"crypto/sha256"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"time"
)

const shards = 16

// KeyCache remembers signing keys, which cost four HMACs and often the derivation of a secret.
//
// It holds keys only of signatures that verified, so nobody fills it who has no credentials. An entry is found only
// with the same access key, session token, day, region and service, and not after the credentials end. It says
// nothing about whether the access key is still active: the caller asks its own records on every request.
type KeyCache struct {
	seed   maphash.Seed
	limit  int
	shards [shards]shard
}

// shard keeps two generations: when the young one is full it becomes the old one, and the old one is forgotten.
type shard struct {
	mu         sync.Mutex
	young, old map[cacheKey]cached
}

type cacheKey struct {
	token                              [32]byte // SHA-256 of the session token, zero without one
	accessKeyID, date, region, service string
}

type cached struct {
	key   Key
	until time.Time // zero for long-term keys
}

// NewKeyCache makes a cache of at most about size keys.
func NewKeyCache(size int) *KeyCache {
	return &KeyCache{seed: maphash.MakeSeed(), limit: max(1, size/shards/2)}
}

// Verify is s.Verify with the key from the cache, or derived from what secret returns where it is not there. An
// error of secret is returned as it is. until is the end of temporary credentials, zero for long-term keys.
func (c *KeyCache) Verify(s *Signature, r *http.Request, body []byte, now, until time.Time, secret func() (string, error)) error {
	if !until.IsZero() && !now.Before(until) {
		return &Error{Reason: ExpiredToken}
	}
	k := cacheKey{accessKeyID: s.AccessKeyID, date: s.Date, region: s.Region, service: s.Service}
	if s.SessionToken != "" {
		k.token = sha256.Sum256([]byte(s.SessionToken))
	}
	sh := &c.shards[maphash.String(c.seed, s.AccessKeyID)%shards]
	if e, ok := sh.get(k); ok && (e.until.IsZero() || now.Before(e.until)) {
		return s.Verify(r, body, e.key, now)
	}
	text, err := secret()
	if err != nil {
		return err
	}
	key := s.Key(text)
	if err := s.Verify(r, body, key, now); err != nil {
		return err
	}
	sh.put(k, cached{key, until}, c.limit)
	return nil
}

func (sh *shard) get(k cacheKey) (cached, bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.young[k]
	if !ok {
		e, ok = sh.old[k]
	}
	return e, ok
}

func (sh *shard) put(k cacheKey, e cached, limit int) {
	// The strings are parts of the request's headers, which must not live as long as the cache.
	k.accessKeyID, k.date = strings.Clone(k.accessKeyID), strings.Clone(k.date)
	k.region, k.service = strings.Clone(k.region), strings.Clone(k.service)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.young == nil || len(sh.young) >= limit {
		sh.old, sh.young = sh.young, make(map[cacheKey]cached, min(limit, 64))
	}
	sh.young[k] = e
}
