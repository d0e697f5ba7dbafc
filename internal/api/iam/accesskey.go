package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// secretAlphabet and secretLength are the form of AWS's secret access keys: 240 random bits.
const (
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	secretLength   = 40
)

// createAccessKey shows the secret once; at rest it is sealed and bound to the key's id.
func createAccessKey(ctx context.Context, c *api.Call, in *sdk.CreateAccessKeyInput) (*sdk.CreateAccessKeyOutput, error) {
	k := &iam.AccessKey{ID: c.IDs.AccessKeyID(ident.KeyPrefix, c.Principal.Account), Account: c.Principal.Account,
		Status: string(types.StatusTypeActive)}
	secret := seal.Secret(c.IDs.Text(secretLength, secretAlphabet))
	var err error
	if k.SealedSecret, err = c.Seal.SealValue(secret, []byte(k.ID), c.Random); err != nil {
		return nil, err
	}
	name := ""
	err = c.Update(ctx, func(tx *store.Tx) error {
		u, err := userOrCaller(tx, c, in.UserName)
		if err != nil {
			return err
		}
		n, err := store.AccessKeys.Count(tx, "user", u.ID)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxKeys]); n >= most {
			return limitExceeded("Cannot exceed quota for AccessKeysPerUser: %d", most)
		}
		name, k.UserID, k.CreatedAt = u.Name, u.ID, tx.Now
		return store.AccessKeys.Save(tx, k)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateAccessKeyOutput{AccessKey: &types.AccessKey{AccessKeyId: &k.ID, SecretAccessKey: aws.String(secret.Reveal()),
		Status: types.StatusTypeActive, UserName: &name, CreateDate: &k.CreatedAt}}, nil
}

func listAccessKeys(ctx context.Context, c *api.Call, in *sdk.ListAccessKeysInput) (*sdk.ListAccessKeysOutput, error) {
	after, err := c.After(aws.ToString(in.UserName), in.Marker)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccessKeysOutput{AccessKeyMetadata: []types.AccessKeyMetadata{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		u, err := userOrCaller(tx, c, in.UserName)
		if err != nil {
			return err
		}
		keys, next, err := store.AccessKeys.List(tx, "user", []any{u.ID}, after, limit(c, in.MaxItems))
		for _, k := range keys {
			out.AccessKeyMetadata = append(out.AccessKeyMetadata, types.AccessKeyMetadata{
				AccessKeyId: &k.ID, Status: types.StatusType(k.Status), UserName: &u.Name, CreateDate: &k.CreatedAt})
		}
		out.Marker, out.IsTruncated = c.NextToken(aws.ToString(in.UserName), next), next != ""
		return err
	})
}

func updateAccessKey(ctx context.Context, c *api.Call, in *sdk.UpdateAccessKeyInput) (*sdk.UpdateAccessKeyOutput, error) {
	if in.Status != types.StatusTypeActive && in.Status != types.StatusTypeInactive {
		return nil, validation("The status of an access key is Active or Inactive.")
	}
	return &sdk.UpdateAccessKeyOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		k, err := findKey(tx, c, in.UserName, aws.ToString(in.AccessKeyId))
		if err != nil {
			return err
		}
		k.Status = string(in.Status)
		return store.AccessKeys.Save(tx, k)
	})
}

func deleteAccessKey(ctx context.Context, c *api.Call, in *sdk.DeleteAccessKeyInput) (*sdk.DeleteAccessKeyOutput, error) {
	return &sdk.DeleteAccessKeyOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		k, err := findKey(tx, c, in.UserName, aws.ToString(in.AccessKeyId))
		if err != nil {
			return err
		}
		if err := c.ForgetUse(tx, k.ID); err != nil {
			return err
		}
		return store.AccessKeys.Delete(tx, k)
	})
}

// keyOwner is the resource of GetAccessKeyLastUsed: the user whose key it is. Keys of other accounts, existing or not, are
// denied alike.
func keyOwner(_ context.Context, c *api.Call, in *sdk.GetAccessKeyLastUsedInput) ([]api.Target, error) {
	id := aws.ToString(in.AccessKeyId)
	k := c.Snapshot.AccessKey(id)
	if k == nil || k.Account != c.Principal.Account {
		return nil, fault.New(fault.Denied, "AccessDenied", "User: %s is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key %s",
			c.Principal.ARN, id)
	}
	u := c.Snapshot.IAMUserByID(k.UserID)
	if u == nil {
		return nil, noKey(id)
	}
	return []api.Target{subject{user: &u.Name}.target(c)}, nil
}

func getAccessKeyLastUsed(ctx context.Context, c *api.Call, in *sdk.GetAccessKeyLastUsedInput) (*sdk.GetAccessKeyLastUsedOutput, error) {
	id, out := aws.ToString(in.AccessKeyId), &sdk.GetAccessKeyLastUsedOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		k, err := store.AccessKeys.Get(tx, id)
		if err != nil {
			return store.Missing(err, noKey(id))
		}
		u, err := store.IAMUsers.Get(tx, k.UserID)
		if err != nil {
			return store.Missing(err, noKey(id))
		}
		use, err := c.LastUse(tx, id)
		if err != nil {
			return err
		}
		out.UserName = &u.Name
		out.AccessKeyLastUsed = &types.AccessKeyLastUsed{ServiceName: aws.String("N/A"), Region: aws.String("N/A")}
		if use != nil {
			out.AccessKeyLastUsed = &types.AccessKeyLastUsed{LastUsedDate: &use.Time, ServiceName: &use.Service, Region: &use.Region}
		}
		return nil
	})
}

// findKey finds a key of the user that is named, or of the caller. Somebody else's key is not found: the decision was
// about this user.
func findKey(tx *store.Tx, c *api.Call, name *string, id string) (*iam.AccessKey, error) {
	u, err := userOrCaller(tx, c, name)
	if err != nil {
		return nil, err
	}
	k, err := store.AccessKeys.Get(tx, id)
	if err == nil && k.UserID != u.ID {
		err = store.ErrNotFound
	}
	return k, store.Missing(err, noKey(id))
}
