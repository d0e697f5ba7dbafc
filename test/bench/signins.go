package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/gatehouse-sso/gatehouse/internal/password"
)

// What is promised of signing in. A slot is one hash at a time; a server has one for two processors.
const (
	bareRate   = 0.9 // of the bare hashes that a core computes a second, a slot has to sign people in
	stormers   = 8   // sign in again and again
	crowd      = 64  // try to, more than may wait
	spareBytes = 64 << 20
	maxQueue   = 2 * time.Second
	keptLoad   = 0.9 // of the offered signed calls, during a storm
	maxStretch = 4.0 // of their p99
)

// rest is how long a server needs to give back the memory of hashes.
const rest = 2 * time.Second

// signIns takes G6 and G7: what passwords cost, and what they may cost everybody else.
func (b *bench) signIns(ctx context.Context) ([]Figure, error) {
	data, err := os.MkdirTemp(b.dir, "signins-")
	if err != nil {
		return nil, err
	}
	p, listen, _, err := b.dev(ctx, data)
	if err != nil {
		return nil, err
	}
	d := &door{side: side{p, strings.Replace(listen, "localhost", "127.0.0.1", 1)}, passwords: map[string]string{}}
	var figures []Figure
	for _, take := range []func(context.Context, *door, string) ([]Figure, error){b.crowded, b.honest, b.stormed} {
		taken, err := take(ctx, d, data)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w\n%s", err, p.said()), p.stop())
		}
		figures = append(figures, taken...)
	}
	return figures, p.stop()
}

// door is where people sign in.
type door struct {
	side
	passwords map[string]string // of the people of the sample
	addresses atomic.Int64      // that were used up
}

// url is how browsers know the server.
func (d *door) url() string {
	return "http://" + strings.Replace(d.address, "127.0.0.1", "localhost", 1)
}

