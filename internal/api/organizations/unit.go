package organizations

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/lifecycle"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createUnit(ctx context.Context, c *api.Call, in *sdk.CreateOrganizationalUnitInput) (*sdk.CreateOrganizationalUnitOutput, error) {
	tags, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &sdk.CreateOrganizationalUnitOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		u := o.NewUnit(c.IDs, aws.ToString(in.ParentId), aws.ToString(in.Name), tx.Now)
		u.Tags = tags
		depth, err := depthOf(tx, o, u.ParentID)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxDepth]); depth >= most {
			return constraint(types.ConstraintViolationExceptionReasonOuDepthLimitExceeded, "You have exceeded the allowed depth of organizational units: %d.", most)
		}
		n, err := store.Units.Count(tx, "organization", o.ID)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxUnits]); n >= most {
			return constraint(types.ConstraintViolationExceptionReasonOuNumberLimitExceeded, "You have exceeded the allowed number of organizational units: %d.", most)
		}
		if err := store.Taken(store.Units.Save(tx, u), duplicateUnit()); err != nil {
			return err
		}
		out.OrganizationalUnit = describeOU(o, u)
		return lifecycle.Guard(tx, o, u.ID)
	})
}

func duplicateUnit() error {
	return conflict("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
}

func describeUnit(ctx context.Context, c *api.Call, in *sdk.DescribeOrganizationalUnitInput) (*sdk.DescribeOrganizationalUnitOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeOrganizationalUnitOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		u, err := findUnit(tx, o, aws.ToString(in.OrganizationalUnitId))
		if err == nil {
			out.OrganizationalUnit = describeOU(o, u)
		}
		return err
	})
}

func updateUnit(ctx context.Context, c *api.Call, in *sdk.UpdateOrganizationalUnitInput) (*sdk.UpdateOrganizationalUnitOutput, error) {
	out := &sdk.UpdateOrganizationalUnitOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		u, err := findUnit(tx, o, aws.ToString(in.OrganizationalUnitId))
		if err != nil {
			return err
		}
		if in.Name != nil {
			u.Name = *in.Name
		}
		out.OrganizationalUnit = describeOU(o, u)
		return store.Taken(store.Units.Save(tx, u), duplicateUnit())
	})
}

func deleteUnit(ctx context.Context, c *api.Call, in *sdk.DeleteOrganizationalUnitInput) (*sdk.DeleteOrganizationalUnitOutput, error) {
	return &sdk.DeleteOrganizationalUnitOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		u, err := findUnit(tx, o, aws.ToString(in.OrganizationalUnitId))
		if err != nil {
			return err
		}
		units, err := store.Units.Count(tx, "parent", u.ID)
		if err != nil {
			return err
		}
		members, _, err := store.Accounts.List(tx, "parent", []any{u.ID}, "", 0)
		if err != nil {
			return err
		}
		left, err := work(tx, c).Clean(o, members)
		if err != nil {
			return err
		}
		if units+left > 0 {
			return conflict("OrganizationalUnitNotEmptyException", "The specified organizational unit is not empty.")
		}
		if err := lifecycle.DetachAll(tx, "target", o.ID, u.ID); err != nil {
			return err
		}
		return store.Units.Delete(tx, u)
	})
}

func listUnits(ctx context.Context, c *api.Call, in *sdk.ListOrganizationalUnitsForParentInput) (*sdk.ListOrganizationalUnitsForParentOutput, error) {
	units := []types.OrganizationalUnit{}
	_, next, err := children(ctx, c, listing{"units", in.ParentId, in.MaxResults, in.NextToken}, store.Units,
		func(o *organization.Organization, u *organization.Unit) { units = append(units, *describeOU(o, u)) })
	return &sdk.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: units, NextToken: next}, err
}

