package store

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rowKind says whether a table's rows decide access.
type rowKind bool

const (
	sealed   rowKind = true  // they do: each carries a MAC and leaves changes
	unsealed rowKind = false // they do not
)

// indexes are named lists of columns.
type indexes map[string][]string

func index(columns ...string) []string { return columns }

// expiry is the column of tables whose rows are kept until a time.
const expiry = "expires_at"

// columnKind says how a column is stored.
type columnKind uint8

const (
	plainly columnKind = iota // as it is
	shared                    // as the number of a text that many rows share, in the table shared_text
	uuid                      // as the 16 bytes of a UUID
)

// shape is what a Table knows about its SQL. Nothing in it depends on the type of the rows.
type shape struct {
	name          string
	sealed        bool
	columns       []string
	kinds         []columnKind
	folds         []func(string) string
	key           []string
	unique, lists indexes
	sorts         map[string]string // list → the unique index in whose order it comes, when that is not the key's

	save, remove, get, scan, expired string
	by                               map[string]string
	list                             map[string]listSQL
}

// listSQL is the SQL of a list: its first page, a later page, and its length.
type listSQL struct {
	first, rest, count string
	key                []string // the columns that tell where a page begins: the natural key, or what the list is sorted by
	order              []int    // the places in key of the columns that order the list
}

// raw is a row as it stands in the database.
type raw struct {
	id      int64
	body    []byte
	mac     []byte
	columns []any
}

