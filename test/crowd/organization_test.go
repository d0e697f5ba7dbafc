package crowd

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

var organizationNouns = map[string]noun{
	"units": {
		create: createUnit,
		remove: deleteUnit,
		lists: map[string]list{
			"ListOrganizationalUnitsForParent": paged("organizations", "ListOrganizationalUnitsForParent",
				func(s *site, token *string) *sdk.ListOrganizationalUnitsForParentInput {
					return &sdk.ListOrganizationalUnitsForParentInput{ParentId: s.root, MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListOrganizationalUnitsForParentOutput) ([]string, *string) {
					return ids(o.OrganizationalUnits, func(u types.OrganizationalUnit) *string { return u.Id }), o.NextToken
				}),
			"ListChildren": paged("organizations", "ListChildren",
				func(s *site, token *string) *sdk.ListChildrenInput {
					return &sdk.ListChildrenInput{ParentId: s.root, ChildType: types.ChildTypeOrganizationalUnit, MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListChildrenOutput) ([]string, *string) {
					return ids(o.Children, func(c types.Child) *string { return c.Id }), o.NextToken
				}),
		},
	},
	"accounts": { // which cannot be deleted, only moved away
		create: createAccount,
		remove: func(s *site, id string) error {
			return do(s, "organizations", "MoveAccount", &sdk.MoveAccountInput{AccountId: &id, SourceParentId: s.root, DestinationParentId: &s.unit})
		},
		lists: map[string]list{
			"ListAccounts": paged("organizations", "ListAccounts",
				func(_ *site, token *string) *sdk.ListAccountsInput {
					return &sdk.ListAccountsInput{MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListAccountsOutput) ([]string, *string) { return ids(o.Accounts, accountID), o.NextToken }),
			"ListAccountsForParent": paged("organizations", "ListAccountsForParent",
				func(s *site, token *string) *sdk.ListAccountsForParentInput {
					return &sdk.ListAccountsForParentInput{ParentId: s.root, MaxResults: few, NextToken: token}
				},
				func(o *sdk.ListAccountsForParentOutput) ([]string, *string) {
					return ids(o.Accounts, accountID), o.NextToken
				}),
		},
	},
	"service control policies": {
		create: createGuard,
		remove: func(s *site, id string) error {
			return do(s, "organizations", "DeletePolicy", &sdk.DeletePolicyInput{PolicyId: &id})
		},
		lists: map[string]list{"ListPolicies": paged("organizations", "ListPolicies",
			func(_ *site, token *string) *sdk.ListPoliciesInput {
				return &sdk.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListPoliciesOutput) ([]string, *string) {
				return ids(o.Policies, func(p types.PolicySummary) *string { return p.Id }), o.NextToken
			})},
	},
	"targets of a policy": {
		create: func(s *site) (string, error) {
			unit, err := createUnit(s)
			if err != nil {
				return "", err
			}
			return unit, do(s, "organizations", "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: &s.guard, TargetId: &unit})
		},
		remove: func(s *site, unit string) error {
			return errors.Join(do(s, "organizations", "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: &s.guard, TargetId: &unit}), deleteUnit(s, unit))
		},
		lists: map[string]list{"ListTargetsForPolicy": paged("organizations", "ListTargetsForPolicy",
			func(s *site, token *string) *sdk.ListTargetsForPolicyInput {
				return &sdk.ListTargetsForPolicyInput{PolicyId: &s.guard, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListTargetsForPolicyOutput) ([]string, *string) {
				return ids(o.Targets, func(t types.PolicyTargetSummary) *string { return t.TargetId }), o.NextToken
			})},
	},
}

func accountID(a types.Account) *string { return a.Id }

func createUnit(s *site) (string, error) {
	out, err := call[sdk.CreateOrganizationalUnitOutput](s, "organizations", "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: s.root, Name: s.name()})
	if err != nil {
		return "", err
	}
	return *out.OrganizationalUnit.Id, nil
}

func deleteUnit(s *site, id string) error {
	return do(s, "organizations", "DeleteOrganizationalUnit", &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
}

func createAccount(s *site) (string, error) {
	name := s.name()
	made, err := call[sdk.CreateAccountOutput](s, "organizations", "CreateAccount", &sdk.CreateAccountInput{AccountName: name, Email: aws.String(*name + "@acme.example")})
	if err != nil {
		return "", err
	}
	out, err := call[sdk.DescribeCreateAccountStatusOutput](s, "organizations", "DescribeCreateAccountStatus", &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.CreateAccountStatus.AccountId), nil
}

func createGuard(s *site) (string, error) {
	out, err := call[sdk.CreatePolicyOutput](s, "organizations", "CreatePolicy", guard(s.name()))
	if err != nil {
		return "", err
	}
	return *out.Policy.PolicySummary.Id, nil
}

func guard(name *string) *sdk.CreatePolicyInput {
	return &sdk.CreatePolicyInput{Name: name, Description: aws.String(""), Content: aws.String(allow), Type: types.PolicyTypeServiceControlPolicy}
}
