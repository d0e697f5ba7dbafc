package sso

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// granted returns the caller, and the role behind the permission set name in an account, when the caller has it.
func granted(c *api.Call, id ident.AccountID, name string) (*directory.User, *iam.Role, time.Duration, error) {
	person := c.Snapshot.User(c.Principal.UserID)
	if person == nil {
		return nil, nil, 0, noAccess()
	}
	instance := c.Snapshot.InstanceWith(person.StoreID)
	a := c.Snapshot.Account(id)
	if instance == nil || a == nil || a.Status != account.Active {
		return nil, nil, 0, noAccess()
	}
	set := c.Snapshot.SetNamed(instance.ARN, name)
	if set == nil || !c.Snapshot.Assigned(person.ID, set.ARN, id) {
		return nil, nil, 0, noAccess()
	}
	role, duration := c.Snapshot.Reserved(set.ARN, id)
	if role == nil {
		return nil, nil, 0, noAccess()
	}
	return person, role, duration, nil
}
