package ssoadmin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// spread assigns the set to the user in n accounts besides the management account, and makes the set newer than all roles.
func spread(t *testing.T, w *apitest.World, user, set *string, n int) []ident.AccountID {
	t.Helper()
	s := w.State.Current().Set(*set)
	var ids []ident.AccountID
	w.Update(func(tx *store.Tx) error {
		for k := range n {
			id := ident.AccountID(fmt.Sprintf("%012d", 300000000000+k))
			ids = append(ids, id)
			if err := store.Accounts.Save(tx, &account.Account{ID: id, Name: string(id), Email: string(id) + "@example.com", Status: account.Active}); err != nil {
				return err
			}
			if _, err := provision.Assign(tx, provision.Place{Set: s, Account: id, Region: w.Region}, permission.UserPrincipal, *user); err != nil {
				return err
			}
		}
		return nil
	})
	apitest.Change(w, store.PermissionSets, *set, func(s *permission.Set) { s.SetDuration(4 * 3600e9) })
	return ids
}

func everywhere(set *string) *sdk.ProvisionPermissionSetInput {
	return &sdk.ProvisionPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts}
}

func provisioned(w *apitest.World, id *string) *types.PermissionSetProvisioningStatus {
	return apitest.Call[sdk.DescribePermissionSetProvisioningStatusOutput](w, name, "DescribePermissionSetProvisioningStatus",
		&sdk.DescribePermissionSetProvisioningStatusInput{InstanceArn: instanceARN, ProvisionPermissionSetRequestId: id}).PermissionSetProvisioningStatus
}

// behind counts the accounts whose role is not the newest.
func behind(w *apitest.World, set *string) int {
	n := 0
	var next *string
	for first := true; first || next != nil; first = false {
		out := apitest.Call[sdk.ListAccountsForProvisionedPermissionSetOutput](w, name, "ListAccountsForProvisionedPermissionSet",
			&sdk.ListAccountsForProvisionedPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, NextToken: next,
				ProvisioningStatus: types.ProvisioningStatusLatestPermissionSetNotProvisioned})
		n, next = n+len(out.AccountIds), out.NextToken
	}
	return n
}

func TestProvisioningManyAccountsSurvivesACrash(t *testing.T) {
	w, user, set := world(t)
	const accounts = 2*batchSize + 50
	spread(t, w, user, set, accounts)
	id := apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId
	if got := provisioned(w, id).Status; got != types.StatusValuesInProgress || behind(w, set) != accounts-batchSize {
		t.Fatalf("after the call: %s, %d accounts are behind", got, behind(w, set))
	}
	w.Update(func(tx *store.Tx) error { // one batch more, and the server is killed
		status, err := store.Statuses.By(tx, "request", *id)
		if err != nil {
			return err
		}
		if err := advance(tx, status, w.Region, func(api.Effect) {}); err != nil {
			return err
		}
		return store.Statuses.Save(tx, status)
	})
	w.Reload()
	apitest.Change(w, store.PermissionSets, *set, func(s *permission.Set) { s.SetDuration(5 * 3600e9) }) // an edit amid the job is not part of it
	if err := finishAll(t.Context(), w.Services); err != nil {
		t.Fatal(err)
	}
	if got := provisioned(w, id); got.Status != types.StatusValuesSucceeded || got.FailureReason != nil {
		t.Errorf("at the end: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	for a, row := range rolesOf(w, set) {
		if row != w.State.Current().Set(*set).Version-1 {
			t.Errorf("the role in %s has version %d", a, row)
		}
	}
}

// rolesOf returns the version of each role of a set.
func rolesOf(w *apitest.World, set *string) map[ident.AccountID]uint64 {
	versions := map[ident.AccountID]uint64{}
	w.Update(func(tx *store.Tx) error {
		rows, _, err := store.Provisioned.List(tx, "set", []any{*set}, "", 0)
		for _, r := range rows {
			versions[r.Account] = r.Version
		}
		return err
	})
	return versions
}

// TestProvisioningIsInForceAtOnce: however many accounts there are, none has the old version when the call is answered. A set
// that refers to policies of each account waits for its job, since an account may lack them.
func TestProvisioningIsInForceAtOnce(t *testing.T) {
	w, user, set := world(t)
	accounts := spread(t, w, user, set, 2*batchSize)
	old := func() (n int) {
		for _, id := range accounts {
			if _, length := w.State.Current().Reserved(*set, id); length != w.State.Current().Set(*set).SessionDuration {
				n++
			}
		}
		return n
	}
	if old() != len(accounts) {
		t.Fatal("an edit is in force before it is provisioned")
	}
	apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set))
	if old() != 0 || behind(w, set) == 0 {
		t.Errorf("%d roles have the old version; the rows of %d are still to be written", old(), behind(w, set))
	}
	w.Reload()
	if old() != 0 {
		t.Error("a restart brings the old version back")
	}
	apitest.Change(w, store.PermissionSets, *set, func(s *permission.Set) {
		s.SetDuration(7 * 3600e9)
		s.Grants.Customer = []permission.PolicyReference{{Name: "Team", Path: "/"}}
	})
	if old() != len(accounts) {
		t.Error("an edit is in force before it is provisioned")
	}
	apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set))
	if old() != len(accounts) {
		t.Error("accounts that lack a policy have the new version")
	}
}

