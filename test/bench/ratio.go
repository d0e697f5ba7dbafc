package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	userAgent = "gatehouse-bench"
	// tokens is how many access tokens the person has.
	tokens = 8
	// drain is longer than the server lets records wait, so that writing a round's records is paid by the round.
	drain = 150 * time.Millisecond
)

// goal is a comparison: the reference's processor time for a request over Gatehouse's.
type goal struct {
	number, what string
	want         float64
}

// comparison is a goal under measurement.
type comparison struct {
	goal
	requests func(now time.Time) ([][]byte, error)
	rounds   []round
}

// round is the two halves of a round.
type round struct {
	gatehouse, reference half
}

// half is what one of the two servers did.
type half struct {
	result
	cpu time.Duration // of the server, for each request
}

// ratios takes G1, G2 and G3 on one running `gatehouse dev`.
func (b *bench) ratios(ctx context.Context) ([]Figure, error) {
	data, err := os.MkdirTemp(b.dir, "dev-")
	if err != nil {
		return nil, err
	}
	dev, listen, _, err := b.dev(ctx, data)
	if err != nil {
		return nil, err
	}
	defer dev.stop()
	comparisons, err := prepare(ctx, "http://"+listen, data)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, dev.said())
	}
	own := strings.Replace(listen, "localhost", "127.0.0.1", 1) // where the reference is, so that both take the same way
	same, err := sameAnswers(own, comparisons)
	if err != nil {
		return nil, err
	}
	reference, address, err := b.startReference(same)
	if err != nil {
		return nil, err
	}
	defer reference.stop()
	for i := range b.rounds + 1 {
		for _, c := range comparisons {
			r, err := b.round(c, side{dev, own}, side{reference, address}, i%2 == 1)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.what, err)
			}
			if i > 0 { // the first warms up
				c.rounds = append(c.rounds, r)
			}
		}
	}
	var figures []Figure
	for _, c := range comparisons {
		figures = append(figures, c.figure())
	}
	requests, err := comparisons[len(comparisons)-1].requests(time.Now())
	if err != nil {
		return nil, err
	}
	last, err := withoutWrites(ctx, data, &load{address: own, requests: requests, conns: b.conns})
	return append(figures, last), err
}

// prepare signs a person in and gets what the requests need.
func prepare(ctx context.Context, server, dir string) ([]*comparison, error) {
	p, err := signIn(ctx, server, dir, "pcollins")
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	var access []string
	for range tokens {
		token, err := p.token(ctx)
		if err != nil {
			return nil, fmt.Errorf("get an access token: %w", err)
		}
		access = append(access, token)
	}
	roles, err := p.roles(ctx, access[0])
	if err != nil {
		return nil, err
	}
	if len(roles) == 0 {
		return nil, errors.New("the person has no role")
	}
	credentials, err := p.manyKeys(ctx, access, roles, coldSessions)
	if err != nil {
		return nil, err
	}
	return []*comparison{
		{goal: identityGoal, requests: func(now time.Time) ([][]byte, error) {
			return identityRequests(ctx, server, credentials[:sessions], now)
		}},
		{goal: coldGoal, requests: func(now time.Time) ([][]byte, error) {
			return identityRequests(ctx, server, credentials, now)
		}},
		{goal: credentialsGoal, requests: func(time.Time) ([][]byte, error) {
			return credentialsRequests(ctx, server, access, roles)
		}},
	}, nil
}

// atOnce calls fn for every i below n, a few at a time.
func atOnce(n int, fn func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(8)
	for i := range n {
		g.Go(func() error { return fn(i) })
	}
	return g.Wait()
}

// sameAnswers asks Gatehouse once for each comparison and keeps what it answered for the reference.
func sameAnswers(address string, comparisons []*comparison) (answers, error) {
	same := answers{}
	for _, c := range comparisons {
		requests, err := c.requests(time.Now())
		if err != nil {
			return nil, err
		}
		if err := ask(address, requests[0], same); err != nil {
			return nil, fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return same, nil
}

func ask(address string, request []byte, same answers) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s: %s", resp.Status, body)
	}
	// net/http writes these two by itself.
	resp.Header.Del("Date")
	resp.Header.Del("Content-Length")
	method, _, _ := bytes.Cut(request, []byte(" "))
	same[string(method)] = answer{Header: resp.Header, Body: body}
	return nil
}

// side is a server under load.
type side struct {
	*process
	address string
}

// round loads both servers, one after the other, with the same requests.
func (b *bench) round(c *comparison, gatehouse, reference side, referenceFirst bool) (r round, err error) {
	requests, err := c.requests(time.Now())
	if err != nil {
		return r, err
	}
	order := []func() error{
		func() error { r.gatehouse, err = b.half(gatehouse, requests); return err },
		func() error { r.reference, err = b.half(reference, requests); return err },
	}
	if referenceFirst {
		slices.Reverse(order)
	}
	return r, errors.Join(order[0](), order[1]())
}

func (b *bench) half(s side, requests [][]byte) (half, error) {
	return b.under(&load{address: s.address, requests: requests, conns: b.conns}, s)
}

// under loads a server for a round.
func (b *bench) under(l *load, s side) (half, error) {
	before, err := s.cpu()
	if err != nil {
		return half{}, err
	}
	r, err := l.run(b.length)
	if err != nil {
		return half{}, err
	}
	time.Sleep(drain)
	after, err := s.cpu()
	if err != nil {
		return half{}, err
	}
	if r.count == 0 {
		return half{}, errors.New("no request was answered in a round")
	}
	return half{result: r, cpu: (after - before) / time.Duration(r.count)}, nil
}

// figure is the median of the rounds.
func (c *comparison) figure() Figure {
	var ratios, speed []float64
	var own, theirs []time.Duration
	var middle, slow []time.Duration
	for _, r := range c.rounds {
		ratios = append(ratios, float64(r.reference.cpu)/float64(r.gatehouse.cpu))
		speed = append(speed, r.gatehouse.perSecond())
		own, theirs = append(own, r.gatehouse.cpu), append(theirs, r.reference.cpu)
		middle, slow = append(middle, r.gatehouse.quantile(0.5)), append(slow, r.gatehouse.quantile(0.99))
	}
	got := median(ratios)
	return Figure{
		Goal: c.number, What: c.what, Want: fmt.Sprintf(">= %.2f x", c.want),
		Got: fmt.Sprintf("%.2f x (%.2f to %.2f)", got, slices.Min(ratios), slices.Max(ratios)), Met: got >= c.want,
		Details: []string{fmt.Sprintf("%.1f µs of the server's processor time a request, the bare handler %.1f µs; %.0f requests/s, p50 %.1f ms, p99 %.1f ms",
			microseconds(median(own)), microseconds(median(theirs)), median(speed), milliseconds(median(middle)), milliseconds(median(slow)))},
	}
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// onTheWire renders a request once, so that sending it is writing bytes.
func onTheWire(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	err := r.Write(&b)
	return b.Bytes(), err
}
