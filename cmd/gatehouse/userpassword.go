package main

import (
	"fmt"
	"io"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userInviteCmd invites a person.
type userInviteCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	ShowLink    bool   `help:"Print the link instead of mailing it."`
}

// Run says where the link went, or prints it.
func (c *userInviteCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.InviteUserOutput](s, admin.Name, "InviteUser", &admin.InviteUserInput{UserName: c.Name, ShowLink: c.ShowLink})
		if err != nil {
			return passwordless(err, c.Name)
		}
		handed(s.stdout, c.Name, out.SentTo, out.Link, out.ExpiresAt)
		return nil
	})
}

// handed tells how somebody gets at a link.
func handed(w io.Writer, name, sentTo, link string, until time.Time) {
	if sentTo != "" {
		fmt.Fprintf(w, "A mail with a link goes to %s. The link works once, until %s UTC.\n", sentTo, day(until))
		return
	}
	fmt.Fprintf(w, "Give %s this link. It is shown only now, and works once, until %s UTC.\n\n%s\n", name, day(until), link)
}

// userResetCmd resets a password.
type userResetCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	ShowLink    bool   `help:"Print the link instead of mailing it." xor:"how"`
	OneTime     bool   `help:"Print a password for the next sign-in, in place of the one that the person has." xor:"how"`
}

// Run says where the link went, or prints what there is to hand over.
func (c *userResetCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		in := &admin.ResetUserPasswordInput{UserName: c.Name, ShowLink: c.ShowLink, OneTimePassword: c.OneTime}
		out, err := request[admin.ResetUserPasswordOutput](s, admin.Name, "ResetUserPassword", in)
		if err != nil {
			return passwordless(err, c.Name)
		}
		if out.OneTimePassword != "" {
			fmt.Fprintf(s.stdout, "Give %s this password for the next sign-in, at which they choose another one. It is shown only now, and is good until %s UTC.\n\n%s\n",
				c.Name, day(out.ExpiresAt), out.OneTimePassword)
			return nil
		}
		handed(s.stdout, c.Name, out.SentTo, out.Link, out.ExpiresAt)
		return nil
	})
}

// userRequireCmd requires another password.
type userRequireCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	SignOut     bool   `help:"Sign the person out everywhere, too, which ends every key that was handed out to them."`
}

// Run requires it.
func (c *userRequireCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		_, err := request[admin.RequirePasswordChangeOutput](s, admin.Name, "RequirePasswordChange",
			&admin.RequirePasswordChangeInput{UserName: c.Name, EndSessions: c.SignOut})
		if err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s chooses another password at the next sign-in.\n", c.Name)
		return nil
	})
}

// passwordless adds hints to what stands in the way of a link.
func passwordless(err error, name string) error {
	switch {
	case fault.Is(err, "ConflictException"):
		return hinted(err, "gatehouse user reset-password "+shellQuote(name)+", or gatehouse user enable "+shellQuote(name))
	case fault.Is(err, "ServiceUnavailable"):
		return hinted(err, "gatehouse serve --data DIR, in another terminal")
	}
	return nobody(err)
}
