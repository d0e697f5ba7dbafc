package sample

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// denyBilling keeps everybody but the management account away from bills. See "Service control policies" in the
// Organizations User Guide.
const denyBilling = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenyBilling",
      "Effect": "Deny",
      "Action": ["aws-portal:*", "billing:*", "payments:*", "invoicing:*", "tax:*", "account:CloseAccount"],
      "Resource": "*"
    }
  ]
}`

// memberAccounts makes the accounts, each in a unit of its own.
func (m *maker) memberAccounts() error {
	roots, err := as[organizations.ListRootsOutput](m, Management, "organizations", "ListRoots", &organizations.ListRootsInput{})
	if err != nil {
		return err
	}
	if len(roots.Roots) != 1 {
		return fmt.Errorf("the organization has %d roots", len(roots.Roots))
	}
	m.root = *roots.Roots[0].Id
	for _, a := range []struct{ name, unit, email string }{
		{"Development", "Sandbox", "aws+development@acme.example"},
		{"Production", "Workloads", "aws+production@acme.example"},
	} {
		if err := m.memberAccount(a.name, a.unit, a.email); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) memberAccount(name, unit, email string) error {
	ou, err := as[organizations.CreateOrganizationalUnitOutput](m, Management, "organizations", "CreateOrganizationalUnit",
		&organizations.CreateOrganizationalUnitInput{ParentId: &m.root, Name: &unit})
	if err != nil {
		return err
	}
	made, err := as[organizations.CreateAccountOutput](m, Management, "organizations", "CreateAccount",
		&organizations.CreateAccountInput{AccountName: &name, Email: &email})
	if err != nil {
		return err
	}
	status, err := as[organizations.DescribeCreateAccountStatusOutput](m, Management, "organizations", "DescribeCreateAccountStatus",
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		return err
	}
	id := status.CreateAccountStatus.AccountId
	if id == nil {
		return errors.New("CreateAccount: " + string(status.CreateAccountStatus.FailureReason))
	}
	m.accounts[name] = ident.AccountID(*id)
	_, err = as[organizations.MoveAccountOutput](m, Management, "organizations", "MoveAccount",
		&organizations.MoveAccountInput{AccountId: id, SourceParentId: &m.root, DestinationParentId: ou.OrganizationalUnit.Id})
	return err
}

func (m *maker) guardrail() error {
	policy, err := as[organizations.CreatePolicyOutput](m, Management, "organizations", "CreatePolicy",
		&organizations.CreatePolicyInput{Name: text("DenyBilling"), Type: types.PolicyTypeServiceControlPolicy,
			Description: text("Bills are the management account's business."), Content: text(denyBilling)})
	if err != nil {
		return err
	}
	_, err = as[organizations.AttachPolicyOutput](m, Management, "organizations", "AttachPolicy",
		&organizations.AttachPolicyInput{PolicyId: policy.Policy.PolicySummary.Id, TargetId: &m.root})
	return err
}
