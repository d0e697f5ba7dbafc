package authz

// rows is an immutable map of pointers by text: with and without return a new one that shares nearly all with the old.
type rows[T any] struct{ tree tree[string, *T] }

func (r rows[T]) get(key string) *T {
	row, _ := r.tree.get(key)
	return row
}

func (r rows[T]) with(key string, row *T) rows[T] { return rows[T]{r.tree.with(key, row, false)} }

func (r rows[T]) without(key string) rows[T] { return rows[T]{r.tree.without(key)} }

// set is with or, for a nil row, without.
func (r rows[T]) set(key string, row *T) rows[T] {
	if row == nil {
		return r.without(key)
	}
	return r.with(key, row)
}

// all calls fn for every row, in no order, until it returns false.
func (r rows[T]) all(fn func(string, *T) bool) { r.tree.all(fn) }
