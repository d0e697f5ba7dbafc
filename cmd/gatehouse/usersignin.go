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
		out, err := request[admin.ListSessionsOutput](s, admin.Name, "ListSessions", &admin.ListSessionsInput{UserName: c.Name})
		if err != nil {
			return nobody(err)
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
		return c.print(s, []string{"client", "address", "since", "until", "second factor", "id"}, rows)
	})
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
		_, err := request[admin.BatchDeleteSessionOutput](s, admin.Name, "BatchDeleteSession",
			&admin.BatchDeleteSessionInput{UserName: c.Name, SessionIds: c.Session})
		if err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s is signed out.\n", c.Name)
		return nil
	})
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
		if c.Clear {
			_, err := request[admin.ClearSignInDelayOutput](s, admin.Name, "ClearSignInDelay", &admin.ClearSignInDelayInput{UserName: c.Name})
			return nobody(err)
		}
		out, err := request[admin.DescribeSignInDelayOutput](s, admin.Name, "DescribeSignInDelay", &admin.DescribeSignInDelayInput{UserName: c.Name})
		if err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s failed %d times lately and has to wait %d seconds.\n", c.Name, out.FailedAttempts, out.Seconds)
		return nil
	})
}
