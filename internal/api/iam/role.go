package iam

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createRole(ctx context.Context, c *api.Call, in *sdk.CreateRoleInput) (*sdk.CreateRoleOutput, error) {
	r, err := newRole(c, in)
	if err != nil {
		return nil, err
	}
	document := aws.ToString(in.AssumeRolePolicyDocument)
	err = c.Update(ctx, func(tx *store.Tx) (err error) {
		if r.Trust, err = keepTrust(tx, c, document); err != nil {
			return err
		}
		if err := checkBoundary(tx, c, r.Policies.Boundary, toRole); err != nil {
			return err
		}
		if err := roomForRole(tx, c); err != nil {
			return err
		}
		r.CreatedAt = tx.Now
		return store.Taken(store.Roles.Save(tx, r), entityExists("Role with name %s already exists.", r.Name))
	})
	if err != nil {
		return nil, err
	}
	d := describeRole(c, r)
	d.Description, d.MaxSessionDuration = nil, nil // only GetRole and ListRoles tell them
	d.AssumeRolePolicyDocument = &document
	return &sdk.CreateRoleOutput{Role: d}, nil
}

// roomForRole refuses one role more than an account has at most. Those of services count: with suffixes there is no end
// of them.
func roomForRole(tx *store.Tx, c *api.Call) error {
	n, err := store.Roles.Count(tx, "account", c.Principal.Account)
	if most := c.Most(&limits[maxRoles]); err == nil && n >= most {
		return limitExceeded("Cannot exceed quota for RolesPerAccount: %d", most)
	}
	return err
}

// newRole takes a role from the input that describes one. Names and paths of AWS's own roles are refused.
func newRole(c *api.Call, in *sdk.CreateRoleInput) (*iam.Role, error) {
	tags, err := newTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	r := &iam.Role{ID: c.IDs.IAM(ident.RolePrefix), Account: c.Principal.Account, Name: aws.ToString(in.RoleName), Path: pathOf(in.Path),
		Description: aws.ToString(in.Description), MaxSession: sessionOf(in.MaxSessionDuration),
		Tags: tags, Policies: iam.Policies{Boundary: aws.ToString(in.PermissionsBoundary)}, Generation: 1}
	if iam.TakesReserved(r.Name) {
		return nil, validation("Role names that begin with %s are reserved for AWS.", iam.ReservedPrefix)
	}
	for _, reserved := range []string{"/aws-reserved/", iam.ServicePath} {
		if strings.HasPrefix(r.Path, reserved) {
			return nil, validation("The path %s is reserved for AWS.", reserved)
		}
	}
	return r, nil
}

func getRole(ctx context.Context, c *api.Call, in *sdk.GetRoleInput) (*sdk.GetRoleOutput, error) {
	out := &sdk.GetRoleOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		r, err := findGranted(tx, c, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		out.Role = describeRole(c, r)
		out.Role.RoleLastUsed, err = roleLastUsed(tx, c, r)
		return err
	})
}

// roleLastUsed says when a session of the role last asked for something; nothing is known before the first.
func roleLastUsed(tx *store.Tx, c *api.Call, r *iam.Role) (*types.RoleLastUsed, error) {
	use, err := c.LastUse(tx, r.ID)
	if err != nil || use == nil {
		return &types.RoleLastUsed{}, err
	}
	return &types.RoleLastUsed{LastUsedDate: &use.Time, Region: &use.Region}, nil
}

func listRoles(ctx context.Context, c *api.Call, in *sdk.ListRolesInput) (*sdk.ListRolesOutput, error) {
	page, err := rowsAt(ctx, c, store.Roles, in.PathPrefix, in.Marker, in.MaxItems, func(r *iam.Role) string { return r.Path },
		func(r *iam.Role) types.Role {
			d := describeRole(c, r)
			d.Tags, d.PermissionsBoundary = nil, nil // only GetRole tells them
			return *d
		})
	return &sdk.ListRolesOutput{Roles: page.items, Marker: page.next, IsTruncated: page.more}, err
}

func deleteRole(ctx context.Context, c *api.Call, in *sdk.DeleteRoleInput) (*sdk.DeleteRoleOutput, error) {
	return &sdk.DeleteRoleOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		r, err := findModifiable(tx, c, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		if err := r.Policies.Removable(); err != nil {
			return err
		}
		if err := c.ForgetUse(tx, r.ID); err != nil {
			return err
		}
		return store.Roles.Delete(tx, r)
	})
}