func TestAnOlderJobNeverTakesARoleBack(t *testing.T) {
	w, user, set := world(t)
	spread(t, w, user, set, batchSize+1)
	first := apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId
	apitest.Change(w, store.PermissionSets, *set, func(s *permission.Set) { s.SetDuration(6 * 3600e9) })
	second := apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId
	for _, id := range []*string{second, first} {
		if err := finish(t.Context(), w.Services, *id); err != nil {
			t.Fatal(err)
		}
	}
	if n := behind(w, set); n != 0 {
		t.Errorf("%d accounts were taken back to the older version", n)
	}
}

func TestWhatCannotBeProvisionedEndsAsFailed(t *testing.T) {
	w, user, set := world(t)
	spread(t, w, user, set, batchSize+1)
	id := apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId
	w.Update(func(tx *store.Tx) error { // the version is lost
		v, err := store.Versions.Get(tx, *set, w.State.Current().Set(*set).Version)
		if err != nil {
			return err
		}
		return store.Versions.Delete(tx, v)
	})
	if err := finishAll(t.Context(), w.Services); err == nil {
		t.Error("the loss is not reported")
	}
	if got := provisioned(w, id); got.Status != types.StatusValuesFailed || aws.ToString(got.FailureReason) != "An unexpected internal service exception was encountered" {
		t.Errorf("got %s %s", got.Status, aws.ToString(got.FailureReason))
	}
}

