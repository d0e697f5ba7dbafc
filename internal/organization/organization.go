// Package organization holds organizations: the tree of a root and its organizational units, the policies that guard
// it, what is attached to what, handshakes between accounts, and to whom work is delegated. Accounts stand in the tree by
// their ParentID. The shapes follow the Organizations API.
package organization

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// The ids of the policies that AWS owns and attaches to every new root, OU and account.
const (
	FullAccessID         = "p-FullAWSAccess"
	FullResourceAccessID = "p-RCPFullAWSAccess"
)

// FullAccessDocument is what FullAWSAccess says.
const FullAccessDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Types of policies that take part in decisions.
const (
	ServiceControlPolicy  = "SERVICE_CONTROL_POLICY"  // bounds what principals of member accounts may do
	ResourceControlPolicy = "RESOURCE_CONTROL_POLICY" // bounds what anybody may do with resources of member accounts
)

// Types returns the types of policies that take part in decisions.
func Types() []string { return []string{ServiceControlPolicy, ResourceControlPolicy} }

// Organization is one organization; its root is part of it.
type Organization struct {
	ID         string // o-…
	Management ident.AccountID
	RootID     string               // r-…
	FeatureSet string               // ALL or CONSOLIDATED_BILLING
	Enabled    []string             // policy types enabled at the root
	Services   map[string]time.Time // service principals that have trusted access, and since when
	RootTags   map[string]string
	CreatedAt  time.Time
}

// ARN returns the organization's ARN.
func (o *Organization) ARN() string { return o.arn("organization/" + o.ID) }

// RootARN returns the ARN of the organization's root.
func (o *Organization) RootARN() string { return o.arn("root/" + o.ID + "/" + o.RootID) }

// UnitARN returns the ARN of one of the organization's units.
func (o *Organization) UnitARN(id string) string { return o.arn("ou/" + o.ID + "/" + id) }

// PolicyARN returns the ARN of a policy of the organization.
func (o *Organization) PolicyARN(p *Policy) string {
	if p.AWSManaged {
		return "arn:aws:organizations::aws:policy/" + strings.ToLower(p.Type) + "/" + p.ID
	}
	return o.arn("policy/" + o.ID + "/" + strings.ToLower(p.Type) + "/" + p.ID)
}

func (o *Organization) arn(resource string) string {
	return "arn:aws:organizations::" + string(o.Management) + ":" + resource
}

// FullAccess returns the policy FullAWSAccess, which belongs to AWS and to every organization.
func FullAccess() *Policy {
	return &Policy{ID: FullAccessID, Type: ServiceControlPolicy, Name: "FullAWSAccess",
		Description: "Allows access to every operation", Content: FullAccessDocument, AWSManaged: true}
}

// FullResourceAccess is RCPFullAWSAccess. It stands at every level while resource control policies are enabled, and nobody can
// detach it. See "RCP evaluation" in the Organizations User Guide.
func FullResourceAccess() *Policy {
	return &Policy{ID: FullResourceAccessID, Type: ResourceControlPolicy, Name: "RCPFullAWSAccess",
		Description: "Allows access to every resource", AWSManaged: true,
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`}
}

// Provided returns the policy of a type that belongs to AWS and allows everything; nil for a type that decides nothing.
func Provided(policyType string) *Policy {
	switch policyType {
	case ServiceControlPolicy:
		return FullAccess()
	case ResourceControlPolicy:
		return FullResourceAccess()
	}
	return nil
}

// ProvidedByID returns a policy that belongs to AWS, or nil when none of them has the id.
func ProvidedByID(id string) *Policy {
	switch id {
	case FullAccessID:
		return FullAccess()
	case FullResourceAccessID:
		return FullResourceAccess()
	}
	return nil
}

// Unit is an organizational unit.
type Unit struct {
	ID             string // ou-…
	OrganizationID string
	ParentID       string // r-… or ou-…
	Name           string // unique among its siblings
	Tags           map[string]string
	CreatedAt      time.Time
}

// Policy is an organization policy.
type Policy struct {
	ID             string // p-…
	OrganizationID string
	Type           string
	Name           string // unique in its organization and type
	Description    string
	Content        string // as it was given
	AWSManaged     bool
	Tags           map[string]string
	CreatedAt      time.Time
}

// Attachment binds a policy to a root, a unit or an account.
type Attachment struct {
	OrganizationID string
	PolicyID       string
	TargetID       string // r-…, ou-…, or an account id
}

// CreateStatus is how the making of an account went. See CreateAccountStatus of the Organizations API.
type CreateStatus struct {
	ID             string // car-…
	OrganizationID string
	AccountName    string
	AccountID      ident.AccountID // empty when it failed
	State          string          // IN_PROGRESS, SUCCEEDED or FAILED
	FailureReason  string
	RequestedAt    time.Time
	CompletedAt    time.Time
}
