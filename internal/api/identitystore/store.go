package identitystore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func describeStore(_ context.Context, c *api.Call, in *sdk.DescribeIdentityStoreInput) (*sdk.DescribeIdentityStoreOutput, error) {
	storeID, err := checkStore(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	arn := storeARN(c.Snapshot.InstanceWith(storeID).Owner, storeID)
	return &sdk.DescribeIdentityStoreOutput{IdentityStoreId: &storeID, IdentityStoreArn: &arn}, nil
}

// listStores lists the one store that an account owns, or administers for its organization.
func listStores(_ context.Context, c *api.Call, in *sdk.ListIdentityStoresInput) (*sdk.ListIdentityStoresOutput, error) {
	if _, err := c.After(nil, in.NextToken); err != nil {
		return nil, err
	}
	out := &sdk.ListIdentityStoresOutput{IdentityStores: []types.IdentityStore{}}
	if i := c.Snapshot.InstanceOf(c.Principal.Account); i != nil && (i.Owner == c.Principal.Account || c.Snapshot.AdministersInstance(c.Principal.Account, i)) {
		arn := storeARN(i.Owner, i.IdentityStoreID)
		out.IdentityStores = append(out.IdentityStores, types.IdentityStore{IdentityStoreId: &i.IdentityStoreID, IdentityStoreArn: &arn})
	}
	return out, nil
}

// checkStore returns the id of an identity store, and refuses one that does not exist.
func checkStore(c *api.Call, name *string) (string, error) {
	storeID := id(identityStore, name)
	i := c.Snapshot.InstanceWith(storeID)
	if i == nil || aws.ToString(name) != storeID && *name != storeARN(i.Owner, storeID) {
		return "", notFound(identityStore, aws.ToString(name))
	}
	return storeID, nil
}

// by is who is on the trail of what a call changes.
func by(c *api.Call) string { return cmp.Or(c.Principal.ARN, c.Principal.UserID) }

// query is what ListUsers and ListGroups are asked.
type query struct {
	store   *string
	filters []types.Filter
	max     *int32
	token   *string
}

// list answers a query: a page of a table's rows, or the one row whose name the filter has. See ListUsers, whose only
// filter is by the attribute UserName, and ListGroups, whose only one is by DisplayName.
func list[Row, Item any](ctx context.Context, c *api.Call, table *store.Table[Row], attribute string, q query, describe func(*Row) Item) ([]Item, *string, error) {
	storeID, err := checkStore(c, q.store)
	if err != nil {
		return nil, nil, err
	}
	scope := []any{storeID, q.filters}
	after, err := c.After(scope, q.token)
	if err != nil {
		return nil, nil, err
	}
	if i := slices.IndexFunc(q.filters, func(f types.Filter) bool { return !strings.EqualFold(aws.ToString(f.AttributePath), attribute) }); i >= 0 {
		return nil, nil, invalid("The attribute %s cannot be filtered by: use %s.", *q.filters[i].AttributePath, attribute)
	}
	items, next := []Item{}, ""
	err = c.View(ctx, func(tx *store.Tx) error {
		var rows []*Row
		var err error
		if len(q.filters) > 0 {
			row, e := table.By(tx, "name", storeID, aws.ToString(q.filters[0].AttributeValue))
			rows, err = append(rows, row), e
		} else {
			rows, next, err = table.List(tx, "store", []any{storeID}, after, c.Limit(q.max, pageLength))
		}
		if err != nil {
			return store.Missing(err, nil)
		}
		for _, row := range rows {
			items = append(items, describe(row))
		}
		return nil
	})
	return items, c.NextToken(scope, next), err
}
