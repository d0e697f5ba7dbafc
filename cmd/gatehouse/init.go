package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/setup"
)

// initCmd sets up a server without a browser: its first account, its organization, its identity center and the first person.
// Whatever is not on the command line is asked for on the terminal. It may be run again, and goes on where it was left.
type initCmd struct {
	dataFlags `embed:""`
	Region    string `help:"Region, which is fixed at the first start (GATEHOUSE_REGION)." placeholder:"REGION" from:"GATEHOUSE_REGION"`
	Link      bool   `help:"Print a link to set up the running server in a browser, and do nothing else."`

	Account          string `group:"First account:" help:"Name of the account." placeholder:"NAME"`
	Email            string `group:"First account:" help:"E-mail address of its root user." placeholder:"EMAIL"`
	RootPasswordFile string `group:"First account:" help:"File with the password of the root user on its first line; - for standard input." placeholder:"FILE"`

	Standalone bool   `group:"Organization and portal:" help:"Make no organization: the account stays alone, and the set-up ends."`
	Portal     string `group:"Organization and portal:" help:"Address of the portal, which follows /start/." placeholder:"NAME"`

	User             string `group:"First person, who may do everything:" help:"User name." placeholder:"NAME"`
	Given            string `group:"First person, who may do everything:" help:"First name." placeholder:"NAME"`
	Family           string `group:"First person, who may do everything:" help:"Last name." placeholder:"NAME"`
	UserEmail        string `group:"First person, who may do everything:" help:"E-mail address." placeholder:"EMAIL"`
	UserPasswordFile string `group:"First person, who may do everything:" help:"File with their password on its first line; - for standard input." placeholder:"FILE" xor:"entry"`
	Invite           bool   `group:"First person, who may do everything:" help:"Give them a link to choose a password, by mail or printed. The server has to run." xor:"entry"`
}

// Run sets up what is left to set up.
func (c *initCmd) Run(a *app) error {
	s, err := c.opened(a)
	if err != nil {
		return err
	}
	if c.Link {
		err = printLink(s)
	} else {
		err = (&founder{s, prompter{app: a}, c}).found()
	}
	return errors.Join(err, s.close())
}

// opened opens the data directory, which may be new.
func (c *initCmd) opened(a *app) (*session, error) {
	config, err := c.config(a.log)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return nil, hinted(err, "name a directory that you may write to")
	}
	config.Region = c.Region
	operator, err := c.openOperator(a, config)
	if err != nil {
		return nil, err
	}
	return ofOperator(a, operator, ""), nil
}

// printLink prints a link that begins or takes up the set-up in a browser.
func printLink(s *session) error {
	out, err := request[setup.OfferSetupOutput](s, setup.Name, "OfferSetup", &setup.OfferSetupInput{})
	switch {
	case err != nil:
		return err
	case out.Over:
		return hinted(errors.New("this server is set up already"), "open the portal, or sign in as root user at /signin/root")
	case out.Link == "":
		return hinted(errors.New("no server runs on this directory"), "start it with: gatehouse serve; it prints a link itself")
	}
	fmt.Fprintf(s.stdout, "This link works once, until %s:\n\n%s\n", day(out.ExpiresAt), out.Link)
	return nil
}

// founder walks the set-up.
type founder struct {
	*session
	prompter
	given *initCmd
}

// found does one stage after another until the set-up is over.
func (f *founder) found() error {
	at, err := f.describe()
	if err == nil && at.Stage == string(domain.Over) {
		fmt.Fprintln(f.session.stdout, "This server is set up already.")
		return nil
	}
	for err == nil && at.Stage != string(domain.Over) {
		f.asked = false
		err = f.stage(at)
		if again := fault.As(err); again != nil && again.Kind == fault.Invalid && f.asked {
			fmt.Fprintf(f.session.stderr, "%s\n", again.Message) // who types may type again
			err = nil
		}
		if err == nil {
			at, err = f.describe()
		}
	}
	return explained(moved(err))
}

// moved adds a hint to what another set-up, in a browser, causes.
func moved(err error) error {
	if fault.Is(err, setup.UnderWork) || fault.Is(err, setup.MovedOn) {
		return hinted(err, "somebody sets up this server in a browser; run the command again to go on from there")
	}
	return err
}

func (f *founder) describe() (*setup.DescribeSetupOutput, error) {
	return request[setup.DescribeSetupOutput](f.session, setup.Name, "DescribeSetup", &setup.DescribeSetupInput{})
}

// stage does what the set-up waits for.
func (f *founder) stage(at *setup.DescribeSetupOutput) error {
	switch domain.Stage(at.Stage) {
	case domain.Account:
		return f.account(at)
	case domain.Organization:
		return f.organization(at)
	case domain.Portal:
		return f.portal()
	case domain.Administrator:
		return f.person(at)
	}
	return fmt.Errorf("the set-up waits for %s, which this command does not know", at.Stage)
}

