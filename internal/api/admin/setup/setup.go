// Package setup is the first start of a server, step by step: an account and its root user, an organization, an identity
// center with its portal, and a person who may do everything. The pages behind the set-up link call it, and so does
// gatehouse init for whoever can read the data directory. Package setup of the domain says what holds for the link.
//
// A step that AWS has an operation for is that operation, called as the root user of the new account, so that the same rules
// hold and the trail reads as it would on AWS. Steps are claimed before they are done, since two windows may do one at the
// same time, and every one of them looks first at what there is, since the server may stop in the middle.
package setup

import (
	"context"
	"errors"
	"net/url"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Name is the service's name in the corridor.
const Name = "gatehouse-setup"

// Path is the page of the set-up.
const Path = "/setup"

// Table returns the operations of the service.
func Table() api.Table {
	operator, anybody, both := api.By(api.OperatorsOnly), api.By(api.Open), api.By(api.Open|api.OperatorsOnly)
	return api.Table{
		api.Op("OfferSetup", "", offer, operator),
		api.Op("DescribeSetupLink", "", describeLink, anybody),
		api.Op("BeginSetup", "", begin, anybody),
		api.Op("DescribeSetup", "", describe, both),
		api.Op("CreateFirstAccount", "", createAccount, both),
		api.Op("CreateFirstOrganization", "", createOrganization, both),
		api.Op("EnableFirstPortal", "", enablePortal, both),
		api.Op("CreateFirstAdministrator", "", createAdministrator, both),
	}
}

// The codes of faults by which the pages know what to do.
const (
	LinkOver  = "SetupLinkOverException"  // the link opens nothing
	NotYours  = "SetupNotYoursException"  // this browser does not go on with the set-up
	MovedOn   = "SetupMovedOnException"   // the set-up waits for something else by now
	UnderWork = "SetupUnderWorkException" // the step is being done elsewhere
)

// position is where the set-up stands, as one transaction sees it.
type position struct {
	*setup.Setup
	stage   setup.Stage
	account *account.Account // nil before there is one
}

// stand reads where the set-up stands. Somebody may have gone on by other means, or made accounts without it: then there is
// nothing left that a link could open.
func stand(tx *store.Tx) (*position, error) {
	s, err := tx.Setup()
	if errors.Is(err, store.ErrNotFound) {
		s, err = &setup.Setup{}, nil
	}
	p := &position{Setup: s, stage: setup.Over}
	if err != nil || !s.FinishedAt.IsZero() {
		return p, err
	}
	if s.Account == "" {
		n, err := store.Accounts.Count(tx, "all")
		if err == nil && n == 0 {
			p.stage = setup.Account
		}
		return p, err
	}
	if p.account, err = store.Accounts.Get(tx, string(s.Account)); err != nil {
		return p, store.Missing(err, nil)
	}
	p.stage, err = stageOf(tx, p.account)
	return p, err
}

// stageOf says what comes after the account. One that is closed, or a member of somebody's organization, has no set-up.
func stageOf(tx *store.Tx, a *account.Account) (setup.Stage, error) {
	if a.Status != account.Active {
		return setup.Over, nil
	}
	if a.OrganizationID == "" {
		return setup.Organization, nil
	}
	o, err := store.Organizations.Get(tx, a.OrganizationID)
	if err != nil || o.Management != a.ID {
		return setup.Over, err
	}
	i, err := store.Instances.By(tx, "owner", a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return setup.Portal, nil
	}
	if err != nil {
		return setup.Over, err
	}
	n, err := store.Provisioned.Count(tx, "account", i.ARN, a.ID)
	if err != nil || n > 0 {
		return setup.Over, err // somebody was let in
	}
	return setup.Administrator, nil
}

// offer makes a link in the place of the one before. Without a server there is nowhere for it to lead, and none is made.
func offer(ctx context.Context, c *api.Call, _ *OfferSetupInput) (*OfferSetupOutput, error) {
	out, secret := &OfferSetupOutput{}, c.NewSecret()
	return out, c.Update(ctx, func(tx *store.Tx) error {
		*out = OfferSetupOutput{}
		p, err := stand(tx)
		if err != nil || p.stage == setup.Over || c.ExternalURL == "" {
			out.Over = err == nil && p.stage == setup.Over
			return err
		}
		p.Offer(api.HashSecret(secret), tx.Now)
		out.Link, out.ExpiresAt = c.ExternalURL+Path+"?"+url.Values{"secret": {secret}}.Encode(), p.LinkUntil
		return tx.SetSetup(p.Setup)
	})
}

// opened finds the set-up that a link begins.
func opened(tx *store.Tx, secret string) (*position, error) {
	over := fault.New(fault.NotFound, LinkOver, "This link was used already, has ended, or is not whole.")
	if !api.IsSecret(secret) {
		return nil, over
	}
	p, err := stand(tx)
	if err == nil && (p.stage == setup.Over || !p.Opens(api.HashSecret(secret), tx.Now)) {
		err = over
	}
	return p, err
}

// describeLink says whether a link begins the set-up, and leaves it as it is.
func describeLink(ctx context.Context, c *api.Call, in *DescribeSetupLinkInput) (*DescribeSetupLinkOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSetupLinkOutput, error) {
		p, err := opened(tx, in.Secret)
		if err != nil {
			return nil, err
		}
		return &DescribeSetupLinkOutput{ExpiresAt: p.LinkUntil}, nil
	})
}

