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
// service: the caller records that. The form of the roles follows "Referencing permission sets in resource policies" in
// the IAM Identity Center User Guide.
package provision

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Place is a permission set in an account: where there is a role while somebody is assigned.
type Place struct {
	Set     *permission.Set
	Account ident.AccountID
	Region  string // of the instance
}

// Reserved is where the place's role stands.
func (p Place) Reserved() iam.Reserved {
	return iam.Reserved{Instance: p.Set.InstanceARN, Set: p.Set.ARN, SetName: p.Set.Name, Account: p.Account, Region: p.Region}
}

// RoleName returns the name of the place's role.
func (p Place) RoleName() string { return p.Reserved().Name() }

// RoleARN returns the ARN of the place's role.
func (p Place) RoleARN() string { return p.Reserved().ARN() }

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
	return store.Provisioned.Save(tx, &permission.Provisioned{InstanceARN: p.Set.InstanceARN, SetARN: p.Set.ARN, SetName: p.Set.Name,
		Account: p.Account, Region: p.Region, Description: p.Set.Description, Version: p.Set.Version,
		Generation: uint64(tx.Now.UnixMilli()), CreatedAt: tx.Now, UpdatedAt: tx.Now})
}

// holds checks that the account has the customer managed policies that the grants refer to, letter for letter.
func (p Place) holds(tx *store.Tx, g *permission.Grants) error {
	references := g.Customer
	if g.Boundary != nil && g.Boundary.Customer != nil {
		references = append(slices.Clone(references), *g.Boundary.Customer)
	}
	for _, r := range references {
		_, err := store.PolicyAt(tx, p.Account, r.Path, r.Name)
		if err != nil {
			return store.Missing(err, &MissingPolicyError{iam.PolicyARN(p.Account, r.Path, r.Name)})
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

// remove deletes the role.
func (p Place) remove(tx *store.Tx) error {
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
	row.Version, row.Description, row.UpdatedAt = v.Number, p.Set.Description, tx.Now
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
