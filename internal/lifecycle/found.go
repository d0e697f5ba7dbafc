// Package lifecycle is what happens to several aggregates at once: an organization is founded, and its founder becomes
// the management account; accounts join and leave it, or are closed; it is dissolved. Whoever leaves or is closed takes
// along what was assigned there, and the roles and sessions behind it. It works in its caller's transaction, and whoever
// calls it has authorised it.
package lifecycle

import (
	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Who does what happens in other accounts, in the words of the audit trail.
const (
	service        = "organizations.amazonaws.com"
	identityCenter = "sso.amazonaws.com"
)

// Work is what a change works with.
type Work struct {
	Tx     *store.Tx
	IDs    *ident.Source
	Region string // of the identity centers
	// Effect notes what was done as a service: roles that came and went, and the membership events that AWS logs in the
	// management account. See "Logging and monitoring in AWS Organizations" in the AWS Organizations User Guide.
	Effect func(account ident.AccountID, service, operation, resource string)
}

// Found saves a new organization and puts its management account under its root. The root gets another id until no
// other organization has it, since parents are told by their id alone. It returns the management account, or the fault
// of one that is in an organization already.
func (w Work) Found(o *organization.Organization) (*account.Account, error) {
	tx := w.Tx
	if err := freshRoot(tx, w.IDs, o); err != nil {
		return nil, err
	}
	a, err := store.Accounts.Get(tx, o.Management)
	if err != nil {
		return nil, err
	}
	if err := a.Join(o.ID, o.RootID, account.Invited, tx.Now); err != nil {
		return nil, err
	}
	o.CreatedAt = tx.Now
	if err := store.Organizations.Save(tx, o); err != nil {
		return nil, err
	}
	if err := store.Accounts.Save(tx, a); err != nil {
		return nil, err
	}
	w.Effect(o.Management, service, "AccountJoinedOrganization", o.AccountARN(a.ID))
	if err := w.link(a.ID); err != nil {
		return nil, err
	}
	return a, adopt(tx, o)
}

// adopt makes the identity center of the founder, when there is one, that of the organization: an identity center with
// permission sets belongs to the organization of its owner, and the owner can have but one.
func adopt(tx *store.Tx, o *organization.Organization) error {
	i, err := store.Instances.By(tx, "owner", o.Management)
	if err != nil {
		return store.Missing(err, nil)
	}
	i.OrganizationID = o.ID
	return store.Instances.Save(tx, i)
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
