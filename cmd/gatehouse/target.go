package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/gatehouse-sso/gatehouse/internal/client"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// targetFlags say which Gatehouse a command is about: a data directory on this machine, whose operator everybody is who
// may read it, or a server, on which AWS credentials say who calls.
type targetFlags struct {
	dataFlags `embed:""`
	As        string `name:"as" help:"With --data: account whose root user acts, by id or name. Default: that of the identity center." placeholder:"ACCOUNT"`
	Endpoint  string `help:"Address of a server to work on with AWS credentials instead of --data (GATEHOUSE_ENDPOINT)." placeholder:"URL" from:"GATEHOUSE_ENDPOINT"`
	Profile   string `help:"Profile of the AWS configuration to take credentials, and the address, from (AWS_PROFILE)." placeholder:"NAME"`
	Region    string `help:"Region to sign for (AWS_REGION). Default: us-east-1." placeholder:"REGION"`
}

// session calls operations on the Gatehouse that a command is about.
type session struct {
	*app
	call  func(ctx context.Context, service, operation string, in, out any) error
	close func() error
	local bool // on a data directory, as its operator
}

// with runs fn with a session.
func (t targetFlags) with(a *app, fn func(*session) error) error {
	s, err := t.open(a)
	if err != nil {
		return explained(err)
	}
	return explained(errors.Join(fn(s), s.close()))
}

// withOne is with for what the identity center has under a name, such as one of its groups.
func (t targetFlags) withOne(a *app, find func(*session, center, string) (*string, error), name string, fn func(s *session, at center, id *string) error) error {
	return t.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		id, err := find(s, at, name)
		if err != nil {
			return err
		}
		return fn(s, at, id)
	})
}

// open decides between the data directory and a server. What stands on the command line wins over the environment, and
// an address or a profile over a data directory.
func (t targetFlags) open(a *app) (*session, error) {
	if err := t.named(a); err != nil {
		return nil, err
	}
	if t.Data != "" && t.Endpoint == "" && t.Profile == "" {
		return t.local(a, t.As)
	}
	return t.remote(a)
}

// named refuses a command that says of no Gatehouse that it is about it.
func (t targetFlags) named(a *app) error {
	if t.Data == "" && t.Endpoint == "" && t.Profile == "" && a.env("AWS_PROFILE") == "" && a.env("AWS_ENDPOINT_URL") == "" {
		return misuse("work on a data directory of this machine with --data DIR, or on a server with --endpoint URL and AWS credentials",
			"nothing says which gatehouse is meant")
	}
	return nil
}

// local opens a session on a data directory, as the root user of an account.
func (d dataFlags) local(a *app, account string) (*session, error) {
	operator, err := d.operator(a)
	if err != nil {
		return nil, err
	}
	return ofOperator(a, operator, account), nil
}

// ofOperator is a session of an operator, as the root user of an account.
func ofOperator(a *app, operator *server.Operator, account string) *session {
	return &session{app: a, local: true, close: operator.Close, call: func(ctx context.Context, service, operation string, in, out any) error {
		return operator.Do(ctx, server.Errand{Service: service, Operation: operation, Account: account}, in, out)
	}}
}

func (t targetFlags) remote(a *app) (*session, error) {
	if t.As != "" {
		return nil, misuse("leave it out: on a server, the credentials say which account acts", "--as is for --data only")
	}
	if u, err := url.Parse(t.Endpoint); t.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, misuse("want an address such as https://sso.example.com", "--endpoint: %q is not the address of a server", t.Endpoint)
	}
	remote, err := client.NewRemote(a.ctx, t.Endpoint, t.Profile, t.Region)
	if err != nil {
		return nil, err
	}
	return &session{app: a, call: remote.Call, close: func() error { return nil }}, nil
}

// explained adds hints to what commands of every kind run into.
func explained(err error) error {
	var p *problem
	switch {
	case err == nil || errors.As(err, &p):
		return err
	case errors.Is(err, client.ErrNoEndpoint):
		return &problem{err: err, misuse: true, hint: "name it with --endpoint URL, or take a profile with a section [services], as gatehouse aws-config prints them"}
	case errors.Is(err, client.ErrNoCredentials):
		return hinted(err, "sign in with: aws sso login --profile NAME, and name the profile with --profile NAME or AWS_PROFILE")
	case errors.Is(err, client.ErrConfiguration):
		return hinted(err, "aws configure list-profiles shows what there is")
	case fault.Is(err, "AccountNotNamed"):
		return &problem{err: err, misuse: true, hint: "name the account that shall act with --as ACCOUNT; gatehouse account list shows them"}
	case fault.Is(err, "AWSOrganizationsNotInUseException"):
		return hinted(err, "make the organization with: gatehouse identity-center enable, or aws organizations create-organization")
	case fault.Is(err, "UnrecognizedClientException"):
		return hinted(err, "the credentials are not of this server, or are over: sign in again")
	}
	return err
}

// request calls an operation and returns its output.
func request[Out any](s *session, service, operation string, in any) (*Out, error) {
	out := new(Out)
	if err := s.call(s.ctx, service, operation, in, out); err != nil {
		return nil, err
	}
	return out, nil
}

// every calls a list operation until its last page. token is where the input has the token of the next page; page keeps
// what a page has and returns its token.
func every[Out any](s *session, service, operation string, in any, token **string, page func(*Out) *string) error {
	for {
		out, err := request[Out](s, service, operation, in)
		if err != nil {
			return err
		}
		next := page(out)
		if next == nil || *next == "" {
			return nil
		}
		*token = next
	}
}

// operator opens the data of a server that was started before: a mistyped directory must not become a new server's.
func (d dataFlags) operator(a *app) (*server.Operator, error) {
	config, err := d.config(a.log)
	if err != nil {
		return nil, err
	}
	fresh, err := isFresh(config.RootKey)
	if err != nil {
		return nil, err
	}
	if fresh {
		return nil, misuse("start a server there first: gatehouse serve --data "+shellQuote(d.Data), "%s has no data of a gatehouse", d.Data)
	}
	return d.openOperator(a, config)
}

// openOperator opens data, which may be new.
func (d dataFlags) openOperator(a *app, config server.Config) (*server.Operator, error) {
	// What an offline server has to say at its start and end is not about the command.
	config.Log = slog.New(warnings{a.log.Handler()})
	operator, err := server.OpenOperator(a.ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Data, err)
	}
	return operator, nil
}

// operate calls one operation on the data.
func (d dataFlags) operate(a *app, service, operation string, in, out any) error {
	s, err := d.local(a, "")
	if err != nil {
		return err
	}
	return errors.Join(s.call(a.ctx, service, operation, in, out), s.close())
}
