package seal

import (
	"compress/flate"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Ring holds the unwrapped keys of a server. It is safe for concurrent use.
type Ring struct {
	root      *Root
	reload    func() ([]WrappedKey, error)
	reloading sync.Mutex
	keys      atomic.Pointer[keys]

	deflaters sync.Pool // *flate.Writer
	inflaters sync.Pool // io.ReadCloser of flate
}

// keys is one immutable state of the ring.
type keys struct {
	epoch  uint64
	byName map[uint32]*key
	newest map[Purpose]*key // of each purpose, the newest key in use
}

// NewRing unwraps keys under root. A key that does not unwrap is an error, since what it made could not be opened. Reload
// reads the keys again when a token names an unknown one; it may be nil.
func NewRing(root *Root, wrapped []WrappedKey, reload func() ([]WrappedKey, error)) (*Ring, error) {
	r := &Ring{root: root, reload: reload}
	r.deflaters.New = func() any {
		w, err := flate.NewWriter(nil, flate.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}
	r.inflaters.New = func() any { return flate.NewReader(strings.NewReader("")) }
	r.keys.Store(&keys{})
	return r, r.Replace(wrapped)
}

// Replace makes wrapped the keys of the ring, as after a rotation.
func (r *Ring) Replace(wrapped []WrappedKey) error {
	old := r.keys.Load()
	next := &keys{epoch: old.epoch + 1, byName: make(map[uint32]*key, len(wrapped)), newest: map[Purpose]*key{}}
	for _, w := range wrapped {
		k := old.byName[w.Name]
		if k == nil || k.purpose != w.Purpose || k.created != w.CreatedAt || k.retired != (w.RetiredAt != 0) {
			var err error
			if k, err = r.root.unwrap(w); err != nil {
				return err
			}
		}
		if next.byName[k.name] != nil {
			return fmt.Errorf("two keys of the ring are named %08x", k.name)
		}
		next.byName[k.name] = k
		if n := next.newest[k.purpose]; !k.retired && (n == nil || newer(k, n)) {
			next.newest[k.purpose] = k
		}
	}
	if !maps.Equal(next.byName, old.byName) { // else whoever sends invented names would end the epoch as often as they like
		r.keys.Store(next)
	}
	return nil
}

// Epoch numbers the state of the ring: what was opened in another may not open any more.
func (r *Ring) Epoch() uint64 { return r.keys.Load().epoch }

// newer orders keys by creation, then by name so that all nodes agree.
func newer(a, b *key) bool {
	return a.created > b.created || a.created == b.created && a.name > b.name
}

// Has reports whether the ring holds a key in use for every purpose.
func (r *Ring) Has(purposes ...Purpose) bool {
	have := r.keys.Load().newest
	for _, p := range purposes {
		if have[p] == nil {
			return false
		}
	}
	return true
}

// current returns the key that makes new things for purpose.
func (r *Ring) current(purpose Purpose) (*key, error) {
	if k := r.keys.Load().newest[purpose]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("the key ring has no key for %s", purpose)
}

// find returns the key of this name and purpose, asking the store once when the name is unknown but could be right.
// It fails with ErrInvalid, or with the store's own error: not being able to look is no proof that a token is bad.
func (r *Ring) find(name uint32, purpose Purpose) (*key, error) {
	k := r.keys.Load().byName[name]
	if k == nil && r.reload != nil && r.root.plausible(name) {
		var err error
		if k, err = r.load(name); err != nil {
			return nil, err
		}
	}
	if k == nil || k.purpose != purpose {
		return nil, ErrInvalid
	}
	return k, nil
}

// load reads the keys again, unless somebody else just did and found name.
func (r *Ring) load(name uint32) (*key, error) {
	r.reloading.Lock()
	defer r.reloading.Unlock()
	if k := r.keys.Load().byName[name]; k != nil {
		return k, nil
	}
	wrapped, err := r.reload()
	if err != nil {
		return nil, fmt.Errorf("reload the key ring: %w", err)
	}
	if err := r.Replace(wrapped); err != nil {
		return nil, fmt.Errorf("reload the key ring: %w", err)
	}
	return r.keys.Load().byName[name], nil
}
