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

func createUser(ctx context.Context, c *api.Call, in *sdk.CreateUserInput) (*sdk.CreateUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	enterprise, err := newEnterprise(in.Extensions)
	if err != nil {
		return nil, err
	}
	u := &directory.User{ID: c.IDs.UUID(), StoreID: storeID}
	fill(u, &userAttributes{CreateUserInput: *in, Enterprise: enterprise})
	if err := u.Check(); err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		// Counting the rows would take the longer the more there are.
		if most := c.Most(&limits[maxUsers]); c.State.Draft().Users(storeID) >= most {
			return tooMany("An identity store has at most %d users.", most)
		}
		u.Created(tx.Now, by(c))
		return taken(store.Users.Save(tx, u), takenByUser)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateUserOutput{IdentityStoreId: &u.StoreID, UserId: &u.ID, UserArn: aws.String(userARN(&u.ID)), Revision: revision(u.Revision)}, nil
}

func describeUser(ctx context.Context, c *api.Call, in *sdk.DescribeUserInput) (*sdk.DescribeUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	if err := checkExtensions(in.Extensions); err != nil {
		return nil, err
	}
	u, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) { return findUser(tx, storeID, id(user, in.UserId)) })
	if err != nil {
		return nil, err
	}
	return common[sdk.DescribeUserOutput](describeUserAs(u, in.Extensions)), nil
}

func listUsers(ctx context.Context, c *api.Call, in *sdk.ListUsersInput) (*sdk.ListUsersOutput, error) {
	if err := checkExtensions(in.Extensions); err != nil {
		return nil, err
	}
	out := &sdk.ListUsersOutput{}
	var err error
	out.Users, out.NextToken, err = list(ctx, c, store.Users, "UserName", query{in.IdentityStoreId, in.Filters, in.MaxResults, in.NextToken},
		func(u *directory.User) types.User { return describeUserAs(u, in.Extensions) })
	return out, err
}

func updateUser(ctx context.Context, c *api.Call, in *sdk.UpdateUserInput) (*sdk.UpdateUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	var u *directory.User
	secret := c.NewSecret() // of the link that verifies another e-mail address
	err = c.Update(ctx, func(tx *store.Tx) (err error) {
		if u, err = findUser(tx, storeID, id(user, in.UserId)); err != nil {
			return err
		}
		if err := unchanged(in.Revision, u.Revision); err != nil {
			return err
		}
		before := *u
		if err := changeUser(u, in.Operations); err != nil {
			return err
		}
		u.Changed(tx.Now, by(c))
		if err := taken(store.Users.Save(tx, u), takenByUser); err != nil {
			return err
		}
		return c.NewAddress(tx, &before, u, secret)
	})
	if err != nil {
		return nil, err
	}
	return common[sdk.UpdateUserOutput](describeUserAs(u, nil)), nil
}

func deleteUser(ctx context.Context, c *api.Call, in *sdk.DeleteUserInput) (*sdk.DeleteUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, storeID, id(user, in.UserId))
		if err != nil {
			return err
		}
		if err := unchanged(in.Revision, u.Revision); err != nil {
			return err
		}
		if err := deleteMemberships(tx, "user", u.ID); err != nil {
			return err
		}
		if err := api.DeleteFactors(tx, u.ID); err != nil {
			return err
		}
		if err := store.Missing(store.Shelves.Delete(tx, &directory.Shelf{UserID: u.ID}), nil); err != nil {
			return err
		}
		return store.Users.Delete(tx, u)
	})
	return &sdk.DeleteUserOutput{}, err
}

func getUserID(ctx context.Context, c *api.Call, in *sdk.GetUserIdInput) (*sdk.GetUserIdOutput, error) {
	u, err := lookUp(ctx, c, in.IdentityStoreId, store.Users, user, in.AlternateIdentifier, map[string]string{"username": "name", "emails.value": "email"})
	if err != nil {
		return nil, err
	}
	return &sdk.GetUserIdOutput{IdentityStoreId: &u.StoreID, UserId: &u.ID, UserArn: aws.String(userARN(&u.ID))}, nil
}

// findUser returns a user of the store.
func findUser(tx *store.Tx, storeID, id string) (*directory.User, error) {
	u, err := store.Users.Get(tx, id)
	if err != nil {
		return nil, missing(err, user, id)
	}
	if u.StoreID != storeID {
		return nil, notFound(user, id)
	}
	return u, nil
}
