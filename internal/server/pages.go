package server

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/mailbox"
	"github.com/gatehouse-sso/gatehouse/internal/web/portal"
	"github.com/gatehouse-sso/gatehouse/internal/web/setup"
	"github.com/gatehouse-sso/gatehouse/internal/web/signin"
)

// pages is everything that is not an AWS call.
func (s *Server) pages() http.Handler {
	site := kit.Site{Invoke: s.Corridor, ExternalURL: s.URL, Region: s.services.Region, SessionName: s.SessionName(), Now: s.config.Clock, Log: s.config.Log,
		InstanceID: s.instanceID, Front: s.front, RequestID: requestID,
		Address: func(r *http.Request) netip.Addr { return api.Address(r, s.config.Proxies) },
		Proxied: func(r *http.Request) bool { return api.Proxied(r, s.config.Proxies) }}
	if site.ExternalURL == nil {
		site.ExternalURL = &url.URL{Scheme: "http", Host: "localhost"} // an offline command: nobody will ask
	}
	doors, rooms := signin.New(site), portal.New(site)
	mux := http.NewServeMux()
	doors.Routes(mux)
	rooms.Routes(mux)
	setup.New(site).Routes(mux)
	if s.services.Mailbox != nil {
		mailbox.New(site, s.services.Mailbox).Routes(mux)
	}
	outside := http.NewServeMux()
	outside.Handle("/", s.numbered(doors.Middleware(mux)))
	outside.HandleFunc("GET /.well-known/gatehouse", s.describe)
	outside.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	outside.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.stopping.Load() {
			plain(w, http.StatusServiceUnavailable, "stopping\n")
			return
		}
		if s.services.State.Stale(s.config.Clock()) {
			plain(w, http.StatusServiceUnavailable, "the database cannot be reached\n")
			return
		}
		plain(w, http.StatusOK, "ready\n")
	})
	return outside
}

// requestKey is where the context of a page's request has its number.
type requestKey struct{}

// numbered gives every request of a page a number, which its calls, its log lines and its error page share.
func (s *Server) numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := s.services.IDs.RequestID(s.config.Clock())
		w.Header().Set("X-Amzn-Requestid", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey{}).(string)
	return id
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// front is what strangers see of a portal.
func (s *Server) front(portal string) kit.Front {
	i := s.services.State.Current().InstanceAt(portal)
	if i == nil {
		return kit.Front{}
	}
	f := kit.Front{Name: i.PortalName(), Moved: slices.Contains(i.Former, strings.ToLower(portal)), Title: i.Title}
	if l := i.Logo; l != nil {
		f.Logo = &kit.Logo{Address: kit.LogoPath + i.ID() + "/" + l.Hash + ".png", Width: l.Width, Height: l.Height}
	}
	return f
}

func (s *Server) instanceID(portal string) string {
	if i := s.services.State.Current().InstanceAt(portal); i != nil {
		return i.ID()
	}
	return ""
}
