package account

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// service is what has to have trusted access.
const service = "account.amazonaws.com"

// Why a caller cannot name an account.
const (
	standaloneOnly = "The management account can only be managed using the standalone context from the management account."
	noTrust        = "Your organization must first enable trusted access with AWS Account Management."
	notInCharge    = "Only the management account and delegated administrators can manage the accounts of an organization."
)

// find returns the account that a request is about: the caller's own, or a member that it may name.
func find(tx *store.Tx, c *api.Call, named *string) (*account.Account, error) {
	me, err := store.Accounts.Get(tx, c.Principal.Account)
	if err != nil || named == nil {
		return me, err
	}
	if me.OrganizationID == "" {
		return nil, denied(c, notInCharge)
	}
	o, err := store.Organizations.Get(tx, me.OrganizationID)
	if err != nil {
		return nil, err
	}
	if err := mayName(tx, c, o); err != nil {
		return nil, err
	}
	if *named == string(o.Management) {
		return nil, denied(c, standaloneOnly)
	}
	a, err := store.Accounts.Get(tx, *named)
	if errors.Is(err, store.ErrNotFound) || err == nil && (a.OrganizationID != o.ID || a.Gone(tx.Now)) {
		return nil, denied(c, "The account is not a member of your organization.")
	}
	return a, err
}

// mayName reports whether the caller's account may name members of its organization.
func mayName(tx *store.Tx, c *api.Call, o *organization.Organization) error {
	if o.Management != c.Principal.Account {
		_, err := store.Delegates.Get(tx, o.ID, c.Principal.Account, service)
		if err != nil {
			return store.Missing(err, denied(c, notInCharge))
		}
	}
	if !o.Trusts(service) || o.FeatureSet != organization.AllFeatures {
		return denied(c, noTrust)
	}
	return nil
}

// profileOf returns what an account says of itself, which is nothing to begin with.
func profileOf(tx *store.Tx, a *account.Account) (*account.Profile, error) {
	p, err := store.Profiles.Get(tx, a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return &account.Profile{Account: a.ID}, nil
	}
	return p, err
}
