package store

import (
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

func reservedOf(p *permission.Provisioned) iam.Reserved {
	return iam.Reserved{Instance: p.InstanceARN, Set: p.SetARN, SetName: p.SetName, Account: p.Account, Region: p.Region}
}

// ReservedRole returns the role that a permission set has in an account.
func ReservedRole(p *permission.Provisioned) *iam.Role {
	r := reservedOf(p).Role()
	r.Description, r.Version, r.Generation, r.CreatedAt = p.Description, p.Version, p.Generation, p.CreatedAt
	return r
}

// reservedRoles are the roles that Roles shows beside its rows.
type reservedRoles struct{} // of *iam.Role

// find returns the role with an id, or with an account and a name.
func (reservedRoles) find(tx *Tx, columns []string, values []any) (any, error) {
	last, _ := values[len(values)-1].(string)
	key, ok := iam.ReservedKeyOfID(last)
	if len(values) == 2 {
		key, ok = iam.ReservedKeyOfName(last)
	}
	if !ok {
		return nil, ErrNotFound
	}
	rows, _, err := Provisioned.List(tx, "role", []any{int64(key)}, "", 0)
	for _, p := range rows {
		r := ReservedRole(p)
		if slices.Equal(values, Roles.pickOf(r, columns)) {
			return r, nil
		}
	}
	if err == nil {
		err = ErrNotFound
	}
	return nil, err
}

// list returns the roles of an account.
func (reservedRoles) list(tx *Tx, values []any) ([]any, error) {
	rows, _, err := Provisioned.List(tx, "home", values, "", 0)
	roles := make([]any, len(rows))
	for i, p := range rows {
		roles[i] = ReservedRole(p)
	}
	name := func(role any) string { return strings.ToLower(role.(*iam.Role).Name) }
	slices.SortFunc(roles, func(a, b any) int { return strings.Compare(name(a), name(b)) })
	return roles, err
}

func (reservedRoles) count(tx *Tx, values []any) (int, error) {
	return Provisioned.Count(tx, "home", values...)
}

func (reservedRoles) owns(row any) bool { return row.(*iam.Role).Reserved() }

// save changes of a role what does not derive.
func (reservedRoles) save(tx *Tx, row any) error {
	r := row.(*iam.Role)
	p, err := Provisioned.Get(tx, r.PermissionSet, r.Account)
	if err != nil {
		return err
	}
	if reservedOf(p).ID() != r.ID {
		return errors.New("store: the role " + r.ID + " is not the one of its permission set")
	}
	p.Description, p.Version, p.Generation, p.CreatedAt = r.Description, r.Version, r.Generation, r.CreatedAt
	return Provisioned.Save(tx, p)
}

func (reservedRoles) remove(tx *Tx, row any) error {
	r := row.(*iam.Role)
	p, err := Provisioned.Get(tx, r.PermissionSet, r.Account)
	if err != nil {
		return err
	}
	return Provisioned.Delete(tx, p)
}
