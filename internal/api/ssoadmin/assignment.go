package ssoadmin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createAssignment repeats gladly: what is assigned already stays so, and the status says that it succeeded. What AWS finds
// out in the background, such as that there is no such user, the status says too.
func createAssignment(ctx context.Context, c *api.Call, in *sdk.CreateAccountAssignmentInput) (*sdk.CreateAccountAssignmentOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	id := c.IDs.UUID()
	var status *permission.Status
	err = c.Update(ctx, func(tx *store.Tx) error {
		place, err := findPlace(tx, c, i, in.PermissionSetArn, in.TargetId)
		if err != nil {
			return err
		}
		status = newStatus(tx, i, permission.CreateAssignment, id)
		status.SetARN, status.Account = place.Set.ARN, place.Account
		status.PrincipalType, status.PrincipalID = permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
		reason, err := assign(tx, c, i, place, status)
		if err != nil {
			return err
		}
		if reason != "" {
			status.Fail(reason)
		}
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateAccountAssignmentOutput{AccountAssignmentCreationStatus: begun(assignmentStatus(status))}, nil
}

// assign does what status asks for. A reason says why it could not be done.
func assign(tx *store.Tx, c *api.Call, i *permission.Instance, place provision.Place, status *permission.Status) (reason string, err error) {
	err = checkPrincipal(tx, i, status.PrincipalType, status.PrincipalID)
	if errors.Is(err, store.ErrNotFound) {
		return notThere(fmt.Sprintf("the %s assignee %s was not found in directory %s.", status.PrincipalType, status.PrincipalID, i.IdentityStoreID)), nil
	}
	if err != nil {
		return "", err
	}
	if err := checkGroups(tx, c, place, status); err != nil {
		return "", err
	}
	steps, err := assigning(tx, c, i, place)
	if err != nil {
		return "", err
	}
	if reason, err := deniedByIAM(tx, c, i, place, steps); err != nil || reason != "" {
		return reason, err
	}
	made, err := provision.Assign(tx, place, status.PrincipalType, status.PrincipalID)
	var lacking *provision.MissingPolicyError
	if errors.As(err, &lacking) {
		return notThere(lacking.Error()), nil
	}
	if made {
		c.Effect(place.Account, service, "CreateRole", place.RoleARN())
	}
	return "", err
}

// checkRoom refuses one role more than an account has at most.
func checkRoom(tx *store.Tx, c *api.Call, i *permission.Instance, account ident.AccountID) error {
	n, err := store.Provisioned.Count(tx, "account", i.ARN, account)
	if most := c.Most(&limits[maxProvisioned]); err == nil && n >= most {
		return tooMany("At most %d permission sets can be provisioned in the account %s.", most, account)
	}
	return err
}

// checkGroups refuses one group more than may hold a permission set in an account.
func checkGroups(tx *store.Tx, c *api.Call, place provision.Place, status *permission.Status) error {
	if status.PrincipalType != permission.GroupPrincipal {
		return nil
	}
	_, err := store.Assignments.Get(tx, place.Set.ARN, place.Account, status.PrincipalType, status.PrincipalID)
	if !errors.Is(err, store.ErrNotFound) {
		return err // nil for one that holds it
	}
	n, err := store.Assignments.Count(tx, "kind", place.Set.ARN, place.Account, status.PrincipalType)
	if most := c.Most(&limits[maxAssignedGroups]); err == nil && n >= most {
		return tooMany("At most %d groups can be assigned to a permission set in the account %s.", most, place.Account)
	}
	return err
}

func deleteAssignment(ctx context.Context, c *api.Call, in *sdk.DeleteAccountAssignmentInput) (*sdk.DeleteAccountAssignmentOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	id := c.IDs.UUID()
	var status *permission.Status
	err = c.Update(ctx, func(tx *store.Tx) error {
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		place := provision.Place{Set: set, Account: ident.AccountID(aws.ToString(in.TargetId)), Region: c.Services.Region}
		status = newStatus(tx, i, permission.DeleteAssignment, id)
		status.SetARN, status.Account = set.ARN, place.Account
		status.PrincipalType, status.PrincipalID = permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
		reason, err := unassign(tx, c, i, place, status)
		if err != nil {
			return err
		}
		if reason != "" {
			status.Fail(reason)
		}
		return store.Statuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteAccountAssignmentOutput{AccountAssignmentDeletionStatus: begun(assignmentStatus(status))}, nil
}

// unassign does what status asks for. Principal and account may be gone long since. A reason says why it could not be done.
func unassign(tx *store.Tx, c *api.Call, i *permission.Instance, place provision.Place, status *permission.Status) (reason string, err error) {
	if reason, err := deniedByIAM(tx, c, i, place, []step{{action: "iam:DeleteRole"}}); err != nil || reason != "" {
		return reason, err
	}
	removed, err := provision.Unassign(tx, place, status.PrincipalType, status.PrincipalID)
	if errors.Is(err, store.ErrNotFound) {
		// Terraform takes this text for done.
		return notThere(fmt.Sprintf("EntitlementItem doesn't exist with the given entitlement key EntitlementKey{accessorId=AccessorId{value=%s}, "+
			"resourceId=ResourceId{value=%s}, auxiliaryResourceId=AuxiliaryResourceId{value=%s}, containerId=ContainerId{value=%s}}",
			status.PrincipalID, place.Account, place.Set.ARN, i.ARN)), nil
	}
	if removed {
		c.Effect(place.Account, service, "DeleteRole", place.RoleARN())
	}
	return "", err
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
		set, err := findSet(tx, i, in.PermissionSetArn)
		if err != nil {
			return err
		}
		a, err := findAccount(tx, i, in.AccountId)
		if err != nil {
			return err
		}
		rows, next, err := store.Assignments.List(tx, "pair", []any{set.ARN, a.ID}, after, c.Limit(in.MaxResults, pageLength))
		for _, a := range rows {
			out.AccountAssignments = append(out.AccountAssignments, types.AccountAssignment{
				AccountId: aws.String(string(a.Account)), PermissionSetArn: &a.SetARN,
				PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType)})
		}
		out.NextToken = c.NextToken(filter, next)
		return err
	})
}

// findPlace finds a permission set of the instance and an account that it serves and that is open.
func findPlace(tx *store.Tx, c *api.Call, i *permission.Instance, setARN, id *string) (provision.Place, error) {
	set, err := findSet(tx, i, setARN)
	if err != nil {
		return provision.Place{}, err
	}
	a, err := findAccount(tx, i, id)
	if err != nil {
		return provision.Place{}, err
	}
	if a.Status != account.Active {
		return provision.Place{}, conflict("The account %s is %s: nothing can be provisioned in it.", a.ID, strings.ToLower(string(a.Status)))
	}
	return provision.Place{Set: set, Account: a.ID, Region: c.Services.Region}, nil
}

// findAccount checks that an account is the owner of the instance or in its organization.
func findAccount(tx *store.Tx, i *permission.Instance, id *string) (*account.Account, error) {
	a, err := store.Accounts.Get(tx, ident.AccountID(aws.ToString(id)))
	if err == nil && a.ID != i.Owner && (i.OrganizationID == "" || a.OrganizationID != i.OrganizationID) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, missing(err, "Could not find account with id %s", aws.ToString(id))
	}
	return a, nil
}

// checkPrincipal returns store.ErrNotFound unless a user or group is in the identity store of the instance.
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
	return err
}
