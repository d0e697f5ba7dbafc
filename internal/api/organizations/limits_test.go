package organizations

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const guardrail = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`

// rootID is the id of the organization's root.
func rootID(w *apitest.World) *string {
	return apitest.Call[sdk.ListRootsOutput](w, name, "ListRoots", &sdk.ListRootsInput{}).Roots[0].Id
}

func newPolicy(n int, content string) *sdk.CreatePolicyInput {
	return &sdk.CreatePolicyInput{Name: aws.String(fmt.Sprint("p", n)), Description: aws.String(""), Content: &content, Type: scp}
}

func newMember(n int) *sdk.CreateAccountInput {
	return &sdk.CreateAccountInput{AccountName: aws.String("Development"), Email: aws.String(fmt.Sprintf("dev%d@acme.example", n))}
}

func invitation(n int) *sdk.InviteAccountToOrganizationInput {
	return &sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String(fmt.Sprintf("lab%d@acme.example", n))}}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const code = "ConstraintViolationException"
	do := func(operation string, in func(n int) any) func(*apitest.World, int) error {
		return func(w *apitest.World, n int) error { return w.Do(name, operation, in(n)) }
	}
	onRoot := func(operation string, in func(root *string, n int) any) func(*apitest.World) func(int) error {
		return func(w *apitest.World) func(int) error {
			root := rootID(w)
			return func(n int) error { return w.Do(name, operation, in(root, n)) }
		}
	}
	apitest.AtLimits(t, name, Limits(), func(t *testing.T) *apitest.World { w, _ := world(t); return w }, map[string]apitest.Filling{
		"organizations.accounts": {To: 3, Has: 1, Code: code, Reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
			Add: do("CreateAccount", func(n int) any { return newMember(n) })},
		"organizations.units": {To: 2, Code: code, Reason: "OU_NUMBER_LIMIT_EXCEEDED",
			Each: onRoot("CreateOrganizationalUnit", func(root *string, n int) any {
				return &sdk.CreateOrganizationalUnitInput{ParentId: root, Name: aws.String(fmt.Sprint("u", n))}
			})},
		"organizations.unit-depth": {To: 2, Code: code, Reason: "OU_DEPTH_LIMIT_EXCEEDED", Each: deeper},
		"organizations.policies": {To: 2, Code: code, Reason: "POLICY_NUMBER_LIMIT_EXCEEDED",
			Add: do("CreatePolicy", func(n int) any { return newPolicy(n, guardrail) })},
		"organizations.policy-size": {To: 300, Size: true, Code: code, Reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
			Add: do("CreatePolicy", func(n int) any { return newPolicy(n, apitest.Sized(guardrail, n)) })},
		"organizations.policies-per-target": {To: 3, Has: 1, Code: code, Reason: "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", Each: attaching},
		"organizations.resource-control-policies": {To: 2, Code: code, Reason: "POLICY_NUMBER_LIMIT_EXCEEDED",
			Add: do("CreatePolicy", func(n int) any { return newControl(fmt.Sprint("c", n), nobody) })},
		"organizations.resource-control-policy-size": {To: 300, Size: true, Code: code, Reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
			Add: do("CreatePolicy", func(n int) any { return newControl(fmt.Sprint("c", n), apitest.Sized(nobody, n)) })},
		"organizations.resource-control-policies-per-target": {To: 3, Has: 1, Code: code, Reason: "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", Each: attachingControls},
		"organizations.tags-per-resource": {To: 2, Code: code, Reason: "MAX_TAG_LIMIT_EXCEEDED",
			Each: onRoot("TagResource", func(root *string, n int) any {
				return &sdk.TagResourceInput{ResourceId: root, Tags: []types.Tag{{Key: aws.String(fmt.Sprint("k", n)), Value: aws.String("")}}}
			})},
		"organizations.invitations-per-day": {To: 4, Other: map[string]int{"organizations.accounts": 2},
			Code: "HandshakeConstraintViolationException", Reason: "HANDSHAKE_RATE_LIMIT_EXCEEDED", Add: inviteInVain},
		"organizations.closures-per-month": {To: 2, Code: code, Reason: "CLOSE_ACCOUNT_QUOTA_EXCEEDED", Add: closeOne},
		"organizations.migrated-accounts":  {To: 2, Has: 1, Code: code, Reason: "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED", Add: migrateWith},
	})
}

// deeper makes each unit under the last.
func deeper(w *apitest.World) func(int) error {
	parent := rootID(w)
	return func(int) error {
		out, err := apitest.As[sdk.CreateOrganizationalUnitOutput](w, apitest.Root(apitest.Management), name, "CreateOrganizationalUnit",
			&sdk.CreateOrganizationalUnitInput{ParentId: parent, Name: aws.String("below")})
		if err == nil {
			parent = out.OrganizationalUnit.Id
		}
		return err
	}
}

// attaching attaches policies to the root, which has FullAWSAccess.
func attaching(w *apitest.World) func(int) error {
	return attachingOf(w, func(n int) *sdk.CreatePolicyInput { return newPolicy(n, guardrail) })
}

// attachingControls attaches policies to the root, which has RCPFullAWSAccess.
func attachingControls(w *apitest.World) func(int) error {
	return attachingOf(w, func(n int) *sdk.CreatePolicyInput { return newControl(fmt.Sprint("c", n), nobody) })
}

// attachingOf has both types enabled, neither of which counts for the other.
func attachingOf(w *apitest.World, in func(n int) *sdk.CreatePolicyInput) func(int) error {
	root := rootID(w)
	for _, kind := range []types.PolicyType{scp, rcp} {
		apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: kind})
	}
	made := 0
	return func(int) error {
		made++
		p := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", in(made)).Policy
		return w.Do(name, "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: root})
	}
}

// inviteInVain invites and thinks better of it, which makes room for an account, and for no invitation.
func inviteInVain(w *apitest.World, n int) error {
	out, err := apitest.As[sdk.InviteAccountToOrganizationOutput](w, apitest.Root(apitest.Management), name, "InviteAccountToOrganization", invitation(n))
	if err == nil {
		err = w.Do(name, "CancelHandshake", &sdk.CancelHandshakeInput{HandshakeId: out.Handshake.Id})
	}
	return err
}

// member adds a member to the organization and returns its id.
func member(w *apitest.World, n int) string {
	o := w.State.Current().OrganizationOf(apitest.Management)
	id := ident.AccountID(fmt.Sprintf("4%011d", n))
	apitest.Save(w, store.Accounts, &account.Account{ID: id, Name: "Member", Email: string(id) + "@acme.example", Status: account.Active,
		OrganizationID: o.ID, ParentID: o.RootID, JoinedMethod: account.Created, CreatedAt: w.Time.Now()})
	return string(id)
}

func closeOne(w *apitest.World, n int) error {
	if w.State.Current().Account(ident.AccountID(fmt.Sprintf("4%011d", n))) == nil {
		member(w, n)
	}
	return w.Do(name, "CloseAccount", &sdk.CloseAccountInput{AccountId: aws.String(fmt.Sprintf("4%011d", n))})
}

// migrateWith enables all features for an organization that has n accounts, and takes it back.
func migrateWith(w *apitest.World, n int) error {
	o := w.State.Current().OrganizationOf(apitest.Management)
	apitest.Change(w, store.Organizations, o.ID, func(o *organization.Organization) { o.FeatureSet = organization.ConsolidatedBilling })
	member(w, n)
	out, err := apitest.As[sdk.EnableAllFeaturesOutput](w, apitest.Root(apitest.Management), name, "EnableAllFeatures", &sdk.EnableAllFeaturesInput{})
	if err == nil {
		err = w.Do(name, "CancelHandshake", &sdk.CancelHandshakeInput{HandshakeId: out.Handshake.Id})
	}
	return err
}

// TestAnOpenInvitationTakesTheRoomOfAnAccount holds from when it is sent to when it is answered or taken back.
func TestAnOpenInvitationTakesTheRoomOfAnAccount(t *testing.T) {
	w, _ := world(t)
	w.Limit("organizations.accounts", 2)
	w.Account(outsider, "Lab")
	lab := apitest.Root(outsider)
	h := invite(w, types.HandshakePartyTypeAccount, string(outsider))
	full := func() {
		t.Helper()
		for operation, f := range map[string]*fault.Fault{
			"CreateAccount":               apitest.Refused(w, "ConstraintViolationException", name, "CreateAccount", newMember(1)),
			"InviteAccountToOrganization": apitest.Refused(w, "HandshakeConstraintViolationException", name, "InviteAccountToOrganization", invitation(1)),
		} {
			if f.Fields["Reason"] != "ACCOUNT_NUMBER_LIMIT_EXCEEDED" {
				t.Errorf("%s: got %v", operation, f.Fields)
			}
		}
	}
	full()
	apitest.CallAs[sdk.DeclineHandshakeOutput](w, lab, name, "DeclineHandshake", &sdk.DeclineHandshakeInput{HandshakeId: h.Id})
	if err := inviteInVain(w, 1); err != nil {
		t.Error(err)
	}
	w.Limit("organizations.invitations-per-day", 10)
	h = invite(w, types.HandshakePartyTypeAccount, string(outsider))
	w.Limit("organizations.accounts", 1) // whoever was invited before comes too late
	refused(t, w, lab, "HandshakeConstraintViolationException", "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	w.Limit("organizations.accounts", 2)
	apitest.CallAs[sdk.AcceptHandshakeOutput](w, lab, name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	full()
}

// TestAcceptedInvitationsDoNotCountForTheDay sends one after the other, as each is accepted.
func TestAcceptedInvitationsDoNotCountForTheDay(t *testing.T) {
	w, _ := world(t)
	w.Limit("organizations.invitations-per-day", 1)
	w.Limit("organizations.accounts", 3)
	for i, id := range []ident.AccountID{outsider, stray} {
		w.Account(id, fmt.Sprint("Lab", i))
		h := invite(w, types.HandshakePartyTypeAccount, string(id))
		apitest.CallAs[sdk.AcceptHandshakeOutput](w, apitest.Root(id), name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	}
}
