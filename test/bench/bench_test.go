package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestLoadSendsWhatItIsToldAndCounts(t *testing.T) {
	t.Parallel()
	var seen [2]atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen[len(r.URL.Query())].Add(1)
		_, _ = io.WriteString(w, "answer")
	}))
	defer server.Close()
	l := &load{address: server.Listener.Addr().String(), conns: 3, requests: [][]byte{
		[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), []byte("GET /?a=1 HTTP/1.1\r\nHost: a\r\n\r\n")}}
	r, err := l.exactly(100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if r.count != 100 || len(r.latencies) != 100 || seen[0].Load() != 50 || seen[1].Load() != 50 {
		t.Errorf("counted %d, the server saw %d and %d, want 100, 50 and 50", r.count, seen[0].Load(), seen[1].Load())
	}
}

func TestLoadFailsOnARefusal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	l := &load{address: server.Listener.Addr().String(), conns: 1, requests: [][]byte{[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")}}
	if _, err := l.exactly(10, time.Minute); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v, want an error with the status", err)
	}
}

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer, want string // in the error; empty for none
	}{
		{"an answer with a body", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", ""},
		{"an answer without a body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		{"a refusal names its reason", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 403 Forbidden: no"},
		{"an answer of unknown length", "HTTP/1.1 200 OK\r\n\r\n", "without Content-Length"},
		{"a connection that ends", "HTTP/1.1 200 OK\r\nContent-", "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := readAnswer(bufio.NewReader(strings.NewReader(tt.answer)))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestFigureIsTheMedianOfTheRounds(t *testing.T) {
	t.Parallel()
	c := &comparison{goal: goal{number: "G1", what: "calls", want: 0.5}}
	for _, own := range []time.Duration{10, 20, 40} { // microseconds
		r := half{result: result{count: 1, took: time.Second, latencies: []time.Duration{time.Millisecond}}, cpu: own * time.Microsecond}
		c.rounds = append(c.rounds, round{gatehouse: r, reference: half{result: r.result, cpu: 10 * time.Microsecond}})
	}
	f := c.figure()
	if f.Got != "0.50 x (0.25 to 1.00)" || !f.Met {
		t.Errorf("got %q, met %v", f.Got, f.Met)
	}
}

func TestReadBenchmarks(t *testing.T) {
	t.Parallel()
	got := readBenchmarks([]byte("cpu: x\nBenchmarkDecide/F/gatehouse   \t 188251\t 1540 ns/op\t 624.2 cpu-ns/op\t 0 B/op\t 0 allocs/op\n" +
		"BenchmarkDecide/F/gatehouse 1 2 ns/op 600 cpu-ns/op 8 B/op 1 allocs/op\nPASS\n"))
	f := got["Decide/F/gatehouse"]
	if len(got) != 1 || len(f.nanoseconds) != 2 || median(f.nanoseconds) != 624.2 || f.allocations != 1 {
		t.Errorf("got %+v", got)
	}
}
