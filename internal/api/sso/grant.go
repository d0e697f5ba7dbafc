package sso

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// grant is a role that a person has been given in an account.
type grant struct {
	person   *directory.User
	instance *permission.Instance
	role     *iam.Role
	duration time.Duration // of sessions
}

// granted returns the caller, and the role behind the permission set name in an account, when the caller has it.
func granted(c *api.Call, id ident.AccountID, name string) (*grant, error) {
	person := c.Person()
	if person == nil {
		return nil, noAccess()
	}
	instance := c.Snapshot.InstanceWith(person.StoreID)
	a := c.Snapshot.Account(id)
	if instance == nil || a == nil || a.Status != account.Active {
		return nil, noAccess()
	}
	set := c.Snapshot.SetNamed(instance.ARN, name)
	if set == nil || !c.Snapshot.Assigned(person.ID, set.ARN, id) {
		return nil, noAccess()
	}
	role, duration := c.Snapshot.Reserved(set.ARN, id)
	if role == nil {
		return nil, noAccess()
	}
	return &grant{person, instance, role, duration}, nil
}
