package store

import "reflect"

// Table is one table of rows that are values of T. Each has a natural key, unique indexes and lists; the variables of
// this package say which. Where a column is kept folded (names, e-mail addresses), By, List and Count fold what they
// are given, so callers pass names as they came.
type Table[T any] struct{ rows }

// beside makes a table show others. All its lists are of the same columns then.
func (t *Table[T]) beside(o others) *Table[T] {
	t.other = o
	return t
}

// column is a column that a row is found by.
type column[T any] struct {
	name string
	of   func(*T) any // a string, an integer, a time, bytes (kept as hex), or nil for NULL
	fold func(string) string
	kind columnKind
	// holds names the field, a text, that the column holds just as it is. The body does without it.
	holds string
}

// define puts a table together; its SQL is written once, here.
func define[T any](name string, kind rowKind, columns []column[T], key []string, unique, lists indexes) *Table[T] {
	t := &Table[T]{rows{shape: shape{name: name, sealed: kind == sealed, key: key, unique: unique, lists: lists}, row: reflect.TypeFor[T]()}}
	for _, c := range columns {
		t.columns, t.kinds, t.folds = append(t.columns, c.name), append(t.kinds, c.kind), append(t.folds, c.fold)
		t.holds = append(t.holds, c.holds)
		t.of = append(t.of, func(row any) any { return c.of(row.(*T)) })
	}
	t.finish()
	return t
}

// sorted makes a list come in the order of a unique index, such as by name, instead of the natural key.
func (t *Table[T]) sorted(list, unique string) *Table[T] {
	if t.sorts == nil {
		t.sorts = map[string]string{}
	}
	t.sorts[list] = unique
	t.prepare()
	return t
}

// Name returns the table's name in Change and in errors.
func (t *Table[T]) Name() string { return t.name }

// Key returns the natural key of row as one string, as Change has it and the after of a List that is not sorted otherwise.
func (t *Table[T]) Key(row *T) string { return keyString(t.keyOf(t.values(row))) }

// Get returns the row with the natural key, or ErrNotFound.
func (t *Table[T]) Get(tx *Tx, key ...any) (*T, error) { return typed[T](t.one(tx, t.get, t.key, key)) }

// By returns the row that has the values in a unique index, or ErrNotFound.
func (t *Table[T]) By(tx *Tx, index string, values ...any) (*T, error) {
	return typed[T](t.within(tx, index, values))
}

// List returns up to limit rows that have the values in a list's columns, in the order of their keys, or of the index
// that the list is sorted by, and after the row named by after. next is the after of the next page, empty at the end. A
// limit of 0 or less means all.
func (t *Table[T]) List(tx *Tx, index string, values []any, after string, limit int) (rows []*T, next string, err error) {
	page, next, err := t.page(tx, index, values, after, limit)
	if err != nil {
		return nil, "", err
	}
	rows = make([]*T, len(page))
	for i, row := range page {
		rows[i] = row.(*T)
	}
	return rows, next, nil
}

// Place returns where row stands in a list, as the after of List has it.
func (t *Table[T]) Place(list string, row *T) string {
	return keyString(t.pick(t.list[list].key, t.values(row)))
}

// Count returns how many rows have the values in a list's columns.
func (t *Table[T]) Count(tx *Tx, index string, values ...any) (int, error) {
	return t.number(tx, index, values)
}

// Each gives every row to fn, in no particular order, and stops at the first error.
func (t *Table[T]) Each(tx *Tx, fn func(*T) error) error {
	return t.through(tx, func(row any) error { return fn(row.(*T)) })
}

// Load gives every row to fn, in no particular order, as Each does, and much faster: while rows are being read, those
// before them are verified and decoded, and those before these are given to fn. fn must not use tx.
func (t *Table[T]) Load(tx *Tx, fn func(*T)) error {
	return t.load(tx, func(row any) { fn(row.(*T)) })
}

// Save inserts the row, or updates the one that has its natural key. It returns a *UniqueError when another row has its
// values in a unique index. The row may be changed afterwards; the store keeps a copy.
func (t *Table[T]) Save(tx *Tx, row *T) error { return t.put(tx, row) }

// Delete deletes the row that has row's natural key, or returns ErrNotFound.
func (t *Table[T]) Delete(tx *Tx, row *T) error { return t.drop(tx, row) }

// DeleteExpired deletes up to limit rows whose time to be kept is over, and returns how many it deleted. Tables without
// such a time have none.
func (t *Table[T]) DeleteExpired(tx *Tx, limit int) (int, error) { return t.dropExpired(tx, limit) }

// Pack returns row as it takes the least room in memory.
func (t *Table[T]) Pack(row *T) string {
	return string(t.whole.encode(nil, reflect.ValueOf(row).Elem()))
}

// Unpack returns the row that Pack was given.
func (t *Table[T]) Unpack(packed string) (*T, error) {
	row := new(T)
	return row, t.whole.decode([]byte(packed), reflect.ValueOf(row).Elem())
}

// typed gives what was found its type back.
func typed[T any](row any, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return row.(*T), nil
}
