package identitystore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createMembership(ctx context.Context, c *api.Call, in *sdk.CreateGroupMembershipInput) (*sdk.CreateGroupMembershipOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	m := &directory.Membership{ID: c.IDs.UUID(), StoreID: storeID, GroupID: id(group, in.GroupId), UserID: member(in.MemberId)}
	err = c.Update(ctx, func(tx *store.Tx) error {
		if _, err := findGroup(tx, storeID, m.GroupID); err != nil {
			return err
		}
		if _, err := findUser(tx, storeID, m.UserID); err != nil {
			return err
		}
		m.CreatedAt, m.CreatedBy = tx.Now, by(c)
		return taken(store.Memberships.Save(tx, m), takenByMember)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateGroupMembershipOutput{IdentityStoreId: &storeID, MembershipId: &m.ID, MembershipArn: aws.String(membershipARN(&m.ID))}, nil
}

func describeMembership(ctx context.Context, c *api.Call, in *sdk.DescribeGroupMembershipInput) (*sdk.DescribeGroupMembershipOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	m, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.Membership, error) {
		return findMembership(tx, storeID, id(membership, in.MembershipId))
	})
	if err != nil {
		return nil, err
	}
	return common[sdk.DescribeGroupMembershipOutput](describeMember(m)), nil
}

func listMemberships(ctx context.Context, c *api.Call, in *sdk.ListGroupMembershipsInput) (*sdk.ListGroupMembershipsOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListGroupMembershipsOutput{}
	out.GroupMemberships, out.NextToken, err = page(ctx, c, "group", storeID, id(group, in.GroupId), in.MaxResults, in.NextToken)
	return out, err
}

func listMembershipsOf(ctx context.Context, c *api.Call, in *sdk.ListGroupMembershipsForMemberInput) (*sdk.ListGroupMembershipsForMemberOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListGroupMembershipsForMemberOutput{}
	out.GroupMemberships, out.NextToken, err = page(ctx, c, "user", storeID, member(in.MemberId), in.MaxResults, in.NextToken)
	return out, err
}

// page lists memberships by "group" or by "user"; the group or user has to exist.
func page(ctx context.Context, c *api.Call, by, storeID, id string, max *int32, token *string) ([]types.GroupMembership, *string, error) {
	filter := []string{by, storeID, id}
	after, err := c.After(filter, token)
	if err != nil {
		return nil, nil, err
	}
	list := []types.GroupMembership{}
	var next string
	err = c.View(ctx, func(tx *store.Tx) error {
		var err error
		if by == "group" {
			_, err = findGroup(tx, storeID, id)
		} else {
			_, err = findUser(tx, storeID, id)
		}
		if err != nil {
			return err
		}
		var rows []*directory.Membership
		rows, next, err = store.Memberships.List(tx, by, []any{id}, after, c.Limit(max, pageLength))
		for _, m := range rows {
			list = append(list, describeMember(m))
		}
		return err
	})
	return list, c.NextToken(filter, next), err
}

func getMembershipID(ctx context.Context, c *api.Call, in *sdk.GetGroupMembershipIdInput) (*sdk.GetGroupMembershipIdOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	m, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.Membership, error) {
		m, err := store.Memberships.By(tx, "pair", id(group, in.GroupId), member(in.MemberId))
		if err == nil && m.StoreID != storeID {
			err = store.ErrNotFound
		}
		return m, missing(err, membership, member(in.MemberId))
	})
	if err != nil {
		return nil, err
	}
	return &sdk.GetGroupMembershipIdOutput{IdentityStoreId: &storeID, MembershipId: &m.ID, MembershipArn: aws.String(membershipARN(&m.ID))}, nil
}

func isMemberInGroups(ctx context.Context, c *api.Call, in *sdk.IsMemberInGroupsInput) (*sdk.IsMemberInGroupsOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	out := &sdk.IsMemberInGroupsOutput{Results: []types.GroupMembershipExistenceResult{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		if _, err := findUser(tx, storeID, member(in.MemberId)); err != nil {
			return err
		}
		for _, groupID := range in.GroupIds {
			g := id(group, &groupID)
			if _, err := findGroup(tx, storeID, g); err != nil {
				return err
			}
			_, err := store.Memberships.By(tx, "pair", g, member(in.MemberId))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			out.Results = append(out.Results, types.GroupMembershipExistenceResult{GroupId: &g,
				MemberId: &types.MemberIdMemberUserId{Value: member(in.MemberId)}, MembershipExists: err == nil})
		}
		return nil
	})
}

func deleteMembership(ctx context.Context, c *api.Call, in *sdk.DeleteGroupMembershipInput) (*sdk.DeleteGroupMembershipOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		m, err := findMembership(tx, storeID, id(membership, in.MembershipId))
		if err != nil {
			return err
		}
		return store.Memberships.Delete(tx, m)
	})
	return &sdk.DeleteGroupMembershipOutput{}, err
}

// deleteMemberships removes all memberships of a group or user that is being deleted.
func deleteMemberships(tx *store.Tx, by, id string) error {
	rows, _, err := store.Memberships.List(tx, by, []any{id}, "", 0)
	if err != nil {
		return err
	}
	for _, m := range rows {
		if err := store.Memberships.Delete(tx, m); err != nil {
			return err
		}
	}
	return nil
}

func findMembership(tx *store.Tx, storeID, id string) (*directory.Membership, error) {
	m, err := store.Memberships.Get(tx, id)
	if err != nil {
		return nil, missing(err, membership, id)
	}
	if m.StoreID != storeID {
		return nil, notFound(membership, id)
	}
	return m, nil
}

func describeMember(m *directory.Membership) types.GroupMembership {
	return types.GroupMembership{IdentityStoreId: &m.StoreID, MembershipId: &m.ID, MembershipArn: aws.String(membershipARN(&m.ID)),
		GroupId: &m.GroupID, MemberId: &types.MemberIdMemberUserId{Value: m.UserID}, CreatedAt: &m.CreatedAt, UpdatedAt: &m.CreatedAt, CreatedBy: given(m.CreatedBy), UpdatedBy: given(m.CreatedBy)}
}

// member returns the user id of a member; users are the only members there are.
func member(m types.MemberId) string {
	if u, ok := m.(*types.MemberIdMemberUserId); ok {
		return id(user, &u.Value)
	}
	return ""
}

func memberARN(m types.MemberId) string { return userPrefix + member(m) }
