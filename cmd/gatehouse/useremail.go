package main

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	store "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userEmailCmd is about the address that mail to a person goes to.
type userEmailCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"User name."`
	Set         string `help:"Give the person this address in place of all of theirs. The one before is told." placeholder:"EMAIL"`
	Verify      bool   `help:"Mail a link by which the person confirms that they read mail there."`
}

// Run does what is asked, and prints the address.
func (c *userEmailCmd) Run(a *app) error {
	return c.withOne(a, (*session).user, c.Name, func(s *session, at center, id *string) error {
		if c.Set != "" {
			if err := s.setEmail(at, id, c.Set); err != nil {
				return err
			}
		}
		if c.Verify {
			out, err := request[admin.SendEmailVerificationOutput](s, admin.Name, "SendEmailVerification", &admin.SendEmailVerificationInput{UserName: c.Name})
			if err != nil {
				return unsent(err)
			}
			handed(s.stdout, c.Name, out.SentTo, "", out.ExpiresAt)
			return nil
		}
		out, err := request[admin.DescribeUserEmailOutput](s, admin.Name, "DescribeUserEmail", &admin.DescribeUserEmailInput{UserName: c.Name})
		if err != nil {
			return err
		}
		confirmed := "no"
		if out.Verified {
			confirmed = "yes"
		}
		return c.show(s, []string{"email", "confirmed"}, []string{out.Email, confirmed})
	})
}

// setEmail makes an address the only one of a person.
func (s *session) setEmail(at center, id *string, address string) error {
	_, err := request[identitystore.UpdateUserOutput](s, "identitystore", "UpdateUser", &identitystore.UpdateUserInput{IdentityStoreId: &at.store, UserId: id,
		Operations: []store.AttributeOperation{{AttributePath: aws.String("emails"),
			AttributeValue: document.NewLazyDocument([]any{map[string]any{"value": address, "type": "work", "primary": true}})}}})
	if fault.Is(err, "ConflictException") {
		return fmt.Errorf("another person has the e-mail address %q", address)
	}
	return err
}
