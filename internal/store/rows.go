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

// rows is all of a Table that does without the type of its rows: each is a pointer to a value of that type. Were it
// written for each type anew, it would be a tenth of the binary.
type rows struct {
	shape
	row   reflect.Type
	of    []func(any) any // the value of each column
	codec *codec          // of the fields that no column holds
	whole *codec          // of all fields
	holds []string        // the name of the field of a row that each column holds, if it does
	held  [][]int         // that field
	other others          // may be nil
}

// others are rows that a table shows beside its own, though they derive from those of another table. A lookup that finds
// nothing in the table goes on there, and lists are merged.
type others interface {
	find(tx *Tx, columns []string, values []any) (any, error) // values are plain
	list(tx *Tx, values []any) ([]any, error)                 // in the order of the list
	count(tx *Tx, values []any) (int, error)
	owns(row any) bool
	save(tx *Tx, row any) error
	remove(tx *Tx, row any) error
}

// finish makes of the columns what rows are read and written by.
func (t *rows) finish() {
	var elsewhere []string
	for i, name := range t.holds {
		var held []int
		if name != "" {
			f, ok := t.row.FieldByName(name)
			if !ok || f.Type.Kind() != reflect.String || t.folds[i] != nil {
				panic("store: the column " + t.columns[i] + " of " + t.name + " cannot hold " + name)
			}
			held, elsewhere = f.Index, append(elsewhere, name)
		}
		t.held = append(t.held, held)
	}
	t.codec, t.whole = codecOf(t.row, elsewhere...), codecOf(t.row)
	t.prepare()
}

// within returns the row that has the values in a unique index, or ErrNotFound.
func (t *rows) within(tx *Tx, index string, values []any) (any, error) {
	columns, ok := t.unique[index]
	if !ok {
		return nil, fmt.Errorf("store: %s has no unique index %s", t.name, index)
	}
	return t.one(tx, t.by[index], columns, values)
}

// page is what List returns.
func (t *rows) page(tx *Tx, index string, values []any, after string, limit int) (page []any, next string, err error) {
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
	page = make([]any, len(raws))
	for i, r := range raws {
		if page[i], err = t.open(tx, r); err != nil {
			return nil, "", err
		}
	}
	if t.other != nil {
		return t.merged(tx, list, values, page, after, next, limit)
	}
	return page, next, nil
}

// merged puts the others of a list among a page of the table's own rows.
func (t *rows) merged(tx *Tx, list listSQL, values []any, own []any, after, next string, limit int) ([]any, string, error) {
	others, err := t.other.list(tx, values)
	if err != nil {
		return nil, "", err
	}
	key := func(row any) string { return keyString(t.pick(list.key, t.values(row))) }
	page := own
	for _, o := range others {
		if k := key(o); k > after && (next == "" || k < next) {
			page = append(page, o)
		}
	}
	slices.SortFunc(page, func(a, b any) int { return cmp.Compare(key(a), key(b)) })
	if limit > 0 && len(page) > limit {
		page = page[:limit]
		next = key(page[limit-1])
	}
	return page, next, nil
}

// pickOf returns the values of some columns of a row.
func (t *rows) pickOf(row any, columns []string) []any { return t.pick(columns, t.values(row)) }

func (t *rows) number(tx *Tx, index string, values []any) (int, error) {
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

func (t *rows) through(tx *Tx, fn func(row any) error) error {
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

func (t *rows) put(tx *Tx, row any) error {
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

func (t *rows) drop(tx *Tx, row any) error {
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
	gone := reflect.New(t.row)
	gone.Elem().Set(reflect.ValueOf(row).Elem())
	return tx.changed(Change{Table: t.name, Key: keyString(key), Row: gone.Interface(), Deleted: true})
}

func (t *rows) dropExpired(tx *Tx, limit int) (int, error) {
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
		if err := t.drop(tx, row); err != nil {
			return n, err
		}
	}
	return len(raws), nil
}

func (t *rows) one(tx *Tx, query string, columns []string, values []any) (any, error) {
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
func (t *rows) open(tx *Tx, r raw) (any, error) {
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
func (t *rows) build(columns []any, body []byte) (any, error) {
	row := reflect.New(t.row)
	v := row.Elem()
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
	return row.Interface(), nil
}

// authenticated is what a row's MAC is made of: its body and, with their lengths before them, the columns that hold what
// the body does without. The others follow from the body.
func (t *rows) authenticated(columns []any, body []byte) []byte {
	out := make([]byte, 0, len(body)+64*len(columns))
	for i, field := range t.held {
		if field != nil {
			text, _ := columns[i].(string)
			out = append(binary.AppendUvarint(out, uint64(len(text))), text...)
		}
	}
	return append(out, body...)
}

// values returns the value of each column of row.
func (t *rows) values(row any) []any {
	values := make([]any, len(t.of))
	for i, of := range t.of {
		values[i] = plain(of(row), t.folds[i])
	}
	return values
}
