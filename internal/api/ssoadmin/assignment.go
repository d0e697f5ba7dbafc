package ssoadmin

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createAssignment repeats gladly: what is assigned already stays so, and the status says that it succeeded.
func createAssignment(ctx context.Context, c *api.Call, in *sdk.CreateAccountAssignmentInput) (*sdk.CreateAccountAssignmentOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	status := newStatus(c, i, permission.CreateAssignment)
	err = c.Update(ctx, func(tx *store.Tx) error {
		place, err := findPlace(tx, c, i, in.PermissionSetArn, in.TargetId)
		if err != nil {
			return err
		}
		who, id := permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
		if err := checkPrincipal(tx, i, who, id); err != nil {
			return err
		}
		made, err := provision.Assign(tx, place, who, id)
		if err != nil {
			return err
		}
		if made {
			c.Effect(place.Account, service, "CreateRole", place.RoleARN())
		}
		status.SetARN, status.Account, status.PrincipalType, status.PrincipalID = place.Set.ARN, place.Account, who, id
		status.CreatedAt = tx.Now
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateAccountAssignmentOutput{AccountAssignmentCreationStatus: begun(assignmentStatus(status))}, nil
}

func deleteAssignment(ctx context.Context, c *api.Call, in *sdk.DeleteAccountAssignmentInput) (*sdk.DeleteAccountAssignmentOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	status := newStatus(c, i, permission.DeleteAssignment)
	err = c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		place := provision.Place{Set: set, Account: ident.AccountID(aws.ToString(in.TargetId)), Region: c.Services.Region}
		who, id := permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
		removed, err := provision.Unassign(tx, place, who, id)
		if err != nil {
			return missing(err, "%s %s has no assignment of %s in account %s.", who, id, set.ARN, place.Account)
		}
		if removed {
			c.Effect(place.Account, service, "DeleteRole", place.RoleARN())
		}
		status.SetARN, status.Account, status.PrincipalType, status.PrincipalID = set.ARN, place.Account, who, id
		status.CreatedAt = tx.Now
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteAccountAssignmentOutput{AccountAssignmentDeletionStatus: begun(assignmentStatus(status))}, nil
}

func listAssignments(ctx context.Context, c *api.Call, in *sdk.ListAccountAssignmentsInput) (*sdk.ListAccountAssignmentsOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	filter := []string{aws.ToString(in.PermissionSetArn), aws.ToString(in.AccountId)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccountAssignmentsOutput{AccountAssignments: []types.AccountAssignment{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		place, err := findPlace(tx, c, i, in.PermissionSetArn, in.AccountId)
		if err != nil {
			return err
		}
		rows, next, err := store.Assignments.List(tx, "pair", []any{place.Set.ARN, place.Account}, after, c.Limit(in.MaxResults, pageLength))
		for _, a := range rows {
			out.AccountAssignments = append(out.AccountAssignments, types.AccountAssignment{
				AccountId: aws.String(string(a.Account)), PermissionSetArn: &a.SetARN,
				PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType)})
		}
		out.NextToken = c.NextToken(filter, next)
		return err
	})
}

// listAssignmentsOf answers what a user or group was assigned, and for a user also what the user's groups were.
func listAssignmentsOf(ctx context.Context, c *api.Call, in *sdk.ListAccountAssignmentsForPrincipalInput) (*sdk.ListAccountAssignmentsForPrincipalOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	who, id := permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
	only := ""
	if in.Filter != nil {
		only = aws.ToString(in.Filter.AccountId)
	}
	filter := []string{i.ARN, string(who), id, only}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	var all []*permission.Assignment
	err = c.View(ctx, func(tx *store.Tx) error {
		if err := checkPrincipal(tx, i, who, id); err != nil {
			return err
		}
		all, err = assignmentsOf(tx, i, who, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccountAssignmentsForPrincipalOutput{AccountAssignments: []types.AccountAssignmentForPrincipal{}}
	limit, last := c.Limit(in.MaxResults, pageLength), ""
	for _, a := range all {
		if order(a) <= after || only != "" && only != string(a.Account) {
			continue
		}
		if len(out.AccountAssignments) == limit {
			out.NextToken = c.NextToken(filter, last)
			break
		}
		last = order(a)
		out.AccountAssignments = append(out.AccountAssignments, types.AccountAssignmentForPrincipal{
			AccountId: aws.String(string(a.Account)), PermissionSetArn: &a.SetARN,
			PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType)})
	}
	return out, nil
}

// assignmentsOf gathers the assignments of a principal and of its groups, in one order.
func assignmentsOf(tx *store.Tx, i *permission.Instance, who permission.PrincipalType, id string) ([]*permission.Assignment, error) {
	all, _, err := store.Assignments.List(tx, "principal", []any{i.ARN, who, id}, "", 0)
	if err != nil || who != permission.UserPrincipal {
		return all, err
	}
	memberships, _, err := store.Memberships.List(tx, "user", []any{id}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, m := range memberships {
		more, _, err := store.Assignments.List(tx, "principal", []any{i.ARN, permission.GroupPrincipal, m.GroupID}, "", 0)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortFunc(all, func(a, b *permission.Assignment) int { return cmp.Compare(order(a), order(b)) })
	return all, nil
}

// order is the place of an assignment in a list.
func order(a *permission.Assignment) string {
	return string(a.Account) + "/" + a.SetARN + "/" + string(a.PrincipalType) + "/" + a.PrincipalID
}

// findPlace finds a permission set of the instance and an account that it serves.
func findPlace(tx *store.Tx, c *api.Call, i *permission.Instance, setARN, id *string) (provision.Place, error) {
	set, err := findSet(tx, i, setARN)
	if err != nil {
		return provision.Place{}, err
	}
	account, err := findAccount(tx, i, id)
	return provision.Place{Set: set, Account: account, Region: c.Services.Region}, err
}

// findAccount checks that an account is the owner of the instance or in its organization.
func findAccount(tx *store.Tx, i *permission.Instance, id *string) (ident.AccountID, error) {
	a, err := store.Accounts.Get(tx, ident.AccountID(aws.ToString(id)))
	if err == nil && a.ID != i.Owner && (i.OrganizationID == "" || a.OrganizationID != i.OrganizationID) {
		err = store.ErrNotFound
	}
	if err != nil {
		return "", missing(err, "Could not find account with id %s", aws.ToString(id))
	}
	return a.ID, nil
}

// checkPrincipal checks that a user or group is in the identity store of the instance.
func checkPrincipal(tx *store.Tx, i *permission.Instance, who permission.PrincipalType, id string) error {
	var err error
	in := ""
	switch who {
	case permission.GroupPrincipal:
		g, e := store.Groups.Get(tx, id)
		if err = e; e == nil {
			in = g.StoreID
		}
	default:
		u, e := store.Users.Get(tx, id)
		if err = e; e == nil {
			in = u.StoreID
		}
	}
	if err == nil && in != i.IdentityStoreID {
		err = store.ErrNotFound
	}
	return missing(err, "Could not find %s with id %s", who, id)
}
