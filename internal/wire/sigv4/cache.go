package sigv4

import (
	"hash/maphash"
	"net/http"
	"sync"
	"time"
)

const shards = 16

// Credential is what stands behind an access key.
type Credential[T any] struct {
	Secret string
	Until  time.Time // the end of temporary credentials, zero for long-term keys
	Owner  T         // whatever the caller knows by it; shared between requests, so nobody changes it
}

// KeyCache remembers signing keys, which cost four HMACs and often the opening of a session token, and whose they are.
//
// It holds keys only of signatures that verified, so nobody fills it who has no credentials. An entry is found only
// with the same access key, session token, day, region, service and epoch, and not after the credentials end. It says
// nothing about whether the access key is still active: the caller asks its own records on every request.
type KeyCache[T any] struct {
	seed   maphash.Seed
	limit  int
	shards [shards]shard[T]
}

// shard keeps two generations: when the young one is full it becomes the old one, and the old one is forgotten.
type shard[T any] struct {
	mu         sync.Mutex
	young, old map[cacheKey]cached[T]
}

type cacheKey struct {
	epoch                              uint64
	accessKeyID, date, region, service string
}

type cached[T any] struct {
	token string
	by    *signer
	until time.Time
	owner T
}

// NewKeyCache makes a cache of at most about size keys.
func NewKeyCache[T any](size int) *KeyCache[T] {
	return &KeyCache[T]{seed: maphash.MakeSeed(), limit: max(1, size/shards/2)}
}

// Verify is s.Verify with the key from the cache or, where it is not there, derived from what find returns. It returns
// the credential's owner. An error of find is returned as it is. epoch numbers the state of whatever find opens tokens
// with: what was found in another is not found any more.
func (c *KeyCache[T]) Verify(s *Signature, r *http.Request, body []byte, now time.Time, epoch uint64, find func() (Credential[T], error)) (T, error) {
	var none T
	k := cacheKey{epoch, s.AccessKeyID, s.Date, s.Region, s.Service}
	sh := &c.shards[maphash.String(c.seed, s.AccessKeyID)%shards]
	if e, ok := sh.get(&k); ok && e.token == s.SessionToken {
		if ended(e.until, now) {
			return none, &Error{Reason: ExpiredToken}
		}
		return e.owner, s.verify(r, body, e.by, now)
	}
	found, err := find()
	if err != nil {
		return none, err
	}
	if ended(found.Until, now) {
		return none, &Error{Reason: ExpiredToken}
	}
	by := newSigner(s.Key(found.Secret))
	if err := s.verify(r, body, by, now); err != nil {
		return none, err
	}
	sh.put(k, cached[T]{s.SessionToken, by, found.Until, found.Owner}, c.limit)
	return found.Owner, nil
}

func ended(until, now time.Time) bool { return !until.IsZero() && !now.Before(until) }

func (sh *shard[T]) get(k *cacheKey) (cached[T], bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.young[*k]
	if !ok {
		e, ok = sh.old[*k]
	}
	return e, ok
}

func (sh *shard[T]) put(k cacheKey, e cached[T], limit int) {
	// The strings are parts of the request's headers, which must not live as long as the cache: one copy holds them all.
	parts := [...]*string{&e.token, &k.accessKeyID, &k.date, &k.region, &k.service}
	rest := e.token + k.accessKeyID + k.date + k.region + k.service
	for _, s := range parts {
		*s, rest = rest[:len(*s)], rest[len(*s):]
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.young == nil || len(sh.young) >= limit {
		sh.old, sh.young = sh.young, make(map[cacheKey]cached[T], limit)
	}
	sh.young[k] = e
}
