// Package organizations answers the Organizations API: organizations with their tree of units and accounts, and the
// service control policies attached to it.
//
// Only the management account may look at or change its organization; members may describe it and nothing more.
// Whoever may not, by whichever rule, gets the one sentence that AWS gives, which tells nothing. What AWS does in the
// background is done before the answer, and its status is there from the first look on. A new account gets
// the role by which the management account enters it; it is made as the service, which no policy bounds.
// See the AWS Organizations API Reference.
package organizations

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

// service is who makes the role in a new account.
const service = "organizations.amazonaws.com"

// Table returns the operations of the service.
func Table() api.Table {
	table := tree()
	table = append(table, accounts()...)
	return append(table, policies()...)
}

func tree() api.Table {
	return api.Table{
		api.Op("CreateOrganization", "organizations:CreateOrganization", createOrganization),
		api.Op("DescribeOrganization", "organizations:DescribeOrganization", describeOrganization),
		api.Op("ListRoots", "organizations:ListRoots", listRoots),
		api.Op("CreateOrganizationalUnit", "organizations:CreateOrganizationalUnit", createUnit,
			on(func(in *sdk.CreateOrganizationalUnitInput) subject { return subject{ids: ids(in.ParentId)} })),
		api.Op("DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", describeUnit,
			on(func(in *sdk.DescribeOrganizationalUnitInput) subject {
				return subject{ids: ids(in.OrganizationalUnitId)}
			})),
		api.Op("UpdateOrganizationalUnit", "organizations:UpdateOrganizationalUnit", updateUnit,
			on(func(in *sdk.UpdateOrganizationalUnitInput) subject {
				return subject{ids: ids(in.OrganizationalUnitId)}
			})),
		api.Op("DeleteOrganizationalUnit", "organizations:DeleteOrganizationalUnit", deleteUnit,
			on(func(in *sdk.DeleteOrganizationalUnitInput) subject {
				return subject{ids: ids(in.OrganizationalUnitId)}
			})),
		api.Op("ListOrganizationalUnitsForParent", "organizations:ListOrganizationalUnitsForParent", listUnits,
			on(func(in *sdk.ListOrganizationalUnitsForParentInput) subject { return subject{ids: ids(in.ParentId)} })),
		api.Op("ListParents", "organizations:ListParents", listParents,
			on(func(in *sdk.ListParentsInput) subject { return subject{ids: ids(in.ChildId)} })),
		api.Op("ListChildren", "organizations:ListChildren", listChildren,
			on(func(in *sdk.ListChildrenInput) subject { return subject{ids: ids(in.ParentId)} })),
	}
}

func accounts() api.Table {
	return api.Table{
		api.Op("CreateAccount", "organizations:CreateAccount", createAccount),
		api.Op("DescribeCreateAccountStatus", "organizations:DescribeCreateAccountStatus", describeCreateStatus),
		api.Op("ListCreateAccountStatus", "organizations:ListCreateAccountStatus", listCreateStatus),
		api.Op("ListAccounts", "organizations:ListAccounts", listAccounts),
		api.Op("ListAccountsForParent", "organizations:ListAccountsForParent", listAccountsFor,
			on(func(in *sdk.ListAccountsForParentInput) subject { return subject{ids: ids(in.ParentId)} })),
		api.Op("DescribeAccount", "organizations:DescribeAccount", describeAccount,
			on(func(in *sdk.DescribeAccountInput) subject { return subject{ids: ids(in.AccountId)} })),
		api.Op("MoveAccount", "organizations:MoveAccount", moveAccount,
			on(func(in *sdk.MoveAccountInput) subject {
				return subject{ids: ids(in.AccountId, in.SourceParentId, in.DestinationParentId)}
			})),
	}
}