func listChildren(ctx context.Context, c *api.Call, in *sdk.ListChildrenInput) (*sdk.ListChildrenOutput, error) {
	list := []types.Child{}
	l := listing{"children " + string(in.ChildType), in.ParentId, in.MaxResults, in.NextToken}
	var next *string
	var err error
	switch in.ChildType {
	case types.ChildTypeAccount:
		_, next, err = children(ctx, c, l, store.Accounts, func(_ *organization.Organization, a *account.Account) {
			if !a.Gone(c.Now) {
				list = append(list, types.Child{Id: aws.String(string(a.ID)), Type: in.ChildType})
			}
		})
	default:
		_, next, err = children(ctx, c, l, store.Units, func(_ *organization.Organization, u *organization.Unit) {
			list = append(list, types.Child{Id: &u.ID, Type: in.ChildType})
		})
	}
	return &sdk.ListChildrenOutput{Children: list, NextToken: next}, err
}

// listing is a list of what stands directly under a parent.
type listing struct {
	what   string
	parent *string
	max    *int32
	token  *string
}

// children lists the rows of a table that stand under a parent.
func children[T any](ctx context.Context, c *api.Call, l listing, table *store.Table[T], each func(*organization.Organization, *T)) (*organization.Organization, *string, error) {
	o, err := mine(c)
	if err != nil {
		return nil, nil, err
	}
	parent := aws.ToString(l.parent)
	filter := []string{l.what, parent}
	after, err := c.After(filter, l.token)
	if err != nil {
		return nil, nil, err
	}
	next := ""
	err = c.View(ctx, func(tx *store.Tx) error {
		if _, err := depthOf(tx, o, parent); err != nil {
			return err
		}
		var rows []*T
		rows, next, err = table.List(tx, "parent", []any{parent}, after, c.Limit(l.max, pageLength))
		for _, r := range rows {
			each(o, r)
		}
		return err
	})
	return o, c.NextToken(filter, next), err
}

// listParents answers the one parent that every child has.
func listParents(ctx context.Context, c *api.Call, in *sdk.ListParentsInput) (*sdk.ListParentsOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if _, err := c.After(nil, in.NextToken); err != nil { // there is one parent, so that no token was given out
		return nil, err
	}
	id, parent := aws.ToString(in.ChildId), ""
	if _, err := c.After(id, in.NextToken); err != nil {
		return nil, err
	}
	gone := notFound("ChildNotFoundException", "You specified a child that doesn't exist.")
	err = c.View(ctx, func(tx *store.Tx) error {
		if strings.HasPrefix(id, "ou-") {
			u, err := findUnit(tx, o, id)
			if err == nil {
				parent = u.ParentID
			}
			return missingCode(err, gone)
		}
		a, err := findAccount(tx, o, id)
		if err == nil {
			parent = a.ParentID
		}
		return missingCode(err, gone)
	})
	if err != nil {
		return nil, err
	}
	kind := types.ParentTypeOrganizationalUnit
	if parent == o.RootID {
		kind = types.ParentTypeRoot
	}
	return &sdk.ListParentsOutput{Parents: []types.Parent{{Id: &parent, Type: kind}}}, nil
}

// depthOf returns how many units stand between the root and what stands directly under parent. The parent has to be
// the root or a unit of the organization.
func depthOf(tx *store.Tx, o *organization.Organization, parent string) (int, error) {
	depth := 0
	for at := parent; at != o.RootID; depth++ {
		u, err := findUnit(tx, o, at)
		if err != nil {
			return 0, missingCode(err, noParent())
		}
		at = u.ParentID
	}
	return depth, nil
}

func findUnit(tx *store.Tx, o *organization.Organization, id string) (*organization.Unit, error) {
	u, err := store.Units.Get(tx, id)
	if err == nil && u.OrganizationID != o.ID {
		err = store.ErrNotFound
	}
	return u, store.Missing(err, noUnit())
}

func findAccount(tx *store.Tx, o *organization.Organization, id string) (*account.Account, error) {
	a, err := store.Accounts.Get(tx, ident.AccountID(id))
	if err == nil && (a.OrganizationID != o.ID || a.Gone(tx.Now)) {
		err = store.ErrNotFound
	}
	return a, store.Missing(err, noAccount())
}

func describeOU(o *organization.Organization, u *organization.Unit) *types.OrganizationalUnit {
	return &types.OrganizationalUnit{Id: aws.String(u.ID), Arn: aws.String(o.UnitARN(u.ID)), Name: aws.String(u.Name)}
}
