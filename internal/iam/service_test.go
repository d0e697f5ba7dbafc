package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

func TestServicesAreInOrderAndTheirPoliciesExist(t *testing.T) {
	t.Parallel()
	all := services
	if !slices.IsSortedFunc(all, func(a, b Service) int { return strings.Compare(a.Principal, b.Principal) }) {
		t.Error("the table is not in the order of principals")
	}
	names := map[string]bool{}
	for _, s := range all {
		if p, ok := managed.ByARN(managed.Prefix + ServicePath + s.Policy); !ok || p.Attachable() {
			t.Errorf("%s: %s is no policy of a service-linked role", s.Principal, s.Policy)
		}
		if _, err := policy.Parse([]byte(s.Trust()), policy.Trust); err != nil {
			t.Errorf("%s: %v", s.Principal, err)
		}
		if names[s.Role] || !strings.HasPrefix(s.Role, "AWSServiceRoleFor") {
			t.Errorf("%s is the name of two roles, or of none", s.Role)
		}
		names[s.Role] = true
		if got, ok := ServiceNamed(s.Principal); !ok || got != s {
			t.Errorf("%s is not found", s.Principal)
		}
	}
}
