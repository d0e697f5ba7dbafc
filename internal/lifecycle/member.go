package lifecycle

import (
	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Join puts an account under the root of an organization, where the policies of the root bind it.
func (w Work) Join(o *organization.Organization, a *account.Account, method string) error {
	if err := a.Join(o.ID, o.RootID, method, w.Tx.Now); err != nil {
		return err
	}
	if err := store.Accounts.Save(w.Tx, a); err != nil {
		return err
	}
	w.Effect(o.Management, service, "AccountJoinedOrganization", o.AccountARN(a.ID))
	if err := w.link(a.ID); err != nil {
		return err
	}
	return Guard(w.Tx, o, string(a.ID))
}

// Guard attaches to a new target the policies of AWS's that allow everything, of each type that is in force: without them
// nothing would be allowed there.
func Guard(tx *store.Tx, o *organization.Organization, target string) error {
	for _, kind := range o.Enabled {
		if err := GuardBy(tx, o, target, kind); err != nil {
			return err
		}
	}
	return nil
}

// GuardBy attaches AWS's policy of one type to a target.
func GuardBy(tx *store.Tx, o *organization.Organization, target, policyType string) error {
	p := organization.Provided(policyType)
	if p == nil {
		return nil
	}
	return store.Attachments.Save(tx, &organization.Attachment{OrganizationID: o.ID, PolicyID: p.ID, TargetID: target})
}

// Depart makes a member stand alone: its policies are detached, and nobody of the organization's identity center comes
// into it any more. The account's own users and roles stay, and OrganizationAccountAccessRole among them, as on AWS.
func (w Work) Depart(o *organization.Organization, a *account.Account) error {
	if err := w.unassign(o, a); err != nil {
		return err
	}
	if err := DetachAll(w.Tx, "target", o.ID, string(a.ID)); err != nil {
		return err
	}
	if err := dropApprovals(w.Tx, o, a); err != nil {
		return err
	}
	w.Effect(o.Management, service, "AccountDepartedOrganization", o.AccountARN(a.ID))
	a.Leave()
	return store.Accounts.Save(w.Tx, a)
}

// Close closes a member: everybody's access to it ends, its root user's too.
func (w Work) Close(o *organization.Organization, a *account.Account) error {
	if err := a.Close(w.Tx.Now); err != nil {
		return err
	}
	if err := w.unassign(o, a); err != nil {
		return err
	}
	w.Effect(o.Management, service, "CloseAccountResult", o.AccountARN(a.ID))
	return store.Accounts.Save(w.Tx, a)
}

// Clean lets those of the accounts depart that were closed for good, and reports how many members are left of them.
func (w Work) Clean(o *organization.Organization, members []*account.Account) (left int, err error) {
	for _, a := range members {
		if !a.Gone(w.Tx.Now) {
			left++
			continue
		}
		if err := drop(w.Tx, store.Delegates, "account", o.ID, a.ID); err != nil {
			return 0, err
		}
		if err := w.Depart(o, a); err != nil {
			return 0, err
		}
	}
	return left, nil
}

// unassign takes away everything that was assigned in the account by the identity center of the organization.
func (w Work) unassign(o *organization.Organization, a *account.Account) error {
	instances, _, err := store.Instances.List(w.Tx, "all", nil, "", 0)
	if err != nil {
		return err
	}
	for _, i := range instances {
		if i.OrganizationID != o.ID {
			continue
		}
		if err := w.unassignFrom(i, a); err != nil {
			return err
		}
	}
	return nil
}

func (w Work) unassignFrom(i *permission.Instance, a *account.Account) error {
	sets, _, err := store.PermissionSets.List(w.Tx, "instance", []any{i.ARN}, "", 0)
	if err != nil {
		return err
	}
	for _, set := range sets {
		if err := w.unassignAll(provision.Place{Set: set, Account: a.ID, Region: w.Region}); err != nil {
			return err
		}
	}
	return nil
}

func (w Work) unassignAll(p provision.Place) error {
	assigned, _, err := store.Assignments.List(w.Tx, "pair", []any{p.Set.ARN, p.Account}, "", 0)
	if err != nil {
		return err
	}
	for _, given := range assigned {
		removed, err := provision.Unassign(w.Tx, p, given.PrincipalType, given.PrincipalID)
		if err != nil {
			return err
		}
		if removed {
			w.Effect(p.Account, identityCenter, "DeleteRole", p.RoleARN())
		}
	}
	return nil
}

// DetachAll removes all attachments of a "policy" or of a "target".
func DetachAll(tx *store.Tx, by, organizationID, id string) error {
	rows, _, err := store.Attachments.List(tx, by, []any{organizationID, id}, "", 0)
	if err != nil {
		return err
	}
	for _, a := range rows {
		if err := store.Attachments.Delete(tx, a); err != nil {
			return err
		}
	}
	return nil
}

// DetachType removes all attachments of all policies of a type.
func DetachType(tx *store.Tx, o *organization.Organization, policyType string) error {
	rows, _, err := store.Policies.List(tx, "organization", []any{o.ID, policyType}, "", 0)
	if err != nil {
		return err
	}
	for _, p := range append(rows, organization.Provided(policyType)) {
		if err := DetachAll(tx, "policy", o.ID, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// dropApprovals cancels what a departing account was asked: the others no longer wait for it.
func dropApprovals(tx *store.Tx, o *organization.Organization, a *account.Account) error {
	asked, _, err := store.Handshakes.List(tx, "recipient", []any{string(a.ID)}, "", 0)
	if err != nil {
		return err
	}
	for _, h := range asked {
		if h.OrganizationID != o.ID || h.Action != organization.ApproveAllFeatures || h.StateAt(tx.Now) != organization.Open {
			continue
		}
		if err := h.End(organization.Canceled, tx.Now); err != nil {
			return err
		}
		if err := store.Handshakes.Save(tx, h); err != nil {
			return err
		}
		if err := Settle(tx, h.Parent); err != nil {
			return err
		}
	}
	return nil
}

// Settle opens an ENABLE_ALL_FEATURES handshake once nobody is left who has not approved. One who declined stands in
// its way for good; one who left the organization does not.
func Settle(tx *store.Tx, parent string) error {
	h, err := store.Handshakes.Get(tx, parent)
	if err != nil {
		return store.Missing(err, nil)
	}
	if h.StateAt(tx.Now) != organization.Requested {
		return nil
	}
	asked, _, err := store.Handshakes.List(tx, "parent", []any{parent}, "", 0)
	if err != nil {
		return err
	}
	for _, child := range asked {
		if child.State != organization.Accepted && child.State != organization.Canceled {
			return nil
		}
	}
	h.State = organization.Open
	return store.Handshakes.Save(tx, h)
}
