package api

import (
	"context"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
)

// Reach returns how a request of p, which nobody has made, would get to what the organization of p or its identity center
// owns, by the rules of these services.
func (c *Call) Reach(ctx context.Context, p *authz.Principal, action, resource string) authz.Reach {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	switch service {
	case "organizations":
		return c.reachOfOrganization(ctx, p, action)
	case "sso", "identitystore":
		return c.reachOfCenter(p, service, action, resource)
	}
	return authz.Reach{}
}

// reachOfOrganization asks the operation: what it needs does not depend on the input.
func (c *Call) reachOfOrganization(ctx context.Context, p *authz.Principal, action string) authz.Reach {
	row := c.corridor.acting("organizations", action)
	if row == nil {
		return authz.Reach{}
	}
	k := &Call{Services: c.Services, corridor: c.corridor, Principal: p, Snapshot: c.Snapshot, Now: c.Now, Region: c.Region,
		Service: "organizations", Operation: row.Name, row: row, input: row.NewInput()}
	if err := k.resolve(ctx); err != nil || len(k.targets) == 0 {
		return authz.Reach{}
	}
	t := k.targets[0]
	return authz.Reach{Owner: t.Account, Organization: t.Organization, Admitted: t.Admitted}
}

// reachOfCenter: delegated administrators are admitted, but not to changes of what stands in the management account. See
// "Delegated administration" in the IAM Identity Center User Guide.
func (c *Call) reachOfCenter(p *authz.Principal, service, action, resource string) authz.Reach {
	i := c.Snapshot.InstanceOf(p.Account)
	if i == nil {
		return authz.Reach{}
	}
	out := authz.Reach{Owner: i.Owner, Admitted: c.Snapshot.AdministersInstance(p.Account, i)}
	row := c.corridor.acting("sso-admin", action)
	managements := c.Snapshot.Provisioned(resource, i.Owner) != nil || resource == "arn:aws:sso:::account/"+string(i.Owner)
	if service == "sso" && managements && (row == nil || !row.Read) {
		out.Admitted = false
	}
	return out
}

// acting returns the operation of a service that takes an action, or nil.
func (c *Corridor) acting(service, action string) *Row {
	for _, row := range c.tables[service] {
		if strings.EqualFold(row.Action, action) {
			return row
		}
	}
	return nil
}
