package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	store "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	org "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// center is the identity center that commands about people and permissions work on.
type center struct{ instance, store string }

// center finds the identity center of the caller's account.
func (s *session) center() (center, error) {
	out, err := request[ssoadmin.ListInstancesOutput](s, "sso-admin", "ListInstances", &ssoadmin.ListInstancesInput{})
	if err != nil {
		return center{}, err
	}
	if len(out.Instances) == 0 {
		return center{}, hinted(fmt.Errorf("the account has no identity center"), "enable one with: gatehouse identity-center enable --account ACCOUNT")
	}
	i := out.Instances[0]
	return center{aws.ToString(i.InstanceArn), aws.ToString(i.IdentityStoreId)}, nil
}

// user finds a person by name.
func (s *session) user(c center, name string) (*string, error) {
	out, err := request[identitystore.GetUserIdOutput](s, "identitystore", "GetUserId",
		&identitystore.GetUserIdInput{IdentityStoreId: &c.store, AlternateIdentifier: unique("userName", name)})
	if fault.Is(err, "ResourceNotFoundException") {
		return nil, hinted(fmt.Errorf("there is no user %q", name), "gatehouse user list shows who is there")
	}
	if err != nil {
		return nil, err
	}
	return out.UserId, nil
}

// group finds a group by name.
func (s *session) group(c center, name string) (*string, error) {
	out, err := request[identitystore.GetGroupIdOutput](s, "identitystore", "GetGroupId",
		&identitystore.GetGroupIdInput{IdentityStoreId: &c.store, AlternateIdentifier: unique("displayName", name)})
	if fault.Is(err, "ResourceNotFoundException") {
		return nil, hinted(fmt.Errorf("there is no group %q", name), "gatehouse group list shows them")
	}
	if err != nil {
		return nil, err
	}
	return out.GroupId, nil
}

func unique(path, value string) store.AlternateIdentifier {
	return &store.AlternateIdentifierMemberUniqueAttribute{
		Value: store.UniqueAttribute{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}}
}

// set is a permission set and its name.
type set struct{ name, arn string }

// sets lists the permission sets by their names.
func (s *session) sets(c center) ([]set, error) {
	var sets []set
	in := &ssoadmin.ListPermissionSetsInput{InstanceArn: &c.instance}
	var arns []string
	err := every(s, "sso-admin", "ListPermissionSets", in, &in.NextToken, func(out *ssoadmin.ListPermissionSetsOutput) *string {
		arns = append(arns, out.PermissionSets...)
		return out.NextToken
	})
	if err != nil {
		return nil, err
	}
	for _, arn := range arns {
		out, err := request[ssoadmin.DescribePermissionSetOutput](s, "sso-admin", "DescribePermissionSet",
			&ssoadmin.DescribePermissionSetInput{InstanceArn: &c.instance, PermissionSetArn: &arn})
		if err != nil {
			return nil, err
		}
		sets = append(sets, set{aws.ToString(out.PermissionSet.Name), arn})
	}
	return sets, nil
}

// set finds a permission set by name, or by its ARN.
func (s *session) set(c center, name string) (*string, error) {
	if strings.HasPrefix(name, "arn:") {
		return &name, nil
	}
	sets, err := s.sets(c)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(sets))
	for i, set := range sets {
		if set.name == name {
			return &set.arn, nil
		}
		names[i] = set.name
	}
	return nil, hinted(fmt.Errorf("there is no permission set %q", name), meant(name, names, "gatehouse permission-set list shows them"))
}

// accountID is what an id of an account looks like.
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// accounts lists the accounts of the organization.
func (s *session) accounts() ([]org.Account, error) {
	var all []org.Account
	in := &organizations.ListAccountsInput{}
	return all, every(s, "organizations", "ListAccounts", in, &in.NextToken, func(out *organizations.ListAccountsOutput) *string {
		all = append(all, out.Accounts...)
		return out.NextToken
	})
}

// account finds an account of the organization by id, by name or by its e-mail address.
func (s *session) account(name string) (*string, error) {
	if accountID.MatchString(name) {
		return &name, nil
	}
	all, err := s.accounts()
	if err != nil {
		return nil, err
	}
	var found []string
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = aws.ToString(a.Name)
		if strings.EqualFold(aws.ToString(a.Name), name) || strings.EqualFold(aws.ToString(a.Email), name) {
			found = append(found, aws.ToString(a.Id))
		}
	}
	switch len(found) {
	case 0:
		return nil, hinted(fmt.Errorf("the organization has no account %q", name), meant(name, names, "gatehouse account list shows them"))
	case 1:
		return &found[0], nil
	}
	return nil, hinted(fmt.Errorf("the organization has %d accounts named %q", len(found), name), "name one by its id: "+strings.Join(found, ", "))
}

// unit finds a unit by its path below the root, such as Workloads/Production, or by its id; / is the root.
func (s *session) unit(path string) (*string, error) {
	if strings.HasPrefix(path, "ou-") || strings.HasPrefix(path, "r-") {
		return &path, nil
	}
	roots, err := request[organizations.ListRootsOutput](s, "organizations", "ListRoots", &organizations.ListRootsInput{})
	if err != nil {
		return nil, err
	}
	if len(roots.Roots) == 0 {
		return nil, fmt.Errorf("the organization has no root")
	}
	at := roots.Roots[0].Id
	for name := range strings.SplitSeq(strings.Trim(strings.TrimPrefix(path, "Root"), "/"), "/") {
		if name == "" {
			continue
		}
		if at, err = s.unitUnder(at, name); err != nil {
			return nil, err
		}
	}
	return at, nil
}

func (s *session) unitUnder(parent *string, name string) (*string, error) {
	var id *string
	var names []string
	in := &organizations.ListOrganizationalUnitsForParentInput{ParentId: parent}
	err := every(s, "organizations", "ListOrganizationalUnitsForParent", in, &in.NextToken, func(out *organizations.ListOrganizationalUnitsForParentOutput) *string {
		for _, u := range out.OrganizationalUnits {
			names = append(names, aws.ToString(u.Name))
			if aws.ToString(u.Name) == name {
				id = u.Id
			}
		}
		return out.NextToken
	})
	if err == nil && id == nil {
		err = hinted(fmt.Errorf("there is no organizational unit %q there", name), meant(name, names, "write the path from the root, such as Workloads/Production"))
	}
	return id, err
}

// meant is a hint for a name that is not there: the one that differs from it by its case, or by an end, else otherwise.
func meant(name string, names []string, otherwise string) string {
	folded := strings.ToLower(name)
	for _, n := range names {
		have := strings.ToLower(n)
		if n != "" && (have == folded || strings.HasPrefix(have, folded) || strings.HasPrefix(folded, have)) {
			return fmt.Sprintf("did you mean %q?", n)
		}
	}
	return otherwise
}
