package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

// answer is what Gatehouse answered to a call; the reference answers the same.
type answer struct {
	Header http.Header
	Body   []byte
}

// answers are the reference's answers by method.
type answers map[string]answer

// serveReference is the child: it reads its answers from stdin, says its address on stdout and serves until ctx ends.
// It reads a request to its end, as every handler of a POST does, and does nothing else.
func serveReference(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	var known answers
	if err := json.NewDecoder(stdin).Decode(&known); err != nil {
		return fmt.Errorf("read the answers: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		a := known[r.Method]
		h := w.Header()
		for name, values := range a.Header {
			h[name] = values
		}
		_, _ = w.Write(a.Body)
	})}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintln(stdout, l.Addr())
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// startReference starts this program as the reference.
func (b *bench) startReference(a answers) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	data, err := json.Marshal(a)
	if err != nil {
		return nil, "", err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	p, err := startProcess(b.dir, strings.NewReader(string(data)), w, self, "reference")
	w.Close()
	if err != nil {
		return nil, "", err
	}
	address, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, "", fmt.Errorf("the reference did not start: %s", p.said())
	}
	return p, strings.TrimSpace(address), nil
}
