// Package server puts Gatehouse together: it opens the data directory and the database, wires the corridor, the pages
// and the control socket, listens, and stops in order. What it configures is needed before the database opens; all else
// is a setting with an API.
//
// The order of stopping is the point of this package: first no new requests, then the requests under way, then the
// records that wait, then the chain over them, then the database.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssooidc"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/connect"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/importer"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Tables are the operations of every service, by the service's name.
func Tables() map[string]api.Table {
	return map[string]api.Table{
		"organizations": organizations.Table(),
		"sso-admin":     ssoadmin.Table(),
		"identitystore": identitystore.Table(),
		"iam":           iam.Table(),
		"sts":           sts.Table(),
		"sso":           sso.Table(),
		"sso-oidc":      ssooidc.Table(),
		"account":       account.Table(),
		admin.Name:      slices.Concat(admin.Table(), importer.Table()),
		self.Name:       self.Table(),
		door.Name:       door.Table(),
		setup.Name:      setup.Table(),
	}
}

// Limits are the limits of every service.
func Limits() []api.Limit {
	return slices.Concat(organizations.Limits(), ssoadmin.Limits(), identitystore.Limits(), iam.Limits())
}

// Server is an open data directory that can serve.
type Server struct {
	Corridor *api.Corridor
	StoreID  string // made at the first start
	URL      *url.URL

	config    Config
	services  *api.Services
	listeners []net.Listener
	control   net.Listener
	// connectors are where the proxy for clients that read no endpoint setting listens; none without it.
	connectors []net.Listener
	connect    *connect.Proxy
	stopping   atomic.Bool
	lost       atomic.Bool // a change may have been made that the snapshot does not have
}

// Open opens the database and loads the snapshot. With listen it also takes the addresses, so that the external URL
// is known before anybody asks for it.
func Open(ctx context.Context, config Config, listen bool) (*Server, error) {
	s := &Server{config: config}
	if listen {
		if err := s.listen(); err != nil {
			return nil, err
		}
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open puts the parts together, from the bottom up.
func (s *Server) open(ctx context.Context) error {
	c := s.config
	state := authz.NewState()
	sv := &api.Services{State: state, IDs: ident.NewSource(c.Random), Random: c.Random, Clock: c.Clock, Log: c.Log, Limits: Limits(), Work: make(chan struct{}, 1), Letters: make(chan struct{}, 1),
		Passwords: password.NewHasher(password.Config{Rand: c.Random, Begin: heap.beginHashing, Free: heap.endHashing}),
		Throttle:  password.NewThrottle(password.ThrottleConfig{Now: c.Clock})}
	if c.Mailbox {
		sv.Mailbox = new(mail.Box)
	}
	s.services = sv
	hooks := state.Hooks()
	hooks.Lost = func() { s.lost.Store(true) }
	var err error
	sv.Store, err = store.Open(ctx, store.Options{Database: c.Database, Dir: c.Data, Now: c.Clock, Hooks: hooks,
		Log: c.Log, MAC: func(table string, row []byte) []byte { return rowMAC(sv.Seal, table, row) }})
	if err != nil {
		return err
	}
	if sv.Seal, err = openRing(ctx, cmp.Or(c.RootKey, filepath.Join(c.Data, rootKey)), sv.Store, c.Random, c.Clock()); err != nil {
		return err
	}
	if err := s.settings(ctx); err != nil {
		return err
	}
	setMemory()
	if err := sv.Store.View(ctx, state.Load); err != nil {
		return fmt.Errorf("load the snapshot: %w", err)
	}
	if s.remote() {
		state.Heard(c.Clock())
	}
	s.Corridor = api.New(sv, Tables())
	s.Corridor.Proxies = c.Proxies
	s.Corridor.Pages = s.pages()
	return s.openConnect(ctx)
}

// rowMAC is the MAC of a row. Without a key it is nil, which no stored row has: nothing verifies and nothing is saved.
func rowMAC(ring *seal.Ring, table string, row []byte) []byte {
	if ring == nil {
		return nil
	}
	mac, err := ring.MAC(seal.RowMAC, []byte(table), row)
	if err != nil {
		return nil
	}
	return mac
}

// settings reads what is fixed at the first start, or fixes it.
func (s *Server) settings(ctx context.Context) error {
	region := s.config.Region
	if s.URL != nil {
		s.services.ExternalURL = s.URL.String()
	}
	err := s.services.Store.Update(ctx, func(tx *store.Tx) error {
		id, err := setting(tx, "store.id", func() string { return s.services.IDs.Lower(8) })
		if err != nil {
			return err
		}
		s.StoreID = id
		s.services.Region, err = setting(tx, "region", func() string { return cmp.Or(region, "us-east-1") })
		return err
	})
	if err == nil && region != "" && region != s.services.Region {
		return fmt.Errorf("--region %s: this server's region was fixed as %s at its first start", region, s.services.Region)
	}
	return err
}

func setting(tx *store.Tx, name string, first func() string) (string, error) {
	row, err := store.Settings.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		row = &store.Setting{Name: name, Value: first()}
		err = store.Settings.Save(tx, row)
	}
	if err != nil {
		return "", err
	}
	return row.Value, nil
}

// Region returns the region that was fixed at the first start.
func (s *Server) Region() string { return s.services.Region }

// SessionName is what configurations of clients call this server: tokens are cached by it, so no other server has it.
func (s *Server) SessionName() string { return "gatehouse-" + s.StoreID }

// Close closes what Open opened.
func (s *Server) Close() error {
	var errs []error
	for _, l := range slices.Concat(s.listeners, s.connectors) {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.services != nil && s.services.Store != nil {
		errs = append(errs, s.services.Store.Close())
	}
	return errors.Join(errs...)
}
