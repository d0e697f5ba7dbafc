package main

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	store "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userCmds are the commands about people.
type userCmds struct {
	Create                userCreateCmd   `cmd:"" help:"Add a person to the directory."`
	List                  userListCmd     `cmd:"" help:"List the people of the directory."`
	Show                  userShowCmd     `cmd:"" help:"Show a person with their groups and assignments."`
	Delete                userDeleteCmd   `cmd:"" help:"Remove a person, and every key that was handed out to them."`
	SetPassword           userPasswordCmd `cmd:"" help:"Give a person a password. It is asked for, and never an argument."`
	Invite                userInviteCmd   `cmd:"" help:"Give a person a link to choose their first password, by mail or shown here; again, for another link."`
	ResetPassword         userResetCmd    `cmd:"" help:"Let a person choose another password by a link, or give them one for the next sign-in."`
	RequirePasswordChange userRequireCmd  `cmd:"" help:"Have a person choose another password at the next sign-in."`
	Email                 userEmailCmd    `cmd:"" help:"Show a person's e-mail address, change it, or have the person confirm it."`
	Disable               userDisableCmd  `cmd:"" help:"Shut a person out at once, and every key that was handed out to them."`
	Enable                userEnableCmd   `cmd:"" help:"Let a person in again."`
	MFA                   userMFACmds     `cmd:"" name:"mfa" help:"A person's devices for the second step."`
	Sessions              userSessionsCmd `cmd:"" help:"List where a person is signed in."`
	SignOut               userSignOutCmd  `cmd:"" help:"Sign a person out everywhere, or of one session."`
	Delay                 userDelayCmd    `cmd:"" help:"Show or clear how long a person has to wait after failed tries."`
}

// userCreateCmd adds a person.
type userCreateCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string   `arg:"" help:"User name, with which the person signs in."`
	Given       string   `help:"Given name." placeholder:"NAME"`
	Family      string   `help:"Family name." placeholder:"NAME"`
	Display     string   `help:"Name to show. Default: given and family name." placeholder:"NAME"`
	Email       string   `help:"E-mail address." placeholder:"EMAIL"`
	Group       []string `help:"Group to add the person to. May be given several times." placeholder:"GROUP"`
}

// Run prints the id of the new person.
func (c *userCreateCmd) Run(a *app) error {
	if c.Given == "" || c.Family == "" {
		return misuse("give both: --given Jane --family Doe", "%q needs a given name and a family name", c.Name)
	}
	if c.Display == "" {
		c.Display = c.Given + " " + c.Family
	}
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		groups := make([]*string, len(c.Group)) // found before anything is made
		for i, name := range c.Group {
			if groups[i], err = s.group(at, name); err != nil {
				return err
			}
		}
		in := &identitystore.CreateUserInput{IdentityStoreId: &at.store, UserName: &c.Name, DisplayName: &c.Display,
			Name: &store.Name{GivenName: &c.Given, FamilyName: &c.Family}}
		if c.Email != "" {
			in.Emails = []store.Email{{Value: &c.Email, Type: aws.String("work"), Primary: true}}
		}
		made, err := request[identitystore.CreateUserOutput](s, "identitystore", "CreateUser", in)
		if fault.Is(err, "ConflictException") {
			return hinted(fmt.Errorf("another person has the user name %q or this e-mail address", c.Name), "gatehouse user show "+shellQuote(c.Name))
		}
		if err != nil {
			return err
		}
		for _, group := range groups {
			if err := s.addMember(at, group, made.UserId); err != nil {
				return err
			}
		}
		fmt.Fprintln(a.stdout, aws.ToString(made.UserId))
		return nil
	})
}

// userListCmd lists people.
type userListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints them.
func (c *userListCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		var rows [][]string
		in := &identitystore.ListUsersInput{IdentityStoreId: &at.store}
		err = every(s, "identitystore", "ListUsers", in, &in.NextToken, func(out *identitystore.ListUsersOutput) *string {
			for _, u := range out.Users {
				rows = append(rows, []string{aws.ToString(u.UserName), aws.ToString(u.DisplayName), email(u.Emails), string(u.UserStatus), aws.ToString(u.UserId)})
			}
			return out.NextToken
		})
		if err != nil {
			return err
		}
		return c.print(s, []string{"name", "display", "email", "status", "id"}, rows)
	})
}

// email returns the primary address, or the first.
func email(list []store.Email) string {
	for _, e := range list {
		if e.Primary {
			return aws.ToString(e.Value)
		}
	}
	if len(list) > 0 {
		return aws.ToString(list[0].Value)
	}
	return ""
}

// userShowCmd shows a person.
type userShowCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"User name."`
}

// Run prints what is known of them.
func (c *userShowCmd) Run(a *app) error {
	return c.withOne(a, (*session).user, c.Name, func(s *session, at center, id *string) error {
		u, err := request[identitystore.DescribeUserOutput](s, "identitystore", "DescribeUser",
			&identitystore.DescribeUserInput{IdentityStoreId: &at.store, UserId: id})
		if err != nil {
			return err
		}
		groups, err := s.groupsOf(at, id)
		if err != nil {
			return err
		}
		assigned, err := s.assigned(at, "USER", id)
		if err != nil {
			return err
		}
		return c.show(s, []string{"name", "display", "email", "status", "id", "groups", "assignments"},
			[]string{aws.ToString(u.UserName), aws.ToString(u.DisplayName), email(u.Emails), string(u.UserStatus), aws.ToString(u.UserId), groups, assigned})
	})
}

// userDeleteCmd removes a person.
type userDeleteCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
}

// Run removes them.
func (c *userDeleteCmd) Run(a *app) error {
	return c.withOne(a, (*session).user, c.Name, func(s *session, at center, id *string) error {
		_, err := request[identitystore.DeleteUserOutput](s, "identitystore", "DeleteUser",
			&identitystore.DeleteUserInput{IdentityStoreId: &at.store, UserId: id})
		return s.done(err, "%s is removed.", c.Name)
	})
}

// userPasswordCmd sets a password.
type userPasswordCmd struct {
	targetFlags   `embed:"" group:"Which gatehouse:"`
	Name          string `arg:"" help:"User name."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
	MustChange    bool   `help:"Have the person choose another one at the first sign-in, within a week."`
}

// Run asks for the password and sets it.
func (c *userPasswordCmd) Run(a *app) error {
	if err := c.named(a); err != nil {
		return err // before anybody types a password
	}
	word, err := readPassword(a, c.Name, c.PasswordStdin)
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		in := &admin.SetUserPasswordInput{UserName: c.Name, Password: word, MustChange: c.MustChange}
		if _, err := request[admin.SetUserPasswordOutput](s, admin.Name, "SetUserPassword", in); err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "The password of %s is set.\n", c.Name)
		return nil
	})
}

// userDisableCmd shuts a person out.
type userDisableCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
}

// Run shuts them out.
func (c *userDisableCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		if _, err := request[admin.DisableUserOutput](s, admin.Name, "DisableUser", &admin.DisableUserInput{UserName: c.Name}); err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s is shut out.\n", c.Name)
		return nil
	})
}

// userEnableCmd lets a person in again.
type userEnableCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
}

// Run lets them in.
func (c *userEnableCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		if _, err := request[admin.EnableUserOutput](s, admin.Name, "EnableUser", &admin.EnableUserInput{UserName: c.Name}); err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s may sign in again.\n", c.Name)
		return nil
	})
}

// nobody adds a hint where a person, or everybody's directory, is not there.
func nobody(err error) error {
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "gatehouse user list shows who is there, and gatehouse user create adds somebody")
	}
	return err
}
