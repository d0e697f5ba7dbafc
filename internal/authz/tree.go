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

// node is a branch when it has kids, else a leaf.
type node[K comparable, V any] struct {
	kids *[fan]*node[K, V]
	list []entry[K, V]
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
	for n.kids != nil {
		if n = n.kids[h%fan]; n == nil {
			return value, false
		}
		h >>= fanBits
	}
	for i := range n.list {
		if n.list[i].key == key {
			return n.list[i].value, true
		}
	}
	return value, false
}

// with adds or replaces an entry. When fresh says that nobody else has seen any part of the tree, nothing is copied.
func (t tree[K, V]) with(key K, value V, fresh bool) tree[K, V] {
	if t.root == nil {
		t.seed = maphash.MakeSeed()
	}
	w := writer[K, V]{seed: t.seed, fresh: fresh}
	t.root = w.put(t.root, maphash.Comparable(t.seed, key), 0, entry[K, V]{key, value})
	return t
}

func (t tree[K, V]) without(key K) tree[K, V] {
	if _, ok := t.get(key); ok {
		t.root = cut(t.root, maphash.Comparable(t.seed, key), key)
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

// writer puts entries into one tree.
type writer[K comparable, V any] struct {
	seed  maphash.Seed
	fresh bool
}

// put returns n with e, whose hash is h without the bits of the levels above.
func (w *writer[K, V]) put(n *node[K, V], h uint64, depth int, e entry[K, V]) *node[K, V] {
	if n == nil {
		return &node[K, V]{list: []entry[K, V]{e}}
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
	at := n.find(e.key)
	if at == len(n.list) && at >= leafSize && depth < maxDepth {
		return w.put(w.split(n, depth), maphash.Comparable(w.seed, e.key)>>(fanBits*depth), depth, e)
	}
	if !w.fresh {
		list := make([]entry[K, V], max(len(n.list), at+1))
		copy(list, n.list)
		n = &node[K, V]{list: list}
	} else if at == len(n.list) {
		n.list = append(n.list, e)
	}
	n.list[at] = e
	return n
}

// split makes a leaf into a branch.
func (w *writer[K, V]) split(n *node[K, V], depth int) *node[K, V] {
	branch := &node[K, V]{kids: new([fan]*node[K, V])}
	for _, e := range n.list {
		at := maphash.Comparable(w.seed, e.key) >> (fanBits * depth) % fan
		if branch.kids[at] == nil {
			branch.kids[at] = &node[K, V]{}
		}
		branch.kids[at].list = append(branch.kids[at].list, e)
	}
	return branch
}

// find returns the place of key in a leaf, or the place after its last.
func (n *node[K, V]) find(key K) int {
	for i := range n.list {
		if n.list[i].key == key {
			return i
		}
	}
	return len(n.list)
}

// cut returns n without key, which it has.
func cut[K comparable, V any](n *node[K, V], h uint64, key K) *node[K, V] {
	if n.kids == nil {
		if len(n.list) == 1 {
			return nil
		}
		at := n.find(key)
		list := make([]entry[K, V], 0, len(n.list)-1)
		return &node[K, V]{list: append(append(list, n.list[:at]...), n.list[at+1:]...)}
	}
	kids := *n.kids
	kids[h%fan] = cut(kids[h%fan], h>>fanBits, key)
	if kids == ([fan]*node[K, V]{}) {
		return nil
	}
	return &node[K, V]{kids: &kids}
}
