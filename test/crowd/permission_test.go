package crowd

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

var permissionNouns = map[string]noun{
	"permission sets": {
		create: createSet,
		remove: deleteSet,
		lists: map[string]list{"ListPermissionSets": paged("sso-admin", "ListPermissionSets",
			func(s *site, token *string) *sdk.ListPermissionSetsInput {
				return &sdk.ListPermissionSetsInput{InstanceArn: s.instance, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListPermissionSetsOutput) ([]string, *string) { return o.PermissionSets, o.NextToken })},
	},
	"people assigned": {
		joined: true,
		create: func(s *site) (string, error) {
			person, err := createPerson(s)
			if err != nil {
				return "", err
			}
			return person, assign(s, s.set, person, home)
		},
		remove: func(s *site, person string) error { return unassign(s, s.set, person, home) },
		lists: map[string]list{"ListAccountAssignments": paged("sso-admin", "ListAccountAssignments",
			func(s *site, token *string) *sdk.ListAccountAssignmentsInput {
				return &sdk.ListAccountAssignmentsInput{InstanceArn: s.instance, PermissionSetArn: &s.set, AccountId: aws.String(home), MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListAccountAssignmentsOutput) ([]string, *string) {
				return ids(o.AccountAssignments, func(a types.AccountAssignment) *string { return a.PrincipalId }), o.NextToken
			})},
	},
	"sets assigned": {
		joined: true,
		create: func(s *site) (string, error) {
			set, err := createSet(s)
			if err != nil {
				return "", err
			}
			return set, assign(s, set, s.somebody, home)
		},
		remove: func(s *site, set string) error {
			return errors.Join(unassign(s, set, s.somebody, home), deleteSet(s, set))
		},
		lists: map[string]list{
			"ListPermissionSetsProvisionedToAccount": paged("sso-admin", "ListPermissionSetsProvisionedToAccount",
				func(s *site, token *string) *sdk.ListPermissionSetsProvisionedToAccountInput {
					return &sdk.ListPermissionSetsProvisionedToAccountInput{InstanceArn: s.instance, AccountId: aws.String(home), MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListPermissionSetsProvisionedToAccountOutput) ([]string, *string) {
					return o.PermissionSets, o.NextToken
				}),
			"ListAccountAssignmentsForPrincipal": paged("sso-admin", "ListAccountAssignmentsForPrincipal",
				func(s *site, token *string) *sdk.ListAccountAssignmentsForPrincipalInput {
					return &sdk.ListAccountAssignmentsForPrincipalInput{InstanceArn: s.instance, PrincipalId: &s.somebody, PrincipalType: types.PrincipalTypeUser, MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListAccountAssignmentsForPrincipalOutput) ([]string, *string) {
					return ids(o.AccountAssignments, func(a types.AccountAssignmentForPrincipal) *string { return a.PermissionSetArn }), o.NextToken
				}),
		},
	},
	"accounts assigned": {
		create: func(s *site) (string, error) {
			account, err := createAccount(s)
			if err != nil {
				return "", err
			}
			return account, assign(s, s.set, s.somebody, account)
		},
		remove: func(s *site, account string) error { return unassign(s, s.set, s.somebody, account) },
		lists: map[string]list{"ListAccountsForProvisionedPermissionSet": paged("sso-admin", "ListAccountsForProvisionedPermissionSet",
			func(s *site, token *string) *sdk.ListAccountsForProvisionedPermissionSetInput {
				return &sdk.ListAccountsForProvisionedPermissionSetInput{InstanceArn: s.instance, PermissionSetArn: &s.set, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListAccountsForProvisionedPermissionSetOutput) ([]string, *string) {
				return o.AccountIds, o.NextToken
			})},
	},
	"roles of permission sets": { // among as many of the account's own
		joined: true,
		create: func(s *site) (string, error) {
			set, err := createSet(s)
			if err != nil {
				return "", err
			}
			name := s.State.Current().Set(set).Name
			return name, errors.Join(assign(s, set, s.somebody, home),
				do(s, "iam", "CreateRole", &iam.CreateRoleInput{RoleName: aws.String("own" + name), AssumeRolePolicyDocument: aws.String(trust)}))
		},
		remove: func(s *site, name string) error {
			set := s.State.Current().SetNamed(*s.instance, name).ARN
			return errors.Join(unassign(s, set, s.somebody, home), deleteSet(s, set),
				do(s, "iam", "DeleteRole", &iam.DeleteRoleInput{RoleName: aws.String("own" + name)}))
		},
		lists: map[string]list{"ListRoles": paged("iam", "ListRoles", listRoles, func(o *iam.ListRolesOutput) ([]string, *string) {
			names, next := roleNames(o)
			for i, name := range names {
				if set, ok := strings.CutPrefix(name, "AWSReservedSSO_"); ok {
					names[i], _, _ = strings.Cut(set, "_")
				}
			}
			return names, next
		})},
	},
}

const home = string(apitest.Management)

func createSet(s *site) (string, error) {
	name := s.name()
	out, err := call[sdk.CreatePermissionSetOutput](s, "sso-admin", "CreatePermissionSet", &sdk.CreatePermissionSetInput{InstanceArn: s.instance, Name: name})
	if err != nil {
		return "", err
	}
	return *out.PermissionSet.PermissionSetArn, nil
}

func deleteSet(s *site, arn string) error {
	return do(s, "sso-admin", "DeletePermissionSet", &sdk.DeletePermissionSetInput{InstanceArn: s.instance, PermissionSetArn: &arn})
}

// assign gives a person a permission set in an account.
func assign(s *site, set, person, account string) error {
	return do(s, "sso-admin", "CreateAccountAssignment", &sdk.CreateAccountAssignmentInput{InstanceArn: s.instance, PermissionSetArn: &set,
		PrincipalId: &person, PrincipalType: types.PrincipalTypeUser, TargetId: &account, TargetType: types.TargetTypeAwsAccount})
}

func unassign(s *site, set, person, account string) error {
	return do(s, "sso-admin", "DeleteAccountAssignment", &sdk.DeleteAccountAssignmentInput{InstanceArn: s.instance, PermissionSetArn: &set,
		PrincipalId: &person, PrincipalType: types.PrincipalTypeUser, TargetId: &account, TargetType: types.TargetTypeAwsAccount})
}
