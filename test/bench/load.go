package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load sends prepared requests over keep-alive connections, round robin, each connection one at a time. It writes and
// reads bytes by itself: the generator shares the processors with the server, so what it spends the server misses.
type load struct {
	address  string
	requests [][]byte
	conns    int
	rate     float64 // requests a second, whatever the answers take; 0 for as many as are answered
	next     atomic.Uint64
	left     atomic.Int64 // requests that are still to be sent
}

// result is what a load did in its time.
type result struct {
	count     int
	took      time.Duration
	latencies []time.Duration // sorted
	firsts    []time.Duration // until the first byte, sorted
}

func (r result) perSecond() float64 { return float64(r.count) / r.took.Seconds() }

// quantile returns the latency that a share q of the requests did not exceed.
func (r result) quantile(q float64) time.Duration { return quantile(r.latencies, q) }

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// run loads the server for a time. Any answer but 200 is an error.
func (l *load) run(d time.Duration) (result, error) { return l.start(math.MaxInt64, d) }

// exactly sends count requests and gives up after d.
func (l *load) exactly(count int, d time.Duration) (result, error) { return l.start(int64(count), d) }

func (l *load) start(count int64, d time.Duration) (result, error) {
	l.left.Store(count)
	results := make([]result, l.conns)
	errs := make([]error, l.conns)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range l.conns {
		wg.Go(func() { results[i], errs[i] = l.connection(l.schedule(i, start), start.Add(d)) })
	}
	wg.Wait()
	total := result{took: time.Since(start)}
	for _, r := range results {
		total.count += r.count
		total.latencies = append(total.latencies, r.latencies...)
		total.firsts = append(total.firsts, r.firsts...)
	}
	slices.Sort(total.latencies)
	slices.Sort(total.firsts)
	return total, errors.Join(errs...)
}

// schedule returns when connection i sends its requests: each as soon as the one before is answered or, at a rate, at its
// own time. What is sent late for want of an answer has waited since then.
func (l *load) schedule(i int, start time.Time) func() time.Time {
	if l.rate == 0 {
		return time.Now
	}
	between := time.Duration(float64(l.conns) / l.rate * float64(time.Second))
	next := start.Add(between * time.Duration(i) / time.Duration(l.conns))
	return func() time.Time {
		at := next
		next = next.Add(between)
		time.Sleep(time.Until(at))
		return at
	}
}

func (l *load) connection(schedule func() time.Time, until time.Time) (result, error) {
	var r result
	conn, err := net.Dial("tcp", l.address)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(until.Add(patience)); err != nil {
		return r, err
	}
	in := bufio.NewReaderSize(conn, 8<<10)
	for sent := schedule(); sent.Before(until) && time.Now().Before(until) && l.left.Add(-1) >= 0; sent = schedule() {
		request := l.requests[l.next.Add(1)%uint64(len(l.requests))]
		if _, err := conn.Write(request); err != nil {
			return r, err
		}
		_, _ = in.Peek(1) // readAnswer says what is wrong
		r.firsts = append(r.firsts, time.Since(sent))
		if err := readAnswer(in); err != nil {
			return r, err
		}
		r.latencies = append(r.latencies, time.Since(sent))
		r.count++
	}
	return r, nil
}

// readAnswer reads one HTTP/1.1 answer and drops its body, which has a Content-Length or comes in chunks. Of an answer that is not 200 it makes
// an error with the body's beginning, because a benchmark of refusals measures nothing.
func readAnswer(in *bufio.Reader) error {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok, said := bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")), ""
	if !ok {
		said = string(bytes.TrimSpace(status))
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		} else if bytes.EqualFold(line, []byte("Transfer-Encoding: chunked")) && ok {
			return dropChunks(in)
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if !ok {
		body, _ := io.ReadAll(io.LimitReader(in, int64(min(length, 500)))) // what there is of it will do
		return fmt.Errorf("answered %s: %s", said, body)
	}
	_, err = in.Discard(length)
	return err
}

// dropChunks reads to the end of an answer that comes in chunks. See RFC 9112, section 7.1.
func dropChunks(in *bufio.Reader) error {
	for { // the rest of the header
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := in.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}
