package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What the portal promises. Its page is asked for by readers clients at once.
const (
	readers      = 8
	maxFirstByte = 10 * time.Millisecond
	maxOverCall  = 10.0      // of the page's processor time over GetCallerIdentity's
	maxWeight    = 100 << 10 // of the page with all that it needs, compressed
	maxFilter    = 50 * time.Millisecond
)

// The sample's own three accounts are among those of its owner.
var (
	common = size{users: 1, groups: 1, accounts: 97, sets: 1, assignments: 97}
	long   = size{users: 1, groups: 1, accounts: 4_997, sets: 1, assignments: 4_997}
)

// portal takes G13: the page with a person's accounts.
func (b *bench) portal(ctx context.Context) ([]Figure, error) {
	short, err := b.withAccounts(ctx, common, b.portalPage)
	if err != nil {
		return nil, err
	}
	filter, err := b.withAccounts(ctx, long, b.portalFilter)
	return append(short, filter...), err
}

// visitor is the owner of many accounts at a running server.
type visitor struct {
	*person
	side
}

// withAccounts runs measure on a server whose owner has so many accounts.
func (b *bench) withAccounts(ctx context.Context, n size, measure func(context.Context, visitor) ([]Figure, error)) (figures []Figure, err error) {
	data, err := os.MkdirTemp(b.dir, "portal-")
	if err != nil {
		return nil, err
	}
	p, _, _, err := b.dev(ctx, data) // makes the sample
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.stop(), fill(ctx, data, n)); err != nil {
		return nil, fmt.Errorf("fill the directory: %w", err)
	}
	p, listen, _, err := b.dev(ctx, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	who, err := signIn(ctx, "http://"+listen, data, owner)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, p.said())
	}
	return measure(ctx, visitor{who, side{p, strings.Replace(listen, "localhost", "127.0.0.1", 1)}})
}

// portalPage loads the page and signed calls in turns.
func (b *bench) portalPage(ctx context.Context, v visitor) ([]Figure, error) {
	requests, err := v.signedCalls(ctx)
	if err != nil {
		return nil, err
	}
	page, err := v.page("/start")
	if err != nil {
		return nil, err
	}
	var over []float64
	var firsts, costs, calls []time.Duration
	for i := range b.rounds + 1 {
		signed, err := requests(time.Now())
		if err != nil {
			return nil, err
		}
		call, err := b.half(v.side, signed)
		if err != nil {
			return nil, err
		}
		shown, err := b.under(&load{address: v.address, requests: [][]byte{page}, conns: readers}, v.side)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first warms up
			over, firsts = append(over, float64(shown.cpu)/float64(call.cpu)), append(firsts, quantile(shown.firsts, 0.99))
			costs, calls = append(costs, shown.cpu), append(calls, call.cpu)
		}
	}
	ratio, first := median(over), median(firsts)
	return []Figure{{
		Goal: "G13", What: "portal page with 100 accounts, over GetCallerIdentity", Want: "<= 10 x",
		Got: fmt.Sprintf("%.1f x (%.1f to %.1f)", ratio, slices.Min(over), slices.Max(over)), Met: ratio <= maxOverCall,
		Details: []string{fmt.Sprintf("%.0f µs of the server's processor time a page, GetCallerIdentity %.1f µs", microseconds(median(costs)), microseconds(median(calls)))},
	}, {
		Goal: "G13", What: "the same to eight clients at once, 99 of 100 to their first byte", Want: "<= 10 ms",
		Got: fmt.Sprintf("%.1f ms (%.1f to %.1f)", milliseconds(first), milliseconds(slices.Min(firsts)), milliseconds(slices.Max(firsts))), Met: first <= maxFirstByte,
	}}, nil
}

// portalFilter weighs the first page of very many accounts, and looks for each of some.
func (b *bench) portalFilter(ctx context.Context, v visitor) ([]Figure, error) {
	weight, err := v.weigh(ctx)
	if err != nil {
		return nil, err
	}
	l := &load{address: v.address, conns: 1}
	for i := range 100 {
		find, err := v.page("/start?" + url.Values{"q": {fmt.Sprintf("account%05d", i*49)}}.Encode())
		if err != nil {
			return nil, err
		}
		l.requests = append(l.requests, find)
	}
	var took []time.Duration
	for range b.rounds {
		r, err := l.exactly(len(l.requests), patience)
		if err != nil {
			return nil, err
		}
		took = append(took, r.quantile(0.99))
	}
	filter := median(took)
	return []Figure{{
		Goal: "G13", What: "portal page with 5,000 accounts and all that it needs, compressed", Want: "<= 100 KB",
		Got: fmt.Sprintf("%.1f KB", float64(weight)/(1<<10)), Met: weight <= maxWeight,
	}, {
		Goal: "G13", What: "one of 5,000 accounts looked for, 99 of 100 times", Want: "<= 50 ms",
		Got: fmt.Sprintf("%.1f ms (%.1f to %.1f)", milliseconds(filter), milliseconds(slices.Min(took)), milliseconds(slices.Max(took))), Met: filter <= maxFilter,
	}}, nil
}

// page is a request for a page as the person's browser makes it.
func (v visitor) page(target string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, v.url+target, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range v.browser.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	return onTheWire(r)
}

var asset = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

// weigh returns how many bytes a browser gets that visits the portal for the first time.
func (v visitor) weigh(ctx context.Context) (int, error) {
	plain, err := v.get(ctx, "/start", "identity")
	if err != nil {
		return 0, err
	}
	weight, seen := 0, map[string]bool{}
	for _, match := range append([][]string{{"", "/start"}}, asset.FindAllStringSubmatch(string(plain), -1)...) {
		if path := match[1]; !seen[path] {
			seen[path] = true
			packed, err := v.get(ctx, path, "gzip")
			if err != nil {
				return 0, err
			}
			weight += len(packed)
		}
	}
	return weight, nil
}

func (v visitor) get(ctx context.Context, path, encoding string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", encoding) // or net/http would ask for gzip and unpack it
	resp, err := v.browser.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if got := resp.StatusCode; err == nil && (got != http.StatusOK || cmp.Or(resp.Header.Get("Content-Encoding"), "identity") != encoding) {
		err = fmt.Errorf("GET %s answered %s, encoded by %q", path, resp.Status, resp.Header.Get("Content-Encoding"))
	}
	return body, errors.Join(err, resp.Body.Close())
}
