package identitystore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"

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
		if most := c.Most(&limits[maxGroups]); n >= most {
			return tooMany("An identity store has at most %d groups.", most)
		}
		g.Created(tx.Now, by(c))
		return taken(store.Groups.Save(tx, g), takenByGroup)
	})
	if err != nil {
		return nil, err
	}
	return common[sdk.CreateGroupOutput](describeGroupAs(g)), nil
}

func describeGroup(ctx context.Context, c *api.Call, in *sdk.DescribeGroupInput) (*sdk.DescribeGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	g, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.Group, error) { return findGroup(tx, storeID, id(group, in.GroupId)) })
	if err != nil {
		return nil, err
	}
	return common[sdk.DescribeGroupOutput](describeGroupAs(g)), nil
}

func listGroups(ctx context.Context, c *api.Call, in *sdk.ListGroupsInput) (*sdk.ListGroupsOutput, error) {
	out := &sdk.ListGroupsOutput{}
	var err error
	out.Groups, out.NextToken, err = list(ctx, c, store.Groups, "DisplayName",
		query{in.IdentityStoreId, in.Filters, in.MaxResults, in.NextToken}, describeGroupAs)
	return out, err
}

func updateGroup(ctx context.Context, c *api.Call, in *sdk.UpdateGroupInput) (*sdk.UpdateGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	var g *directory.Group
	err = c.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = findGroup(tx, storeID, id(group, in.GroupId)); err != nil {
			return err
		}
		if err := unchanged(in.Revision, g.Revision); err != nil {
			return err
		}
		if err := changeGroup(g, in.Operations); err != nil {
			return err
		}
		g.Changed(tx.Now, by(c))
		return taken(store.Groups.Save(tx, g), takenByGroup)
	})
	if err != nil {
		return nil, err
	}
	return common[sdk.UpdateGroupOutput](describeGroupAs(g)), nil
}

func deleteGroup(ctx context.Context, c *api.Call, in *sdk.DeleteGroupInput) (*sdk.DeleteGroupOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, storeID, id(group, in.GroupId))
		if err != nil {
			return err
		}
		if err := unchanged(in.Revision, g.Revision); err != nil {
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
	g, err := lookUp(ctx, c, in.IdentityStoreId, store.Groups, group, in.AlternateIdentifier, map[string]string{"displayname": "name"})
	if err != nil {
		return nil, err
	}
	return &sdk.GetGroupIdOutput{IdentityStoreId: &g.StoreID, GroupId: &g.ID, GroupArn: aws.String(groupARN(&g.ID))}, nil
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
