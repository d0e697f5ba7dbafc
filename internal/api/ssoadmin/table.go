// Package ssoadmin answers the IAM Identity Center (sso-admin) API: instances, permission sets, and who is assigned
// which of them in which account.
//
// An instance belongs to one account, whose policies decide; the resources of a decision are the instance, the
// permission set and the account that the request names. Roles in other accounts are made and removed by package provision
// as the service sso.amazonaws.com, which no policy bounds.
//
// What AWS does in the background is done before the answer, where it is short: the answer says IN_PROGRESS, as clients
// expect, and the first look at the status says how it ended. Provisioning a set to many accounts is a job (job.go): its
// status says how far it came, so that any node goes on with it after a crash.
// See the IAM Identity Center API Reference.
package ssoadmin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// service is who makes and removes roles in accounts.
const service = "sso.amazonaws.com"

// Table returns the operations of the service.
func Table() api.Table {
	var table api.Table
	for _, part := range []api.Table{instances(), attributes(), permissionSets(), policies(), assignments(), provisioning(), statuses(), tags()} {
		table = append(table, part...)
	}
	return table
}

func instances() api.Table {
	return api.Table{
		api.Op("ListInstances", "sso:ListInstances", listInstances),
		api.Op("DescribeInstance", "sso:DescribeInstance", describeInstance,
			on(func(in *sdk.DescribeInstanceInput) scope { return scope{instance: in.InstanceArn} })),
		api.Op("UpdateInstance", "sso:UpdateInstance", updateInstance,
			changing(func(in *sdk.UpdateInstanceInput) scope { return scope{instance: in.InstanceArn} })),
	}
}

