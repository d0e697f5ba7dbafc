package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// refreshers are how many callers refresh at once, each the tokens of a device of its own.
const refreshers = 64

// durableToken is the share of CreateToken's processor time that has to be the bare store's.
const durableToken = 0.5

// tokens takes G5: what CreateToken costs, which is on disk when it is answered, in comparison to the function that its
// handler gives to store.Update.
func (b *bench) tokens(ctx context.Context) ([]Figure, error) {
	data, err := os.MkdirTemp(b.dir, "tokens-")
	if err != nil {
		return nil, err
	}
	p, listen, _, err := b.dev(ctx, data)
	if err != nil {
		return nil, err
	}
	cost, a, err := refreshAll(ctx, p, "http://"+listen, data)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, p.said()), p.stop())
	}
	if err := p.stop(); err != nil {
		return nil, err
	}
	bare, err := a.rotate(ctx, data)
	if err != nil {
		return nil, err
	}
	got := float64(bare) / float64(cost)
	return []Figure{{Goal: "G5", What: "CreateToken that refreshes, by 64 callers", Want: fmt.Sprintf(">= %.2f x", durableToken), Got: fmt.Sprintf("%.2f x", got),
		Met: got >= durableToken, Details: []string{fmt.Sprintf("%.0f µs of the server's processor time a call, the bare store %.0f µs", microseconds(cost), microseconds(bare))}}}, nil
}

// refreshAll has every caller refresh again and again, and returns the server's processor time for one call. See RFC 6749
// section 6.
func refreshAll(ctx context.Context, p *process, url, data string) (time.Duration, *admin, error) {
	a, err := signAdministratorIn(ctx, url, data)
	if err != nil {
		return 0, nil, err
	}
	who, err := signIn(ctx, url, data, "notsure")
	if err != nil {
		return 0, nil, err
	}
	own := strings.Replace(url, "localhost", "127.0.0.1", 1)
	devices := make([]*device, refreshers)
	for i := range devices {
		if devices[i], err = who.device(ctx); err != nil {
			return 0, nil, err
		}
	}
	clients := make([]*http.Client, refreshers)
	for i := range clients {
		clients[i] = neighbour(i)
		defer clients[i].CloseIdleConnections()
	}
	cost, err := inTurns(func(int) (time.Duration, error) {
		before, err := p.cpu()
		if err != nil {
			return 0, err
		}
		if err := shared(refreshers, func(caller int) error { return devices[caller].refresh(ctx, clients[caller], own) }); err != nil {
			return 0, err
		}
		time.Sleep(sealed)
		after, err := p.cpu()
		return (after - before) / writes, err
	})
	return cost, a, err
}

// shared has some callers do writes calls between them.
func shared(callers int, call func(caller int) error) error {
	var next atomic.Int64
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for next.Add(1) <= writes && errs[c] == nil {
				errs[c] = call(c)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// refresh spends the refresh token and keeps the next one.
func (d *device) refresh(ctx context.Context, client *http.Client, server string) error {
	body, err := json.Marshal(map[string]string{"clientId": d.client, "clientSecret": d.secret, "grantType": "refresh_token", "refreshToken": d.token})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/token", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", userAgent)
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("CreateToken answered %s: %s", resp.Status, text)
	}
	var out struct {
		RefreshToken string `json:"refreshToken"`
	}
	err = json.Unmarshal(text, &out)
	d.token = out.RefreshToken
	return err
}

// rotate gives the function of the operation to a store, here.
func (a *admin) rotate(ctx context.Context, data string) (took time.Duration, err error) {
	s, err := openBare(ctx, data)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var families []string
	err = s.Corridor.Store.View(ctx, func(tx *store.Tx) error {
		return store.Families.Each(tx, func(f *session.Family) error {
			families = append(families, f.ID)
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	return a.within(ctx, s, "sso-oauth:CreateToken", refreshers, func(_ *api.Call, tx *store.Tx, i int) error {
		f, err := store.Families.Get(tx, families[i%len(families)])
		if err != nil {
			return err
		}
		p, err := store.Portals.Get(tx, f.SessionID)
		if err != nil {
			return err
		}
		if _, err := store.Users.Get(tx, p.UserID); err != nil {
			return err
		}
		f.Number++
		f.RotatedAt = tx.Now
		return store.Families.Save(tx, f)
	})
}
