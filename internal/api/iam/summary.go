package iam

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// getAccountSummary counts what the account has, beside what it may have. What cannot be had here is counted as none, of
// none.
func getAccountSummary(ctx context.Context, c *api.Call, _ *sdk.GetAccountSummaryInput) (*sdk.GetAccountSummaryOutput, error) {
	has, err := api.Look(ctx, c, func(tx *store.Tx) (map[types.SummaryKeyType]int, error) { return counts(tx, c) })
	if err != nil {
		return nil, err
	}
	out := &sdk.GetAccountSummaryOutput{SummaryMap: map[string]int32{}}
	for _, key := range types.SummaryKeyType("").Values() {
		out.SummaryMap[string(key)] = 0
	}
	for _, part := range []map[types.SummaryKeyType]int{mayHave(c), has} {
		for key, n := range part {
			out.SummaryMap[string(key)] = int32(n)
		}
	}
	return out, nil
}

// quotas are the limits that the summary tells.
var quotas = map[types.SummaryKeyType]int{
	types.SummaryKeyTypeUsersQuota:                    maxUsers,
	types.SummaryKeyTypeGroupsQuota:                   maxGroups,
	types.SummaryKeyTypeRolesQuota:                    maxRoles,
	types.SummaryKeyTypePoliciesQuota:                 maxPolicies,
	types.SummaryKeyTypePolicySizeQuota:               maxPolicySize,
	types.SummaryKeyTypeVersionsPerPolicyQuota:        maxVersions,
	types.SummaryKeyTypeUserPolicySizeQuota:           maxUserInline,
	types.SummaryKeyTypeGroupPolicySizeQuota:          maxGroupInline,
	types.SummaryKeyTypeRolePolicySizeQuota:           maxRoleInline,
	types.SummaryKeyTypeAssumeRolePolicySizeQuota:     maxTrust,
	types.SummaryKeyTypeGroupsPerUserQuota:            maxUserGroups,
	types.SummaryKeyTypeAccessKeysPerUserQuota:        maxKeys,
	types.SummaryKeyTypeAttachedPoliciesPerUserQuota:  maxUserManaged,
	types.SummaryKeyTypeAttachedPoliciesPerGroupQuota: maxGroupManaged,
	types.SummaryKeyTypeAttachedPoliciesPerRoleQuota:  maxRoleManaged,
}

// mayHave tells what an account may have, as the handlers hold it to.
func mayHave(c *api.Call) map[types.SummaryKeyType]int {
	may := map[types.SummaryKeyType]int{
		types.SummaryKeyTypePolicyVersionsInUseQuota:   c.Most(&limits[maxPolicies]) * c.Most(&limits[maxVersions]),
		types.SummaryKeyTypeGlobalEndpointTokenVersion: 2, // session tokens are good in every Region
	}
	for key, l := range quotas {
		may[key] = c.Most(&limits[l])
	}
	return may
}

// counts counts what the account has.
func counts(tx *store.Tx, c *api.Call) (map[types.SummaryKeyType]int, error) {
	has := map[types.SummaryKeyType]int{}
	for key, count := range map[types.SummaryKeyType]func(*store.Tx, string, ...any) (int, error){
		types.SummaryKeyTypeUsers:    store.IAMUsers.Count,
		types.SummaryKeyTypeGroups:   store.IAMGroups.Count,
		types.SummaryKeyTypeRoles:    store.Roles.Count,
		types.SummaryKeyTypePolicies: store.ManagedPolicies.Count,
	} {
		n, err := count(tx, "account", c.Principal.Account)
		if err != nil {
			return nil, err
		}
		has[key] = n
	}
	if err := proofs(tx, c, has); err != nil {
		return nil, err
	}
	return has, walk(tx, store.ManagedPolicies, "account", []any{c.Principal.Account}, "", pageLength, func(p *iam.ManagedPolicy) bool {
		has[types.SummaryKeyTypePolicyVersionsInUse] += len(p.Versions)
		return true
	})
}

// proofs counts what the account's root user and IAM users prove themselves with.
func proofs(tx *store.Tx, c *api.Call, has map[types.SummaryKeyType]int) error {
	id := c.Principal.Account
	if _, err := store.Logins.Get(tx, string(id)); err == nil {
		has[types.SummaryKeyTypeAccountPasswordPresent] = 1
	} else if store.Missing(err, nil) != nil {
		return err
	}
	count := func(owner string) bool {
		has[types.SummaryKeyTypeMFADevices]++
		if owner != "" {
			has[types.SummaryKeyTypeMFADevicesInUse]++
		}
		if owner == string(id) {
			has[types.SummaryKeyTypeAccountMFAEnabled] = 1
		}
		return true
	}
	keys := func(d *factor.Device) bool { return count(d.Owner) }
	if err := walk(tx, store.Factors, "account", []any{id}, "", pageLength, keys); err != nil {
		return err
	}
	return walk(tx, store.Virtuals, "account", []any{id}, "", pageLength, func(v *factor.Virtual) bool { return count(v.Owner) })
}
