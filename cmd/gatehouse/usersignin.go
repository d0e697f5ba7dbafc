package main

import (
	"fmt"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// userSessionsCmd lists where a person is signed in.
type userSessionsCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"User name."`
}

// Run prints a line a session.
func (c *userSessionsCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return nobody(s.listSessions(c.outputFlags, &admin.ListSessionsInput{UserName: c.Name}))
	})
}

// listSessions prints where somebody is signed in.
func (s *session) listSessions(o outputFlags, in *admin.ListSessionsInput) error {
	out, err := request[admin.ListSessionsOutput](s, admin.Name, "ListSessions", in)
	if err != nil {
		return err
	}
	rows := make([][]string, len(out.Sessions))
	for i, r := range out.Sessions {
		client, mfa := r.Client, "no"
		if r.Program {
			client = "a program"
		}
		if r.MfaDate != nil {
			mfa = day(*r.MfaDate)
		}
		rows[i] = []string{client, r.Address, day(r.CreatedDate), day(r.ExpirationDate), mfa, r.SessionId}
	}
	return o.print(s, []string{"client", "address", "since", "until", "second factor", "id"}, rows)
}

func day(t time.Time) string { return t.UTC().Format(time.DateTime) }

// userSignOutCmd signs a person out.
type userSignOutCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string   `arg:"" help:"User name."`
	Session     []string `help:"End this session only, by its id. May be given several times." placeholder:"ID"`
}

// Run ends the sessions.
func (c *userSignOutCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return nobody(s.signOut(c.Name, &admin.BatchDeleteSessionInput{UserName: c.Name, SessionIds: c.Session}))
	})
}

// signOut ends sessions of somebody.
func (s *session) signOut(name string, in *admin.BatchDeleteSessionInput) error {
	_, err := request[admin.BatchDeleteSessionOutput](s, admin.Name, "BatchDeleteSession", in)
	return s.done(err, "%s is signed out.", name)
}

// userDelayCmd tells of a person's sign-in delay.
type userDelayCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Clear       bool   `help:"Let the person try again at once."`
}

// Run prints the delay, or clears it.
func (c *userDelayCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return nobody(s.delay(c.Name, c.Clear, admin.ClearSignInDelayInput{UserName: c.Name}))
	})
}

// delay prints how long somebody has to wait, or clears that.
func (s *session) delay(name string, clear bool, who admin.ClearSignInDelayInput) error {
	if clear {
		_, err := request[admin.ClearSignInDelayOutput](s, admin.Name, "ClearSignInDelay", &who)
		return s.done(err, "%s may try again at once.", name)
	}
	in := admin.DescribeSignInDelayInput(who)
	out, err := request[admin.DescribeSignInDelayOutput](s, admin.Name, "DescribeSignInDelay", &in)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s failed %d times lately and has to wait %d seconds.\n", name, out.FailedAttempts, out.Seconds)
	return nil
}