func (f *founder) account(at *setup.DescribeSetupOutput) error {
	in := &setup.CreateFirstAccountInput{}
	err := f.lines([]line{
		{&in.AccountName, f.given.Account, "--account", "Name of the first account", "Management"},
		{&in.Email, f.given.Email, "--email", "E-mail of its root user", ""},
	})
	if err == nil {
		in.Password, err = f.password(f.given.RootPasswordFile, "--root-password-file", "the root user", at.MinLength)
	}
	if err != nil {
		return err
	}
	made, err := request[setup.CreateFirstAccountOutput](f.session, setup.Name, "CreateFirstAccount", in)
	if err == nil {
		fmt.Fprintf(f.session.stdout, "Account:      %s\n", made.AccountId)
	}
	return err
}

func (f *founder) organization(at *setup.DescribeSetupOutput) error {
	in := &setup.CreateFirstOrganizationInput{Standalone: f.given.Standalone}
	if !in.Standalone && f.terminal() && f.given.Portal == "" && f.given.User == "" {
		yes, err := f.yes("Create an organization, managed by " + at.AccountName + "?")
		if err != nil {
			return err
		}
		in.Standalone = !yes
	}
	made, err := request[setup.CreateFirstOrganizationOutput](f.session, setup.Name, "CreateFirstOrganization", in)
	switch {
	case err != nil:
		return err
	case in.Standalone:
		fmt.Fprintf(f.session.stdout, "Organization: none\n")
	default:
		fmt.Fprintf(f.session.stdout, "Organization: %s\n", made.OrganizationId)
	}
	return nil
}

func (f *founder) portal() error {
	in := &setup.EnableFirstPortalInput{Address: f.given.Portal}
	if in.Address == "" && f.terminal() && f.given.User == "" {
		var err error
		if in.Address, err = f.line("Address of the portal, which follows /start/ (may be empty)", ""); err != nil {
			return err
		}
	}
	made, err := request[setup.EnableFirstPortalOutput](f.session, setup.Name, "EnableFirstPortal", in)
	if err == nil {
		fmt.Fprintf(f.session.stdout, "Portal:       %s\n", made.PortalUrl)
	}
	return err
}

func (f *founder) person(at *setup.DescribeSetupOutput) error {
	in := &setup.CreateFirstAdministratorInput{Email: f.given.UserEmail}
	err := f.lines([]line{
		{&in.UserName, f.given.User, "--user", "User name of the first person", ""},
		{&in.GivenName, f.given.Given, "--given", "First name", ""},
		{&in.FamilyName, f.given.Family, "--family", "Last name", ""},
	})
	if err == nil && in.Email == "" && f.terminal() {
		in.Email, err = f.line("E-mail (may be empty)", "")
	}
	if err == nil && !f.given.Invite {
		in.Password, err = f.password(f.given.UserPasswordFile, "--user-password-file, or --invite", in.UserName, at.MinLength)
	}
	if err != nil {
		return err
	}
	made, err := request[setup.CreateFirstAdministratorOutput](f.session, setup.Name, "CreateFirstAdministrator", in)
	if fault.Is(err, "ServiceUnavailable") {
		return hinted(err, "gatehouse serve --data "+shellQuote(f.given.Data)+", in another terminal")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(f.session.stdout, "Person:       %s, with AdministratorAccess in %s\n", in.UserName, at.AccountId)
	if f.given.Invite {
		handed(f.session.stdout, in.UserName, made.SentTo, made.Link, made.ExpiresAt)
	}
	return nil
}

// password reads a password from a file, standard input or the terminal.
func (f *founder) password(file, flag, whose string, least int32) (string, error) {
	switch {
	case file == "-":
		return secretIn(f.stdinOnce(), "standard input")
	case file != "":
		opened, err := os.Open(file)
		if err != nil {
			return "", misuse("write the password on the first line of a file that only you can read", "%s", err)
		}
		defer opened.Close()
		return secretIn(&lineReader{opened}, file)
	case !f.terminal():
		return "", misuse("give it with "+flag, "there is no terminal to ask for the password of %s", whose)
	}
	f.asked = true
	return readSecret(f.session.app, "password", false, fmt.Sprintf("Password for %s, %d characters or more: ", whose, least), "Again: ")
}

// secretIn is the next line, which holds a password.
func secretIn(r *lineReader, where string) (string, error) {
	text, err := r.next()
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && text == "" {
		return "", misuse("write the password there, on a line of its own", "there is no password in %s", where)
	}
	return text, err
}