// updateRole sets the description, when there is one, and how long sessions may be: an hour unless told otherwise, as
// the page of UpdateRole says. Of a service-linked role it sets the description only.
func updateRole(ctx context.Context, c *api.Call, in *sdk.UpdateRoleInput) (*sdk.UpdateRoleOutput, error) {
	return nil, labelRole(ctx, c, in.RoleName, func(r *iam.Role) error {
		if in.Description != nil {
			r.Description = *in.Description
		}
		if in.MaxSessionDuration == nil && r.ServiceLinked() {
			return nil
		}
		r.MaxSession = sessionOf(in.MaxSessionDuration)
		return r.Modifiable()
	})
}

func updateRoleDescription(ctx context.Context, c *api.Call, in *sdk.UpdateRoleDescriptionInput) (*sdk.UpdateRoleDescriptionOutput, error) {
	var d *types.Role
	err := labelRole(ctx, c, in.RoleName, func(r *iam.Role) error {
		r.Description = aws.ToString(in.Description)
		d = describeRole(c, r)
		d.MaxSessionDuration, d.PermissionsBoundary, d.Tags = nil, nil, nil // as AWS answers
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sdk.UpdateRoleDescriptionOutput{Role: d}, nil
}

// sessionOf is how long sessions of a role may be.
func sessionOf(seconds *int32) time.Duration {
	if seconds == nil {
		return defaultSession
	}
	return time.Duration(*seconds) * time.Second
}

func updateTrust(ctx context.Context, c *api.Call, in *sdk.UpdateAssumeRolePolicyInput) (*sdk.UpdateAssumeRolePolicyOutput, error) {
	return &sdk.UpdateAssumeRolePolicyOutput{}, editRole(ctx, c, in.RoleName, func(tx *store.Tx, r *iam.Role) error {
		kept, err := keepTrust(tx, c, aws.ToString(in.PolicyDocument))
		r.Trust = kept
		return err
	})
}

// editRole changes a role that does not belong to AWS.
func editRole(ctx context.Context, c *api.Call, name *string, fn func(*store.Tx, *iam.Role) error) error {
	return edit(ctx, c, store.Roles, findModifiable, name, fn)
}

// labelRole changes what merely describes a role: its tags and its description. A service-linked role's may be changed.
func labelRole(ctx context.Context, c *api.Call, name *string, fn func(*iam.Role) error) error {
	return edit(ctx, c, store.Roles, findRole, name, func(_ *store.Tx, r *iam.Role) error {
		if r.Reserved() {
			return r.Modifiable()
		}
		return fn(r)
	})
}

// readRole reads a role with what it may do.
func readRole(ctx context.Context, c *api.Call, name *string) (*iam.Role, error) {
	return read(ctx, c, findGranted, name)
}

// reservedInline is the name of the inline policy of a reserved role.
const reservedInline = "AwsSSOInlinePolicy"

// withGrants shows what a reserved role may do, which its version of the permission set says, as AWS shows it.
func withGrants(tx *store.Tx, r *iam.Role) error {
	if !r.Reserved() {
		return nil
	}
	v, err := store.Versions.Get(tx, r.PermissionSet, r.Version)
	if err != nil {
		return err
	}
	r.Policies.Managed, r.Policies.Boundary = authz.ManagedBy(r.Account, &v.Grants)
	if v.Grants.Inline != "" {
		r.Policies.Inline = map[string]string{reservedInline: v.Grants.Inline}
	}
	return nil
}

func findRole(tx *store.Tx, c *api.Call, name string) (*iam.Role, error) {
	r, err := store.Roles.By(tx, "name", c.Principal.Account, name)
	return r, store.Missing(err, noRole(name))
}

// findModifiable finds a role that does not belong to AWS.
func findModifiable(tx *store.Tx, c *api.Call, name string) (*iam.Role, error) {
	r, err := findRole(tx, c, name)
	if err != nil {
		return nil, err
	}
	return r, r.Modifiable()
}

// findGranted finds a role, and of a reserved one also what it may do.
func findGranted(tx *store.Tx, c *api.Call, name string) (*iam.Role, error) {
	r, err := findRole(tx, c, name)
	if err != nil {
		return nil, err
	}
	return r, withGrants(tx, r)
}

func describeRole(c *api.Call, r *iam.Role) *types.Role {
	d := &types.Role{Arn: aws.String(r.ARN()), RoleId: &r.ID, RoleName: &r.Name, Path: &r.Path, CreateDate: &r.CreatedAt,
		AssumeRolePolicyDocument: aws.String(shownTrust(c, r.Trust)), MaxSessionDuration: aws.Int32(int32(r.MaxSession / time.Second)),
		PermissionsBoundary: boundaryOf(r.Policies.Boundary)}
	if r.Description != "" {
		d.Description = &r.Description
	}
	if len(r.Tags) > 0 {
		d.Tags = tagList(r.Tags)
	}
	return d
}
