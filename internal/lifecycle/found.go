// Package lifecycle is what happens to several aggregates at once: an organization is founded, and its founder becomes
// the management account. It works in its caller's transaction, and whoever calls it has authorised it.
package lifecycle

import (
	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// founderJoined is how the management account came to its organization, in the words of the Organizations API.
const founderJoined = "INVITED"

// Found saves a new organization and puts its management account under its root. The root gets another id until no
// other organization has it, since parents are told by their id alone. It returns the management account, or the fault
// of one that is in an organization already.
func Found(tx *store.Tx, ids *ident.Source, o *organization.Organization) (*account.Account, error) {
	if err := freshRoot(tx, ids, o); err != nil {
		return nil, err
	}
	a, err := store.Accounts.Get(tx, o.Management)
	if err != nil {
		return nil, err
	}
	if err := a.Join(o.ID, o.RootID, founderJoined, tx.Now); err != nil {
		return nil, err
	}
	o.CreatedAt = tx.Now
	if err := store.Organizations.Save(tx, o); err != nil {
		return nil, err
	}
	return a, store.Accounts.Save(tx, a)
}

func freshRoot(tx *store.Tx, ids *ident.Source, o *organization.Organization) error {
	used := map[string]bool{}
	err := store.Organizations.Each(tx, func(other *organization.Organization) error {
		used[other.RootID] = true
		return nil
	})
	for used[o.RootID] {
		o.RootID = organization.NewRootID(ids)
	}
	return err
}
