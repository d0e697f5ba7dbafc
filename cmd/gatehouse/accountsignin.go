package main

import "github.com/gatehouse-sso/gatehouse/internal/api/admin"

// accountUser is a user of an account who signs in at a door of their own.
type accountUser struct {
	ID   string `arg:"" help:"Id of the account."`
	User string `help:"IAM user, by name. Default: the root user." placeholder:"NAME"`
}

// name is what the user is called.
func (u accountUser) name() string {
	if u.User == "" {
		return "The root user of " + u.ID
	}
	return u.User + " of " + u.ID
}

// accountSessionsCmd lists where a user of an account is signed in.
type accountSessionsCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	accountUser `embed:""`
}

// Run prints a line a session.
func (c *accountSessionsCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return s.listSessions(c.outputFlags, &admin.ListSessionsInput{AccountId: c.ID, IamUserName: c.User})
	})
}

// accountSignOutCmd signs a user of an account out.
type accountSignOutCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	accountUser `embed:""`
	Session     []string `help:"End this session only, by its id. May be given several times." placeholder:"ID"`
}

// Run ends the sessions.
func (c *accountSignOutCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return s.signOut(c.name(), &admin.BatchDeleteSessionInput{AccountId: c.ID, IamUserName: c.User, SessionIds: c.Session})
	})
}

// accountDelayCmd tells of the sign-in delay of a user of an account.
type accountDelayCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	accountUser `embed:""`
	Clear       bool `help:"Let the user try again at once."`
}

// Run prints the delay, or clears it.
func (c *accountDelayCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return s.delay(c.name(), c.Clear, admin.ClearSignInDelayInput{AccountId: c.ID, IamUserName: c.User})
	})
}
