package iam

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

func managedPolicies() api.Table {
	return api.Table{
		api.Op("CreatePolicy", "iam:CreatePolicy", createPolicy, on(func(in *sdk.CreatePolicyInput) subject {
			return subject{newPolicy: in.PolicyName, path: in.Path, tags: in.Tags}
		})),
		api.Op("GetPolicy", "iam:GetPolicy", getPolicy, on(func(in *sdk.GetPolicyInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("ListPolicies", "iam:ListPolicies", listPolicies, on(func(in *sdk.ListPoliciesInput) subject { return subject{all: "policy/"} })),
		api.Op("DeletePolicy", "iam:DeletePolicy", deletePolicy, on(func(in *sdk.DeletePolicyInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("ListEntitiesForPolicy", "iam:ListEntitiesForPolicy", listEntitiesForPolicy,
			on(func(in *sdk.ListEntitiesForPolicyInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("CreatePolicyVersion", "iam:CreatePolicyVersion", createPolicyVersion,
			on(func(in *sdk.CreatePolicyVersionInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("GetPolicyVersion", "iam:GetPolicyVersion", getPolicyVersion,
			on(func(in *sdk.GetPolicyVersionInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("ListPolicyVersions", "iam:ListPolicyVersions", listPolicyVersions,
			on(func(in *sdk.ListPolicyVersionsInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("SetDefaultPolicyVersion", "iam:SetDefaultPolicyVersion", setDefaultPolicyVersion,
			on(func(in *sdk.SetDefaultPolicyVersionInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("DeletePolicyVersion", "iam:DeletePolicyVersion", deletePolicyVersion,
			on(func(in *sdk.DeletePolicyVersionInput) subject { return subject{arn: in.PolicyArn} })),
		api.Op("TagPolicy", "iam:TagPolicy", tagPolicy,
			on(func(in *sdk.TagPolicyInput) subject { return subject{arn: in.PolicyArn, tags: in.Tags} })),
		api.Op("UntagPolicy", "iam:UntagPolicy", untagPolicy,
			on(func(in *sdk.UntagPolicyInput) subject { return subject{arn: in.PolicyArn, untag: in.TagKeys} })),
		api.Op("ListPolicyTags", "iam:ListPolicyTags", listPolicyTags,
			on(func(in *sdk.ListPolicyTagsInput) subject { return subject{arn: in.PolicyArn} })),
	}
}

func groups() api.Table {
	return api.Table{
		api.Op("CreateGroup", "iam:CreateGroup", createGroup,
			on(func(in *sdk.CreateGroupInput) subject {
				return subject{group: in.GroupName, fresh: true, path: in.Path}
			})),
		api.Op("GetGroup", "iam:GetGroup", getGroup, on(func(in *sdk.GetGroupInput) subject { return subject{group: in.GroupName} })),
		api.Op("ListGroups", "iam:ListGroups", listGroups, on(func(in *sdk.ListGroupsInput) subject { return subject{all: "group/"} })),
		api.Op("UpdateGroup", "iam:UpdateGroup", updateGroup, api.On(regrouped)),
		api.Op("DeleteGroup", "iam:DeleteGroup", deleteGroup, on(func(in *sdk.DeleteGroupInput) subject { return subject{group: in.GroupName} })),
		api.Op("AddUserToGroup", "iam:AddUserToGroup", addUserToGroup,
			on(func(in *sdk.AddUserToGroupInput) subject { return subject{group: in.GroupName} })),
		api.Op("RemoveUserFromGroup", "iam:RemoveUserFromGroup", removeUserFromGroup,
			on(func(in *sdk.RemoveUserFromGroupInput) subject { return subject{group: in.GroupName} })),
		api.Op("ListGroupsForUser", "iam:ListGroupsForUser", listGroupsForUser,
			on(func(in *sdk.ListGroupsForUserInput) subject { return subject{user: in.UserName} })),
	}
}

func groupPolicies() api.Table {
	return api.Table{
		api.Op("PutGroupPolicy", "iam:PutGroupPolicy", putGroupPolicy,
			on(func(in *sdk.PutGroupPolicyInput) subject { return subject{group: in.GroupName} })),
		api.Op("GetGroupPolicy", "iam:GetGroupPolicy", getGroupPolicy,
			on(func(in *sdk.GetGroupPolicyInput) subject { return subject{group: in.GroupName} })),
		api.Op("ListGroupPolicies", "iam:ListGroupPolicies", listGroupPolicies,
			on(func(in *sdk.ListGroupPoliciesInput) subject { return subject{group: in.GroupName} })),
		api.Op("DeleteGroupPolicy", "iam:DeleteGroupPolicy", deleteGroupPolicy,
			on(func(in *sdk.DeleteGroupPolicyInput) subject { return subject{group: in.GroupName} })),
		api.Op("AttachGroupPolicy", "iam:AttachGroupPolicy", attachGroupPolicy,
			on(func(in *sdk.AttachGroupPolicyInput) subject {
				return subject{group: in.GroupName, policy: in.PolicyArn}
			})),
		api.Op("DetachGroupPolicy", "iam:DetachGroupPolicy", detachGroupPolicy,
			on(func(in *sdk.DetachGroupPolicyInput) subject {
				return subject{group: in.GroupName, policy: in.PolicyArn}
			})),
		api.Op("ListAttachedGroupPolicies", "iam:ListAttachedGroupPolicies", listAttachedGroupPolicies,
			on(func(in *sdk.ListAttachedGroupPoliciesInput) subject { return subject{group: in.GroupName} })),
	}
}