// try sends a name and a password and returns the status of the answer.
func (d *door) try(ctx context.Context, from *http.Client, user, password string) (int, error) {
	form := url.Values{"user": {user}, "password": {password}, "to": {"/start"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.address+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Host = strings.TrimPrefix(d.url(), "http://")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", d.url())
	r.Header.Set("User-Agent", userAgent)
	resp, err := from.Do(r)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, errors.Join(err, resp.Body.Close())
}

// honest has people sign in with their passwords, and this program hash as many in turns.
func (b *bench) honest(ctx context.Context, d *door, data string) ([]Figure, error) {
	people := []string{"pcollins", "notsure", "newcomer"}
	for _, user := range people {
		var err error
		if d.passwords[user], err = passwordOf(data, user); err != nil {
			return nil, err
		}
	}
	var rates, costs []float64 // of sign-ins over bare hashes: a second and slot, and in processor time
	var perSecond []float64
	var each []time.Duration
	for i := range b.rounds + 1 {
		bare, err := b.hashes()
		if err != nil {
			return nil, err
		}
		before, err := d.cpu()
		if err != nil {
			return nil, err
		}
		var done atomic.Int64
		start := time.Now()
		if err := d.loops(stormers, b.length, func(n, _ int, client *http.Client) error {
			user := people[n%len(people)]
			status, err := d.try(ctx, client, user, d.passwords[user])
			if err == nil && status != http.StatusSeeOther {
				err = fmt.Errorf("the sign-in of %s answered %d", user, status)
			}
			done.Add(1)
			return err
		}); err != nil {
			return nil, err
		}
		took := time.Since(start)
		time.Sleep(drain)
		after, err := d.cpu()
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first warms up
			cost, rate := (after-before)/time.Duration(done.Load()), float64(done.Load())/took.Seconds()
			rates, perSecond = append(rates, rate/float64(slots())/bare.perSecond), append(perSecond, rate)
			costs, each = append(costs, float64(bare.cost)/float64(cost)), append(each, cost)
		}
	}
	got := median(rates)
	return []Figure{{Goal: "G6", What: "sign-ins with a password a second and slot, over bare argon2id", Want: fmt.Sprintf(">= %.2f x", bareRate),
		Got: fmt.Sprintf("%.2f x (%.2f to %.2f)", got, slices.Min(rates), slices.Max(rates)), Met: got >= bareRate,
		Details: []string{fmt.Sprintf("%.1f sign-ins/s with %d at a time, %.1f ms of the server's processor time each, of which the bare hash is %.2f",
			median(perSecond), slots(), milliseconds(median(each)), median(costs))}}}, nil
}

// slots is how many hashes the server computes at a time.
func slots() int { return max(1, runtime.NumCPU()/2) }

// hashing is what this process needs for hashes with the server's parameters.
type hashing struct {
	cost      time.Duration // of the processor, for one
	perSecond float64       // one after the other
}

// hashes computes hashes for the length of a round.
func (b *bench) hashes() (hashing, error) {
	before, err := spent()
	if err != nil {
		return hashing{}, err
	}
	n, with, salt, start := 0, password.Recommended(), make([]byte, 16), time.Now()
	for ; time.Since(start) < b.length; n++ {
		argon2.IDKey([]byte("correct horse battery staple"), salt, with.Time, with.Memory, with.Threads, 32)
	}
	took := time.Since(start)
	after, err := spent()
	return hashing{(after - before) / time.Duration(n), float64(n) / took.Seconds()}, err
}

// loops runs a few loops for a time, each with a client from an address of its own, which changes before the server would
// slow it down. try is told the loop and the turn.
func (d *door) loops(n int, length time.Duration, try func(loop, turn int, client *http.Client) error) error {
	const perAddress = 10
	until := time.Now().Add(length)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for loop := range n {
		wg.Go(func() {
			for turn := 0; time.Now().Before(until) && errs[loop] == nil; {
				client := neighbour(int(d.addresses.Add(1)))
				for range perAddress {
					if errs[loop] == nil && time.Now().Before(until) {
						errs[loop] = try(loop, turn, client)
						turn++
					}
				}
				client.CloseIdleConnections()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// guess tries a name that nobody has, which costs the server as much as one that somebody has.
func (d *door) guess(ctx context.Context, client *http.Client) (refused bool, err error) {
	status, err := d.try(ctx, client, "nobody-"+rand.Text(), rand.Text())
	switch {
	case err != nil:
		return false, err
	case status == http.StatusServiceUnavailable:
		return true, nil
	case status != http.StatusUnprocessableEntity:
		return false, fmt.Errorf("a sign-in of nobody answered %d", status)
	}
	return false, nil
}

// crowded has more people try than may wait.
func (b *bench) crowded(ctx context.Context, d *door, _ string) ([]Figure, error) {
	time.Sleep(rest)
	idle, err := d.resident()
	if err != nil {
		return nil, err
	}
	if err := d.forgetPeak(); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var slowest time.Duration
	proved, refused := 0, 0
	err = d.loops(crowd, 2*b.length, func(_, _ int, client *http.Client) error {
		start := time.Now()
		busy, err := d.guess(ctx, client)
		took := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		slowest = max(slowest, took)
		if busy {
			refused++
		} else {
			proved++
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	peak, err := d.peak()
	if err != nil {
		return nil, err
	}
	most := int64(slots())*int64(password.Recommended().Memory)<<10 + spareBytes
	return []Figure{{
		Goal: "G6", What: "memory that 64 at once take, beyond what the server had", Want: "<= " + megabytes(most), Got: megabytes(peak - idle), Met: peak-idle <= most,
	}, {
		Goal: "G6", What: "the slowest answer to 64 at once", Want: "<= 2 s", Got: fmt.Sprintf("%.2f s", slowest.Seconds()), Met: slowest <= maxQueue,
		Details: []string{fmt.Sprintf("%d passwords compared, %d times told that too many wait", proved, refused)},
	}}, nil
}

// stormed offers signed calls at half of what the server can answer, alone and while people try passwords.
func (b *bench) stormed(ctx context.Context, d *door, data string) ([]Figure, error) {
	who, err := signIn(ctx, d.url(), data, owner)
	if err != nil {
		return nil, err
	}
	requests, err := who.signedCalls(ctx)
	if err != nil {
		return nil, err
	}
	var kept, stretch []float64
	var rates []float64
	for i := range b.rounds + 1 {
		signed, err := requests(time.Now())
		if err != nil {
			return nil, err
		}
		most, err := (&load{address: d.address, requests: signed, conns: b.conns}).run(b.length)
		if err != nil {
			return nil, err
		}
		half := load{address: d.address, requests: signed, conns: b.conns, rate: most.perSecond() / 2}
		alone, err := half.run(b.length)
		if err != nil {
			return nil, err
		}
		storm, end := make(chan error, 1), b.length+b.length/4
		go func() {
			storm <- d.loops(stormers, end, func(_, _ int, client *http.Client) error {
				_, err := d.guess(ctx, client)
				return err
			})
		}()
		within, err := half.run(b.length)
		if err := errors.Join(err, <-storm); err != nil {
			return nil, err
		}
		if i > 0 { // the first warms up
			kept = append(kept, float64(within.count)/(half.rate*b.length.Seconds()))
			stretch = append(stretch, float64(within.quantile(0.99))/float64(alone.quantile(0.99)))
			rates = append(rates, half.rate)
		}
	}
	share, longer := median(kept), median(stretch)
	return []Figure{{
		Goal: "G7", What: "signed calls answered during a storm of sign-ins, of those offered", Want: fmt.Sprintf(">= %.2f", keptLoad),
		Got: fmt.Sprintf("%.2f (%.2f to %.2f)", share, slices.Min(kept), slices.Max(kept)), Met: share >= keptLoad,
		Details: []string{fmt.Sprintf("%.0f signed calls/s offered, half of what the server answered alone", median(rates))},
	}, {
		Goal: "G7", What: "their p99, over that without the storm", Want: fmt.Sprintf("<= %.0f x", maxStretch),
		Got: fmt.Sprintf("%.1f x (%.1f to %.1f)", longer, slices.Min(stretch), slices.Max(stretch)), Met: longer <= maxStretch,
	}}, nil
}
