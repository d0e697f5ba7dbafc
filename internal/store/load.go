package store

import (
	"database/sql"
	"runtime"
	"slices"
	"sync/atomic"
)

// loadBatch is how many rows are handed on together while a table is loaded.
const loadBatch = 1024

// load gives every row to fn, see Load.
func (t *rows) load(tx *Tx, fn func(row any)) error {
	texts, err := t.texts(tx)
	if err != nil {
		return err
	}
	l := &loading{table: t, tx: tx, texts: texts, pairs: t.pairs(), work: make(chan *batch, 8), order: make(chan *batch, 8), end: make(chan error, 1)}
	for range runtime.GOMAXPROCS(0) {
		go l.verify()
	}
	go l.deliver(fn)
	err = l.read()
	close(l.work)
	close(l.order)
	if end := <-l.end; end != nil {
		return end
	}
	return err
}

// loading is a table while it is loaded.
type loading struct {
	table   *rows
	tx      *Tx
	texts   []any
	pairs   [][2]int
	next    *batch
	work    chan *batch // to be verified, by whoever is free
	order   chan *batch // the same, to be delivered in order
	stopped atomic.Bool
	end     chan error // of the delivery
}

// batch is some rows on their way.
type batch struct {
	raws []raw
	rows []any
	err  error
	done chan struct{} // closed when rows or err is there
}

// texts returns the shared texts by their numbers, if the table needs them.
func (t *rows) texts(tx *Tx) ([]any, error) {
	needed := false
	for _, k := range t.kinds {
		needed = needed || k == shared
	}
	if !needed || tx.texts != nil {
		return tx.texts, nil
	}
	err := tx.each("SELECT id, value FROM shared_text ORDER BY id", nil, func(r *sql.Rows) error {
		var id int64
		var text any
		if err := r.Scan(&id, &text); err != nil {
			return err
		}
		for int64(len(tx.texts)) <= id {
			tx.texts = append(tx.texts, nil) // numbers have few gaps
		}
		tx.texts[id] = text
		return nil
	})
	return tx.texts, err
}

func (l *loading) read() error {
	t := l.table
	query, places := t.loadSQL()
	var body, mac sql.RawBytes
	into := make([]any, 0, len(places)+2)
	err := l.tx.each(query, nil, func(rows *sql.Rows) error {
		r := raw{columns: make([]any, len(t.columns))}
		into = append(into[:0], &body)
		for _, at := range places {
			into = append(into, &r.columns[at])
		}
		if t.sealed {
			into = append(into, &mac)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		both := append(append(make([]byte, 0, len(body)+len(mac)), body...), mac...)
		r.body, r.mac = both[:len(body):len(body)], both[len(body):]
		if l.stopped.Load() {
			return errBody // deliver says what is wrong
		}
		l.add(r)
		return nil
	})
	l.flush()
	return err
}

// pairBase parts the two numbers of shared texts that are read as one: what a column costs to read is what loading costs.
const pairBase = 1 << 31

// loadSQL returns the query that loads the table, and for each of its results between body and MAC the column it goes to.
// Shared columns come in pairs at the first of the two, see pairs.
func (t *rows) loadSQL() (query string, places []int) {
	query = "SELECT body"
	second := map[int]bool{}
	for _, p := range t.pairs() {
		second[p[1]] = true
		query += ", " + t.columns[p[0]] + " * 2147483648 + " + t.columns[p[1]]
		places = append(places, p[0])
	}
	for i, c := range t.columns {
		if !second[i] && !slices.Contains(places, i) {
			query += ", " + c
			places = append(places, i)
		}
	}
	if t.sealed {
		query += ", mac"
	}
	return query + " FROM " + t.name, places
}

// pairs returns the shared columns two by two; one may be left.
func (s *shape) pairs() (pairs [][2]int) {
	last := -1
	for i, kind := range s.kinds {
		switch {
		case kind != shared:
		case last < 0:
			last = i
		default:
			pairs, last = append(pairs, [2]int{last, i}), -1
		}
	}
	return pairs
}

func (l *loading) add(r raw) {
	if l.next == nil {
		l.next = &batch{raws: make([]raw, 0, loadBatch), done: make(chan struct{})}
	}
	if l.next.raws = append(l.next.raws, r); len(l.next.raws) == loadBatch {
		l.flush()
	}
}

func (l *loading) flush() {
	if l.next != nil {
		l.work <- l.next
		l.order <- l.next
		l.next = nil
	}
}

func (l *loading) verify() {
	for b := range l.work {
		b.rows = make([]any, len(b.raws))
		for i := range b.raws {
			if b.rows[i], b.err = l.table.openRaw(l.tx, &b.raws[i], l); b.err != nil {
				break
			}
		}
		b.raws = nil
		close(b.done)
	}
}

func (l *loading) deliver(fn func(any)) {
	var err error
	for b := range l.order {
		<-b.done
		if err == nil && b.err != nil {
			err = b.err
			l.stopped.Store(true)
		}
		if err != nil {
			continue
		}
		for _, row := range b.rows {
			fn(row)
		}
	}
	l.end <- err
}

// openRaw opens a row that was read with the numbers of its texts.
func (t *rows) openRaw(tx *Tx, r *raw, l *loading) (any, error) {
	for _, p := range l.pairs {
		if v, ok := r.columns[p[0]].(int64); ok {
			r.columns[p[0]], r.columns[p[1]] = l.text(v/pairBase), l.text(v%pairBase)
		}
	}
	for i, kind := range t.kinds {
		switch v := r.columns[i].(type) {
		case int64:
			if kind == shared {
				r.columns[i] = l.text(v)
			}
		case []byte:
			if kind == uuid {
				r.columns[i] = unpackUUID(v)
			}
		}
	}
	return t.open(tx, *r)
}

// text returns the shared text with a number, or nil, which no row verifies with.
func (l *loading) text(number int64) any {
	if number < 0 || number >= int64(len(l.texts)) {
		return nil
	}
	return l.texts[number]
}
