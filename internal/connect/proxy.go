package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// What a client may take. Each connection has one of a bounded number of places, and nothing that a client sends or takes
// slowly keeps its place for good.
const (
	mostConnections = 256
	askTimeout      = 5 * time.Second  // for CONNECT to come in whole
	requestTimeout  = 15 * time.Second // for a handshake, and for a request to come in whole
	answerTimeout   = time.Minute      // for an answer to be taken
	idleTimeout     = 2 * time.Minute
	stopTimeout     = 5 * time.Second
)

// Proxy is an HTTP proxy for the names of an authority.
type Proxy struct {
	authority    *Authority
	outer, inner *http.Server
	tunnels      *tunnels
	room         chan struct{}
}

// New makes a proxy whose tunnels end at a handler.
func New(authority *Authority, handler http.Handler, errorLog *log.Logger) *Proxy {
	p := &Proxy{authority: authority, tunnels: newTunnels(), room: make(chan struct{}, mostConnections)}
	p.outer = &http.Server{Handler: http.HandlerFunc(p.connect), ReadTimeout: askTimeout, WriteTimeout: askTimeout, IdleTimeout: askTimeout,
		MaxHeaderBytes: 8 << 10, ErrorLog: errorLog}
	p.inner = &http.Server{Handler: inside(handler), ReadTimeout: requestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10, ErrorLog: errorLog}
	return p
}

// Serve serves listeners until ctx ends or one of them fails, then lets the requests under way end.
func (p *Proxy) Serve(ctx context.Context, listeners []net.Listener) error {
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return serve(p.inner, p.tunnels) })
	for _, l := range listeners {
		all.Go(func() error { return serve(p.outer, newDoor(l, p.room)) })
	}
	all.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return errors.Join(p.outer.Shutdown(stop), p.inner.Shutdown(stop))
	})
	return all.Wait()
}

func serve(h *http.Server, l net.Listener) error {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// connect answers CONNECT, and makes the connection a tunnel.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	name, err := p.admit(r)
	if err != nil {
		w.Header().Set("Connection", "close")
		http.Error(w, "Gatehouse: "+err.Error(), http.StatusForbidden)
		return
	}
	conn, early, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	if early.Reader.Buffered() > 0 { // what came before the answer could be meant for anybody
		_ = conn.Close()
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close()
		return
	}
	p.tunnels.enter(tls.Server(conn, p.secure(name)))
}

// admit returns the name that a tunnel is asked for, or why there will be none.
func (p *Proxy) admit(r *http.Request) (string, error) {
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
		return "", errors.New("this proxy is for programs on its own machine")
	}
	if r.Method != http.MethodConnect || r.ContentLength != 0 {
		return "", errors.New("this proxy takes CONNECT only")
	}
	host, port, err := net.SplitHostPort(r.RequestURI)
	if err != nil {
		return "", errors.New("want CONNECT to a name and a port")
	}
	name := strings.ToLower(host)
	if port != "443" || !p.authority.Serves(name) {
		return "", fmt.Errorf("%q is not an endpoint of a service that runs here, and this proxy leads nowhere else", r.RequestURI)
	}
	return name, nil
}

// secure is how a tunnel to a name ends: with a certificate for it and for no other name that the client may send. There is
// no HTTP/2 inside, where each request could name its own host.
func (p *Proxy) secure(name string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if !strings.EqualFold(hello.ServerName, name) {
				return nil, fmt.Errorf("a tunnel to %s was asked for %q", name, hello.ServerName)
			}
			return p.authority.Leaf(name)
		}}
}

// inside guards what comes through a tunnel: it is for the name that the tunnel is to (RFC 9110 section 15.5.20), and
// nobody stands between who sends it and this server.
func inside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := strings.TrimSuffix(r.Host, ":443")
		if r.TLS == nil || r.Method == http.MethodConnect || r.URL.IsAbs() || !strings.EqualFold(host, r.TLS.ServerName) {
			w.Header().Set("Connection", "close")
			http.Error(w, "Gatehouse: this tunnel is to another host", http.StatusMisdirectedRequest)
			return
		}
		for _, claim := range [...]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
			r.Header.Del(claim)
		}
		next.ServeHTTP(w, r)
	})
}
