package store

import (
	"cmp"
	"crypto/hmac"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
)

// Table is one table of rows that are values of T. Each has a natural key, unique indexes and lists; the variables of
// this package say which. Where a column is kept folded (names, e-mail addresses), By, List and Count fold what they
// are given, so callers pass names as they came.
type Table[T any] struct {
	shape
	of    []func(*T) any // the value of each column
	codec *codec         // of the fields that no column holds
	whole *codec         // of all fields
	held  [][]int        // the field of T that each column holds, if it does
	other others[T]      // may be nil
}

// others are rows that a table shows beside its own, though they derive from those of another table. A lookup that finds
// nothing in the table goes on there, and lists are merged.
type others[T any] interface {
	find(tx *Tx, columns []string, values []any) (*T, error) // values are plain
	list(tx *Tx, values []any) ([]*T, error)                 // in the order of the list
	count(tx *Tx, values []any) (int, error)
	owns(row *T) bool
	save(tx *Tx, row *T) error
	remove(tx *Tx, row *T) error
}

// beside makes a table show others. All its lists are of the same columns then.
func (t *Table[T]) beside(o others[T]) *Table[T] {
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
	t := &Table[T]{shape: shape{name: name, sealed: kind == sealed, key: key, unique: unique, lists: lists}}
	row := reflect.TypeFor[T]()
	var holds []string
	for _, c := range columns {
		t.columns = append(t.columns, c.name)
		t.kinds = append(t.kinds, c.kind)
		t.folds = append(t.folds, c.fold)
		t.of = append(t.of, c.of)
		var held []int
		if c.holds != "" {
			f, ok := row.FieldByName(c.holds)
			if !ok || f.Type.Kind() != reflect.String || c.fold != nil {
				panic("store: the column " + c.name + " of " + name + " cannot hold " + c.holds)
			}
			held, holds = f.Index, append(holds, c.holds)
		}
		t.held = append(t.held, held)
	}
	t.codec, t.whole = codecOf(row, holds...), codecOf(row)
	t.prepare()
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
func (t *Table[T]) Get(tx *Tx, key ...any) (*T, error) { return t.one(tx, t.get, t.key, key) }

// By returns the row that has the values in a unique index, or ErrNotFound.
func (t *Table[T]) By(tx *Tx, index string, values ...any) (*T, error) {
	columns, ok := t.unique[index]
	if !ok {
		return nil, fmt.Errorf("store: %s has no unique index %s", t.name, index)
	}
	return t.one(tx, t.by[index], columns, values)
}

// List returns up to limit rows that have the values in a list's columns, in the order of their keys, or of the index
// that the list is sorted by, and after the row named by after. next is the after of the next page, empty at the end. A
// limit of 0 or less means all.
func (t *Table[T]) List(tx *Tx, index string, values []any, after string, limit int) (rows []*T, next string, err error) {
	list, args, err := t.listArgs(index, values)
	if err != nil {
		return nil, "", err
	}
	query := list.first
	if after != "" {
		query = list.rest
		from, err := t.parseKey(list.key, after)
		if err != nil {
			return nil, "", err
		}
		for _, i := range list.order {
			args = append(args, t.arg(slices.Index(t.columns, list.key[i]), from[i]))
		}
	}
	most := int64(math.MaxInt64)
	if limit > 0 {
		most = int64(limit) + 1
	}
	raws, err := t.read(tx, query, append(args, most))
	if err != nil {
		return nil, "", err
	}
	if limit > 0 && len(raws) > limit {
		raws = raws[:limit]
		next = keyString(t.pick(list.key, raws[limit-1].columns))
	}
	rows = make([]*T, len(raws))
	for i, r := range raws {
		if rows[i], err = t.open(tx, r); err != nil {
			return nil, "", err
		}
	}
	if t.other != nil {
		return t.merged(tx, list, values, rows, after, next, limit)
	}
	return rows, next, nil
}

// Place returns where row stands in a list, as the after of List has it.
func (t *Table[T]) Place(list string, row *T) string {
	return keyString(t.pick(t.list[list].key, t.values(row)))
}

// merged puts the others of a list among a page of the table's own rows.
func (t *Table[T]) merged(tx *Tx, list listSQL, values []any, own []*T, after, next string, limit int) ([]*T, string, error) {
	others, err := t.other.list(tx, values)
	if err != nil {
		return nil, "", err
	}
	key := func(row *T) string { return keyString(t.pick(list.key, t.values(row))) }
	rows := own
	for _, o := range others {
		if k := key(o); k > after && (next == "" || k < next) {
			rows = append(rows, o)
		}
	}
	slices.SortFunc(rows, func(a, b *T) int { return cmp.Compare(key(a), key(b)) })
	if limit > 0 && len(rows) > limit {
		rows = rows[:limit]
		next = key(rows[limit-1])
	}
	return rows, next, nil
}

// pickOf returns the values of some columns of a row.
func (t *Table[T]) pickOf(row *T, columns []string) []any { return t.pick(columns, t.values(row)) }

// Count returns how many rows have the values in a list's columns.
func (t *Table[T]) Count(tx *Tx, index string, values ...any) (int, error) {
	list, args, err := t.listArgs(index, values)
	if err != nil {
		return 0, err
	}
	var n int
	err = tx.each(list.count, args, func(r *sql.Rows) error { return r.Scan(&n) })
	if err == nil && t.other != nil {
		var more int
		more, err = t.other.count(tx, values)
		n += more
	}
	return n, err
}

// Each gives every row to fn, in no particular order, and stops at the first error.
func (t *Table[T]) Each(tx *Tx, fn func(*T) error) error {
	const page = 512
	for id := int64(0); ; {
		raws, err := t.read(tx, t.scan, []any{id, page})
		if err != nil {
			return err
		}
		for _, r := range raws {
			row, err := t.open(tx, r)
			if err != nil {
				return err
			}
			if err := fn(row); err != nil {
				return err
			}
		}
		if len(raws) < page {
			return nil
		}
		id = raws[len(raws)-1].id
	}
}

// Save inserts the row, or updates the one that has its natural key. It returns a *UniqueError when another row has its
// values in a unique index. The row may be changed afterwards; the store keeps a copy.
func (t *Table[T]) Save(tx *Tx, row *T) error {
	if t.other != nil && t.other.owns(row) {
		return t.other.save(tx, row)
	}
	body := t.codec.encode(nil, reflect.ValueOf(row).Elem())
	values := t.values(row)
	args := make([]any, len(values), len(values)+2)
	for i, v := range values {
		args[i] = t.arg(i, v)
		if t.kinds[i] == shared {
			if err := tx.share(v); err != nil {
				return err
			}
		}
	}
	args = append(args, body)
	if t.sealed {
		args = append(args, tx.mac(t.name, t.authenticated(values, body)))
	}
	if _, err := tx.exec(t.save, args...); err != nil {
		return tx.uniqueError(&t.shape, err)
	}
	if !t.sealed {
		return nil
	}
	copied, err := t.build(values, body)
	if err != nil {
		return fmt.Errorf("store: a row of %s cannot be read back: %w", t.name, err)
	}
	return tx.changed(Change{Table: t.name, Key: keyString(t.keyOf(values)), Row: copied})
}

// Delete deletes the row that has row's natural key, or returns ErrNotFound.
func (t *Table[T]) Delete(tx *Tx, row *T) error {
	if t.other != nil && t.other.owns(row) {
		return t.other.remove(tx, row)
	}
	key := t.keyOf(t.values(row))
	args := make([]any, len(key))
	for i, v := range key {
		args[i] = t.arg(slices.Index(t.columns, t.key[i]), v)
	}
	n, err := tx.exec(t.remove, args...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	case !t.sealed:
		return nil
	}
	gone := *row
	return tx.changed(Change{Table: t.name, Key: keyString(key), Row: &gone, Deleted: true})
}

// DeleteExpired deletes up to limit rows whose time to be kept is over, and returns how many it deleted. Tables without
// such a time have none.
func (t *Table[T]) DeleteExpired(tx *Tx, limit int) (int, error) {
	if t.expired == "" {
		return 0, fmt.Errorf("store: the rows of %s do not expire", t.name)
	}
	raws, err := t.read(tx, t.expired, []any{tx.Now.UnixMilli(), limit})
	if err != nil {
		return 0, err
	}
	for n, r := range raws {
		row, err := t.open(tx, r)
		if err != nil {
			return n, err
		}
		if err := t.Delete(tx, row); err != nil {
			return n, err
		}
	}
	return len(raws), nil
}

func (t *Table[T]) one(tx *Tx, query string, columns []string, values []any) (*T, error) {
	args, err := t.args(columns, values)
	if err != nil {
		return nil, err
	}
	raws, err := t.read(tx, query, args)
	if err != nil {
		return nil, err
	}
	switch {
	case len(raws) > 0:
		return t.open(tx, raws[0])
	case t.other != nil:
		return t.other.find(tx, columns, args)
	}
	return nil, ErrNotFound
}

// open verifies a row and decodes it.
func (t *Table[T]) open(tx *Tx, r raw) (*T, error) {
	tampered := func(reason string) error {
		return &TamperedError{Table: t.name, Key: keyString(t.keyOf(r.columns)), Reason: reason}
	}
	if t.sealed && !hmac.Equal(r.mac, tx.mac(t.name, t.authenticated(r.columns, r.body))) {
		return nil, tampered("its MAC does not fit it")
	}
	row, err := t.build(r.columns, r.body)
	if err != nil {
		return nil, tampered("its body cannot be read")
	}
	for i, of := range t.of {
		if t.held[i] == nil && plain(of(row), t.folds[i]) != r.columns[i] {
			return nil, tampered("its column " + t.columns[i] + " contradicts its body")
		}
	}
	return row, nil
}

// build puts a row together from its columns and its body.
func (t *Table[T]) build(columns []any, body []byte) (*T, error) {
	row := new(T)
	v := reflect.ValueOf(row).Elem()
	if err := t.codec.decode(body, v); err != nil {
		return nil, err
	}
	for i, field := range t.held {
		if field == nil {
			continue
		}
		text, ok := columns[i].(string)
		if !ok {
			return nil, errBody
		}
		v.FieldByIndex(field).SetString(text)
	}
	return row, nil
}

// authenticated is what a row's MAC is made of: its body and, with their lengths before them, the columns that hold what
// the body does without. The others follow from the body.
func (t *Table[T]) authenticated(columns []any, body []byte) []byte {
	out := make([]byte, 0, len(body)+64*len(columns))
	for i, field := range t.held {
		if field != nil {
			text, _ := columns[i].(string)
			out = append(binary.AppendUvarint(out, uint64(len(text))), text...)
		}
	}
	return append(out, body...)
}

// Pack returns row as it takes the least room in memory.
func (t *Table[T]) Pack(row *T) string {
	return string(t.whole.encode(nil, reflect.ValueOf(row).Elem()))
}

// Unpack returns the row that Pack was given.
func (t *Table[T]) Unpack(packed string) (*T, error) {
	row := new(T)
	return row, t.whole.decode([]byte(packed), reflect.ValueOf(row).Elem())
}

// values returns the value of each column of row.
func (t *Table[T]) values(row *T) []any {
	values := make([]any, len(t.of))
	for i, of := range t.of {
		values[i] = plain(of(row), t.folds[i])
	}
	return values
}
