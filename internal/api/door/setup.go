package door

import (
	"context"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// What belongs to the set-up of an account.
const (
	SecondFactor   = "SECOND_FACTOR"   // of the root user
	Organization   = "ORGANIZATION"    // is there
	IdentityCenter = "IDENTITY_CENTER" // is enabled
	Administrator  = "ADMINISTRATOR"   // somebody comes into the account by the portal
	Mail           = "MAIL"            // can be sent from this server
)

// ListSetupTasksInput asks what is left of the set-up.
type ListSetupTasksInput struct{}

// ListSetupTasksOutput has what belongs to it, done or not, in the order in which it is best done.
type ListSetupTasksOutput struct{ Tasks []SetupTask }

// SetupTask is a part of the set-up.
type SetupTask struct {
	Name string
	Done bool
}

// listSetupTasks says what is left of the set-up of an account, to its root user. A member of an organization has but a root
// user to look after: the rest is the business of its management account.
func listSetupTasks(ctx context.Context, c *api.Call, _ *ListSetupTasksInput) (*ListSetupTasksOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*ListSetupTasksOutput, error) {
		h, _, err := caller(tx, c)
		out := &ListSetupTasksOutput{}
		if err != nil || h.user != nil {
			return out, err
		}
		out.Tasks = append(out.Tasks, SetupTask{SecondFactor, len(h.devices)+len(h.keys) > 0})
		manages, err := manages(tx, h.account)
		if err != nil || h.account.OrganizationID != "" && !manages {
			return out, err
		}
		out.Tasks = append(out.Tasks, SetupTask{Organization, manages})
		enabled, entered, err := entered(tx, h.account)
		if err != nil {
			return nil, err
		}
		able, err := c.CanMail(tx)
		out.Tasks = append(out.Tasks, SetupTask{IdentityCenter, enabled}, SetupTask{Administrator, entered}, SetupTask{Mail, able})
		return out, err
	})
}

// manages reports whether an account manages an organization.
func manages(tx *store.Tx, a *account.Account) (bool, error) {
	if a.OrganizationID == "" {
		return false, nil
	}
	o, err := store.Organizations.Get(tx, a.OrganizationID)
	return err == nil && o.Management == a.ID, err
}

// entered reports whether an account has an identity center, and whether anybody comes in by it.
func entered(tx *store.Tx, a *account.Account) (enabled, any bool, err error) {
	i, err := store.Instances.By(tx, "owner", a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	n, err := store.Provisioned.Count(tx, "account", i.ARN, a.ID)
	return true, n > 0, err
}
