// Package identitystore answers the Identity Store API: the users and groups of an identity store, and who is in
// which group.
//
// Identity stores belong to the account that owns their instance, so its policies decide. Deleting a user or a group
// takes the memberships along and leaves assignments in place, as AWS does: they name nobody, and an administrator sees
// what somebody had. Ids are never given again, so that nobody inherits them. What is unique is so in its folded form: user
// names, e-mail addresses and names of groups.
// See the Identity Store API Reference.
package identitystore

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// Table returns the operations of the service.
func Table() api.Table {
	return api.Table{
		api.Op("DescribeIdentityStore", "identitystore:DescribeIdentityStore", describeStore,
			on(func(in *sdk.DescribeIdentityStoreInput) []string { return about(in.IdentityStoreId) })),
		api.Op("ListIdentityStores", "identitystore:ListIdentityStores", listStores),
		api.Op("CreateUser", "identitystore:CreateUser", createUser,
			on(func(in *sdk.CreateUserInput) []string { return about(in.IdentityStoreId) })),
		api.Op("DescribeUser", "identitystore:DescribeUser", describeUser,
			on(func(in *sdk.DescribeUserInput) []string { return about(in.IdentityStoreId, userARN(in.UserId)) })),
		api.Op("ListUsers", "identitystore:ListUsers", listUsers,
			on(func(in *sdk.ListUsersInput) []string { return about(in.IdentityStoreId) })),
		api.Op("UpdateUser", "identitystore:UpdateUser", updateUser,
			on(func(in *sdk.UpdateUserInput) []string { return about(in.IdentityStoreId, userARN(in.UserId)) })),
		api.Op("DeleteUser", "identitystore:DeleteUser", deleteUser,
			on(func(in *sdk.DeleteUserInput) []string { return about(in.IdentityStoreId, userARN(in.UserId)) })),
		api.Op("GetUserId", "identitystore:GetUserId", getUserID,
			on(func(in *sdk.GetUserIdInput) []string { return about(in.IdentityStoreId) })),
		api.Op("CreateGroup", "identitystore:CreateGroup", createGroup,
			on(func(in *sdk.CreateGroupInput) []string { return about(in.IdentityStoreId) })),
		api.Op("DescribeGroup", "identitystore:DescribeGroup", describeGroup,
			on(func(in *sdk.DescribeGroupInput) []string { return about(in.IdentityStoreId, groupARN(in.GroupId)) })),
		api.Op("ListGroups", "identitystore:ListGroups", listGroups,
			on(func(in *sdk.ListGroupsInput) []string { return about(in.IdentityStoreId) })),
		api.Op("UpdateGroup", "identitystore:UpdateGroup", updateGroup,
			on(func(in *sdk.UpdateGroupInput) []string { return about(in.IdentityStoreId, groupARN(in.GroupId)) })),
		api.Op("DeleteGroup", "identitystore:DeleteGroup", deleteGroup,
			on(func(in *sdk.DeleteGroupInput) []string { return about(in.IdentityStoreId, groupARN(in.GroupId)) })),
		api.Op("GetGroupId", "identitystore:GetGroupId", getGroupID,
			on(func(in *sdk.GetGroupIdInput) []string { return about(in.IdentityStoreId) })),
		api.Op("CreateGroupMembership", "identitystore:CreateGroupMembership", createMembership,
			on(func(in *sdk.CreateGroupMembershipInput) []string {
				return about(in.IdentityStoreId, groupARN(in.GroupId), memberARN(in.MemberId))
			})),
		api.Op("DescribeGroupMembership", "identitystore:DescribeGroupMembership", describeMembership,
			on(func(in *sdk.DescribeGroupMembershipInput) []string {
				return about(in.IdentityStoreId, membershipARN(in.MembershipId))
			})),
		api.Op("ListGroupMemberships", "identitystore:ListGroupMemberships", listMemberships,
			on(func(in *sdk.ListGroupMembershipsInput) []string {
				return about(in.IdentityStoreId, groupARN(in.GroupId))
			})),
		api.Op("ListGroupMembershipsForMember", "identitystore:ListGroupMembershipsForMember", listMembershipsOf,
			on(func(in *sdk.ListGroupMembershipsForMemberInput) []string {
				return about(in.IdentityStoreId, memberARN(in.MemberId))
			})),
		api.Op("GetGroupMembershipId", "identitystore:GetGroupMembershipId", getMembershipID,
			on(func(in *sdk.GetGroupMembershipIdInput) []string {
				return about(in.IdentityStoreId, groupARN(in.GroupId), memberARN(in.MemberId))
			})),
		api.Op("IsMemberInGroups", "identitystore:IsMemberInGroups", isMemberInGroups,
			on(func(in *sdk.IsMemberInGroupsInput) []string {
				return about(in.IdentityStoreId, memberARN(in.MemberId))
			}), api.Reads()),
		api.Op("DeleteGroupMembership", "identitystore:DeleteGroupMembership", deleteMembership,
			on(func(in *sdk.DeleteGroupMembershipInput) []string {
				return about(in.IdentityStoreId, membershipARN(in.MembershipId))
			})),
	}
}

// on makes the resources of a decision of the store's id, which comes first, and further ARNs. All belong to the
// account that owns the instance, whose delegated administrators are admitted; a store that does not exist is looked
// for, in vain, on the caller's own account.
func on[In any](resources func(*In) []string) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		list := resources(in)
		owner, i := c.Principal.Account, c.Snapshot.InstanceWith(list[0])
		if i != nil {
			owner = i.Owner
		}
		delegate := c.Snapshot.AdministersInstance(c.Principal.Account, i)
		keys := map[string][]string{"identitystore:PrimaryRegion": {c.Services.Region}}
		targets := []api.Target{{ARN: storeARN(owner, list[0]), Account: owner, Admitted: delegate, Context: keys}}
		for _, arn := range list[1:] {
			targets = append(targets, api.Target{ARN: arn, Account: owner, Admitted: delegate, Context: keys})
		}
		return targets, nil
	})
}

func about(store *string, arns ...string) []string {
	return append([]string{id(identityStore, store)}, arns...)
}
