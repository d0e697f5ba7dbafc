package crowd

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
)

var directoryNouns = map[string]noun{
	"people": {
		create: createPerson,
		remove: func(s *site, id string) error {
			return do(s, "identitystore", "DeleteUser", &sdk.DeleteUserInput{IdentityStoreId: s.directory, UserId: &id})
		},
		lists: map[string]list{"ListUsers": paged("identitystore", "ListUsers",
			func(s *site, token *string) *sdk.ListUsersInput {
				return &sdk.ListUsersInput{IdentityStoreId: s.directory, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListUsersOutput) ([]string, *string) {
				return ids(o.Users, func(u types.User) *string { return u.UserId }), o.NextToken
			})},
	},
	"groups": {
		create: createGroup,
		remove: func(s *site, id string) error {
			return do(s, "identitystore", "DeleteGroup", &sdk.DeleteGroupInput{IdentityStoreId: s.directory, GroupId: &id})
		},
		lists: map[string]list{"ListGroups": paged("identitystore", "ListGroups",
			func(s *site, token *string) *sdk.ListGroupsInput {
				return &sdk.ListGroupsInput{IdentityStoreId: s.directory, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListGroupsOutput) ([]string, *string) {
				return ids(o.Groups, func(g types.Group) *string { return g.GroupId }), o.NextToken
			})},
	},
	"members of a group": {
		create: func(s *site) (string, error) {
			person, err := createPerson(s)
			if err != nil {
				return "", err
			}
			return join(s, s.team, person)
		},
		remove: leave,
		lists: map[string]list{"ListGroupMemberships": paged("identitystore", "ListGroupMemberships",
			func(s *site, token *string) *sdk.ListGroupMembershipsInput {
				return &sdk.ListGroupMembershipsInput{IdentityStoreId: s.directory, GroupId: &s.team, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListGroupMembershipsOutput) ([]string, *string) {
				return ids(o.GroupMemberships, membershipID), o.NextToken
			})},
	},
	"groups of a person": {
		create: func(s *site) (string, error) {
			group, err := createGroup(s)
			if err != nil {
				return "", err
			}
			return join(s, group, s.somebody)
		},
		remove: leave,
		lists: map[string]list{"ListGroupMembershipsForMember": paged("identitystore", "ListGroupMembershipsForMember",
			func(s *site, token *string) *sdk.ListGroupMembershipsForMemberInput {
				return &sdk.ListGroupMembershipsForMemberInput{IdentityStoreId: s.directory, MemberId: &types.MemberIdMemberUserId{Value: s.somebody}, MaxResults: few, NextToken: token}
			},
			func(o *sdk.ListGroupMembershipsForMemberOutput) ([]string, *string) {
				return ids(o.GroupMemberships, membershipID), o.NextToken
			})},
	},
}

func membershipID(m types.GroupMembership) *string { return m.MembershipId }

func createPerson(s *site) (string, error) {
	name := s.name()
	out, err := call[sdk.CreateUserOutput](s, "identitystore", "CreateUser", person(s, *name, *name+"@acme.example"))
	if err != nil {
		return "", err
	}
	return *out.UserId, nil
}

func person(s *site, name, email string) *sdk.CreateUserInput {
	return &sdk.CreateUserInput{IdentityStoreId: s.directory, UserName: &name, DisplayName: &name,
		Name: &types.Name{GivenName: &name, FamilyName: &name}, Emails: []types.Email{{Value: &email, Primary: true}}}
}

func createGroup(s *site) (string, error) {
	out, err := call[sdk.CreateGroupOutput](s, "identitystore", "CreateGroup", &sdk.CreateGroupInput{IdentityStoreId: s.directory, DisplayName: s.name()})
	if err != nil {
		return "", err
	}
	return *out.GroupId, nil
}

func join(s *site, group, person string) (string, error) {
	out, err := call[sdk.CreateGroupMembershipOutput](s, "identitystore", "CreateGroupMembership",
		&sdk.CreateGroupMembershipInput{IdentityStoreId: s.directory, GroupId: &group, MemberId: &types.MemberIdMemberUserId{Value: person}})
	if err != nil {
		return "", err
	}
	return *out.MembershipId, nil
}

func leave(s *site, membership string) error {
	return do(s, "identitystore", "DeleteGroupMembership", &sdk.DeleteGroupMembershipInput{IdentityStoreId: s.directory, MembershipId: &membership})
}