func TestAMissingCustomerManagedPolicyIsNamed(t *testing.T) {
	w, user, set := world(t)
	ref := &types.CustomerManagedPolicyReference{Name: aws.String("Team"), Path: aws.String("/eng/")}
	attach := &sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set, CustomerManagedPolicyReference: ref}
	apitest.Call[sdk.AttachCustomerManagedPolicyReferenceToPermissionSetOutput](w, name, "AttachCustomerManagedPolicyReferenceToPermissionSet", attach)
	apitest.Refused(w, "ConflictException", name, "AttachCustomerManagedPolicyReferenceToPermissionSet", attach)
	want := "Received a 404 status error: Not supported policy arn:aws:iam::111111111111:policy/eng/Team."
	try := func() *types.AccountAssignmentOperationStatus {
		return creation(w, apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(user, set)))
	}
	if got := try(); got.Status != types.StatusValuesFailed || aws.ToString(got.FailureReason) != want || role(w, set) != nil || w.State.Current().Assigned(*user, *set, apitest.Management) {
		t.Errorf("without the policy: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	policy := &iam.ManagedPolicy{ID: "ANPA1", Account: apitest.Management, Name: "team", Path: "/eng/"}
	policy.AddVersion(apitest.Allow("s3:*"), true, w.Time.Now())
	apitest.Save(w, store.ManagedPolicies, policy)
	if got := try(); got.Status != types.StatusValuesFailed {
		t.Errorf("with a policy whose name differs in letter case: %s", got.Status)
	}
	policy.Name = "Team"
	apitest.Save(w, store.ManagedPolicies, policy)
	if got := try(); got.Status != types.StatusValuesSucceeded || role(w, set) == nil {
		t.Errorf("with the policy: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	list := apitest.Call[sdk.ListCustomerManagedPolicyReferencesInPermissionSetOutput](w, name, "ListCustomerManagedPolicyReferencesInPermissionSet",
		&sdk.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set})
	if r := list.CustomerManagedPolicyReferences; len(r) != 1 || *r[0].Name != "Team" || *r[0].Path != "/eng/" {
		t.Errorf("got %v", r)
	}
}

// TestOneAccountsFailureKeepsNoOtherFromIt provisions three accounts of which two lack a policy.
func TestOneAccountsFailureKeepsNoOtherFromIt(t *testing.T) {
	w, user, set := world(t)
	ids := spread(t, w, user, set, 3)
	policy := &iam.ManagedPolicy{ID: "ANPA1", Account: ids[1], Name: "Bound", Path: "/"}
	apitest.Save(w, store.ManagedPolicies, policy)
	apitest.Call[sdk.PutPermissionsBoundaryToPermissionSetOutput](w, name, "PutPermissionsBoundaryToPermissionSet", &sdk.PutPermissionsBoundaryToPermissionSetInput{
		InstanceArn: instanceARN, PermissionSetArn: set,
		PermissionsBoundary: &types.PermissionsBoundary{CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: aws.String("Bound")}}})
	id := apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId
	got := provisioned(w, id)
	if got.Status != types.StatusValuesFailed || !strings.HasPrefix(aws.ToString(got.FailureReason), "Received a 404 status error: Not supported policy arn:aws:iam::300000000000:policy/Bound.") {
		t.Errorf("got %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	newest := w.State.Current().Set(*set).Version
	if v := rolesOf(w, set); v[ids[1]] != newest || v[ids[0]] == newest || v[ids[2]] == newest {
		t.Errorf("got versions %v, want %d in %s alone", v, newest, ids[1])
	}
	boundary := apitest.Call[sdk.GetPermissionsBoundaryForPermissionSetOutput](w, name, "GetPermissionsBoundaryForPermissionSet",
		&sdk.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set})
	if r := boundary.PermissionsBoundary.CustomerManagedPolicyReference; r == nil || *r.Name != "Bound" || *r.Path != "/" {
		t.Errorf("got %+v", boundary.PermissionsBoundary)
	}
}

func TestOneAccountIsProvisionedOnlyWhereThereIsARole(t *testing.T) {
	w, user, set := world(t)
	in := everywhere(set)
	in.TargetType, in.TargetId = types.ProvisionTargetTypeAwsAccount, aws.String(string(apitest.Management))
	try := func() *types.PermissionSetProvisioningStatus {
		return provisioned(w, apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", in).PermissionSetProvisioningStatus.RequestId)
	}
	want := "Received a 404 status error: Permission set provision not found in AWS account 111111111111."
	if got := try(); got.Status != types.StatusValuesFailed || aws.ToString(got.FailureReason) != want {
		t.Errorf("without a role: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	apitest.Call[sdk.CreateAccountAssignmentOutput](w, name, "CreateAccountAssignment", assignTo(user, set))
	if got := try(); got.Status != types.StatusValuesSucceeded || *got.AccountId != string(apitest.Management) {
		t.Errorf("with a role: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	if got := provisioned(w, apitest.Call[sdk.ProvisionPermissionSetOutput](w, name, "ProvisionPermissionSet", everywhere(set)).PermissionSetProvisioningStatus.RequestId); got.Status != types.StatusValuesSucceeded || got.AccountId != nil {
		t.Errorf("everywhere: %+v", got)
	}
}