func policies() api.Table {
	return api.Table{
		api.Op("EnablePolicyType", "organizations:EnablePolicyType", enablePolicyType,
			on(func(in *sdk.EnablePolicyTypeInput) subject { return subject{ids(in.RootId), string(in.PolicyType)} })),
		api.Op("DisablePolicyType", "organizations:DisablePolicyType", disablePolicyType,
			on(func(in *sdk.DisablePolicyTypeInput) subject { return subject{ids(in.RootId), string(in.PolicyType)} })),
		api.Op("CreatePolicy", "organizations:CreatePolicy", createPolicy,
			on(func(in *sdk.CreatePolicyInput) subject { return subject{nil, string(in.Type)} })),
		api.Op("DescribePolicy", "organizations:DescribePolicy", describePolicy,
			on(func(in *sdk.DescribePolicyInput) subject { return subject{ids: ids(in.PolicyId)} })),
		api.Op("UpdatePolicy", "organizations:UpdatePolicy", updatePolicy,
			on(func(in *sdk.UpdatePolicyInput) subject { return subject{ids: ids(in.PolicyId)} })),
		api.Op("DeletePolicy", "organizations:DeletePolicy", deletePolicy,
			on(func(in *sdk.DeletePolicyInput) subject { return subject{ids: ids(in.PolicyId)} })),
		api.Op("ListPolicies", "organizations:ListPolicies", listPolicies,
			on(func(in *sdk.ListPoliciesInput) subject { return subject{nil, string(in.Filter)} })),
		api.Op("AttachPolicy", "organizations:AttachPolicy", attachPolicy,
			on(func(in *sdk.AttachPolicyInput) subject { return subject{ids: ids(in.PolicyId, in.TargetId)} })),
		api.Op("DetachPolicy", "organizations:DetachPolicy", detachPolicy,
			on(func(in *sdk.DetachPolicyInput) subject { return subject{ids: ids(in.PolicyId, in.TargetId)} })),
		api.Op("ListPoliciesForTarget", "organizations:ListPoliciesForTarget", listPoliciesFor,
			on(func(in *sdk.ListPoliciesForTargetInput) subject { return subject{ids(in.TargetId), string(in.Filter)} })),
		api.Op("ListTargetsForPolicy", "organizations:ListTargetsForPolicy", listTargets,
			on(func(in *sdk.ListTargetsForPolicyInput) subject { return subject{ids: ids(in.PolicyId)} })),
	}
}

// subject is what a request is about: things by their ids, and a type of policy.
type subject struct {
	ids        []string
	policyType string
}

func ids(list ...*string) []string {
	var out []string
	for _, id := range list {
		out = append(out, aws.ToString(id))
	}
	return out
}

// on makes the resources of a decision out of ids.
func on[In any](of func(*In) subject) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		s := of(in)
		o := c.Snapshot.OrganizationOf(c.Principal.Account)
		if o == nil || len(s.ids) == 0 {
			s.ids = []string{"*"}
		}
		targets := make([]api.Target, len(s.ids))
		for i, id := range s.ids {
			targets[i] = api.Target{ARN: arnOf(o, id), Account: c.Principal.Account}
			kind := s.policyType
			if kind == "" && strings.HasPrefix(id, "p-") {
				kind = organization.ServiceControlPolicy
			}
			if kind != "" {
				targets[i].Context = map[string][]string{"organizations:PolicyType": {kind}}
			}
		}
		return targets, nil
	})
}

// arnOf returns the ARN of the thing with this id. The id's form tells what it is.
func arnOf(o *organization.Organization, id string) string {
	switch {
	case id == "*":
		return id
	case strings.HasPrefix(id, "r-"):
		return "arn:aws:organizations::" + string(o.Management) + ":root/" + o.ID + "/" + id
	case strings.HasPrefix(id, "ou-"):
		return o.UnitARN(id)
	case strings.HasPrefix(id, "p-"):
		return o.PolicyARN(&organization.Policy{ID: id, Type: organization.ServiceControlPolicy, AWSManaged: id == organization.FullAccessID})
	}
	return o.AccountARN(ident.AccountID(id))
}

// mine returns the organization that the caller's account manages.
func mine(c *api.Call) (*organization.Organization, error) {
	o := c.Snapshot.OrganizationOf(c.Principal.Account)
	if o == nil {
		return nil, notInUse()
	}
	if o.Management != c.Principal.Account {
		return nil, denied()
	}
	return o, nil
}
