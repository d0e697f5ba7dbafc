// Package iam answers the IAM API: the users, access keys, groups and roles of an account, and the policies that AWS or
// the account itself manages.
//
// Everything stands in the caller's account, and the resource of a decision is the user, group, role or policy with its
// real path. Roles of permission sets can be read and never changed here; names that begin as theirs do are refused on
// any path. Trust policies keep whom they name by unique id. Providers are not built. Secrets of access keys and
// seeds of MFA devices are sealed at rest, bound to their place, and shown once; of passwords a hash is kept. See the IAM API Reference.
package iam

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// Table returns the operations of the service.
func Table() api.Table {
	var table api.Table
	for _, part := range []api.Table{users(), userPolicies(), roles(), rolePolicies(), managedPolicies(), groups(), groupPolicies(), tags(), serviceRoles(), account(), logins(), devices(), credentials(), simulations()} {
		table = append(table, part...)
	}
	return table
}

func users() api.Table {
	return api.Table{
		api.Op("CreateUser", "iam:CreateUser", createUser, on(func(in *sdk.CreateUserInput) subject {
			return subject{user: in.UserName, fresh: true, path: in.Path, tags: in.Tags, boundary: in.PermissionsBoundary}
		})),
		api.Op("GetUser", "iam:GetUser", getUser, on(func(in *sdk.GetUserInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListUsers", "iam:ListUsers", listUsers, on(func(in *sdk.ListUsersInput) subject { return subject{all: "user/"} })),
		api.Op("DeleteUser", "iam:DeleteUser", deleteUser, on(func(in *sdk.DeleteUserInput) subject { return subject{user: in.UserName} })),
		api.Op("UpdateUser", "iam:UpdateUser", updateUser, api.On(renamed)),
		api.Op("CreateAccessKey", "iam:CreateAccessKey", createAccessKey,
			on(func(in *sdk.CreateAccessKeyInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListAccessKeys", "iam:ListAccessKeys", listAccessKeys,
			on(func(in *sdk.ListAccessKeysInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("UpdateAccessKey", "iam:UpdateAccessKey", updateAccessKey,
			on(func(in *sdk.UpdateAccessKeyInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed", getAccessKeyLastUsed, api.On(keyOwner)),
		api.Op("DeleteAccessKey", "iam:DeleteAccessKey", deleteAccessKey,
			on(func(in *sdk.DeleteAccessKeyInput) subject { return subject{user: in.UserName, self: true} })),
	}
}

func userPolicies() api.Table {
	return api.Table{
		api.Op("PutUserPolicy", "iam:PutUserPolicy", putUserPolicy,
			on(func(in *sdk.PutUserPolicyInput) subject { return subject{user: in.UserName} })),
		api.Op("GetUserPolicy", "iam:GetUserPolicy", getUserPolicy,
			on(func(in *sdk.GetUserPolicyInput) subject { return subject{user: in.UserName} })),
		api.Op("ListUserPolicies", "iam:ListUserPolicies", listUserPolicies,
			on(func(in *sdk.ListUserPoliciesInput) subject { return subject{user: in.UserName} })),
		api.Op("DeleteUserPolicy", "iam:DeleteUserPolicy", deleteUserPolicy,
			on(func(in *sdk.DeleteUserPolicyInput) subject { return subject{user: in.UserName} })),
		api.Op("AttachUserPolicy", "iam:AttachUserPolicy", attachUserPolicy,
			on(func(in *sdk.AttachUserPolicyInput) subject { return subject{user: in.UserName, policy: in.PolicyArn} })),
		api.Op("DetachUserPolicy", "iam:DetachUserPolicy", detachUserPolicy,
			on(func(in *sdk.DetachUserPolicyInput) subject { return subject{user: in.UserName, policy: in.PolicyArn} })),
		api.Op("ListAttachedUserPolicies", "iam:ListAttachedUserPolicies", listAttachedUserPolicies,
			on(func(in *sdk.ListAttachedUserPoliciesInput) subject { return subject{user: in.UserName} })),
		api.Op("PutUserPermissionsBoundary", "iam:PutUserPermissionsBoundary", putUserBoundary,
			on(func(in *sdk.PutUserPermissionsBoundaryInput) subject {
				return subject{user: in.UserName, boundary: in.PermissionsBoundary}
			})),
		api.Op("DeleteUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary", deleteUserBoundary,
			on(func(in *sdk.DeleteUserPermissionsBoundaryInput) subject { return subject{user: in.UserName} })),
	}
}

func roles() api.Table {
	return api.Table{
		api.Op("CreateRole", "iam:CreateRole", createRole, on(func(in *sdk.CreateRoleInput) subject {
			return subject{role: in.RoleName, fresh: true, path: in.Path, tags: in.Tags, boundary: in.PermissionsBoundary}
		})),
		api.Op("GetRole", "iam:GetRole", getRole, on(func(in *sdk.GetRoleInput) subject { return subject{role: in.RoleName} })),
		api.Op("ListRoles", "iam:ListRoles", listRoles, on(func(in *sdk.ListRolesInput) subject { return subject{all: "role/"} })),
		api.Op("DeleteRole", "iam:DeleteRole", deleteRole, on(func(in *sdk.DeleteRoleInput) subject { return subject{role: in.RoleName} })),
		api.Op("UpdateRole", "iam:UpdateRole", updateRole, on(func(in *sdk.UpdateRoleInput) subject { return subject{role: in.RoleName} })),
		api.Op("UpdateRoleDescription", "iam:UpdateRoleDescription", updateRoleDescription,
			on(func(in *sdk.UpdateRoleDescriptionInput) subject { return subject{role: in.RoleName} })),
		api.Op("UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy", updateTrust,
			on(func(in *sdk.UpdateAssumeRolePolicyInput) subject { return subject{role: in.RoleName} })),
	}
}

func rolePolicies() api.Table {
	return api.Table{
		api.Op("PutRolePolicy", "iam:PutRolePolicy", putRolePolicy,
			on(func(in *sdk.PutRolePolicyInput) subject { return subject{role: in.RoleName} })),
		api.Op("GetRolePolicy", "iam:GetRolePolicy", getRolePolicy,
			on(func(in *sdk.GetRolePolicyInput) subject { return subject{role: in.RoleName} })),
		api.Op("ListRolePolicies", "iam:ListRolePolicies", listRolePolicies,
			on(func(in *sdk.ListRolePoliciesInput) subject { return subject{role: in.RoleName} })),
		api.Op("DeleteRolePolicy", "iam:DeleteRolePolicy", deleteRolePolicy,
			on(func(in *sdk.DeleteRolePolicyInput) subject { return subject{role: in.RoleName} })),
		api.Op("AttachRolePolicy", "iam:AttachRolePolicy", attachRolePolicy,
			on(func(in *sdk.AttachRolePolicyInput) subject { return subject{role: in.RoleName, policy: in.PolicyArn} })),
		api.Op("DetachRolePolicy", "iam:DetachRolePolicy", detachRolePolicy,
			on(func(in *sdk.DetachRolePolicyInput) subject { return subject{role: in.RoleName, policy: in.PolicyArn} })),
		api.Op("ListAttachedRolePolicies", "iam:ListAttachedRolePolicies", listAttachedRolePolicies,
			on(func(in *sdk.ListAttachedRolePoliciesInput) subject { return subject{role: in.RoleName} })),
		api.Op("PutRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", putRoleBoundary,
			on(func(in *sdk.PutRolePermissionsBoundaryInput) subject {
				return subject{role: in.RoleName, boundary: in.PermissionsBoundary}
			})),
		api.Op("DeleteRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", deleteRoleBoundary,
			on(func(in *sdk.DeleteRolePermissionsBoundaryInput) subject { return subject{role: in.RoleName} })),
	}
}

func tags() api.Table {
	return api.Table{
		api.Op("TagUser", "iam:TagUser", tagUser, on(func(in *sdk.TagUserInput) subject { return subject{user: in.UserName, tags: in.Tags} })),
		api.Op("UntagUser", "iam:UntagUser", untagUser,
			on(func(in *sdk.UntagUserInput) subject { return subject{user: in.UserName, untag: in.TagKeys} })),
		api.Op("ListUserTags", "iam:ListUserTags", listUserTags, on(func(in *sdk.ListUserTagsInput) subject { return subject{user: in.UserName} })),
		api.Op("TagRole", "iam:TagRole", tagRole, on(func(in *sdk.TagRoleInput) subject { return subject{role: in.RoleName, tags: in.Tags} })),
		api.Op("UntagRole", "iam:UntagRole", untagRole,
			on(func(in *sdk.UntagRoleInput) subject { return subject{role: in.RoleName, untag: in.TagKeys} })),
		api.Op("ListRoleTags", "iam:ListRoleTags", listRoleTags, on(func(in *sdk.ListRoleTagsInput) subject { return subject{role: in.RoleName} })),
	}
}

func account() api.Table {
	return api.Table{
		api.Op("CreateAccountAlias", "iam:CreateAccountAlias", createAlias),
		api.Op("DeleteAccountAlias", "iam:DeleteAccountAlias", deleteAlias),
		api.Op("ListAccountAliases", "iam:ListAccountAliases", listAliases),
		api.Op("GetAccountSummary", "iam:GetAccountSummary", getAccountSummary),
		api.Op("GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", getAuthorizationDetails),
	}
}

// logins are passwords, and what an account asks of them.
func logins() api.Table {
	return api.Table{
		api.Op("CreateLoginProfile", "iam:CreateLoginProfile", createLogin,
			on(func(in *sdk.CreateLoginProfileInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("GetLoginProfile", "iam:GetLoginProfile", getLogin,
			on(func(in *sdk.GetLoginProfileInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("UpdateLoginProfile", "iam:UpdateLoginProfile", updateLogin,
			on(func(in *sdk.UpdateLoginProfileInput) subject { return subject{user: in.UserName} })),
		api.Op("DeleteLoginProfile", "iam:DeleteLoginProfile", deleteLogin,
			on(func(in *sdk.DeleteLoginProfileInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ChangePassword", "iam:ChangePassword", changePassword, api.On(changedUser)),
		api.Op("GetAccountPasswordPolicy", "iam:GetAccountPasswordPolicy", getPasswordPolicy),
		api.Op("UpdateAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy", updatePasswordPolicy),
		api.Op("DeleteAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy", deletePasswordPolicy),
	}
}

// devices are virtual MFA devices.
func devices() api.Table {
	return api.Table{
		api.Op("CreateVirtualMFADevice", "iam:CreateVirtualMFADevice", createVirtualDevice,
			on(func(in *sdk.CreateVirtualMFADeviceInput) subject {
				return subject{device: in.VirtualMFADeviceName, fresh: true, path: in.Path, tags: in.Tags}
			})),
		api.Op("DeleteVirtualMFADevice", "iam:DeleteVirtualMFADevice", deleteVirtualDevice,
			on(func(in *sdk.DeleteVirtualMFADeviceInput) subject { return subject{device: in.SerialNumber} })),
		api.Op("EnableMFADevice", "iam:EnableMFADevice", enableDevice,
			on(func(in *sdk.EnableMFADeviceInput) subject { return subject{user: in.UserName} })),
		api.Op("ResyncMFADevice", "iam:ResyncMFADevice", resyncDevice,
			on(func(in *sdk.ResyncMFADeviceInput) subject { return subject{user: in.UserName} })),
		api.Op("DeactivateMFADevice", "iam:DeactivateMFADevice", deactivateDevice,
			on(func(in *sdk.DeactivateMFADeviceInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("GetMFADevice", "iam:GetMFADevice", getDevice,
			on(func(in *sdk.GetMFADeviceInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListMFADevices", "iam:ListMFADevices", listDevices,
			on(func(in *sdk.ListMFADevicesInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListVirtualMFADevices", "iam:ListVirtualMFADevices", listVirtualDevices),
		api.Op("TagMFADevice", "iam:TagMFADevice", tagDevice,
			on(func(in *sdk.TagMFADeviceInput) subject { return subject{device: in.SerialNumber, tags: in.Tags} })),
		api.Op("UntagMFADevice", "iam:UntagMFADevice", untagDevice,
			on(func(in *sdk.UntagMFADeviceInput) subject { return subject{device: in.SerialNumber, untag: in.TagKeys} })),
		api.Op("ListMFADeviceTags", "iam:ListMFADeviceTags", listDeviceTags,
			on(func(in *sdk.ListMFADeviceTagsInput) subject { return subject{device: in.SerialNumber} })),
	}
}

// credentials are kinds of credentials and profiles that nobody can have here.
func credentials() api.Table {
	return api.Table{
		api.Op("ListSSHPublicKeys", "iam:ListSSHPublicKeys", listSSHPublicKeys,
			on(func(in *sdk.ListSSHPublicKeysInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListSigningCertificates", "iam:ListSigningCertificates", listSigningCertificates,
			on(func(in *sdk.ListSigningCertificatesInput) subject { return subject{user: in.UserName, self: true} })),
		api.Op("ListServiceSpecificCredentials", "iam:ListServiceSpecificCredentials", listServiceCredentials,
			on(func(in *sdk.ListServiceSpecificCredentialsInput) subject {
				return subject{user: in.UserName, self: true}
			})),
		api.Op("ListInstanceProfilesForRole", "iam:ListInstanceProfilesForRole", listInstanceProfilesForRole,
			on(func(in *sdk.ListInstanceProfilesForRoleInput) subject { return subject{role: in.RoleName} })),
	}
}

func serviceRoles() api.Table {
	return api.Table{
		api.Op("CreateServiceLinkedRole", "iam:CreateServiceLinkedRole", createServiceRole, api.On(linkedRole)),
		api.Op("DeleteServiceLinkedRole", "iam:DeleteServiceLinkedRole", deleteServiceRole,
			on(func(in *sdk.DeleteServiceLinkedRoleInput) subject { return subject{role: in.RoleName} })),
		api.Op("GetServiceLinkedRoleDeletionStatus", "iam:GetServiceLinkedRoleDeletionStatus", serviceRoleDeletion, api.On(deletedRole)),
	}
}