// begin spends a link: from now on the set-up belongs to the browser that keeps the secret.
func begin(ctx context.Context, c *api.Call, in *BeginSetupInput) (*BeginSetupOutput, error) {
	c.Unrecorded() // what strangers guess
	out := &BeginSetupOutput{Browser: c.NewSecret()}
	return out, c.Update(ctx, func(tx *store.Tx) error {
		p, err := opened(tx, in.Secret)
		if err != nil {
			return err
		}
		p.Begin(api.HashSecret(out.Browser), tx.Now)
		out.ExpiresAt = p.BrowserUntil
		return tx.SetSetup(p.Setup)
	})
}

// admitted is the set-up for who may go on with it: the operator, or the browser that began it.
func admitted(tx *store.Tx, c *api.Call, browser string) (*position, error) {
	p, err := stand(tx)
	if err != nil || c.Principal.Kind == authz.Operator {
		return p, err
	}
	if !api.IsSecret(browser) || !p.Knows(api.HashSecret(browser), tx.Now) {
		return nil, fault.New(fault.Unauthenticated, NotYours, "The set-up does not go on in this browser.")
	}
	return p, nil
}

// describe says how far the set-up has come.
func describe(ctx context.Context, c *api.Call, in *DescribeSetupInput) (*DescribeSetupOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSetupOutput, error) {
		p, err := admitted(tx, c, in.Browser)
		if err != nil {
			return nil, err
		}
		out := &DescribeSetupOutput{Stage: string(p.stage), MinLength: int32(api.RootPasswordRules().MinLength), ExpiresAt: p.BrowserUntil}
		if p.account == nil {
			return out, nil
		}
		out.AccountId, out.AccountName, out.Email, out.OrganizationId = string(p.account.ID), p.account.Name, p.account.Email, p.account.OrganizationID
		return out, describeCenter(tx, c, p, out)
	})
}

// describeCenter adds what there is of an identity center.
func describeCenter(tx *store.Tx, c *api.Call, p *position, out *DescribeSetupOutput) error {
	i, err := store.Instances.By(tx, "owner", p.account.ID)
	if err != nil {
		return store.Missing(err, nil)
	}
	policy, err := api.SignInPolicy(tx, i.ARN)
	if err != nil {
		return err
	}
	out.PortalUrl, out.MinLength = c.PortalURL(i), int32(policy.PasswordRules().MinLength)
	out.CanMail, err = c.CanMail(tx)
	return err
}

// step does what a stage waits for: it is claimed, done outside of changes, and finished in one. What do makes has to be
// there once only, however often it runs.
func step(ctx context.Context, c *api.Call, browser string, stage setup.Stage, do func(*position) error, finish func(*store.Tx, *position) error) error {
	work := c.IDs.UUID()
	var at *position
	err := c.Prepare(ctx, func(tx *store.Tx) (err error) {
		if at, err = awaiting(tx, c, browser, stage); err != nil {
			return err
		}
		if !at.Take(work, tx.Now) {
			return fault.New(fault.Conflict, UnderWork, "This step is being done in another window. Wait a moment.")
		}
		return tx.SetSetup(at.Setup)
	})
	if err != nil {
		c.Unrecorded() // strangers ask as often as they like
		return err
	}
	err = do(at)
	if err == nil {
		err = c.Update(ctx, func(tx *store.Tx) error { return finishing(tx, at, work, finish) })
	}
	if err != nil {
		err = errors.Join(err, leave(context.WithoutCancel(ctx), c, work))
	}
	return err
}

// finishing is the change that a step ends with.
func finishing(tx *store.Tx, at *position, work string, finish func(*store.Tx, *position) error) error {
	s, err := tx.Setup()
	if err != nil {
		return err
	}
	if !s.Holds(work, tx.Now) {
		return fault.New(fault.Conflict, UnderWork, "This step took too long. Try again.")
	}
	s.Leave()
	at.Setup = s
	if err := finish(tx, at); err != nil {
		return err
	}
	return tx.SetSetup(s)
}

// awaiting is admitted to a stage that the set-up is at.
func awaiting(tx *store.Tx, c *api.Call, browser string, stage setup.Stage) (*position, error) {
	p, err := admitted(tx, c, browser)
	if err == nil && p.stage != stage {
		err = fault.New(fault.Conflict, MovedOn, "This step was done already.")
	}
	return p, err
}

// leave gives a step back that failed, so that it can be tried again at once.
func leave(ctx context.Context, c *api.Call, work string) error {
	return c.Prepare(ctx, func(tx *store.Tx) error {
		s, err := tx.Setup()
		if err != nil || s.Work != work {
			return err
		}
		s.Leave()
		return tx.SetSetup(s)
	})
}
