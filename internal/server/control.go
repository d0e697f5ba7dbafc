package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// maxSocketPath is the longest path of a socket that every Unix takes. See unix(7), "sun_path".
const maxSocketPath = 103

// operatorTimeout is how long an operator waits for one operation.
const operatorTimeout = 2 * time.Minute

// controlPath is where offline commands find a server that runs. Who may open it, may read the data directory anyway.
func controlPath(dir string) (string, error) {
	path := filepath.Join(dir, "control.sock")
	if len(path) <= maxSocketPath {
		return path, nil
	}
	if wd, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(wd, path); err == nil && len(short) <= maxSocketPath {
			return short, nil
		}
	}
	return "", fmt.Errorf("the path %s is too long for a socket: want at most %d bytes", path, maxSocketPath)
}

// listenControl takes the control socket. The lock on the data directory is held, so one that is there is a leftover.
func (s *Server) listenControl() (*http.Server, error) {
	path, err := controlPath(s.config.Data)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.control = l
	return &http.Server{Handler: http.HandlerFunc(s.operate), ReadHeaderTimeout: headerTimeout, ErrorLog: quiet(s.config.Log)}, nil
}

// operate answers an operator's command: the path has the service and the operation, the input and the output are JSON.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, api.MaxBody))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	service, operation, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	out, err := s.Operate(r.Context(), Errand{Service: service, Operation: operation, Account: r.URL.Query().Get("account")}, body)
	if f := fault.As(err); f != nil {
		w.WriteHeader(http.StatusBadRequest)
		out, err = json.Marshal(f)
	}
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(out)
}

// Errand is an operation that an operator asks for.
type Errand struct {
	Service   string // "gatehouse", AuditService, or a service of AWS by the name that its CLI has for it
	Operation string
	Account   string // who calls a service of AWS: the root user of this account, by id or name; empty for the usual one
}

// Operate calls an operation for the operator; in and out are JSON. Operations of Gatehouse's own are called as the
// operator where they admit one, and all others as the root user of an account: whoever may read the data directory may
// be that anyway, by breaking the glass.
func (s *Server) Operate(ctx context.Context, e Errand, in []byte) ([]byte, error) {
	if e.Service == AuditService {
		return s.operateAudit(ctx, e.Operation, in)
	}
	row := s.Corridor.Row(e.Service, e.Operation)
	if row == nil {
		return nil, fault.New(fault.NotBuilt, "NotImplementedException", "%s %s is not an operation that operators have.", e.Service, e.Operation)
	}
	caller := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}, UserAgent: "gatehouse"}
	if row.Who&api.OperatorsOnly == 0 {
		var err error
		if caller.Principal, err = s.root(e.Account); err != nil {
			return nil, err
		}
	}
	input := row.NewInput()
	if err := wire.DecodeJSON(in, input); err != nil {
		return nil, err
	}
	out, err := s.Corridor.Invoke(ctx, caller, e.Service, e.Operation, input)
	if err != nil {
		return nil, err
	}
	return wire.AppendJSON(nil, out)
}

// root is the root user of an account or, when none is named, of the one that an administrator works for: the owner of
// the first identity center, else the only management account, else the only account.
func (s *Server) root(named string) (*authz.Principal, error) {
	snap := s.services.State.Current()
	a := snap.AccountNamed(named)
	if named == "" {
		a = snap.ChiefAccount()
	}
	switch {
	case a == nil && named == "":
		return nil, fault.New(fault.NotFound, "AccountNotNamed", "There is no identity center, and more than one account could be meant, or none.")
	case a == nil:
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no account %q, or there are several with this name.", named)
	}
	return &authz.Principal{Kind: authz.Root, Account: a.ID, ARN: ident.RootARN(a.ID), RoleGeneration: a.RootGeneration}, nil
}

// Operator calls operations as whoever may read a data directory.
type Operator struct {
	socket  *http.Client // of the server that runs on the directory; nil when none does
	offline *Server      // else
	close   func() error
}

// OpenOperator finds the server that runs on a data directory or, when none does, opens the directory itself, whose
// lock it holds until it is closed.
func OpenOperator(ctx context.Context, config Config) (*Operator, error) {
	client, err := dial(config.Data)
	if err != nil {
		return nil, err
	}
	if answers(ctx, client) {
		return &Operator{socket: client, close: func() error { return nil }}, nil
	}
	s, err := Open(ctx, config, false)
	if err != nil {
		return nil, err
	}
	records, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- s.keep(records) }()
	return &Operator{offline: s, close: func() error {
		end()
		return errors.Join(<-done, s.Close())
	}}, nil
}

// Do calls an operation.
func (o *Operator) Do(ctx context.Context, e Errand, in, out any) error {
	body, err := encode(e, in)
	if err != nil {
		return err
	}
	var answer []byte
	if o.socket != nil {
		answer, err = post(ctx, o.socket, e, body)
	} else {
		answer, err = o.offline.Operate(ctx, e, body)
	}
	if err != nil {
		return err
	}
	if e.Service == AuditService {
		return json.Unmarshal(answer, out)
	}
	return wire.DecodeJSON(answer, out)
}

// encode writes an input: as AWS's services have it, or plainly what no client sees.
func encode(e Errand, in any) ([]byte, error) {
	if e.Service == AuditService {
		return json.Marshal(in)
	}
	return wire.AppendInput(nil, in)
}

// Close writes what is left for the record, and gives the directory back.
func (o *Operator) Close() error { return o.close() }

// dial makes a client of the control socket in a data directory, whether or not anybody listens there.
func dial(dir string) (*http.Client, error) {
	path, err := controlPath(dir)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: operatorTimeout, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}}}, nil
}

// answers reports whether a server answers on a control socket. What it answers to no question is not of interest.
func answers(ctx context.Context, client *http.Client) bool {
	_, err := post(ctx, client, Errand{}, nil)
	var dialled *net.OpError
	return !errors.As(err, &dialled) || dialled.Op != "dial"
}

// Running reports whether a server answers on the control socket of a data directory.
func Running(ctx context.Context, dir string) bool {
	client, err := dial(dir)
	if err != nil {
		return false
	}
	defer client.CloseIdleConnections()
	return answers(ctx, client)
}

// quiet sends the complaints of net/http about its clients to the log's lowest level.
func quiet(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
