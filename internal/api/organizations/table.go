// Package organizations answers the Organizations API: organizations with their tree of units and accounts, the service
// and resource control policies attached to it, handshakes between accounts, delegated administrators and trusted access.
//
// Every operation has a reach. The management account's work is done by the management account, and by members to whom
// its delegation policy gives it; delegated administrators of any service may look at everything; every account may
// answer what it was asked, describe its organization and leave it. The reach is part of the decision, not of the
// handlers: the owner of all these resources is the management account, so whoever else calls needs its consent and
// the permission of their own account.
//
// Whoever may not, by whichever rule, gets the one sentence that AWS gives, which tells nothing. What AWS does in the
// background is done before the answer, and its status is there from the first look on. A new account gets
// the role by which the management account enters it; it is made as the service, which no policy bounds.
// See the AWS Organizations API Reference.
package organizations

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// service is who makes the role in a new account.
const service = "organizations.amazonaws.com"

// Table returns the operations of the service.
func Table() api.Table {
	var table api.Table
	for _, part := range []func() api.Table{tree, accounts, membership, policies, attachments, trust, tags} {
		table = append(table, part()...)
	}
	return table
}

func tree() api.Table {
	return api.Table{
		api.Op("CreateOrganization", "organizations:CreateOrganization", createOrganization),
		op(members, "DescribeOrganization", describeOrganization, nothing),
		op(management, "DeleteOrganization", deleteOrganization, nothing),
		op(management, "EnableAllFeatures", enableAllFeatures, nothing),
		op(delegates, "ListRoots", listRoots, nothing),
		op(management, "CreateOrganizationalUnit", createUnit,
			func(in *sdk.CreateOrganizationalUnitInput) subject {
				return subject{ids: ids(in.ParentId), tags: in.Tags}
			}),
		op(delegates, "DescribeOrganizationalUnit", describeUnit,
			func(in *sdk.DescribeOrganizationalUnitInput) subject {
				return subject{ids: ids(in.OrganizationalUnitId)}
			}),
		op(management, "UpdateOrganizationalUnit", updateUnit,
			func(in *sdk.UpdateOrganizationalUnitInput) subject { return subject{ids: ids(in.OrganizationalUnitId)} }),
		op(management, "DeleteOrganizationalUnit", deleteUnit,
			func(in *sdk.DeleteOrganizationalUnitInput) subject { return subject{ids: ids(in.OrganizationalUnitId)} }),
		op(delegates, "ListOrganizationalUnitsForParent", listUnits,
			func(in *sdk.ListOrganizationalUnitsForParentInput) subject { return subject{ids: ids(in.ParentId)} }),
		op(delegates, "ListParents", listParents,
			func(in *sdk.ListParentsInput) subject { return subject{ids: ids(in.ChildId)} }),
		op(delegates, "ListChildren", listChildren,
			func(in *sdk.ListChildrenInput) subject { return subject{ids: ids(in.ParentId)} }),
	}
}

func accounts() api.Table {
	return api.Table{
		op(management, "CreateAccount", createAccount,
			func(in *sdk.CreateAccountInput) subject { return subject{tags: in.Tags} }),
		op(delegates, "DescribeCreateAccountStatus", describeCreateStatus, nothing),
		op(delegates, "ListCreateAccountStatus", listCreateStatus, nothing),
		op(delegates, "ListAccounts", listAccounts, nothing),
		op(delegates, "ListAccountsForParent", listAccountsFor,
			func(in *sdk.ListAccountsForParentInput) subject { return subject{ids: ids(in.ParentId)} }),
		op(delegates, "DescribeAccount", describeAccount,
			func(in *sdk.DescribeAccountInput) subject { return subject{ids: ids(in.AccountId)} }),
		op(management, "MoveAccount", moveAccount, func(in *sdk.MoveAccountInput) subject {
			return subject{ids: ids(in.AccountId, in.SourceParentId, in.DestinationParentId)}
		}),
		op(management, "CloseAccount", closeAccount,
			func(in *sdk.CloseAccountInput) subject { return subject{ids: ids(in.AccountId)} }),
		op(management, "RemoveAccountFromOrganization", removeAccount,
			func(in *sdk.RemoveAccountFromOrganizationInput) subject { return subject{ids: ids(in.AccountId)} }),
		op(members, "LeaveOrganization", leaveOrganization, nothing),
	}
}

func membership() api.Table {
	return api.Table{
		op(management, "InviteAccountToOrganization", inviteAccount, invited),
		handshakeOp("DescribeHandshake", describeHandshake, func(in *sdk.DescribeHandshakeInput) *string { return in.HandshakeId }),
		handshakeOp("AcceptHandshake", acceptHandshake, func(in *sdk.AcceptHandshakeInput) *string { return in.HandshakeId }),
		handshakeOp("DeclineHandshake", declineHandshake, func(in *sdk.DeclineHandshakeInput) *string { return in.HandshakeId }),
		handshakeOp("CancelHandshake", cancelHandshake, func(in *sdk.CancelHandshakeInput) *string { return in.HandshakeId }),
		op(members, "ListHandshakesForAccount", listHandshakesForAccount, nothing),
		op(delegates, "ListHandshakesForOrganization", listHandshakesForOrganization, nothing),
	}
}

