package api

import (
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Recorded returns the principal of an event as decisions on a snapshot take it, or nil when policies do not bind it.
func (s *Services) Recorded(snap *authz.Snapshot, e *audit.Event) *authz.Principal {
	return snap.Recorded(&e.Principal, func(account ident.AccountID, arn string) (policy.Policy, bool) {
		return s.SessionPolicy(snap, account, arn)
	})
}
