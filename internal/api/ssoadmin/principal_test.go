package ssoadmin

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TestAssignmentsOfAPrincipal gives a user one thing by name and more through two groups, in three accounts.
func TestAssignmentsOfAPrincipal(t *testing.T) {
	w, user, set := world(t)
	groups := []*directory.Group{{ID: "00000000-0000-4000-8000-00000000000a", StoreID: apitest.StoreID, DisplayName: "a"},
		{ID: "00000000-0000-4000-8000-00000000000b", StoreID: apitest.StoreID, DisplayName: "b"},
		{ID: "00000000-0000-4000-8000-00000000000c", StoreID: apitest.StoreID, DisplayName: "not theirs"}}
	apitest.Save(w, store.Groups, groups...)
	for n, g := range groups[:2] {
		apitest.Save(w, store.Memberships, &directory.Membership{ID: fmt.Sprint(n), StoreID: apitest.StoreID, GroupID: g.ID, UserID: *user})
	}
	var want []string
	give := func(id ident.AccountID, who permission.PrincipalType, to string) {
		w.Update(func(tx *store.Tx) error {
			_, err := provision.Assign(tx, provision.Place{Set: w.State.Current().Set(*set), Account: id, Region: w.Region}, who, to)
			return err
		})
		want = append(want, string(id)+" "+to)
	}
	for k := range 3 {
		id := ident.AccountID(fmt.Sprintf("%012d", 300000000000+k))
		apitest.Save(w, store.Accounts, &account.Account{ID: id, Name: string(id), Email: string(id) + "@example.com", Status: account.Active})
	}
	give("300000000000", permission.UserPrincipal, *user)
	give("300000000002", permission.UserPrincipal, *user)
	for _, id := range []ident.AccountID{"300000000000", "300000000001", "300000000002"} {
		give(id, permission.GroupPrincipal, groups[0].ID)
	}
	give("300000000001", permission.GroupPrincipal, groups[1].ID)
	give("300000000001", permission.GroupPrincipal, groups[2].ID)
	want = want[:len(want)-1]
	list := func(who types.PrincipalType, id string, only *string, size int32) (got []string) {
		in := &sdk.ListAccountAssignmentsForPrincipalInput{InstanceArn: instanceARN, PrincipalId: &id, PrincipalType: who, MaxResults: &size}
		if only != nil {
			in.Filter = &types.ListAccountAssignmentsFilter{AccountId: only}
		}
		for {
			out := apitest.Call[sdk.ListAccountAssignmentsForPrincipalOutput](w, name, "ListAccountAssignmentsForPrincipal", in)
			for _, a := range out.AccountAssignments {
				got = append(got, *a.AccountId+" "+*a.PrincipalId)
				if (a.PrincipalType == types.PrincipalTypeUser) != (*a.PrincipalId == *user) {
					t.Errorf("%s is a %s", *a.PrincipalId, a.PrincipalType)
				}
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return got
			}
		}
	}
	for size := range int32(7) {
		got := list(types.PrincipalTypeUser, *user, nil, size+1)
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("in pages of %d: got %v, want %v", size+1, got, want)
		}
		got = list(types.PrincipalTypeUser, *user, aws.String("300000000001"), size+1)
		if !slices.Equal(got, []string{"300000000001 " + groups[0].ID, "300000000001 " + groups[1].ID}) {
			t.Errorf("in one account, in pages of %d: got %v", size+1, got)
		}
	}
	if got := list(types.PrincipalTypeGroup, groups[2].ID, nil, 100); !slices.Equal(got, []string{"300000000001 " + groups[2].ID}) {
		t.Errorf("of a group: got %v", got)
	}
	apitest.Refused(w, "ResourceNotFoundException", name, "ListAccountAssignmentsForPrincipal", &sdk.ListAccountAssignmentsForPrincipalInput{
		InstanceArn: instanceARN, PrincipalId: aws.String("00000000-0000-4000-8000-00000000000d"), PrincipalType: types.PrincipalTypeUser})
}
