package authz

import (
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

// Levels names, for people, what the SCPs and RCPs of an account may be attached to: root, units and the account, from the
// root down, as the levels of a decision count them. It is nil for an account that stands alone.
func (s *Snapshot) Levels(id ident.AccountID) []string {
	a, o := s.Account(id), s.OrganizationOf(id)
	if o == nil {
		return nil
	}
	names := []string{string(a.ID) + " (" + a.Name + ")"}
	for at := a.ParentID; at != o.RootID; {
		u := s.units.get(at)
		if u == nil || len(names) > organization.MaxDepth {
			return nil
		}
		names = append(names, u.ID+" ("+u.Name+")")
		at = u.ParentID
	}
	names = append(names, o.RootID+" (root)")
	slices.Reverse(names)
	return names
}
