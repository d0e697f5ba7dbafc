// Package provision turns assignments of permission sets into roles.
//
// An assignment gives an account the reserved role of a permission set, and taking the last assignment away removes
// it. The role points to a version of the set, so that an edit of the set changes nothing in any account until
// Update moves the role to the newest version. Nobody else may modify these roles.
//
// Name and id of a role derive from permission set and account, so that a role that was removed and made again is the
// same role to every policy that names it. Sessions of its earlier life must not come back with it; therefore the
// generation of a new role is the time of its making in milliseconds, which is higher than any before it.
//
// The package works within the caller's transaction and does nothing else. What it did in other accounts, it did as the
// service: the caller records that. The form of the roles follows "Referencing permission sets in resource policies" in the IAM Identity Center User Guide.
package provision

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// maxSession is what every reserved role allows; the permission set's version says how long sessions really last.
const maxSession = 12 * time.Hour

// homeRegion is the one region whose roles do not carry it in their path.
const homeRegion = "us-east-1"

// Place is a permission set in an account: where there is a role while somebody is assigned.
type Place struct {
	Set     *permission.Set
	Account ident.AccountID
	Region  string // of the instance
}

// RoleName returns the name of the place's role.
func (p Place) RoleName() string {
	sum := p.digest("name")
	return iam.ReservedPrefix + p.Set.Name + "_" + hex.EncodeToString(sum[:8])
}

