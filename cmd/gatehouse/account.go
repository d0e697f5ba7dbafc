package main

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// accountCmds are the commands about accounts.
type accountCmds struct {
	Create       accountCreateCmd       `cmd:"" help:"Make an account that is in no organization, or with --unit one in the organization."`
	List         accountListCmd         `cmd:"" help:"List the accounts: with --data all of the server, else those of the organization."`
	Move         accountMoveCmd         `cmd:"" help:"Move an account to another organizational unit."`
	RootLink     accountRootLinkCmd     `cmd:"" help:"Mail the address of an account a link by which its root user chooses a password."`
	RootPassword accountRootPasswordCmd `cmd:"" help:"Give the root user of an account a password, with --data. It is asked for, and never an argument."`
	Sessions     accountSessionsCmd     `cmd:"" help:"List where the root user of an account, or an IAM user, is signed in."`
	SignOut      accountSignOutCmd      `cmd:"" help:"Sign the root user of an account, or an IAM user, out everywhere, or of one session."`
	Delay        accountDelayCmd        `cmd:"" help:"Show or clear how long the root user of an account, or an IAM user, has to wait after failed tries."`
	Close        accountCloseCmd        `cmd:"" help:"Close an account of the organization. Nobody gets into it any more."`
}

// accountCreateCmd makes an account.
type accountCreateCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"Name of the account."`
	Email       string `help:"E-mail address of the account's root user." placeholder:"EMAIL"`
	ID          string `name:"id" help:"Id of 12 digits, for an account in no organization. Default: a random one." placeholder:"ID"`
	Unit        string `help:"Make it in the organization, in the unit with this path, such as Workloads/Production; / is the root." placeholder:"PATH"`
}

// Run prints the id of the new account, and on standard error how its root user gets a password.
func (c *accountCreateCmd) Run(a *app) error {
	switch {
	case c.Email == "":
		return misuse("name it with --email EMAIL; no other account may have it", "the account %q needs an e-mail address", c.Name)
	case c.Unit != "" && c.ID != "":
		return misuse("leave out --id", "the ids of accounts in an organization are random")
	}
	return c.with(a, func(s *session) error {
		make := s.standalone
		if c.Unit != "" {
			make = s.member
		}
		id, err := make(c)
		if err == nil {
			fmt.Fprintln(a.stdout, id)
		}
		return err
	})
}

// standalone makes an account that is in no organization.
func (s *session) standalone(c *accountCreateCmd) (string, error) {
	in := &admin.CreateStandaloneAccountInput{AccountName: c.Name, Email: c.Email, AccountId: c.ID}
	out, err := request[admin.CreateStandaloneAccountOutput](s, admin.Name, "CreateStandaloneAccount", in)
	if fault.Is(err, "AccessDeniedException") {
		return "", hinted(err, "an account in no organization is made on the server's machine, with --data DIR; one in yours with --unit PATH")
	}
	if err != nil {
		return "", err
	}
	if out.ExpiresAt != nil {
		handed(s.stderr, rootOf(out.AccountId), out.SentTo, out.Link, *out.ExpiresAt)
	}
	return out.AccountId, nil
}

func rootOf(account string) string { return "the root user of " + account }

// member makes an account in the organization.
func (s *session) member(c *accountCreateCmd) (string, error) {
	unit, err := s.unit(c.Unit)
	if err != nil {
		return "", err
	}
	made, err := request[organizations.CreateAccountOutput](s, "organizations", "CreateAccount", &organizations.CreateAccountInput{AccountName: &c.Name, Email: &c.Email})
	if err != nil {
		return "", err
	}
	out, err := request[organizations.DescribeCreateAccountStatusOutput](s, "organizations", "DescribeCreateAccountStatus",
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		return "", err
	}
	status := out.CreateAccountStatus
	if status.State == types.CreateAccountStateFailed {
		return "", fmt.Errorf("the account %q was not made: %s", c.Name, status.FailureReason)
	}
	return aws.ToString(status.AccountId), errors.Join(s.move(status.AccountId, unit), s.showRootLink(aws.ToString(status.AccountId)))
}

// showRootLink shows an operator the link of the root user of a new account, where no mail could bring it.
func (s *session) showRootLink(id string) error {
	if !s.local {
		return nil
	}
	able, err := request[admin.GetMailSettingsOutput](s, admin.Name, "GetMailSettings", &admin.GetMailSettingsInput{})
	if err != nil || able.Mailbox || able.MailServer != nil {
		return err
	}
	out, err := request[admin.SendRootPasswordLinkOutput](s, admin.Name, "SendRootPasswordLink", &admin.SendRootPasswordLinkInput{AccountId: id})
	if err == nil {
		handed(s.stderr, rootOf(id), out.SentTo, out.Link, out.ExpiresAt)
	}
	return err
}

// move puts an account under a parent, where it may be already.
func (s *session) move(account, to *string) error {
	out, err := request[organizations.ListParentsOutput](s, "organizations", "ListParents", &organizations.ListParentsInput{ChildId: account})
	if err != nil {
		return err
	}
	if len(out.Parents) == 0 {
		return errors.New("the account has no parent")
	}
	from := out.Parents[0].Id
	if aws.ToString(from) == aws.ToString(to) {
		return nil
	}
	_, err = request[organizations.MoveAccountOutput](s, "organizations", "MoveAccount",
		&organizations.MoveAccountInput{AccountId: account, SourceParentId: from, DestinationParentId: to})
	return err
}

// accountListCmd lists accounts.
type accountListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints them.
func (c *accountListCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		if s.local && c.As == "" {
			return c.ofServer(s)
		}
		all, err := s.accounts()
		if err != nil {
			return err
		}
		rows := make([][]string, len(all))
		for i, a := range all {
			rows[i] = []string{aws.ToString(a.Id), aws.ToString(a.Name), aws.ToString(a.Email), string(a.State)}
		}
		return c.print(s, []string{"id", "name", "email", "state"}, rows)
	})
}

// ofServer lists every account of a server, as its operator.
func (c *accountListCmd) ofServer(s *session) error {
	out, err := request[admin.ListServerAccountsOutput](s, admin.Name, "ListServerAccounts", &admin.ListServerAccountsInput{})
	if err != nil {
		return err
	}
	rows := make([][]string, len(out.Accounts))
	for i, a := range out.Accounts {
		rows[i] = []string{a.AccountId, a.AccountName, a.Email, a.Status, a.OrganizationId, a.Role}
	}
	return c.print(s, []string{"id", "name", "email", "state", "organization", "role"}, rows)
}

// accountMoveCmd moves an account.
type accountMoveCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Account     string `arg:"" help:"Account, by id or name."`
	Unit        string `arg:"" help:"Path of the unit, such as Workloads/Production; / is the root."`
}

// Run moves it.
func (c *accountMoveCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		id, err := s.account(c.Account)
		if err != nil {
			return err
		}
		unit, err := s.unit(c.Unit)
		if err != nil {
			return err
		}
		return s.done(s.move(id, unit), "The account %s is in %s.", c.Account, c.Unit)
	})
}

// accountCloseCmd closes an account.
type accountCloseCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Account     string `arg:"" help:"Account, by id or name."`
	Yes         bool   `help:"Close it, without which nothing is done: for 90 days only support brings an account back."`
}

// Run closes it.
func (c *accountCloseCmd) Run(a *app) error {
	if !c.Yes {
		return misuse("if you mean it: gatehouse account close "+shellQuote(c.Account)+" --yes", "closing the account %q ends everybody's access to it", c.Account)
	}
	return c.with(a, func(s *session) error {
		id, err := s.account(c.Account)
		if err != nil {
			return err
		}
		_, err = request[organizations.CloseAccountOutput](s, "organizations", "CloseAccount", &organizations.CloseAccountInput{AccountId: id})
		if err == nil {
			fmt.Fprintf(a.stdout, "The account %s is closed.\n", aws.ToString(id))
		}
		return err
	})
}

// accountRootLinkCmd gives a root user a link.
type accountRootLinkCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	ID          string `arg:"" help:"Id of the account."`
	ShowLink    bool   `help:"Print the link instead of mailing it, with --data."`
}

// Run says where the link went, or prints it.
func (c *accountRootLinkCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.SendRootPasswordLinkOutput](s, admin.Name, "SendRootPasswordLink",
			&admin.SendRootPasswordLinkInput{AccountId: c.ID, ShowLink: c.ShowLink})
		if fault.Is(err, "ServiceUnavailable") {
			return hinted(err, "gatehouse serve --data DIR, in another terminal, and this command with --data DIR")
		}
		if err != nil {
			return err
		}
		handed(s.stdout, rootOf(c.ID), out.SentTo, out.Link, out.ExpiresAt)
		return nil
	})
}

// accountRootPasswordCmd sets the password of a root user.
type accountRootPasswordCmd struct {
	targetFlags   `embed:"" group:"Which gatehouse:"`
	ID            string `arg:"" help:"Id of the account."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run asks for the password and sets it.
func (c *accountRootPasswordCmd) Run(a *app) error {
	if err := c.named(a); err != nil {
		return err // before anybody types a password
	}
	word, err := readPassword(a, "the root user of "+c.ID, c.PasswordStdin)
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		if _, err := request[admin.SetRootPasswordOutput](s, admin.Name, "SetRootPassword", &admin.SetRootPasswordInput{AccountId: c.ID, Password: word}); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "The password of the root user of %s is set. They sign in at /signin/root with the account's e-mail address.\n", c.ID)
		return nil
	})
}
