package iam

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createGroup(ctx context.Context, c *api.Call, in *sdk.CreateGroupInput) (*sdk.CreateGroupOutput, error) {
	g := &iam.Group{ID: c.IDs.IAM(ident.GroupPrefix), Account: c.Principal.Account, Name: aws.ToString(in.GroupName), Path: pathOf(in.Path)}
	err := c.Update(ctx, func(tx *store.Tx) error {
		n, err := store.IAMGroups.Count(tx, "account", g.Account)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxGroups]); n >= most {
			return limitExceeded("Cannot exceed quota for GroupsPerAccount: %d", most)
		}
		if err := freeGroup(tx, g); err != nil {
			return err
		}
		g.CreatedAt = tx.Now
		return store.IAMGroups.Save(tx, g)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateGroupOutput{Group: describeGroup(g)}, nil
}

// freeGroup refuses a name that another group has.
func freeGroup(tx *store.Tx, g *iam.Group) error {
	other, err := store.IAMGroups.Get(tx, g.Account, g.Name)
	if err == nil && other.ID == g.ID {
		return nil
	}
	return free(err, entityExists("Group with name %s already exists.", g.Name))
}

// getGroup lists the members in the order of their ids, which a change of name does not disturb.
func getGroup(ctx context.Context, c *api.Call, in *sdk.GetGroupInput) (*sdk.GetGroupOutput, error) {
	out := &sdk.GetGroupOutput{Users: []types.User{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, c, aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		after, err := c.After(g.ID, in.Marker)
		if err != nil {
			return err
		}
		members, next, err := store.IAMMemberships.List(tx, "group", []any{g.ID}, after, limit(c, in.MaxItems))
		if err != nil {
			return err
		}
		for _, m := range members {
			u, err := store.IAMUsers.Get(tx, m.UserID)
			if err != nil {
				return err
			}
			d := describeUser(u)
			d.Tags, d.PermissionsBoundary = nil, nil // only GetUser tells them
			out.Users = append(out.Users, *d)
		}
		out.Group, out.Marker, out.IsTruncated = describeGroup(g), c.NextToken(g.ID, next), next != ""
		return nil
	})
}

func listGroups(ctx context.Context, c *api.Call, in *sdk.ListGroupsInput) (*sdk.ListGroupsOutput, error) {
	page, err := rowsAt(ctx, c, store.IAMGroups, in.PathPrefix, in.Marker, in.MaxItems, func(g *iam.Group) string { return g.Path },
		func(g *iam.Group) types.Group { return *describeGroup(g) })
	return &sdk.ListGroupsOutput{Groups: page.items, Marker: page.next, IsTruncated: page.more}, err
}

// updateGroup gives a group another name or path. Members and policies stay with it.
func updateGroup(ctx context.Context, c *api.Call, in *sdk.UpdateGroupInput) (*sdk.UpdateGroupOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, c, aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		old := *g
		g.Name, g.Path = first(aws.ToString(in.NewGroupName), g.Name), first(aws.ToString(in.NewPath), g.Path)
		if err := freeGroup(tx, g); err != nil {
			return err
		}
		if store.IAMGroups.Key(&old) != store.IAMGroups.Key(g) {
			if err := store.IAMGroups.Delete(tx, &old); err != nil { // its name is its key
				return err
			}
		}
		return store.IAMGroups.Save(tx, g)
	})
}

// regrouped are the resources of UpdateGroup: the group as it is, and as it will be called.
func regrouped(_ context.Context, c *api.Call, in *sdk.UpdateGroupInput) ([]api.Target, error) {
	was := subject{group: in.GroupName}.target(c)
	becomes := was
	if g := c.Snapshot.IAMGroup(c.Principal.Account, aws.ToString(in.GroupName)); g != nil {
		h := *g
		h.Name, h.Path = first(aws.ToString(in.NewGroupName), g.Name), first(aws.ToString(in.NewPath), g.Path)
		becomes.ARN = h.ARN()
	}
	if becomes.ARN == was.ARN {
		return []api.Target{was}, nil
	}
	return []api.Target{was, becomes}, nil
}

