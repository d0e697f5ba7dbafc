package main

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userCmds are the commands about people.
type userCmds struct {
	SetPassword userPasswordCmd `cmd:"" help:"Give a person a password. It is asked for, and never an argument."`
	Disable     userDisableCmd  `cmd:"" help:"Shut a person out at once, and every key that was handed out to them."`
	Enable      userEnableCmd   `cmd:"" help:"Let a person in again."`
}

// userPasswordCmd sets a password.
type userPasswordCmd struct {
	dataFlags     `embed:""`
	Name          string `arg:"" help:"User name."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run asks for the password and sets it.
func (c *userPasswordCmd) Run(a *app) error {
	if _, err := c.config(a.log); err != nil {
		return err // before anybody types a password
	}
	word, err := readPassword(a, c.Name, c.PasswordStdin)
	if err != nil {
		return err
	}
	var out admin.SetUserPasswordOutput
	if err := c.operate(a, "SetUserPassword", admin.SetUserPasswordInput{UserName: c.Name, Password: word}, &out); err != nil {
		return nobody(err)
	}
	fmt.Fprintf(a.stdout, "The password of %s is set.\n", c.Name)
	return nil
}

// userDisableCmd shuts a person out.
type userDisableCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"User name."`
}

// Run shuts them out.
func (c *userDisableCmd) Run(a *app) error {
	var out admin.DisableUserOutput
	if err := c.operate(a, "DisableUser", admin.DisableUserInput{UserName: c.Name}, &out); err != nil {
		return nobody(err)
	}
	fmt.Fprintf(a.stdout, "%s is shut out.\n", c.Name)
	return nil
}

// userEnableCmd lets a person in again.
type userEnableCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"User name."`
}

// Run lets them in.
func (c *userEnableCmd) Run(a *app) error {
	var out admin.EnableUserOutput
	if err := c.operate(a, "EnableUser", admin.EnableUserInput{UserName: c.Name}, &out); err != nil {
		return nobody(err)
	}
	fmt.Fprintf(a.stdout, "%s may sign in again.\n", c.Name)
	return nil
}

// nobody adds a hint where a person, or everybody's directory, is not there.
func nobody(err error) error {
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "people are made with: aws identitystore create-user, once the identity center is enabled")
	}
	return err
}
