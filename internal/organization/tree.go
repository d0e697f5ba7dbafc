package organization

import (
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// MaxDepth is how many units may stand below each other. See "Quotas for AWS Organizations".
const MaxDepth = 5

// Feature sets.
const (
	AllFeatures         = "ALL"
	ConsolidatedBilling = "CONSOLIDATED_BILLING"
)

// New returns an organization with new ids. No policy type is enabled: see EnablePolicyType.
func New(ids *ident.Source, management ident.AccountID, now time.Time) *Organization {
	return &Organization{ID: "o-" + ids.Lower(10), RootID: NewRootID(ids), Management: management,
		FeatureSet: AllFeatures, CreatedAt: now}
}

// NewRootID returns an id for a root.
func NewRootID(ids *ident.Source) string { return "r-" + ids.Lower(4) }

// NewUnit returns a unit under parent.
func (o *Organization) NewUnit(ids *ident.Source, parent, name string, now time.Time) *Unit {
	return &Unit{ID: "ou-" + o.RootID[len("r-"):] + "-" + ids.Lower(8), OrganizationID: o.ID, ParentID: parent, Name: name, CreatedAt: now}
}

// AccountARN returns the ARN of a member account.
func (o *Organization) AccountARN(id ident.AccountID) string {
	return o.arn("account/" + o.ID + "/" + string(id))
}

// Enables reports whether policies of the type are in force.
func (o *Organization) Enables(policyType string) bool { return slices.Contains(o.Enabled, policyType) }
