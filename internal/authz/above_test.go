package authz

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
)

// TestWhatLiesOverAnAccountIsNeverOld: whatever changes in whatever order, in a draft that is kept or forgotten, what was put
// together before is used only while it is right.
func TestWhatLiesOverAnAccountIsNeverOld(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	s := NewState()
	s.Apply(saved(&organization.Organization{ID: "o-a", Management: elsewhere, RootID: "r-a", FeatureSet: organization.AllFeatures}))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	parent := func() string { return pick("r-a", "ou-1", "ou-2") }
	types := []string{organization.ServiceControlPolicy, organization.ResourceControlPolicy}
	for range 2000 {
		kind := types[rnd.IntN(2)]
		var row any
		switch rnd.IntN(5) {
		case 0:
			row = &account.Account{ID: here, Name: "here", Email: "here@example.com", Status: account.Active, OrganizationID: pick("o-a", "o-a", ""), ParentID: parent()}
		case 1:
			row = &organization.Organization{ID: "o-a", Management: elsewhere, RootID: "r-a", FeatureSet: organization.AllFeatures, Enabled: types[:rnd.IntN(3)]}
		case 2:
			row = &organization.Unit{ID: "ou-2", OrganizationID: "o-a", ParentID: pick("r-a", "ou-1"), Name: "two"}
		case 3:
			row = &organization.Policy{ID: "p-" + kind, OrganizationID: "o-a", Type: kind, Name: "guard", Content: fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Deny",%s"Action":"sts:Assume%d","Resource":"*"}]}`,
				map[string]string{types[1]: `"Principal":"*",`}[kind], rnd.IntN(9))}
		case 4:
			row = &organization.Attachment{OrganizationID: "o-a", PolicyID: "p-" + kind, TargetID: pick("r-a", "ou-1", "ou-2", string(here))}
		}
		change := saved(row)
		if _, attached := row.(*organization.Attachment); attached && rnd.IntN(2) == 0 {
			change = deleted(row)
		}
		s.Apply(change)
		for _, snap := range []*Snapshot{s.Draft(), s.Current()} {
			a, o := snap.membership(here)
			if a == nil || o == nil {
				continue
			}
			if got, want := snap.over(a, o), snap.putTogether(a, o); !reflect.DeepEqual(got, want) {
				t.Fatalf("after %+v: got %+v, want %+v", row, got, want)
			}
		}
		if rnd.IntN(3) == 0 {
			s.publish()
		} else if rnd.IntN(3) == 0 {
			s.forget()
		}
	}
}
