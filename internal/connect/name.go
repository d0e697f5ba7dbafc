package connect

import (
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/account"
)

// regional are the prefixes of the services that have an endpoint in every Region, and global the endpoints of those that
// have one for the whole partition. See "AWS service endpoints" in the AWS General Reference.
var (
	regional = [...]string{"identitystore", "oidc", "portal.sso", "sso", "sts"}
	global   = [...]string{"account.us-east-1.amazonaws.com", "iam.amazonaws.com", "organizations.us-east-1.amazonaws.com", "sts.amazonaws.com"}
)

// Names returns the names that Gatehouse serves, in order.
func Names() []string {
	names := slices.Clone(global[:])
	for _, r := range account.Regions() {
		for _, prefix := range regional {
			names = append(names, prefix+"."+r.Name+".amazonaws.com")
		}
	}
	slices.Sort(names)
	return names
}
