package setup

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	people "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// administratorAccess is the permission set of the first person, and the policy of AWS's that it has.
const administratorAccess = "AdministratorAccess"

// createAdministrator adds a person who may do everything in the first account, and ends the set-up. The assignment comes
// last, because the set-up is over once it is there: before, everything else can be done again.
func createAdministrator(ctx context.Context, c *api.Call, in *CreateFirstAdministratorInput) (*CreateFirstAdministratorOutput, error) {
	out := &CreateFirstAdministratorOutput{}
	add := func(p *position) error {
		f := founding{ctx, c, p, nil}
		var err error
		if f.center, err = api.Look(ctx, c, func(tx *store.Tx) (*permission.Instance, error) { return store.Instances.By(tx, "owner", p.account.ID) }); err != nil {
			return err
		}
		out.PortalUrl = c.PortalURL(f.center)
		if err := f.person(in, out); err != nil {
			return err
		}
		if err := f.entry(in, out); err != nil {
			return err
		}
		return f.assign(out.UserId)
	}
	return out, step(ctx, c, in.Browser, setup.Administrator, add, func(tx *store.Tx, p *position) error {
		p.Finish(tx.Now)
		c.Note("userId", out.UserId)
		return nil
	})
}

// founding is the first person on the way in.
type founding struct {
	ctx    context.Context
	call   *api.Call
	at     *position
	center *permission.Instance
}

// person adds the person, after a look at the password that they shall have. Whoever was added before, when the set-up
// stopped in the middle, is that person; whoever has a password already is somebody else.
func (f founding) person(in *CreateFirstAdministratorInput, out *CreateFirstAdministratorOutput) error {
	wanted := &directory.User{StoreID: f.center.IdentityStoreID, UserName: in.UserName, GivenName: in.GivenName, FamilyName: in.FamilyName}
	if in.Password != "" {
		if _, err := f.call.NewPassword(f.ctx, wanted, in.Password); err != nil {
			return err
		}
	}
	there, err := api.Look(f.ctx, f.call, func(tx *store.Tx) (*directory.User, error) {
		return store.Users.By(tx, "name", f.center.IdentityStoreID, directory.Fold(in.UserName))
	})
	if err == nil && there.PasswordHash == "" {
		out.UserId = there.ID
		return nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	create := &identitystore.CreateUserInput{IdentityStoreId: &f.center.IdentityStoreID, UserName: &in.UserName,
		DisplayName: aws.String(in.GivenName + " " + in.FamilyName), Name: &people.Name{GivenName: &in.GivenName, FamilyName: &in.FamilyName}}
	if in.Email != "" {
		create.Emails = []people.Email{{Value: &in.Email, Type: aws.String("work"), Primary: true}}
	}
	made, err := asRoot[identitystore.CreateUserOutput](f.ctx, f.call, f.at, "identitystore", "CreateUser", create)
	if err == nil {
		out.UserId = *made.UserId
	}
	return err
}

// entry gives the person a password, or a link by which they choose one.
func (f founding) entry(in *CreateFirstAdministratorInput, out *CreateFirstAdministratorOutput) error {
	if in.Password != "" {
		_, err := asRoot[admin.SetUserPasswordOutput](f.ctx, f.call, f.at, admin.Name, "SetUserPassword",
			&admin.SetUserPasswordInput{IdentityStoreId: f.center.IdentityStoreID, UserName: in.UserName, Password: in.Password})
		return err
	}
	given, err := asRoot[admin.InviteUserOutput](f.ctx, f.call, f.at, admin.Name, "InviteUser",
		&admin.InviteUserInput{IdentityStoreId: f.center.IdentityStoreID, UserName: in.UserName})
	if err == nil {
		out.SentTo, out.Link, out.ExpiresAt = given.SentTo, given.Link, given.ExpiresAt
	}
	return err
}

// assign gives the person AdministratorAccess in the first account.
func (f founding) assign(userID string) error {
	set, err := f.permissionSet()
	if err != nil {
		return err
	}
	arn, policy := set, managed.Prefix+"/"+administratorAccess
	_, err = asRoot[ssoadmin.AttachManagedPolicyToPermissionSetOutput](f.ctx, f.call, f.at, "sso-admin", "AttachManagedPolicyToPermissionSet",
		&ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: &f.center.ARN, PermissionSetArn: &arn, ManagedPolicyArn: &policy})
	if err != nil && !fault.Is(err, "ConflictException") {
		return err
	}
	made, err := asRoot[ssoadmin.CreateAccountAssignmentOutput](f.ctx, f.call, f.at, "sso-admin", "CreateAccountAssignment",
		&ssoadmin.CreateAccountAssignmentInput{InstanceArn: &f.center.ARN, PermissionSetArn: &arn, PrincipalType: types.PrincipalTypeUser, PrincipalId: &userID,
			TargetType: types.TargetTypeAwsAccount, TargetId: aws.String(string(f.at.account.ID))})
	if err != nil {
		return err
	}
	if s := made.AccountAssignmentCreationStatus; s.Status == types.StatusValuesFailed {
		return errors.New("the first assignment failed: " + aws.ToString(s.FailureReason))
	}
	return nil
}

// permissionSet finds the permission set, or makes it.
func (f founding) permissionSet() (string, error) {
	set, err := api.Look(f.ctx, f.call, func(tx *store.Tx) (*permission.Set, error) {
		return store.PermissionSets.By(tx, "name", f.center.ARN, administratorAccess)
	})
	if err == nil {
		return set.ARN, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	made, err := asRoot[ssoadmin.CreatePermissionSetOutput](f.ctx, f.call, f.at, "sso-admin", "CreatePermissionSet",
		&ssoadmin.CreatePermissionSetInput{InstanceArn: &f.center.ARN, Name: aws.String(administratorAccess)})
	if err != nil {
		return "", err
	}
	return *made.PermissionSet.PermissionSetArn, nil
}
