package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// most is how many functions share a transaction, and so an fsync.
const most = 64

// writer is the goroutine that alone writes to a SQLite database.
//
// It takes functions from its queue into one transaction until there are enough or no more, commits, and only then
// answers. Each runs in a savepoint. When SQLite gives up the whole transaction by itself (a full disk, no memory), the
// functions of the batch run again, each in a transaction of its own, so that one cannot spoil it for the others.
type writer struct {
	store *Store
	conn  *sqliteConn
	queue chan *job

	closing sync.RWMutex // held for reading while a job is being queued
	closed  bool
	done    chan struct{}

	batch    []*job // taken and not answered yet
	released bool   // the transaction holds changes that the hooks were told of
	failed   error  // set once the database cannot be trusted any more
}

// job is a function that waits for its turn, then for its outcome.
type job struct {
	ctx      context.Context
	fn       func(*Tx) error
	outcome  chan error
	err      error
	panicked *panicked
}

// panicked carries a panic from the writer's goroutine to the caller's.
type panicked struct {
	value any
	stack []byte
}

var (
	// errLost says that SQLite has rolled back the whole transaction.
	errLost = errors.New("store: the database rolled the transaction back")
	// errGoexit is for functions that end their goroutine, as t.Fatal does.
	errGoexit = errors.New("store: the function ended the writer's goroutine (runtime.Goexit)")
)

func newWriter(s *Store, conn *sqliteConn) *writer {
	w := &writer{store: s, conn: conn, queue: make(chan *job, 4*most), done: make(chan struct{})}
	go w.run()
	return w
}

// do queues fn and waits for its outcome.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, outcome: make(chan error, 1)}
	if err := w.enqueue(j); err != nil {
		return err
	}
	err := <-j.outcome
	if j.panicked != nil {
		panic(fmt.Sprintf("%v\n\nin the function given to store.Update:\n%s", j.panicked.value, j.panicked.stack))
	}
	return err
}

func (w *writer) enqueue(j *job) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// close ends the writer when everything queued is answered.
func (w *writer) close() {
	w.closing.Lock()
	w.closed = true
	close(w.queue)
	w.closing.Unlock()
	<-w.done
	w.conn.close()
}

func (w *writer) run() {
	ended := false
	defer func() {
		if ended {
			close(w.done)
			return
		}
		// A function has ended this goroutine. Another takes its place.
		w.rollback()
		w.answerAll(errGoexit)
		go w.run()
	}()
	for first := range w.queue {
		w.serve(first)
	}
	ended = true
}

// serve runs a batch that begins with first.
func (w *writer) serve(first *job) {
	w.batch = append(w.batch[:0], first)
	if w.failed != nil {
		w.answerAll(w.failed)
		return
	}
	err := w.attempt()
	if err != nil && w.failed == nil {
		w.rollback()
		w.singly()
		return
	}
	w.answerAll(err)
}

// attempt runs the batch in one transaction and fills it from the queue meanwhile. Its error means that nothing was kept.
func (w *writer) attempt() error {
	if err := w.statement("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for i := 0; i < len(w.batch); i++ {
		if err := w.savepoint(w.batch[i]); err != nil {
			return err
		}
		if len(w.batch) < most {
			w.take()
		}
	}
	return w.commit()
}

// take adds a job to the batch if one waits.
func (w *writer) take() {
	select {
	case j, ok := <-w.queue:
		if ok {
			w.batch = append(w.batch, j)
		}
	default:
	}
}

// singly runs each function of the batch in a transaction of its own.
func (w *writer) singly() {
	batch := w.batch
	for i, j := range batch {
		w.batch = batch[i : i+1]
		if w.failed != nil {
			w.answerAll(w.failed)
			continue
		}
		err := w.statement("BEGIN IMMEDIATE")
		if err == nil {
			err = w.savepoint(j)
		}
		if err == nil {
			err = w.commit()
		}
		if err != nil && w.failed == nil {
			w.rollback()
		}
		w.answerAll(err)
	}
	w.batch = batch[:0]
}

// savepoint runs one function. What the function does wrong stays in j; an error is about the transaction.
func (w *writer) savepoint(j *job) error {
	j.panicked = nil
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	if err := w.statement("SAVEPOINT one"); err != nil {
		return err
	}
	tx := w.store.begin(w.conn, sqliteDialect{}, true)
	j.panicked, j.err = call(j.fn, tx)
	if fatal(tx.broken) {
		return w.fail(tx.broken)
	}
	if j.err == nil && j.panicked == nil {
		j.err = tx.broken
	}
	if j.err != nil || j.panicked != nil {
		if err := w.statement("ROLLBACK TO one"); err != nil {
			return err
		}
		return w.statement("RELEASE one")
	}
	if err := w.statement("RELEASE one"); err != nil {
		return err
	}
	if len(tx.changes) > 0 {
		w.released = true
		w.store.hooks.Released(tx.changes)
	}
	return nil
}

// call runs fn and catches its panic.
func call(fn func(*Tx) error, tx *Tx) (p *panicked, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if value := recover(); value != nil {
			p = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	err = fn(tx)
	returned = true
	return nil, err
}

func (w *writer) commit() error {
	if err := w.statement("COMMIT"); err != nil {
		return err
	}
	if w.released {
		w.released = false
		w.store.hooks.Committed()
	}
	return nil
}

// rollback ends a transaction that is lost; there may be none any more.
func (w *writer) rollback() {
	_, _ = w.conn.exec("ROLLBACK")
	w.forget()
}

// forget tells the hooks that what they were told of is lost.
func (w *writer) forget() {
	if w.released {
		w.released = false
		w.store.hooks.RolledBack()
	}
}

// statement runs a statement of the transaction itself.
func (w *writer) statement(query string) error {
	_, err := w.conn.exec(query)
	switch {
	case err == nil:
		return nil
	case fatal(err):
		return w.fail(err)
	}
	return fmt.Errorf("%w: %s: %w", errLost, query, err)
}

// fail ends all writing. The transaction stays open until the process ends: what became of it is not known.
func (w *writer) fail(err error) error {
	w.failed = fmt.Errorf("store: the database failed: %w", err)
	w.store.fail(err)
	w.forget()
	return w.failed
}

// answerAll answers the batch: with err, or each job with its own outcome.
func (w *writer) answerAll(err error) {
	for _, j := range w.batch {
		if err != nil {
			j.outcome <- err
		} else {
			j.outcome <- j.err
		}
	}
	clear(w.batch)
	w.batch = w.batch[:0]
}
