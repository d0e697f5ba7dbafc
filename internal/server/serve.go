package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
)

// How long things may take. Nothing that a client sends slowly keeps a connection for good.
const (
	requestTimeout = 15 * time.Second // for a request to come in whole; one limit for head and body is one timer a request
	headerTimeout  = 5 * time.Second  // of the control socket
	answerTimeout  = 2 * time.Minute  // from the head of a request to the end of its answer, which nobody reads for ever
	idleTimeout    = 2 * time.Minute
	stopTimeout    = 5 * time.Second
)

// Serve answers until ctx ends or something fails for good, then stops in order. The server is closed afterwards.
func (s *Server) Serve(ctx context.Context) error {
	giveBack() // so that only the snapshot is live
	web := &http.Server{Handler: s.Corridor, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10, ErrorLog: quiet(s.config.Log)}
	if s.config.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(s.config.TLSCert, s.config.TLSKey)
		if err != nil {
			return errors.Join(fmt.Errorf("--tls-cert, --tls-key: %w", err), s.Close())
		}
		secure := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}
		for i, l := range s.listeners {
			s.listeners[i] = tls.NewListener(l, secure)
		}
	}
	control, err := s.listenControl()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	// The records outlive the requests: they end when every request has ended.
	records, endRecords := context.WithCancel(context.WithoutCancel(ctx))
	defer endRecords()
	kept := make(chan error, 1)
	go func() { kept <- s.keep(records) }()

	requests, ctx := errgroup.WithContext(ctx)
	for _, l := range s.listeners {
		requests.Go(func() error { return serve(web, l) })
	}
	requests.Go(func() error { return serve(control, s.control) })
	if s.connect != nil {
		requests.Go(func() error { return s.connect.Serve(ctx, s.connectors) })
	}
	requests.Go(func() error { ssoadmin.Work(ctx, s.services); return nil })
	requests.Go(func() error { s.sendMail(ctx); return nil })
	requests.Go(func() error { watchMemory(ctx); return nil })
	requests.Go(func() error {
		select {
		case err := <-s.services.Store.Failed():
			return fmt.Errorf("the database failed for good: %w", err)
		case <-ctx.Done():
			return nil
		}
	})
	requests.Go(func() error {
		<-ctx.Done()
		s.stopping.Store(true)
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return errors.Join(web.Shutdown(stop), control.Shutdown(stop))
	})
	err = requests.Wait()
	endRecords()
	return errors.Join(err, <-kept, s.Close())
}

// keep does what goes on beside calls until ctx ends: records are written and sealed, and what has ended is cleared away.
func (s *Server) keep(ctx context.Context) error {
	var jobs errgroup.Group
	for _, job := range []func(context.Context) error{s.keepContact, s.writeRecords, s.sealAudit, s.pruneAll} {
		jobs.Go(func() error { return job(ctx) })
	}
	return jobs.Wait()
}

func serve(h *http.Server, l net.Listener) error {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