// prepare writes the table's SQL.
func (s *shape) prepare() {
	selected := "SELECT id, body"
	for i, c := range s.columns {
		if s.kinds[i] == shared {
			c = "(SELECT value FROM shared_text WHERE shared_text.id = " + s.name + "." + c + ")"
		}
		selected += ", " + c
	}
	stored := append(slices.Clone(s.columns), "body")
	if s.sealed {
		selected += ", mac"
		stored = append(stored, "mac")
	}
	selected += " FROM " + s.name
	var sets, places []string
	for i, c := range stored {
		places = append(places, s.place(c, i+1))
		if !slices.Contains(s.key, c) {
			sets = append(sets, c+" = excluded."+c)
		}
	}
	s.save = "INSERT INTO " + s.name + " (" + strings.Join(stored, ", ") + ") VALUES (" + strings.Join(places, ", ") +
		") ON CONFLICT (" + strings.Join(s.key, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
	s.remove = "DELETE FROM " + s.name + s.where(s.key)
	s.get = selected + s.where(s.key)
	s.scan = selected + " WHERE id > $1 ORDER BY id LIMIT $2"
	if slices.Contains(s.columns, expiry) {
		s.expired = selected + " WHERE " + expiry + " <= $1 ORDER BY " + expiry + " LIMIT $2"
	}
	s.by = map[string]string{}
	for index, columns := range s.unique {
		s.by[index] = selected + s.where(columns)
	}
	s.list = map[string]listSQL{}
	for index, columns := range s.lists {
		key := s.key
		if sort, ok := s.sorts[index]; ok {
			key = s.unique[sort]
		}
		s.list[index] = s.prepareList(selected, columns, key)
	}
}

func (s *shape) prepareList(selected string, columns, key []string) listSQL {
	l := listSQL{key: key}
	var order, after []string
	n := len(columns)
	for i, k := range key {
		if slices.Contains(columns, k) {
			continue
		}
		l.order, order = append(l.order, i), append(order, k)
		after = append(after, s.place(k, n+len(order)))
	}
	by := strings.Join(order, ", ")
	glue := " WHERE "
	if n > 0 {
		glue = " AND "
	}
	tail := func(place int) string { return " ORDER BY " + by + " LIMIT $" + strconv.Itoa(place) }
	l.count = "SELECT count(*) FROM " + s.name + s.where(columns)
	l.first = selected + s.where(columns) + tail(n+1)
	l.rest = selected + s.where(columns) + glue + "(" + by + ") > (" + strings.Join(after, ", ") + ")" + tail(n+len(order)+1)
	return l
}

// place is where the value of a column goes in.
func (s *shape) place(column string, n int) string {
	place := "$" + strconv.Itoa(n)
	if i := slices.Index(s.columns, column); i >= 0 && s.kinds[i] == shared {
		return "(SELECT id FROM shared_text WHERE value = " + place + ")"
	}
	return place
}

func (s *shape) where(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	terms := make([]string, len(columns))
	for i, c := range columns {
		terms[i] = c + " = " + s.place(c, i+1)
	}
	return " WHERE " + strings.Join(terms, " AND ")
}

// read runs one of the table's SELECTs.
func (s *shape) read(tx *Tx, query string, args []any) ([]raw, error) {
	var raws []raw
	err := tx.each(query, args, func(rows *sql.Rows) error {
		r := raw{columns: make([]any, len(s.columns))}
		into := []any{&r.id, &r.body}
		for i := range r.columns {
			into = append(into, &r.columns[i])
		}
		if s.sealed {
			into = append(into, &r.mac)
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("store: read a row of %s: %w", s.name, err)
		}
		for i, kind := range s.kinds {
			if packed, ok := r.columns[i].([]byte); ok && kind == uuid {
				r.columns[i] = unpackUUID(packed)
			}
		}
		raws = append(raws, r)
		return nil
	})
	tx.read.Add(int64(len(raws)))
	return raws, err
}

// args brings the values that a row is asked by into the form of their columns.
func (s *shape) args(columns []string, values []any) ([]any, error) {
	if len(values) != len(columns) {
		return nil, fmt.Errorf("store: %s is found by %d values (%s), not by %d", s.name, len(columns), strings.Join(columns, ", "), len(values))
	}
	args := make([]any, len(values), len(values)+len(s.key)+1)
	for i, v := range values {
		at := slices.Index(s.columns, columns[i])
		args[i] = s.arg(at, plain(v, s.folds[at]))
	}
	return args, nil
}

// arg brings the value of a column into the form in which it is stored.
func (s *shape) arg(column int, value any) any {
	if text, ok := value.(string); ok && s.kinds[column] == uuid {
		return packUUID(text)
	}
	return value
}

func (s *shape) listArgs(index string, values []any) (listSQL, []any, error) {
	list, ok := s.list[index]
	if !ok {
		return listSQL{}, nil, fmt.Errorf("store: %s has no list %s", s.name, index)
	}
	args, err := s.args(s.lists[index], values)
	return list, args, err
}

// keyOf picks the natural key out of the values of all columns.
func (s *shape) keyOf(values []any) []any { return s.pick(s.key, values) }

// pick picks the values of some columns out of those of all.
func (s *shape) pick(columns []string, values []any) []any {
	picked := make([]any, len(columns))
	for i, c := range columns {
		picked[i] = values[slices.Index(s.columns, c)]
	}
	return picked
}

// uniqueNamed returns the unique index over the columns.
func (s *shape) uniqueNamed(columns []string) string {
	for index, c := range s.unique {
		if slices.Equal(c, columns) {
			return index
		}
	}
	return "key"
}

// keyString writes a key: alone, a string is itself; everything else is a JSON array.
func keyString(key []any) string {
	if text, ok := key[0].(string); ok && len(key) == 1 {
		return text
	}
	written, _ := json.Marshal(key) // strings and integers only
	return string(written)
}

// parseKey reads what keyString wrote for these columns of this table.
func (s *shape) parseKey(columns []string, text string) ([]any, error) {
	if len(columns) == 1 && !strings.HasPrefix(text, "[") {
		return []any{text}, nil
	}
	var key []any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&key); err != nil || len(key) != len(columns) {
		return nil, fmt.Errorf("store: this is not a key of %s", s.name)
	}
	for i, k := range key {
		if number, ok := k.(json.Number); ok {
			n, err := number.Int64()
			if err != nil {
				return nil, fmt.Errorf("store: this is not a key of %s", s.name)
			}
			key[i] = n
		}
	}
	return key, nil
}

// plain brings a value into the few types that the columns have: string, int64, or nil.
func plain(value any, fold func(string) string) any {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		if fold != nil {
			return fold(v)
		}
		return v
	case []byte:
		if len(v) == 0 {
			return nil
		}
		return hex.EncodeToString(v)
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UnixMilli()
	}
	v := reflect.ValueOf(value)
	switch {
	case v.Kind() == reflect.String:
		return plain(v.String(), fold)
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	}
	return value // the driver refuses it
}
