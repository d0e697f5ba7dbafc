package lifecycle

import (
	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Dissolve deletes an organization that has no members but its management account, with everything that belongs to it.
// Its identity center stays with the account, without anybody assigned anywhere, until the account founds another
// organization.
func (w Work) Dissolve(o *organization.Organization, management *account.Account) error {
	if err := w.Depart(o, management); err != nil {
		return err
	}
	for _, forget := range []func(*store.Tx, *organization.Organization) error{
		dropPolicies, dropUnits, dropDelegates, dropResourcePolicy, dropHandshakes, dropStatuses, freeInstances,
	} {
		if err := forget(w.Tx, o); err != nil {
			return err
		}
	}
	return store.Organizations.Delete(w.Tx, o)
}

// drop deletes the rows of a list.
func drop[T any](tx *store.Tx, table *store.Table[T], list string, values ...any) error {
	rows, _, err := table.List(tx, list, values, "", 0)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := table.Delete(tx, r); err != nil {
			return err
		}
	}
	return nil
}

func dropPolicies(tx *store.Tx, o *organization.Organization) error {
	for _, kind := range organization.Types() {
		if err := DetachType(tx, o, kind); err != nil {
			return err
		}
		if err := drop(tx, store.Policies, "organization", o.ID, kind); err != nil {
			return err
		}
	}
	return nil
}

func dropUnits(tx *store.Tx, o *organization.Organization) error {
	return drop(tx, store.Units, "organization", o.ID)
}

func dropDelegates(tx *store.Tx, o *organization.Organization) error {
	return drop(tx, store.Delegates, "organization", o.ID)
}

func dropStatuses(tx *store.Tx, o *organization.Organization) error {
	return drop(tx, store.CreateStatuses, "organization", o.ID)
}

func dropResourcePolicy(tx *store.Tx, o *organization.Organization) error {
	p, err := store.ResourcePolicies.Get(tx, o.ID)
	if err != nil {
		return store.Missing(err, nil)
	}
	return store.ResourcePolicies.Delete(tx, p)
}

// dropHandshakes cancels what nobody has answered, so that who was invited sees what became of it.
func dropHandshakes(tx *store.Tx, o *organization.Organization) error {
	rows, _, err := store.Handshakes.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return err
	}
	for _, h := range rows {
		if h.End(organization.Canceled, tx.Now) != nil {
			continue // over already
		}
		if err := store.Handshakes.Save(tx, h); err != nil {
			return err
		}
	}
	return nil
}

// freeInstances takes the identity centers out of the organization.
func freeInstances(tx *store.Tx, o *organization.Organization) error {
	instances, _, err := store.Instances.List(tx, "all", nil, "", 0)
	if err != nil {
		return err
	}
	for _, i := range instances {
		if i.OrganizationID != o.ID {
			continue
		}
		i.OrganizationID = ""
		if err := store.Instances.Save(tx, i); err != nil {
			return err
		}
	}
	return nil
}
