// Package dev is the ready organization that "gatehouse dev" serves: the sample in a data directory of its own, and the
// files beside it that point the AWS CLI and SDKs there. It differs from a real server in its data, in plain http, in a
// mailbox instead of mail, and in nothing else: policies decide every request.
package dev

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/catalogue"
	"github.com/gatehouse-sso/gatehouse/internal/client"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// Server is a development server that is ready to serve.
type Server struct {
	*server.Server
	Dir    string
	Logins []sample.Login
	Fresh  bool // the sample was made just now
}

// The files of a development server, beside those of every server.
const (
	loginsFile = "users.json" // written last: it says that the sample is whole
	rolesFile  = "roles.json"
	awsDir     = "aws"
)

// ErrHalfMade says that a sample was begun and not finished.
var ErrHalfMade = errors.New("the sample organization in this directory is not whole: it was interrupted while being made")

// clock is the real time, less what the sample wants while it is made.
type clock struct{ behind atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(-time.Duration(c.behind.Load())) }

// Clients is what the clients' files say beside the address.
type Clients struct {
	Self        string // the command that runs gatehouse, for the profile that fetches its credentials by it
	AllServices bool   // every service of AWS is redirected here, not only those that Gatehouse runs
}

// Open opens the development server of config.Data, and makes the sample in a new one.
func Open(ctx context.Context, config server.Config, clients Clients) (*Server, error) {
	begun := exists(filepath.Join(config.Data, "gatehouse.db"))
	logins, err := readLogins(config.Data)
	if err != nil {
		return nil, err
	}
	if begun && logins == nil {
		return nil, ErrHalfMade
	}
	var c clock
	if logins == nil {
		c.behind.Store(int64(sample.Age))
	}
	config.Clock, config.Mailbox = c.now, true
	s, err := server.Open(ctx, config, true)
	if err != nil {
		return nil, err
	}
	d := &Server{Server: s, Dir: config.Data, Logins: logins, Fresh: logins == nil}
	if err := d.prepare(ctx, config, clients); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	c.behind.Store(0)
	return d, nil
}

// prepare makes the sample where there is none, and writes the clients' files, which name this start's address.
func (d *Server) prepare(ctx context.Context, config server.Config, clients Clients) error {
	roles, err := readRoles(d.Dir)
	if err != nil {
		return err
	}
	if d.Fresh {
		ids := ident.NewSource(config.Random)
		made, err := sample.Make(ctx, d.Corridor, func() string {
			return strings.Join([]string{ids.Lower(4), ids.Lower(4), ids.Lower(4), ids.Lower(4)}, "-")
		})
		if err != nil {
			return err
		}
		d.Logins, roles = made.Logins, made.Roles
	}
	if err := d.writeClients(roles, clients); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(d.Dir, rolesFile), roles); err != nil {
		return err
	}
	return writeJSON(filepath.Join(d.Dir, loginsFile), d.Logins)
}

// writeClients writes DIR/aws: a configuration, an empty credentials file, and models for CLIs before 2.13.
func (d *Server) writeClients(roles []sample.Role, clients Clients) error {
	dir := filepath.Join(d.Dir, awsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	c := client.Config{Origin: d.URL.String(), Region: d.Region(), StartURL: d.startURL(), SessionName: d.SessionName(),
		AllServices:       clients.AllServices,
		ManagementProcess: fmt.Sprintf("%s break-glass --data %s --account %s --format process", quote(clients.Self), quote(d.Dir), sample.Management)}
	for _, r := range roles {
		name := client.Name(r.AccountName, r.Set)
		if !slices.ContainsFunc(c.Profiles, func(p client.Profile) bool { return p.Name == name }) {
			c.Profiles = append(c.Profiles, client.Profile{Name: name, AccountID: string(r.Account), RoleName: r.Set})
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(c.String()), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), nil, 0o600); err != nil {
		return err
	}
	models := filepath.Join(dir, "models")
	if err := os.RemoveAll(models); err != nil { // those of a start with all services
		return err
	}
	if clients.AllServices {
		return client.Models(models, c.Origin, catalogue.Models()...)
	}
	return client.Models(models, c.Origin)
}

func (d *Server) startURL() string {
	if i := d.Corridor.State.Current().InstanceAt(""); i != nil {
		return api.StartURL(i)
	}
	return d.URL.String() + "/start"
}

// Environment returns what points the AWS CLI and SDKs at the server: the two variables of the line to paste.
func (d *Server) Environment() []string {
	return []string{
		"AWS_CONFIG_FILE=" + filepath.Join(d.Dir, awsDir, "config"),
		"AWS_DATA_PATH=" + filepath.Join(d.Dir, awsDir, "models"),
	}
}

// Sealed returns env for a command that shall meet this server and nothing else of AWS: without inherited AWS_*
// variables, with the profile management, no metadata service, and no credentials of the person who runs it.
func (d *Server) Sealed(env []string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	out = append(out, d.Environment()...)
	return append(out, "AWS_PROFILE=management", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(d.Dir, awsDir, "credentials"))
}

// Remove deletes the development server of dir, and nothing else that may be there.
func Remove(dir string) error {
	if !exists(filepath.Join(dir, "gatehouse.db")) && !exists(filepath.Join(dir, loginsFile)) {
		return nil
	}
	for _, name := range []string{loginsFile, rolesFile, "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm", "root.key", "control.sock", awsDir} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func readLogins(dir string) ([]sample.Login, error) {
	var logins []sample.Login
	err := readJSON(filepath.Join(dir, loginsFile), &logins)
	return logins, err
}

func readRoles(dir string) ([]sample.Role, error) {
	var roles []sample.Role
	err := readJSON(filepath.Join(dir, rolesFile), &roles)
	return roles, err
}

// readJSON reads a file into out, and leaves out as it is when there is none.
func readJSON(path string, out any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writeJSON replaces a file in one step; its secrets are for its owner only.
func writeJSON(path string, in any) error {
	text, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		return err
	}
	next := path + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// quote writes a word for credential_process, which splits at spaces outside double quotes.
func quote(word string) string {
	if strings.ContainsAny(word, " \t\"") {
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
	return word
}
