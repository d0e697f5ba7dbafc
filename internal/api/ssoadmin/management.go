package ssoadmin

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// granting lists what IAM does to give a role these grants.
func granting(g *permission.Grants) []string {
	actions := []string{"iam:GetRole"}
	if len(g.Managed)+len(g.Customer) > 0 {
		actions = append(actions, "iam:AttachRolePolicy")
	}
	if g.Inline != "" {
		actions = append(actions, "iam:PutRolePolicy")
	}
	if g.Boundary != nil {
		actions = append(actions, "iam:PutRolePermissionsBoundary")
	}
	return actions
}

// deniedByIAM returns why the caller may not have the role of a place changed, or nothing. In the account that owns the
// instance, roles are changed with the caller's own permissions, so that who may manage assignments alone cannot make an
// administrator of that account; in all others the service does it. See "Identity-based policy examples for IAM Identity
// Center" in the IAM Identity Center User Guide.
func deniedByIAM(tx *store.Tx, c *api.Call, i *permission.Instance, place provision.Place, actions []string) (reason string, err error) {
	if place.Account != i.Owner {
		return "", nil
	}
	for _, action := range actions {
		denial, err := c.Permits(tx, action, api.Target{ARN: place.RoleARN(), Account: place.Account})
		if err != nil {
			return "", err
		}
		if denial != nil {
			return "Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. IAM Error: " + sentence(denial), nil
		}
	}
	return "", nil
}
