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
	"reflect"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// maxSocketPath is the longest path of a socket that every Unix takes. See unix(7), "sun_path".
const maxSocketPath = 103

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

// operate answers an operator's command: the operation is the path, the input and the output are JSON.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, api.MaxBody))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	out, err := s.Operate(r.Context(), filepath.Base(r.URL.Path), body)
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

// Operate calls an admin operation as the operator; in and out are JSON.
func (s *Server) Operate(ctx context.Context, operation string, in []byte) ([]byte, error) {
	if out, known, err := s.operateAudit(ctx, operation, in); known {
		return out, err
	}
	input := admin.Input(operation)
	if input == nil {
		return nil, fault.New(fault.NotBuilt, "NotImplementedException", "%s is not a command of operators.", operation)
	}
	if err := json.Unmarshal(in, input); err != nil {
		return nil, fault.New(fault.Invalid, "SerializationException", "The input is not JSON of the right form.")
	}
	caller := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}, UserAgent: "gatehouse"}
	out, err := s.Corridor.Invoke(ctx, caller, admin.Name, operation, input)
	if err != nil {
		return nil, err
	}
	return json.Marshal(reflect.ValueOf(out).Elem().Interface())
}

// Dial calls an admin operation of a server that runs on a data directory. found is false when none does.
func Dial(ctx context.Context, dir, operation string, in, out any) (found bool, err error) {
	path, err := controlPath(dir)
	if err != nil {
		return false, err
	}
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}}}
	body, err := json.Marshal(in)
	if err != nil {
		return false, err
	}
	answer, err := post(ctx, &client, operation, body)
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, json.Unmarshal(answer, out)
}

// Command calls an admin operation on the server that runs on the directory or, when none does, on the directory
// itself, whose lock it takes.
func Command(ctx context.Context, config Config, operation string, in, out any) error {
	found, err := Dial(ctx, config.Data, operation, in, out)
	if found || err != nil {
		return err
	}
	return Offline(ctx, config, func(s *Server) error {
		body, err := json.Marshal(in)
		if err != nil {
			return err
		}
		answer, err := s.Operate(ctx, operation, body)
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, out)
	})
}

// Offline opens a data directory without listening, runs fn, and writes what fn left on the record.
func Offline(ctx context.Context, config Config, fn func(*Server) error) error {
	s, err := Open(ctx, config, false)
	if err != nil {
		return err
	}
	records, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Corridor.Run(records) }()
	err = fn(s)
	end()
	return errors.Join(err, <-done, s.Close())
}

// quiet sends the complaints of net/http about its clients to the log's lowest level.
func quiet(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }

// Running reports whether a server answers on the control socket of a data directory.
func Running(ctx context.Context, dir string) bool {
	found, _ := Dial(ctx, dir, "", struct{}{}, new(struct{}))
	return found
}
