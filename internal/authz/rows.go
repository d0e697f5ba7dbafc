package authz

// shards is how many maps a rows value is cut into. A change copies one of them, so that a snapshot that somebody
// still reads never changes under them, and a change costs the same share of the whole whatever is stored.
const shards = 64

// rows is an immutable map of pointers: with and without return a new one that shares all but one shard.
type rows[T any] struct{ shard *[shards]map[string]*T }

// shardOf spreads keys by their ends, where ids differ. It need not be even: a full shard costs time to copy, no more.
func shardOf(key string) int {
	h := uint(len(key))
	for i := max(0, len(key)-6); i < len(key); i++ {
		h = h*31 + uint(key[i])
	}
	return int(h % shards)
}

func (r rows[T]) get(key string) *T {
	if r.shard == nil {
		return nil
	}
	return r.shard[shardOf(key)][key]
}

func (r rows[T]) with(key string, row *T) rows[T] {
	next, part := r.clone(shardOf(key))
	part[key] = row
	return next
}

func (r rows[T]) without(key string) rows[T] {
	if r.get(key) == nil {
		return r
	}
	next, part := r.clone(shardOf(key))
	delete(part, key)
	return next
}

func (r rows[T]) clone(at int) (rows[T], map[string]*T) {
	next := new([shards]map[string]*T)
	if r.shard != nil {
		*next = *r.shard
	}
	part := make(map[string]*T, len(next[at])+1)
	for k, v := range next[at] {
		part[k] = v
	}
	next[at] = part
	return rows[T]{next}, part
}

// set is with or, for a nil row, without.
func (r rows[T]) set(key string, row *T) rows[T] {
	if row == nil {
		return r.without(key)
	}
	return r.with(key, row)
}

// all calls fn for every row, in no order, until it returns false.
func (r rows[T]) all(fn func(string, *T) bool) {
	if r.shard == nil {
		return
	}
	for _, part := range r.shard {
		for k, v := range part {
			if !fn(k, v) {
				return
			}
		}
	}
}
