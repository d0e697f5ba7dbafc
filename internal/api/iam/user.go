package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createUser(ctx context.Context, c *api.Call, in *sdk.CreateUserInput) (*sdk.CreateUserOutput, error) {
	tags, err := newTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	u := &iam.User{ID: c.IDs.IAM(ident.UserPrefix), Account: c.Principal.Account, Name: aws.ToString(in.UserName),
		Path: pathOf(in.Path), Tags: tags, Generation: 1}
	u.Policies.Boundary = aws.ToString(in.PermissionsBoundary)
	err = c.Update(ctx, func(tx *store.Tx) error {
		if err := checkBoundary(tx, c, u.Policies.Boundary, toUser); err != nil {
			return err
		}
		n, err := store.IAMUsers.Count(tx, "account", u.Account)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxUsers]); n >= most {
			return limitExceeded("Cannot exceed quota for UsersPerAccount: %d", most)
		}
		u.CreatedAt = tx.Now
		return store.Taken(store.IAMUsers.Save(tx, u), entityExists("User with name %s already exists.", u.Name))
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateUserOutput{User: describeUser(u)}, nil
}

// getUser answers the caller when no name is given, the root user included.
func getUser(ctx context.Context, c *api.Call, in *sdk.GetUserInput) (*sdk.GetUserOutput, error) {
	if in.UserName == nil && c.Principal.Kind == authz.Root {
		return rootUser(c)
	}
	out := &sdk.GetUserOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		u, err := userOrCaller(tx, c, in.UserName)
		if err == nil {
			out.User = describeUser(u)
		}
		return err
	})
}

func rootUser(c *api.Call) (*sdk.GetUserOutput, error) {
	a := c.Snapshot.Account(c.Principal.Account)
	if a == nil {
		return nil, noUser("root")
	}
	return &sdk.GetUserOutput{User: &types.User{Arn: aws.String(ident.RootARN(a.ID)), UserId: aws.String(string(a.ID)),
		UserName: aws.String("root"), Path: aws.String("/"), CreateDate: &a.CreatedAt}}, nil
}

func listUsers(ctx context.Context, c *api.Call, in *sdk.ListUsersInput) (*sdk.ListUsersOutput, error) {
	page, err := rowsAt(ctx, c, store.IAMUsers, in.PathPrefix, in.Marker, in.MaxItems, func(u *iam.User) string { return u.Path },
		func(u *iam.User) types.User {
			d := describeUser(u)
			d.Tags, d.PermissionsBoundary = nil, nil // only GetUser tells them
			return *d
		})
	return &sdk.ListUsersOutput{Users: page.items, Marker: page.next, IsTruncated: page.more}, err
}

func deleteUser(ctx context.Context, c *api.Call, in *sdk.DeleteUserInput) (*sdk.DeleteUserOutput, error) {
	return &sdk.DeleteUserOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, c, aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		if err := provesNothing(tx, u); err != nil {
			return err
		}
		n, err := store.IAMMemberships.Count(tx, "user", u.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return stillInGroup()
		}
		if err := u.Policies.Removable(); err != nil {
			return err
		}
		return store.IAMUsers.Delete(tx, u)
	})
}

// provesNothing refuses to delete who can still prove to be somebody.
func provesNothing(tx *store.Tx, u *iam.User) error {
	n, err := api.CountDevices(tx, u.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return deleteConflict("Cannot delete entity, must remove tokens from principal first.")
	}
	_, err = store.Logins.Get(tx, u.ID)
	if err := free(err, deleteConflict("Cannot delete entity, must delete login profile first.")); err != nil {
		return err
	}
	if n, err = store.AccessKeys.Count(tx, "user", u.ID); err != nil {
		return err
	}
	if n > 0 {
		return deleteConflict("Cannot delete entity, must delete access keys first.")
	}
	return nil
}

// updateUser gives a user another name or path. Whoever named the user by ARN in a trust policy goes on meaning this
// user: such policies keep the unique id.
func updateUser(ctx context.Context, c *api.Call, in *sdk.UpdateUserInput) (*sdk.UpdateUserOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, c, aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		u.Name, u.Path = first(aws.ToString(in.NewUserName), u.Name), first(aws.ToString(in.NewPath), u.Path)
		return store.Taken(store.IAMUsers.Save(tx, u), entityExists("User with name %s already exists.", u.Name))
	})
}

// renamed are the resources of UpdateUser: the user as it is, and as it will be called.
func renamed(_ context.Context, c *api.Call, in *sdk.UpdateUserInput) ([]api.Target, error) {
	was := subject{user: in.UserName}.target(c)
	becomes := was
	if u := c.Snapshot.IAMUser(c.Principal.Account, aws.ToString(in.UserName)); u != nil {
		v := *u
		v.Name, v.Path = first(aws.ToString(in.NewUserName), u.Name), first(aws.ToString(in.NewPath), u.Path)
		becomes.ARN = v.ARN()
	}
	if becomes.ARN == was.ARN {
		return []api.Target{was}, nil
	}
	return []api.Target{was, becomes}, nil
}

func editUser(ctx context.Context, c *api.Call, name *string, fn func(*store.Tx, *iam.User) error) error {
	return edit(ctx, c, store.IAMUsers, findUser, name, fn)
}

func readUser(ctx context.Context, c *api.Call, name *string) (*iam.User, error) {
	return read(ctx, c, findUser, name)
}

func findUser(tx *store.Tx, c *api.Call, name string) (*iam.User, error) {
	u, err := store.IAMUsers.By(tx, "name", c.Principal.Account, name)
	return u, store.Missing(err, noUser(name))
}

// userOrCaller finds the user that a request names, or the user who calls.
func userOrCaller(tx *store.Tx, c *api.Call, name *string) (*iam.User, error) {
	if name != nil {
		return findUser(tx, c, *name)
	}
	if c.Principal.Kind != authz.IAMUser {
		return nil, validation("Must specify userName when calling with non-User credentials")
	}
	u, err := store.IAMUsers.Get(tx, c.Principal.IAMUserID)
	return u, store.Missing(err, noUser(c.Principal.IAMUserID))
}

func describeUser(u *iam.User) *types.User {
	d := &types.User{Arn: aws.String(u.ARN()), UserId: &u.ID, UserName: &u.Name, Path: &u.Path, CreateDate: &u.CreatedAt,
		PermissionsBoundary: boundaryOf(u.Policies.Boundary)}
	if len(u.Tags) > 0 {
		d.Tags = tagList(u.Tags)
	}
	return d
}

func boundaryOf(arn string) *types.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: &arn, PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy}
}
