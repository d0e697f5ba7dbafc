package authz

import "hash/maphash"

// A tree is cut fan ways a level, and a leaf of it holds up to leafSize entries. A change copies one leaf and the few
// branches above it, whatever is stored.
const (
	fanBits  = 3
	fan      = 1 << fanBits
	leafSize = 32
	maxDepth = 64 / fanBits
)

// tree is an immutable hash map: with and without return a new one that shares all but one path with the old.
type tree[K comparable, V any] struct {
	root *node[K, V]
	seed maphash.Seed
}

// node is a branch when it has kids, else a leaf. A tag is a byte of the hash of a leaf's entry: one that differs saves
// reading the key, which lies elsewhere when it is a text and is not in the processor's cache when there are many.
type node[K comparable, V any] struct {
	kids *[fan]*node[K, V]
	list []entry[K, V]
	tags [leafSize]uint8 // of the first entries; there are more only at the greatest depth
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func (t tree[K, V]) get(key K) (value V, ok bool) {
	if t.root == nil {
		return value, false
	}
	n, h := t.root, maphash.Comparable(t.seed, key)
	tag := tagOf(h)
	for n.kids != nil {
		if n = n.kids[h%fan]; n == nil {
			return value, false
		}
		h >>= fanBits
	}
	if i := n.find(key, tag); i < len(n.list) {
		return n.list[i].value, true
	}
	return value, false
}

// tagOf takes the bits of a hash that choose no branch above the greatest depth.
func tagOf(hash uint64) uint8 { return uint8(hash >> 56) }

// with adds or replaces an entry. When fresh says that nobody else has seen any part of the tree, nothing is copied.
func (t tree[K, V]) with(key K, value V, fresh bool) tree[K, V] {
	if t.root == nil {
		t.seed = maphash.MakeSeed()
	}
	h := maphash.Comparable(t.seed, key)
	w := writer[K, V]{seed: t.seed, fresh: fresh, tag: tagOf(h)}
	t.root = w.put(t.root, h, 0, entry[K, V]{key, value})
	return t
}

func (t tree[K, V]) without(key K) tree[K, V] {
	if _, ok := t.get(key); ok {
		h := maphash.Comparable(t.seed, key)
		w := writer[K, V]{seed: t.seed, tag: tagOf(h)}
		t.root = w.cut(t.root, h, key)
	}
	return t
}

// all calls fn for every entry, in no order, until it returns false.
func (t tree[K, V]) all(fn func(K, V) bool) { t.root.all(fn) }

func (n *node[K, V]) all(fn func(K, V) bool) bool {
	if n == nil {
		return true
	}
	for i := range n.list {
		if !fn(n.list[i].key, n.list[i].value) {
			return false
		}
	}
	if n.kids != nil {
		for _, kid := range n.kids {
			if !kid.all(fn) {
				return false
			}
		}
	}
	return true
}

// writer puts an entry into a tree, or takes it out.
type writer[K comparable, V any] struct {
	seed  maphash.Seed
	fresh bool
	tag   uint8
}

// put returns n with e, whose hash is h without the bits of the levels above.
func (w *writer[K, V]) put(n *node[K, V], h uint64, depth int, e entry[K, V]) *node[K, V] {
	if n == nil {
		return &node[K, V]{list: []entry[K, V]{e}, tags: [leafSize]uint8{w.tag}}
	}
	if n.kids == nil {
		return w.putLeaf(n, depth, e)
	}
	if w.fresh {
		n.kids[h%fan] = w.put(n.kids[h%fan], h>>fanBits, depth+1, e)
		return n
	}
	kids := *n.kids
	kids[h%fan] = w.put(kids[h%fan], h>>fanBits, depth+1, e)
	return &node[K, V]{kids: &kids}
}

func (w *writer[K, V]) putLeaf(n *node[K, V], depth int, e entry[K, V]) *node[K, V] {
	at := n.find(e.key, w.tag)
	if at == len(n.list) && at >= leafSize && depth < maxDepth {
		return w.put(w.split(n, depth), maphash.Comparable(w.seed, e.key)>>(fanBits*depth), depth, e)
	}
	if !w.fresh {
		list := make([]entry[K, V], max(len(n.list), at+1))
		copy(list, n.list)
		n = &node[K, V]{list: list, tags: n.tags}
	} else if at == len(n.list) {
		n.list = append(n.list, e)
	}
	n.list[at] = e
	n.mark(at, w.tag)
	return n
}

func (n *node[K, V]) mark(at int, tag uint8) {
	if at < leafSize {
		n.tags[at] = tag
	}
}

// split makes a leaf into a branch.
func (w *writer[K, V]) split(n *node[K, V], depth int) *node[K, V] {
	branch := &node[K, V]{kids: new([fan]*node[K, V])}
	for _, e := range n.list {
		h := maphash.Comparable(w.seed, e.key)
		at := h >> (fanBits * depth) % fan
		if branch.kids[at] == nil {
			branch.kids[at] = &node[K, V]{}
		}
		kid := branch.kids[at]
		kid.mark(len(kid.list), tagOf(h))
		kid.list = append(kid.list, e)
	}
	return branch
}

// find returns the place of key in a leaf, or the place after its last.
func (n *node[K, V]) find(key K, tag uint8) int {
	for i := range n.list {
		if (i >= leafSize || n.tags[i] == tag) && n.list[i].key == key {
			return i
		}
	}
	return len(n.list)
}

// cut returns n without key, which it has.
func (w *writer[K, V]) cut(n *node[K, V], h uint64, key K) *node[K, V] {
	if n.kids == nil {
		return w.cutLeaf(n, n.find(key, w.tag))
	}
	kids := *n.kids
	kids[h%fan] = w.cut(kids[h%fan], h>>fanBits, key)
	if kids == ([fan]*node[K, V]{}) {
		return nil
	}
	return &node[K, V]{kids: &kids}
}

func (w *writer[K, V]) cutLeaf(n *node[K, V], at int) *node[K, V] {
	if len(n.list) == 1 {
		return nil
	}
	list := make([]entry[K, V], 0, len(n.list)-1)
	left := &node[K, V]{list: append(append(list, n.list[:at]...), n.list[at+1:]...), tags: n.tags}
	if at < leafSize {
		copy(left.tags[at:], n.tags[at+1:])
	}
	if last := leafSize - 1; len(left.list) > last { // which may have stood among those without a tag
		left.tags[last] = tagOf(maphash.Comparable(w.seed, left.list[last].key))
	}
	return left
}
