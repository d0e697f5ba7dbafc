package authz

import (
	"sync/atomic"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// above is what lies over an account: the policies of its organization, level by level, and where it stands. It is put
// together from many places and is nearly always the same as at the decision before.
type above struct {
	account *account.Account // as it was
	moment  *moment          // of the organizations
	path    string
	scp     [][]policy.Policy
	rcp     [][]policy.Policy
}

// overhead keeps what lay over accounts lately: each in one of the two slots that its id gives it, the later one first.
type overhead [2048][2]atomic.Pointer[above]

// over returns what lies over an account of an organization. Nobody may change it.
func (s *Snapshot) over(a *account.Account, o *organization.Organization) *above {
	if s.overhead == nil {
		return s.putTogether(a, o)
	}
	number, _ := accountNumber(a.ID)
	slots := &s.overhead[number%uint64(len(s.overhead))]
	for i := range slots {
		if at := slots[i].Load(); at != nil && at.account == a && at.moment == s.organized {
			return at
		}
	}
	at := s.putTogether(a, o)
	slots[1].Store(slots[0].Swap(at))
	return at
}

func (s *Snapshot) putTogether(a *account.Account, o *organization.Organization) *above {
	return &above{account: a, moment: s.organized, path: s.orgPath(a),
		scp: s.levels(a, o, organization.ServiceControlPolicy), rcp: s.levels(a, o, organization.ResourceControlPolicy)}
}

// reorganize notes that organizations, units, their policies or what these are attached to have changed.
func (s *Snapshot) reorganize() {
	if s.overhead == nil {
		s.overhead = new(overhead)
	}
	if s.organized == nil || !s.fresh {
		s.organized = new(moment)
	}
}