func attributes() api.Table {
	return api.Table{
		api.Op("CreateInstanceAccessControlAttributeConfiguration", "sso:CreateInstanceAccessControlAttributeConfiguration", createAttributes,
			changing(func(in *sdk.CreateInstanceAccessControlAttributeConfigurationInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("DescribeInstanceAccessControlAttributeConfiguration", "sso:DescribeInstanceAccessControlAttributeConfiguration", describeAttributes,
			on(func(in *sdk.DescribeInstanceAccessControlAttributeConfigurationInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("UpdateInstanceAccessControlAttributeConfiguration", "sso:UpdateInstanceAccessControlAttributeConfiguration", updateAttributes,
			changing(func(in *sdk.UpdateInstanceAccessControlAttributeConfigurationInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("DeleteInstanceAccessControlAttributeConfiguration", "sso:DeleteInstanceAccessControlAttributeConfiguration", deleteAttributes,
			changing(func(in *sdk.DeleteInstanceAccessControlAttributeConfigurationInput) scope {
				return scope{instance: in.InstanceArn}
			})),
	}
}

func permissionSets() api.Table {
	return api.Table{
		api.Op("CreatePermissionSet", "sso:CreatePermissionSet", createPermissionSet,
			changing(func(in *sdk.CreatePermissionSetInput) scope {
				return scope{instance: in.InstanceArn, tags: tagMap(in.Tags)}
			})),
		api.Op("DescribePermissionSet", "sso:DescribePermissionSet", describePermissionSet,
			on(func(in *sdk.DescribePermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("ListPermissionSets", "sso:ListPermissionSets", listPermissionSets,
			on(func(in *sdk.ListPermissionSetsInput) scope { return scope{instance: in.InstanceArn} })),
		api.Op("UpdatePermissionSet", "sso:UpdatePermissionSet", updatePermissionSet,
			changing(func(in *sdk.UpdatePermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("DeletePermissionSet", "sso:DeletePermissionSet", deletePermissionSet,
			changing(func(in *sdk.DeletePermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
	}
}

func policies() api.Table {
	return api.Table{
		api.Op("AttachManagedPolicyToPermissionSet", "sso:AttachManagedPolicyToPermissionSet", attachManaged,
			changing(func(in *sdk.AttachManagedPolicyToPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("DetachManagedPolicyFromPermissionSet", "sso:DetachManagedPolicyFromPermissionSet", detachManaged,
			changing(func(in *sdk.DetachManagedPolicyFromPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("ListManagedPoliciesInPermissionSet", "sso:ListManagedPoliciesInPermissionSet", listManaged,
			on(func(in *sdk.ListManagedPoliciesInPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("AttachCustomerManagedPolicyReferenceToPermissionSet", "sso:AttachCustomerManagedPolicyReferenceToPermissionSet", attachReference,
			changing(func(in *sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("DetachCustomerManagedPolicyReferenceFromPermissionSet", "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet", detachReference,
			changing(func(in *sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("ListCustomerManagedPolicyReferencesInPermissionSet", "sso:ListCustomerManagedPolicyReferencesInPermissionSet", listReferences,
			on(func(in *sdk.ListCustomerManagedPolicyReferencesInPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("PutInlinePolicyToPermissionSet", "sso:PutInlinePolicyToPermissionSet", putInline,
			changing(func(in *sdk.PutInlinePolicyToPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("GetInlinePolicyForPermissionSet", "sso:GetInlinePolicyForPermissionSet", getInline,
			on(func(in *sdk.GetInlinePolicyForPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("DeleteInlinePolicyFromPermissionSet", "sso:DeleteInlinePolicyFromPermissionSet", deleteInline,
			changing(func(in *sdk.DeleteInlinePolicyFromPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("PutPermissionsBoundaryToPermissionSet", "sso:PutPermissionsBoundaryToPermissionSet", putBoundary,
			changing(func(in *sdk.PutPermissionsBoundaryToPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("GetPermissionsBoundaryForPermissionSet", "sso:GetPermissionsBoundaryForPermissionSet", getBoundary,
			on(func(in *sdk.GetPermissionsBoundaryForPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
		api.Op("DeletePermissionsBoundaryFromPermissionSet", "sso:DeletePermissionsBoundaryFromPermissionSet", deleteBoundary,
			changing(func(in *sdk.DeletePermissionsBoundaryFromPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
	}
}

func assignments() api.Table {
	return api.Table{
		api.Op("CreateAccountAssignment", "sso:CreateAccountAssignment", createAssignment,
			changing(func(in *sdk.CreateAccountAssignmentInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn, account: in.TargetId}
			})),
		api.Op("DeleteAccountAssignment", "sso:DeleteAccountAssignment", deleteAssignment,
			changing(func(in *sdk.DeleteAccountAssignmentInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn, account: in.TargetId}
			})),
		api.Op("ListAccountAssignments", "sso:ListAccountAssignments", listAssignments,
			on(func(in *sdk.ListAccountAssignmentsInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn, account: in.AccountId}
			})),
		api.Op("ListAccountAssignmentsForPrincipal", "sso:ListAccountAssignmentsForPrincipal", listAssignmentsOf,
			on(func(in *sdk.ListAccountAssignmentsForPrincipalInput) scope {
				return scope{instance: in.InstanceArn}
			})),
	}
}

func provisioning() api.Table {
	return api.Table{
		api.Op("ProvisionPermissionSet", "sso:ProvisionPermissionSet", provisionSet,
			changing(func(in *sdk.ProvisionPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn, account: in.TargetId}
			})),
		api.Op("ListPermissionSetsProvisionedToAccount", "sso:ListPermissionSetsProvisionedToAccount", listSetsInAccount,
			on(func(in *sdk.ListPermissionSetsProvisionedToAccountInput) scope {
				return scope{instance: in.InstanceArn, account: in.AccountId}
			})),
		api.Op("ListAccountsForProvisionedPermissionSet", "sso:ListAccountsForProvisionedPermissionSet", listAccountsOfSet,
			on(func(in *sdk.ListAccountsForProvisionedPermissionSetInput) scope {
				return scope{instance: in.InstanceArn, set: in.PermissionSetArn}
			})),
	}
}

func statuses() api.Table {
	return api.Table{
		api.Op("DescribeAccountAssignmentCreationStatus", "sso:DescribeAccountAssignmentCreationStatus", describeCreation,
			on(func(in *sdk.DescribeAccountAssignmentCreationStatusInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("DescribeAccountAssignmentDeletionStatus", "sso:DescribeAccountAssignmentDeletionStatus", describeDeletion,
			on(func(in *sdk.DescribeAccountAssignmentDeletionStatusInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("DescribePermissionSetProvisioningStatus", "sso:DescribePermissionSetProvisioningStatus", describeProvisioning,
			on(func(in *sdk.DescribePermissionSetProvisioningStatusInput) scope {
				return scope{instance: in.InstanceArn}
			})),
		api.Op("ListAccountAssignmentCreationStatus", "sso:ListAccountAssignmentCreationStatus", listCreations,
			on(func(in *sdk.ListAccountAssignmentCreationStatusInput) scope { return scope{instance: in.InstanceArn} })),
		api.Op("ListAccountAssignmentDeletionStatus", "sso:ListAccountAssignmentDeletionStatus", listDeletions,
			on(func(in *sdk.ListAccountAssignmentDeletionStatusInput) scope { return scope{instance: in.InstanceArn} })),
		api.Op("ListPermissionSetProvisioningStatus", "sso:ListPermissionSetProvisioningStatus", listProvisionings,
			on(func(in *sdk.ListPermissionSetProvisioningStatusInput) scope { return scope{instance: in.InstanceArn} })),
	}
}

func tags() api.Table {
	return api.Table{
		api.Op("ListTagsForResource", "sso:ListTagsForResource", listTags,
			on(func(in *sdk.ListTagsForResourceInput) scope {
				return scope{instance: in.InstanceArn, tagged: in.ResourceArn}
			})),
		api.Op("TagResource", "sso:TagResource", tagResource,
			changing(func(in *sdk.TagResourceInput) scope {
				return scope{instance: in.InstanceArn, tagged: in.ResourceArn, tags: tagMap(in.Tags)}
			})),
		api.Op("UntagResource", "sso:UntagResource", untagResource,
			changing(func(in *sdk.UntagResourceInput) scope {
				return scope{instance: in.InstanceArn, tagged: in.ResourceArn, keys: in.TagKeys}
			})),
	}
}

// scope is what of an instance a request is about.
type scope struct {
	instance *string
	set      *string
	tagged   *string // an instance or a permission set
	account  *string
	tags     map[string]string // that the request gives
	keys     []string          // of tags that it takes away
}

// on derives the resources of an operation that reads.
func on[In any](of func(*In) scope) api.Option { return targets(of, false) }

// changing derives those of an operation that changes something.
func changing[In any](of func(*In) scope) api.Option { return targets(of, true) }

// targets derives the resources of a decision. All belong to the owner of the instance; of one that does not exist, to
// the caller. A delegated administrator is admitted to all but changes of what stands in the management account.
// See "Delegated administration" in the IAM Identity Center User Guide.
func targets[In any](of func(*In) scope, changes bool) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		s := of(in)
		if s.set == nil && !strings.HasPrefix(aws.ToString(s.tagged), instancePrefix) {
			s.set = s.tagged
		}
		arn, owner := instanceOf(c, s.instance, cmp.Or(s.set, s.tagged)), c.Principal.Account
		i := c.Snapshot.Instance(arn)
		if i != nil {
			owner = i.Owner
		}
		delegate := c.Snapshot.AdministersInstance(c.Principal.Account, i)
		var list []api.Target
		add := func(arn string, tags map[string]string, managements bool) {
			t := api.Target{ARN: arn, Account: owner, Tags: tags, Admitted: delegate && !(changes && managements)}
			t.Context = map[string][]string{"sso:PrimaryRegion": {c.Services.Region}}
			requested(&t, s)
			list = append(list, t)
		}
		if arn != "" {
			add(arn, tagsOf(i, nil), false)
		}
		if s.set != nil {
			add(*s.set, tagsOf(nil, c.Snapshot.Set(*s.set)), c.Snapshot.Provisioned(*s.set, owner) != nil)
		}
		if s.account != nil {
			add("arn:aws:sso:::account/"+*s.account, nil, *s.account == string(owner))
		}
		return list, nil
	})
}

// requested adds the condition keys of the tags in a request.
func requested(t *api.Target, s scope) {
	if len(s.tags) == 0 && len(s.keys) == 0 {
		return
	}
	keys := slices.Clone(s.keys)
	for k, v := range s.tags {
		t.Context["aws:RequestTag/"+k] = []string{v}
		keys = append(keys, k)
	}
	t.Lists = map[string][]string{"aws:TagKeys": keys}
}
