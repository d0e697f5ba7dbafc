package ssoadmin

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// newSet makes a permission set and returns its ARN.
func newSet(w *apitest.World, called string) *string {
	return apitest.Call[sdk.CreatePermissionSetOutput](w, name, "CreatePermissionSet",
		&sdk.CreatePermissionSetInput{InstanceArn: instanceARN, Name: &called}).PermissionSet.PermissionSetArn
}

// onSet is a filling that does something with a new permission set.
func onSet(to int, operation string, in func(set *string, n int) any) apitest.Filling {
	return apitest.Filling{To: to, Code: "ServiceQuotaExceededException", Each: func(w *apitest.World) func(int) error {
		set := newSet(w, "New")
		return func(n int) error { return w.Do(name, operation, in(set, n)) }
	}}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const code = "ServiceQuotaExceededException"
	inline := onSet(300, "PutInlinePolicyToPermissionSet", func(set *string, n int) any {
		return &sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set,
			InlinePolicy: aws.String("  \n\t" + apitest.Sized(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, n))}
	})
	inline.Size = true
	apitest.AtLimits(t, name, Limits(), func(t *testing.T) *apitest.World { w, _, _ := world(t); return w }, map[string]apitest.Filling{
		"sso-admin.permission-sets": {To: 3, Has: 1, Code: code, Add: func(w *apitest.World, n int) error {
			return w.Do(name, "CreatePermissionSet", &sdk.CreatePermissionSetInput{InstanceArn: instanceARN, Name: aws.String(fmt.Sprint("s", n))})
		}},
		"sso-admin.provisioned-sets-per-account": {To: 2, Code: code, Each: func(w *apitest.World) func(int) error {
			u := &directory.User{ID: "90676f9b-1c2d-4e5f-8a9b-0c1d2e3f4a5c", StoreID: apitest.StoreID, UserName: "other"}
			apitest.Save(w, store.Users, u)
			sets := []*string{newSet(w, "A"), newSet(w, "B"), newSet(w, "C")}
			return func(n int) error { return w.Do(name, "CreateAccountAssignment", assignTo(&u.ID, sets[n-1])) }
		}},
		"sso-admin.policies-per-set": onSet(2, "AttachCustomerManagedPolicyReferenceToPermissionSet", func(set *string, n int) any {
			return &sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set,
				CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: aws.String(fmt.Sprint("p", n))}}
		}),
		"sso-admin.inline-policy-size": inline,
		"sso-admin.groups-per-assignment": {To: 2, Code: code, Each: func(w *apitest.World) func(int) error {
			set := newSet(w, "New")
			return func(n int) error {
				g := &directory.Group{ID: fmt.Sprintf("90676f9b-1c2d-4e5f-8a9b-0c1d2e3f4a%02x", n), StoreID: apitest.StoreID, DisplayName: fmt.Sprint("g", n)}
				apitest.Save(w, store.Groups, g)
				in := assignTo(&g.ID, set)
				in.PrincipalType = types.PrincipalTypeGroup
				return w.Do(name, "CreateAccountAssignment", in)
			}
		}},
		"sso-admin.tags-per-resource": onSet(2, "TagResource", func(set *string, n int) any {
			return &sdk.TagResourceInput{InstanceArn: instanceARN, ResourceArn: set, Tags: []types.Tag{tag(fmt.Sprint("k", n), "")}}
		}),
	})
}

// TestAFullSetTakesNoPolicyOfEitherSort counts AWS's policies and customers' together.
func TestAFullSetTakesNoPolicyOfEitherSort(t *testing.T) {
	w, _, set := world(t) // with one of AWS's policies
	w.Limit("sso-admin.policies-per-set", 1)
	apitest.Refused(w, "ServiceQuotaExceededException", name, "AttachManagedPolicyToPermissionSet", &sdk.AttachManagedPolicyToPermissionSetInput{
		InstanceArn: instanceARN, PermissionSetArn: set, ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	apitest.Refused(w, "ServiceQuotaExceededException", name, "AttachCustomerManagedPolicyReferenceToPermissionSet",
		&sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set,
			CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: aws.String("p")}})
}

// TestUsersAndTheSameGroupAgainAreNotCountedAsGroups assigns on where the groups are as many as may be.
func TestUsersAndTheSameGroupAgainAreNotCountedAsGroups(t *testing.T) {
	w, user, set := world(t)
	w.Limit("sso-admin.groups-per-assignment", 1)
	g := &directory.Group{ID: "90676f9b-1c2d-4e5f-8a9b-0c1d2e3f4a01", StoreID: apitest.StoreID, DisplayName: "g"}
	apitest.Save(w, store.Groups, g)
	in := assignTo(&g.ID, set)
	in.PrincipalType = types.PrincipalTypeGroup
	for _, in := range []*sdk.CreateAccountAssignmentInput{in, in, assignTo(user, set)} {
		if s := creation(w, apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", in)); s.Status != types.StatusValuesSucceeded {
			t.Errorf("%s: %s", in.PrincipalType, s.Status)
		}
	}
}