func deleteGroup(ctx context.Context, c *api.Call, in *sdk.DeleteGroupInput) (*sdk.DeleteGroupOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, c, aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		n, err := store.IAMMemberships.Count(tx, "group", g.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return stillInGroup()
		}
		if err := g.Policies.Removable(); err != nil {
			return err
		}
		return store.IAMGroups.Delete(tx, g)
	})
}

func stillInGroup() error {
	return deleteConflict("Cannot delete entity, must remove users from group first.")
}

// addUserToGroup changes nothing for who is in the group already, as on AWS.
func addUserToGroup(ctx context.Context, c *api.Call, in *sdk.AddUserToGroupInput) (*sdk.AddUserToGroupOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		m, err := membershipOf(tx, c, in.GroupName, in.UserName)
		if err != nil {
			return err
		}
		if _, err := store.IAMMemberships.Get(tx, m.GroupID, m.UserID); !errors.Is(err, store.ErrNotFound) {
			return err // nil for a member
		}
		n, err := store.IAMMemberships.Count(tx, "user", m.UserID)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxUserGroups]); n >= most {
			return limitExceeded("Cannot exceed quota for GroupsPerUser: %d", most)
		}
		return store.IAMMemberships.Save(tx, m)
	})
}

func removeUserFromGroup(ctx context.Context, c *api.Call, in *sdk.RemoveUserFromGroupInput) (*sdk.RemoveUserFromGroupOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		m, err := membershipOf(tx, c, in.GroupName, in.UserName)
		if err != nil {
			return err
		}
		return store.Missing(store.IAMMemberships.Delete(tx, m),
			noSuchEntity("User %s not in group %s", aws.ToString(in.UserName), aws.ToString(in.GroupName)))
	})
}

// membershipOf is the membership of a user in a group, both of the caller's account, whether it exists or not.
func membershipOf(tx *store.Tx, c *api.Call, group, user *string) (*iam.Membership, error) {
	u, err := findUser(tx, c, aws.ToString(user))
	if err != nil {
		return nil, err
	}
	g, err := findGroup(tx, c, aws.ToString(group))
	if err != nil {
		return nil, err
	}
	return &iam.Membership{GroupID: g.ID, UserID: u.ID, Account: g.Account}, nil
}

func listGroupsForUser(ctx context.Context, c *api.Call, in *sdk.ListGroupsForUserInput) (*sdk.ListGroupsForUserOutput, error) {
	var groups []*iam.Group
	err := c.View(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, c, aws.ToString(in.UserName))
		if err == nil {
			groups, err = groupsOf(tx, u.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	after, err := c.After(aws.ToString(in.UserName), in.Marker)
	if err != nil {
		return nil, err
	}
	page := newPage[types.Group](c, in.MaxItems)
	for _, g := range groups {
		if at := strings.ToLower(g.Name); at > after && !page.add(*describeGroup(g), at) {
			break
		}
	}
	out := &sdk.ListGroupsForUserOutput{Groups: page.items}
	out.Marker, out.IsTruncated = page.marker(c, aws.ToString(in.UserName))
	return out, nil
}

// groupsOf returns the groups that a user is in, in the order of their names. There are few.
func groupsOf(tx *store.Tx, userID string) ([]*iam.Group, error) {
	members, _, err := store.IAMMemberships.List(tx, "user", []any{userID}, "", 0)
	if err != nil {
		return nil, err
	}
	groups := make([]*iam.Group, len(members))
	for i, m := range members {
		if groups[i], err = store.IAMGroups.By(tx, "id", m.GroupID); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(groups, func(a, b *iam.Group) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return groups, nil
}

func editGroup(ctx context.Context, c *api.Call, name *string, fn func(*store.Tx, *iam.Group) error) error {
	return edit(ctx, c, store.IAMGroups, findGroup, name, fn)
}

func readGroup(ctx context.Context, c *api.Call, name *string) (*iam.Group, error) {
	return read(ctx, c, findGroup, name)
}

func findGroup(tx *store.Tx, c *api.Call, name string) (*iam.Group, error) {
	g, err := store.IAMGroups.Get(tx, c.Principal.Account, name)
	return g, store.Missing(err, noSuchEntity("The group with name %s cannot be found.", name))
}

func describeGroup(g *iam.Group) *types.Group {
	return &types.Group{Arn: aws.String(g.ARN()), GroupId: &g.ID, GroupName: &g.Name, Path: &g.Path, CreateDate: &g.CreatedAt}
}
