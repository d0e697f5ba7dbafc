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
	if len(in.Photos) > 0 || len(in.Roles) > 0 || len(in.Extensions) > 0 || in.Website != nil || in.Birthdate != nil {
		return nil, invalid("Photos, Roles, Extensions, Website and Birthdate are not kept by this identity store.")
	}
	u := newUser(in)
	if err := u.Check(); err != nil {
		return nil, err
	}
	u.ID, u.StoreID = c.IDs.UUID(), storeID
	err = c.Update(ctx, func(tx *store.Tx) error {
		n, err := store.Users.Count(tx, "store", storeID)
		if err != nil {
			return err
		}
		if n >= maxUsers {
			return tooMany("An identity store has at most %d users.", maxUsers)
		}
		u.CreatedAt, u.UpdatedAt = tx.Now, tx.Now
		return taken(store.Users.Save(tx, u), "Duplicate UserName or Email")
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateUserOutput{IdentityStoreId: &storeID, UserId: &u.ID, UserArn: aws.String(userARN(&u.ID))}, nil
}

func describeUser(ctx context.Context, c *api.Call, in *sdk.DescribeUserInput) (*sdk.DescribeUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	var u *directory.User
	err = c.View(ctx, func(tx *store.Tx) (err error) {
		u, err = findUser(tx, storeID, aws.ToString(in.UserId))
		return err
	})
	if err != nil {
		return nil, err
	}
	d := describe(u)
	return &sdk.DescribeUserOutput{
		IdentityStoreId: d.IdentityStoreId, UserId: d.UserId, UserArn: d.UserArn, UserName: d.UserName,
		DisplayName: d.DisplayName, Name: d.Name, NickName: d.NickName, ProfileUrl: d.ProfileUrl, Title: d.Title,
		UserType: d.UserType, Locale: d.Locale, Timezone: d.Timezone, PreferredLanguage: d.PreferredLanguage,
		Emails: d.Emails, PhoneNumbers: d.PhoneNumbers, Addresses: d.Addresses, UserStatus: d.UserStatus,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}, nil
}

func listUsers(ctx context.Context, c *api.Call, in *sdk.ListUsersInput) (*sdk.ListUsersOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListUsersOutput{Users: []types.User{}}
	if len(in.Filters) > 0 {
		return out, c.View(ctx, func(tx *store.Tx) error {
			name, err := filtered(in.Filters, "UserName")
			if err != nil {
				return err
			}
			u, err := store.Users.By(tx, "name", storeID, name)
			if err == nil {
				out.Users = append(out.Users, describe(u))
			}
			return found(err)
		})
	}
	after, err := c.After(storeID, in.NextToken)
	if err != nil {
		return nil, err
	}
	err = c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.Users.List(tx, "store", []any{storeID}, after, c.Limit(in.MaxResults, pageLength))
		for _, u := range rows {
			out.Users = append(out.Users, describe(u))
		}
		out.NextToken = c.NextToken(storeID, next)
		return err
	})
	return out, err
}

func deleteUser(ctx context.Context, c *api.Call, in *sdk.DeleteUserInput) (*sdk.DeleteUserOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, storeID, aws.ToString(in.UserId))
		if err != nil {
			return err
		}
		if err := deleteMemberships(tx, "user", u.ID); err != nil {
			return err
		}
		return store.Users.Delete(tx, u)
	})
	return &sdk.DeleteUserOutput{}, err
}

func getUserID(ctx context.Context, c *api.Call, in *sdk.GetUserIdInput) (*sdk.GetUserIdOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	path, value, err := unique(in.AlternateIdentifier)
	if err != nil {
		return nil, err
	}
	index := map[string]string{"userName": "name", "emails.value": "email"}[path]
	if index == "" {
		return nil, invalid("The attribute path %s is not unique: use userName or emails.value.", path)
	}
	var id string
	err = c.View(ctx, func(tx *store.Tx) error {
		u, err := store.Users.By(tx, index, storeID, value)
		if err != nil {
			return missing(err, user, value)
		}
		id = u.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sdk.GetUserIdOutput{IdentityStoreId: &storeID, UserId: &id, UserArn: aws.String(userARN(&id))}, nil
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
