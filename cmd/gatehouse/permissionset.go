package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// permissionSetCmds are the commands about permission sets.
type permissionSetCmds struct {
	Create permissionSetCreateCmd `cmd:"" help:"Make a permission set of AWS managed policies."`
	List   permissionSetListCmd   `cmd:"" help:"List the permission sets."`
	Show   permissionSetShowCmd   `cmd:"" help:"Show a permission set with its policies, and where it is in use."`
	Delete permissionSetDeleteCmd `cmd:"" help:"Delete a permission set that nobody is assigned."`
}

// permissionSetCreateCmd makes a permission set.
type permissionSetCreateCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string   `arg:"" help:"Name of the permission set."`
	Policy      []string `help:"An AWS managed policy, by name, path or ARN. May be given several times." placeholder:"POLICY"`
	Duration    string   `help:"How long a session lasts, from PT1H to PT12H." default:"PT1H" placeholder:"DURATION"`
	Description string   `help:"What it is for." placeholder:"TEXT"`
}

// Run prints the ARN of the new permission set.
func (c *permissionSetCreateCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		in := &ssoadmin.CreatePermissionSetInput{InstanceArn: &at.instance, Name: &c.Name, SessionDuration: &c.Duration}
		if c.Description != "" {
			in.Description = &c.Description
		}
		made, err := request[ssoadmin.CreatePermissionSetOutput](s, "sso-admin", "CreatePermissionSet", in)
		if err != nil {
			return err
		}
		for _, policy := range c.Policy {
			_, err := request[ssoadmin.AttachManagedPolicyToPermissionSetOutput](s, "sso-admin", "AttachManagedPolicyToPermissionSet",
				&ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: made.PermissionSet.PermissionSetArn, ManagedPolicyArn: managedARN(policy)})
			if err != nil {
				return hinted(err, fmt.Sprintf("the permission set is there, without the policy %q; the names are those of AWS, such as job-function/ViewOnlyAccess", policy))
			}
		}
		fmt.Fprintln(a.stdout, aws.ToString(made.PermissionSet.PermissionSetArn))
		return nil
	})
}

// managedARN is the ARN of an AWS managed policy that is named by its path and name.
func managedARN(policy string) *string {
	if !strings.HasPrefix(policy, "arn:") {
		policy = "arn:aws:iam::aws:policy/" + policy
	}
	return &policy
}

// permissionSetListCmd lists permission sets.
type permissionSetListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints them.
func (c *permissionSetListCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		sets, err := s.sets(at)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, set := range sets {
			out, err := request[ssoadmin.DescribePermissionSetOutput](s, "sso-admin", "DescribePermissionSet",
				&ssoadmin.DescribePermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: &set.arn})
			if err != nil {
				return err
			}
			p := out.PermissionSet
			rows = append(rows, []string{set.name, aws.ToString(p.SessionDuration), aws.ToString(p.Description), set.arn})
		}
		return c.print(s, []string{"name", "duration", "description", "arn"}, rows)
	})
}

// permissionSetShowCmd shows a permission set.
type permissionSetShowCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"Name of the permission set."`
}

// Run prints what it grants, and where.
func (c *permissionSetShowCmd) Run(a *app) error {
	return c.withOne(a, (*session).set, c.Name, func(s *session, at center, arn *string) error {
		out, err := request[ssoadmin.DescribePermissionSetOutput](s, "sso-admin", "DescribePermissionSet",
			&ssoadmin.DescribePermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn})
		if err != nil {
			return err
		}
		policies, inline, boundary, err := s.grants(at, arn)
		if err != nil {
			return err
		}
		accounts, err := s.accountsOf(at, arn)
		if err != nil {
			return err
		}
		p := out.PermissionSet
		return c.show(s, []string{"name", "arn", "description", "duration", "relay state", "policies", "inline policy", "boundary", "accounts"},
			[]string{aws.ToString(p.Name), aws.ToString(arn), aws.ToString(p.Description), aws.ToString(p.SessionDuration), aws.ToString(p.RelayState),
				policies, inline, boundary, strings.Join(accounts, "\n")})
	})
}

// permissionSetDeleteCmd deletes a permission set.
type permissionSetDeleteCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"Name of the permission set."`
}

// Run deletes it.
func (c *permissionSetDeleteCmd) Run(a *app) error {
	return c.withOne(a, (*session).set, c.Name, func(s *session, at center, arn *string) error {
		_, err := request[ssoadmin.DeletePermissionSetOutput](s, "sso-admin", "DeletePermissionSet",
			&ssoadmin.DeletePermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn})
		if fault.Is(err, "ConflictException") {
			return hinted(err, "gatehouse assignment list --set "+shellQuote(c.Name)+" shows who is assigned it")
		}
		return s.done(err, "The permission set %s is deleted.", c.Name)
	})
}

// grants are the policies of a permission set: the ARNs and names of the managed ones, one a line, the document of its
// own, and the boundary.
func (s *session) grants(at center, arn *string) (policies, inline, boundary string, err error) {
	var list []string
	in := &ssoadmin.ListManagedPoliciesInPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn}
	err = every(s, "sso-admin", "ListManagedPoliciesInPermissionSet", in, &in.NextToken, func(out *ssoadmin.ListManagedPoliciesInPermissionSetOutput) *string {
		for _, p := range out.AttachedManagedPolicies {
			list = append(list, aws.ToString(p.Arn))
		}
		return out.NextToken
	})
	if err != nil {
		return "", "", "", err
	}
	customer := &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn}
	err = every(s, "sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet", customer, &customer.NextToken, func(out *ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput) *string {
		for _, p := range out.CustomerManagedPolicyReferences {
			list = append(list, customerName(&p))
		}
		return out.NextToken
	})
	if err != nil {
		return "", "", "", err
	}
	document, err := request[ssoadmin.GetInlinePolicyForPermissionSetOutput](s, "sso-admin", "GetInlinePolicyForPermissionSet",
		&ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn})
	if err != nil {
		return "", "", "", err
	}
	bound, err := request[ssoadmin.GetPermissionsBoundaryForPermissionSetOutput](s, "sso-admin", "GetPermissionsBoundaryForPermissionSet",
		&ssoadmin.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: arn})
	switch {
	case fault.Is(err, "ResourceNotFoundException"):
		err = nil
	case err == nil && bound.PermissionsBoundary != nil:
		boundary = aws.ToString(bound.PermissionsBoundary.ManagedPolicyArn) + customerName(bound.PermissionsBoundary.CustomerManagedPolicyReference)
	}
	return strings.Join(list, "\n"), aws.ToString(document.InlinePolicy), boundary, err
}

// customerName names a customer managed policy by its path and name.
func customerName(p *types.CustomerManagedPolicyReference) string {
	if p == nil {
		return ""
	}
	path := aws.ToString(p.Path)
	if path == "" {
		path = "/"
	}
	return path + aws.ToString(p.Name)
}

// accountsOf lists the accounts in which a permission set is provisioned.
func (s *session) accountsOf(at center, set *string) ([]string, error) {
	var ids []string
	in := &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: &at.instance, PermissionSetArn: set}
	return ids, every(s, "sso-admin", "ListAccountsForProvisionedPermissionSet", in, &in.NextToken, func(out *ssoadmin.ListAccountsForProvisionedPermissionSetOutput) *string {
		ids = append(ids, out.AccountIds...)
		return out.NextToken
	})
}
