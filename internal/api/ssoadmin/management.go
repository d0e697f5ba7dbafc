package ssoadmin

import (
	"errors"
	"maps"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// step is one thing that IAM does to a role, with the condition keys that it has. See "Actions, resources, and condition
// keys for AWS Identity and Access Management".
type step struct {
	action string
	keys   map[string][]string
}

// granting lists what IAM does to give the role of a place these grants.
func granting(place provision.Place, g *permission.Grants) []step {
	arns, boundary := authz.ManagedBy(place.Account, g)
	bounded := map[string][]string{}
	if boundary != "" {
		bounded["iam:PermissionsBoundary"] = []string{boundary}
	}
	steps := []step{{action: "iam:GetRole"}}
	for _, arn := range arns {
		keys := maps.Clone(bounded)
		keys["iam:PolicyARN"] = []string{arn}
		steps = append(steps, step{"iam:AttachRolePolicy", keys})
	}
	if g.Inline != "" {
		steps = append(steps, step{"iam:PutRolePolicy", bounded})
	}
	if boundary != "" {
		steps = append(steps, step{"iam:PutRolePermissionsBoundary", bounded})
	}
	return steps
}

// assigning lists what IAM would do to give somebody the role of a place: what it takes to make a new one as the
// permission set is now, and one that is there as it is there, whatever the set has become since.
func assigning(tx *store.Tx, c *api.Call, i *permission.Instance, place provision.Place) ([]step, error) {
	there, err := store.Provisioned.Get(tx, place.Set.ARN, place.Account)
	if errors.Is(err, store.ErrNotFound) {
		return append(granting(place, &place.Set.Grants), step{action: "iam:CreateRole"}), checkRoom(tx, c, i, place.Account)
	}
	if err != nil {
		return nil, err
	}
	version, err := store.Versions.Get(tx, there.SetARN, there.Version)
	if err != nil {
		return nil, err
	}
	return granting(place, &version.Grants), nil
}

// deniedByIAM returns why the caller may not have the role of a place changed, or nothing. In the account that owns the
// instance, roles are changed with the caller's own permissions, so that who may manage assignments alone cannot make an
// administrator of that account; in all others the service does it. See "Identity-based policy examples for IAM Identity
// Center" in the IAM Identity Center User Guide.
func deniedByIAM(tx *store.Tx, c *api.Call, i *permission.Instance, place provision.Place, steps []step) (reason string, err error) {
	if place.Account != i.Owner {
		return "", nil
	}
	for _, s := range steps {
		denial, err := c.Permits(tx, s.action, api.Target{ARN: place.RoleARN(), Account: place.Account, Context: s.keys})
		if err != nil {
			return "", err
		}
		if denial != nil {
			return "Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. IAM Error: " + sentence(denial), nil
		}
	}
	return "", nil
}