func policies() api.Table {
	return api.Table{
		op(management, "EnablePolicyType", enablePolicyType,
			func(in *sdk.EnablePolicyTypeInput) subject {
				return subject{ids: ids(in.RootId), policyType: string(in.PolicyType)}
			}),
		op(management, "DisablePolicyType", disablePolicyType,
			func(in *sdk.DisablePolicyTypeInput) subject {
				return subject{ids: ids(in.RootId), policyType: string(in.PolicyType)}
			}),
		op(management, "CreatePolicy", createPolicy,
			func(in *sdk.CreatePolicyInput) subject { return subject{policyType: string(in.Type), tags: in.Tags} }),
		op(delegates, "DescribePolicy", describePolicy,
			func(in *sdk.DescribePolicyInput) subject { return subject{ids: ids(in.PolicyId)} }),
		op(management, "UpdatePolicy", updatePolicy,
			func(in *sdk.UpdatePolicyInput) subject { return subject{ids: ids(in.PolicyId)} }),
		op(management, "DeletePolicy", deletePolicy,
			func(in *sdk.DeletePolicyInput) subject { return subject{ids: ids(in.PolicyId)} }),
		op(delegates, "ListPolicies", listPolicies,
			func(in *sdk.ListPoliciesInput) subject { return subject{policyType: string(in.Filter)} }),
	}
}

func attachments() api.Table {
	return api.Table{
		op(management, "AttachPolicy", attachPolicy,
			func(in *sdk.AttachPolicyInput) subject { return subject{ids: ids(in.PolicyId, in.TargetId)} }),
		op(management, "DetachPolicy", detachPolicy,
			func(in *sdk.DetachPolicyInput) subject { return subject{ids: ids(in.PolicyId, in.TargetId)} }),
		op(delegates, "ListPoliciesForTarget", listPoliciesFor,
			func(in *sdk.ListPoliciesForTargetInput) subject {
				return subject{ids: ids(in.TargetId), policyType: string(in.Filter)}
			}),
		op(delegates, "ListTargetsForPolicy", listTargets,
			func(in *sdk.ListTargetsForPolicyInput) subject { return subject{ids: ids(in.PolicyId)} }),
	}
}

func trust() api.Table {
	return api.Table{
		op(management, "EnableAWSServiceAccess", enableServiceAccess,
			func(in *sdk.EnableAWSServiceAccessInput) subject { return subject{principal: in.ServicePrincipal} }),
		op(management, "DisableAWSServiceAccess", disableServiceAccess,
			func(in *sdk.DisableAWSServiceAccessInput) subject { return subject{principal: in.ServicePrincipal} }),
		op(delegates, "ListAWSServiceAccessForOrganization", listServiceAccess, nothing),
		op(management, "RegisterDelegatedAdministrator", registerDelegate,
			func(in *sdk.RegisterDelegatedAdministratorInput) subject {
				return subject{ids: ids(in.AccountId), principal: in.ServicePrincipal}
			}),
		op(management, "DeregisterDelegatedAdministrator", deregisterDelegate,
			func(in *sdk.DeregisterDelegatedAdministratorInput) subject {
				return subject{ids: ids(in.AccountId), principal: in.ServicePrincipal}
			}),
		op(delegates, "ListDelegatedAdministrators", listDelegates,
			func(in *sdk.ListDelegatedAdministratorsInput) subject { return subject{principal: in.ServicePrincipal} }),
		op(delegates, "ListDelegatedServicesForAccount", listDelegatedServices,
			func(in *sdk.ListDelegatedServicesForAccountInput) subject { return subject{ids: ids(in.AccountId)} }),
		op(management, "PutResourcePolicy", putResourcePolicy,
			func(in *sdk.PutResourcePolicyInput) subject {
				return subject{ids: []string{delegationPolicy}, tags: in.Tags}
			}),
		op(delegates, "DescribeResourcePolicy", describeResourcePolicy,
			func(*sdk.DescribeResourcePolicyInput) subject { return subject{ids: []string{delegationPolicy}} }),
		op(management, "DeleteResourcePolicy", deleteResourcePolicy,
			func(*sdk.DeleteResourcePolicyInput) subject { return subject{ids: []string{delegationPolicy}} }),
	}
}

func tags() api.Table {
	return api.Table{
		op(management, "TagResource", tagResource,
			func(in *sdk.TagResourceInput) subject { return subject{ids: ids(in.ResourceId), tags: in.Tags} }),
		op(management, "UntagResource", untagResource,
			func(in *sdk.UntagResourceInput) subject { return subject{ids: ids(in.ResourceId), keys: in.TagKeys} }),
		op(delegates, "ListTagsForResource", listTags,
			func(in *sdk.ListTagsForResourceInput) subject { return subject{ids: ids(in.ResourceId)} }),
	}
}
