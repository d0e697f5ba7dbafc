package organization

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Delegate is an account that administers a service for the organization. See RegisterDelegatedAdministrator of the
// Organizations API.
type Delegate struct {
	OrganizationID string
	Account        ident.AccountID
	Service        string // "sso.amazonaws.com"
	EnabledAt      time.Time
}

// ResourcePolicy is the delegation policy of an organization: it says which accounts may manage policies in its place.
type ResourcePolicy struct {
	OrganizationID string
	ID             string // rp-…
	Content        string
	Tags           map[string]string
	CreatedAt      time.Time
}

// ResourcePolicyARN returns the ARN of the delegation policy with this id.
func (o *Organization) ResourcePolicyARN(id string) string {
	return o.arn("resourcepolicy/" + o.ID + "/" + id)
}

// lower is how names of actions and types stand in ARNs.
func lower(s string) string { return strings.ToLower(s) }

// Trust gives a service trusted access. It reports whether that was new.
func (o *Organization) Trust(service string, now time.Time) bool {
	if _, there := o.Services[service]; there {
		return false
	}
	if o.Services == nil {
		o.Services = map[string]time.Time{}
	}
	o.Services[service] = now
	return true
}

// Trusts reports whether a service has trusted access.
func (o *Organization) Trusts(service string) bool {
	_, there := o.Services[service]
	return there
}