// RoleID returns the unique id of the place's role.
func (p Place) RoleID() string {
	sum := p.digest("id")
	return ident.RolePrefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// RolePath returns the path of the place's role.
func (p Place) RolePath() string {
	if p.Region == homeRegion || p.Region == "" {
		return iam.ReservedPath
	}
	return iam.ReservedPath + p.Region + "/"
}

// RoleARN returns the ARN of the place's role.
func (p Place) RoleARN() string {
	return ident.IAM(p.Account, "role"+p.RolePath()+p.RoleName())
}

// digest derives bytes for a purpose. What goes in are ARNs and digits, so that the zero byte separates the parts.
func (p Place) digest(purpose string) [sha256.Size]byte {
	return sha256.Sum256([]byte(purpose + "\x00" + p.Set.InstanceARN + "\x00" + p.Set.ARN + "\x00" + string(p.Account)))
}

// trust is the role's trust policy: it names the SAML provider that AWS makes for an instance in every account.
func (p Place) trust() string {
	sum := sha256.Sum256([]byte("provider\x00" + p.Set.InstanceARN + "\x00" + string(p.Account)))
	provider := ident.IAM(p.Account, "saml-provider/AWSSSO_"+hex.EncodeToString(sum[:8])+"_DO_NOT_DELETE")
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider +
		`"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
}

// MissingPolicyError says that an account lacks a customer managed policy that a permission set refers to. Nothing was
// changed.
type MissingPolicyError struct{ ARN string }

// Error names the policy as AWS does in the FailureReason of a status.
func (e *MissingPolicyError) Error() string { return "Not supported policy " + e.ARN + "." }

// Assign gives a principal the permission set in the account, and makes the role when there is none. It reports
// whether it made one. Assigning what is assigned already changes nothing.
func Assign(tx *store.Tx, p Place, who permission.PrincipalType, id string) (made bool, err error) {
	_, err = store.Assignments.Get(tx, p.Set.ARN, p.Account, who, id)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	_, err = store.Provisioned.Get(tx, p.Set.ARN, p.Account)
	if errors.Is(err, store.ErrNotFound) {
		made, err = true, p.make(tx)
	}
	if err != nil {
		return false, err
	}
	return made, store.Assignments.Save(tx, &permission.Assignment{InstanceARN: p.Set.InstanceARN, SetARN: p.Set.ARN,
		Account: p.Account, PrincipalType: who, PrincipalID: id, CreatedAt: tx.Now})
}

// make adds the role.
func (p Place) make(tx *store.Tx) error {
	if err := p.holds(tx, &p.Set.Grants); err != nil {
		return err
	}
	if _, err := Keep(tx, p.Set); err != nil {
		return err
	}
	role := &iam.Role{
		ID: p.RoleID(), Account: p.Account, Name: p.RoleName(), Path: p.RolePath(), Trust: p.trust(),
		Description: p.Set.Description, MaxSession: maxSession, PermissionSet: p.Set.ARN, Version: p.Set.Version,
		Generation: uint64(tx.Now.UnixMilli()), CreatedAt: tx.Now,
	}
	if err := store.Roles.Save(tx, role); err != nil {
		return fmt.Errorf("make role %s: %w", role.Name, err)
	}
	return store.Provisioned.Save(tx, &permission.Provisioned{InstanceARN: p.Set.InstanceARN, SetARN: p.Set.ARN,
		Account: p.Account, Version: p.Set.Version, RoleName: role.Name, UpdatedAt: tx.Now})
}

// holds checks that the account has the customer managed policies that the grants refer to, letter for letter.
func (p Place) holds(tx *store.Tx, g *permission.Grants) error {
	references := g.Customer
	if g.Boundary != nil && g.Boundary.Customer != nil {
		references = append(slices.Clone(references), *g.Boundary.Customer)
	}
	for _, r := range references {
		_, err := store.PolicyAt(tx, p.Account, r.Path, r.Name)
		if errors.Is(err, store.ErrNotFound) {
			return &MissingPolicyError{iam.PolicyARN(p.Account, r.Path, r.Name)}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Unassign takes the permission set in the account away from a principal, and removes the role with the last
// assignment. It reports whether it removed the role. It fails with store.ErrNotFound when there was no assignment.
func Unassign(tx *store.Tx, p Place, who permission.PrincipalType, id string) (removed bool, err error) {
	a, err := store.Assignments.Get(tx, p.Set.ARN, p.Account, who, id)
	if err != nil {
		return false, err
	}
	if err := store.Assignments.Delete(tx, a); err != nil {
		return false, err
	}
	left, err := store.Assignments.Count(tx, "pair", p.Set.ARN, p.Account)
	if err != nil || left > 0 {
		return false, err
	}
	return true, p.remove(tx)
}

// remove deletes the role and the note that it is there.
func (p Place) remove(tx *store.Tx) error {
	role, err := store.Roles.Get(tx, p.RoleID())
	if err != nil {
		return fmt.Errorf("find role %s: %w", p.RoleName(), err)
	}
	if err := store.Roles.Delete(tx, role); err != nil {
		return err
	}
	row, err := store.Provisioned.Get(tx, p.Set.ARN, p.Account)
	if err != nil {
		return fmt.Errorf("find what %s has in %s: %w", p.Set.ARN, p.Account, err)
	}
	return store.Provisioned.Delete(tx, row)
}

// Update moves the account's role to a version of the permission set, and reports whether it did: a role that has this
// version or a newer one stays. It fails with store.ErrNotFound when the set has no role in the account. Sessions go on,
// with the new permissions from now.
func Update(tx *store.Tx, p Place, v *permission.Version) (moved bool, err error) {
	row, err := store.Provisioned.Get(tx, p.Set.ARN, p.Account)
	if err != nil {
		return false, err
	}
	if err := p.holds(tx, &v.Grants); err != nil {
		return false, err
	}
	if row.Version >= v.Number {
		return false, nil
	}
	role, err := store.Roles.Get(tx, p.RoleID())
	if err != nil {
		return false, fmt.Errorf("find role %s: %w", row.RoleName, err)
	}
	role.Version, role.Description = v.Number, p.Set.Description
	if err := store.Roles.Save(tx, role); err != nil {
		return false, err
	}
	row.Version, row.UpdatedAt = v.Number, tx.Now
	return true, store.Provisioned.Save(tx, row)
}

// Keep keeps what the set says now, for roles to point to, and returns it: a version never changes.
func Keep(tx *store.Tx, set *permission.Set) (*permission.Version, error) {
	v, err := store.Versions.Get(tx, set.ARN, set.Version)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return v, err
	}
	v = set.Snapshot()
	return v, store.Versions.Save(tx, v)
}

// Forget removes the versions of a set that is being deleted.
func Forget(tx *store.Tx, set *permission.Set) error {
	versions, _, err := store.Versions.List(tx, "set", []any{set.ARN}, "", 0)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := store.Versions.Delete(tx, v); err != nil {
			return err
		}
	}
	return nil
}
