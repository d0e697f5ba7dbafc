package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// What a server promises however much it holds.
const (
	maxDisk       = 400 << 20
	maxLarge      = 300 << 20
	maxLargeStart = 5 * time.Second
	maxSlower     = 1.2 // of a call that has nothing to do with what there is
	maxUneven     = 1.5 // between the pages of a list
	maxListing    = 5.0 // of a page of a person's accounts, over GetCallerIdentity
)

// scale fills a server with a large organization and measures it again.
func (b *bench) scale(ctx context.Context) ([]Figure, error) {
	data, err := os.MkdirTemp(b.dir, "scale-")
	if err != nil {
		return nil, err
	}
	before, err := b.visit(ctx, data)
	if err != nil {
		return nil, err
	}
	small, err := databaseSize(data) // with the audit records of the visit
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, data, large); err != nil {
		return nil, fmt.Errorf("fill the directory: %w", err)
	}
	full, err := databaseSize(data)
	if err != nil {
		return nil, err
	}
	after, err := b.visit(ctx, data)
	if err != nil {
		return nil, err
	}
	slower := float64(after.identity) / float64(before.identity)
	page := func(what string, first, last time.Duration) Figure {
		uneven, listing := float64(last)/float64(first), float64(max(first, last))/float64(after.identity)
		return Figure{Goal: "G4", What: what, Want: fmt.Sprintf("<= %.0f x G1, last page <= %.1f x first", maxListing, maxUneven),
			Got: fmt.Sprintf("%.1f x, %.2f x", listing, uneven), Met: listing <= maxListing && uneven <= maxUneven,
			Details: []string{fmt.Sprintf("%s: %.1f µs for the first page, %.1f µs for the last", what, microseconds(first), microseconds(last))}}
	}
	return []Figure{
		{Goal: "G16", What: "disk of a large organization", Want: "<= 400 MB", Got: megabytes(full - small), Met: full-small <= maxDisk},
		{Goal: "G15", What: "resident memory with a large organization", Want: "<= 300 MB", Got: megabytes(after.resident), Met: after.resident <= maxLarge},
		{Goal: "G14", What: "start of a server with a large organization", Want: "<= 5 s", Got: fmt.Sprintf("%.1f s", after.ready.Seconds()), Met: after.ready <= maxLargeStart},
		{Goal: "G1", What: "GetCallerIdentity in a large organization, over an empty server", Want: fmt.Sprintf("<= %.1f x", maxSlower),
			Got: fmt.Sprintf("%.2f x", slower), Met: slower <= maxSlower},
		page("ListAccounts of 10,000 accounts, pages of 100", after.firstPage, after.lastPage),
		page("ListAccountRoles of 10,000 accounts", after.firstRoles, after.lastRoles),
	}, nil
}

// databaseSize is the size of a stopped server's database.
func databaseSize(data string) (int64, error) {
	file, err := os.Stat(filepath.Join(data, "gatehouse.db"))
	if err != nil {
		return 0, err
	}
	return file.Size(), nil
}

// visited is what a visit to a server found. Times but ready are the server's processor time for a request.
type visited struct {
	ready, identity       time.Duration
	firstPage, lastPage   time.Duration
	firstRoles, lastRoles time.Duration
	resident              int64
}

// visit starts the server of a directory, measures it, and stops it.
func (b *bench) visit(ctx context.Context, data string) (v visited, err error) {
	p, listen, ready, err := b.dev(ctx, data)
	if err != nil {
		return v, err
	}
	v.ready = ready
	defer func() { err = errors.Join(err, p.stop()) }()
	time.Sleep(settle)
	if v.resident, err = p.resident(); err != nil {
		return v, err
	}
	comparisons, err := prepare(ctx, "http://"+listen, data)
	if err != nil {
		return v, fmt.Errorf("%w\n%s", err, p.said())
	}
	own := side{p, strings.Replace(listen, "localhost", "127.0.0.1", 1)}
	if v.identity, err = b.cost(own, comparisons[0].requests); err != nil {
		return v, err
	}
	return v, b.visitLists(ctx, own, "http://"+listen, data, &v)
}

// cost is the processor time of a server for one of the requests: the median of the rounds after one to warm up.
func (b *bench) cost(s side, requests func(time.Time) ([][]byte, error)) (time.Duration, error) {
	var costs []time.Duration
	for i := range b.rounds + 1 {
		list, err := requests(time.Now())
		if err != nil {
			return 0, err
		}
		h, err := b.half(s, list)
		if err != nil {
			return 0, err
		}
		if i > 0 {
			costs = append(costs, h.cpu)
		}
	}
	return median(costs), nil
}

// visitLists measures the portal's lists at their beginning and at their end.
func (b *bench) visitLists(ctx context.Context, own side, server, data string, v *visited) error {
	p, err := signIn(ctx, server, data, owner)
	if err != nil {
		return err
	}
	token, err := p.token(ctx)
	if err != nil {
		return err
	}
	last, accounts, err := p.lastPage(ctx, token)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		into  *time.Duration
		path  string
		query url.Values
	}{
		{&v.firstPage, "/assignment/accounts", url.Values{"max_result": {"100"}}},
		{&v.lastPage, "/assignment/accounts", url.Values{"max_result": {"100"}, "next_token": {last}}},
		{&v.firstRoles, "/assignment/roles", url.Values{"account_id": accounts[:1]}},
		{&v.lastRoles, "/assignment/roles", url.Values{"account_id": accounts[len(accounts)-1:]}},
	} {
		if m.into == &v.lastPage && last == "" {
			*m.into = v.firstPage // there is but one page
			continue
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+m.path+"?"+m.query.Encode(), nil)
		if err != nil {
			return err
		}
		r.Header.Set("X-Amz-Sso_bearer_token", token)
		r.Header.Set("User-Agent", userAgent)
		request, err := onTheWire(r)
		if err != nil {
			return err
		}
		if *m.into, err = b.cost(own, func(time.Time) ([][]byte, error) { return [][]byte{request}, nil }); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	return nil
}

// owner is the person of the sample organization that is given much.
const owner = "pcollins"

// lastPage goes through a person's accounts and returns the token of the last page, if there are several, and an account
// of the first page and of the last.
func (p *person) lastPage(ctx context.Context, token string) (last string, accounts []string, err error) {
	pages := sso.NewListAccountsPaginator(p.portal, &sso.ListAccountsInput{AccessToken: &token, MaxResults: aws.Int32(100)})
	for next := ""; pages.HasMorePages(); {
		last = next
		out, err := pages.NextPage(ctx)
		if err != nil {
			return "", nil, err
		}
		next = aws.ToString(out.NextToken)
		for _, a := range out.AccountList {
			accounts = append(accounts, *a.AccountId)
		}
	}
	if len(accounts) == 0 {
		return "", nil, errors.New("the person has no account")
	}
	return last, accounts, nil
}

// fillOwner gives one person of the sample a permission set in every account.
func (f *filler) fillOwner(ctx context.Context) error {
	return f.rows(ctx, f.accounts, func(tx *store.Tx, i int) error {
		u, err := store.Users.By(tx, "name", f.instance.IdentityStoreID, owner)
		if err != nil {
			return err
		}
		return store.Assignments.Save(tx, &permission.Assignment{InstanceARN: f.instance.ARN, SetARN: f.permissionSet[0].ARN,
			Account: f.accountIDs[i], PrincipalType: permission.UserPrincipal, PrincipalID: u.ID, CreatedAt: tx.Now})
	})
}
