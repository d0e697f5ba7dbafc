package identitystore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createGroup(ctx context.Context, c *api.Call, in *sdk.CreateGroupInput) (*sdk.CreateGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	g := &directory.Group{ID: c.IDs.UUID(), StoreID: storeID, DisplayName: aws.ToString(in.DisplayName), Description: aws.ToString(in.Description)}
	if err := g.Check(); err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		n, err := store.Groups.Count(tx, "store", storeID)
		if err != nil {
			return err
		}
		if n >= maxGroups {
			return tooMany("An identity store has at most %d groups.", maxGroups)
		}
		g.CreatedAt, g.UpdatedAt = tx.Now, tx.Now
		return taken(store.Groups.Save(tx, g), "Duplicate GroupDisplayName")
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateGroupOutput{IdentityStoreId: &storeID, GroupId: &g.ID, GroupArn: aws.String(groupARN(&g.ID))}, nil
}

func describeGroup(ctx context.Context, c *api.Call, in *sdk.DescribeGroupInput) (*sdk.DescribeGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	var g *directory.Group
	err = c.View(ctx, func(tx *store.Tx) (err error) {
		g, err = findGroup(tx, storeID, aws.ToString(in.GroupId))
		return err
	})
	if err != nil {
		return nil, err
	}
	d := describeOne(g)
	return &sdk.DescribeGroupOutput{IdentityStoreId: d.IdentityStoreId, GroupId: d.GroupId, GroupArn: d.GroupArn,
		DisplayName: d.DisplayName, Description: d.Description, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}, nil
}

func listGroups(ctx context.Context, c *api.Call, in *sdk.ListGroupsInput) (*sdk.ListGroupsOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListGroupsOutput{Groups: []types.Group{}}
	if len(in.Filters) > 0 {
		return out, c.View(ctx, func(tx *store.Tx) error {
			name, err := filtered(in.Filters, "DisplayName")
			if err != nil {
				return err
			}
			g, err := store.Groups.By(tx, "name", storeID, name)
			if err == nil {
				out.Groups = append(out.Groups, describeOne(g))
			}
			return found(err)
		})
	}
	after, err := c.After(storeID, in.NextToken)
	if err != nil {
		return nil, err
	}
	err = c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.Groups.List(tx, "store", []any{storeID}, after, c.Limit(in.MaxResults, pageLength))
		for _, g := range rows {
			out.Groups = append(out.Groups, describeOne(g))
		}
		out.NextToken = c.NextToken(storeID, next)
		return err
	})
	return out, err
}

func deleteGroup(ctx context.Context, c *api.Call, in *sdk.DeleteGroupInput) (*sdk.DeleteGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, storeID, aws.ToString(in.GroupId))
		if err != nil {
			return err
		}
		if err := deleteMemberships(tx, "group", g.ID); err != nil {
			return err
		}
		return store.Groups.Delete(tx, g)
	})
	return &sdk.DeleteGroupOutput{}, err
}

func getGroupID(ctx context.Context, c *api.Call, in *sdk.GetGroupIdInput) (*sdk.GetGroupIdOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	path, value, err := unique(in.AlternateIdentifier)
	if err != nil {
		return nil, err
	}
	if path != "displayName" {
		return nil, invalid("The attribute path %s is not unique: use displayName.", path)
	}
	var id string
	err = c.View(ctx, func(tx *store.Tx) error {
		g, err := store.Groups.By(tx, "name", storeID, value)
		if err != nil {
			return missing(err, group, value)
		}
		id = g.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sdk.GetGroupIdOutput{IdentityStoreId: &storeID, GroupId: &id, GroupArn: aws.String(groupARN(&id))}, nil
}

// findGroup returns a group of the store.
func findGroup(tx *store.Tx, storeID, id string) (*directory.Group, error) {
	g, err := store.Groups.Get(tx, id)
	if err != nil {
		return nil, missing(err, group, id)
	}
	if g.StoreID != storeID {
		return nil, notFound(group, id)
	}
	return g, nil
}

func describeOne(g *directory.Group) types.Group {
	return types.Group{IdentityStoreId: &g.StoreID, GroupId: &g.ID, GroupArn: aws.String(groupARN(&g.ID)),
		DisplayName: given(g.DisplayName), Description: given(g.Description), CreatedAt: &g.CreatedAt, UpdatedAt: &g.UpdatedAt}
}
