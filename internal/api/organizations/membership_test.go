package organizations

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	outsider ident.AccountID = "222222222222"
	stray    ident.AccountID = "333333333333"
)

// ask calls an operation as p and forgets the answer.
func ask(t *testing.T, w *apitest.World, p *authz.Principal, operation string, in any) error {
	t.Helper()
	_, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, name, operation, in)
	return err
}

// refused ends the test unless p is refused with this code.
func refused(t *testing.T, w *apitest.World, p *authz.Principal, code, operation string, in any) *fault.Fault {
	t.Helper()
	err := ask(t, w, p, operation, in)
	if !fault.Is(err, code) {
		t.Errorf("%s: got %v, want %s", operation, err, code)
		return &fault.Fault{}
	}
	return fault.As(err)
}

func invite(w *apitest.World, kind types.HandshakePartyType, id string) *types.Handshake {
	return apitest.Call[sdk.InviteAccountToOrganizationOutput](w, name, "InviteAccountToOrganization", &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: kind, Id: &id}, Notes: aws.String("Welcome"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}).Handshake
}

func TestAnInvitedAccountJoins(t *testing.T) {
	w, root := world(t)
	w.Account(outsider, "Lab")
	h := invite(w, types.HandshakePartyTypeAccount, string(outsider))
	if h.State != types.HandshakeStateOpen || h.ExpirationTimestamp.Sub(*h.RequestedTimestamp) != 15*24*time.Hour {
		t.Errorf("got %+v", h)
	}
	lab, theirs := apitest.Root(outsider), &sdk.DescribeHandshakeInput{HandshakeId: h.Id}
	apitest.CallAs[sdk.DescribeHandshakeOutput](w, lab, name, "DescribeHandshake", theirs)
	if list := apitest.CallAs[sdk.ListHandshakesForAccountOutput](w, lab, name, "ListHandshakesForAccount", &sdk.ListHandshakesForAccountInput{}); len(list.Handshakes) != 1 {
		t.Errorf("got %v", list.Handshakes)
	}
	w.Account(stray, "Stray")
	refused(t, w, apitest.Root(stray), "HandshakeNotFoundException", "DescribeHandshake", theirs)
	refused(t, w, apitest.Root(stray), "HandshakeNotFoundException", "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	apitest.Refused(w, "AccessDeniedException", name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	refused(t, w, lab, "AccessDeniedException", "CancelHandshake", &sdk.CancelHandshakeInput{HandshakeId: h.Id})

	accepted := apitest.CallAs[sdk.AcceptHandshakeOutput](w, lab, name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	if accepted.Handshake.State != types.HandshakeStateAccepted {
		t.Errorf("got %s", accepted.Handshake.State)
	}
	a := apitest.Call[sdk.DescribeAccountOutput](w, name, "DescribeAccount", &sdk.DescribeAccountInput{AccountId: aws.String(string(outsider))}).Account
	if a.JoinedMethod != types.AccountJoinedMethodInvited || len(a.Paths) != 1 {
		t.Errorf("got %+v", a)
	}
	if p := apitest.Call[sdk.ListParentsOutput](w, name, "ListParents", &sdk.ListParentsInput{ChildId: a.Id}).Parents; *p[0].Id != *root {
		t.Errorf("got parents %v", p)
	}
	if tags := apitest.Call[sdk.ListTagsForResourceOutput](w, name, "ListTagsForResource", &sdk.ListTagsForResourceInput{ResourceId: a.Id}).Tags; len(tags) != 1 {
		t.Errorf("got tags %v", tags)
	}
	refused(t, w, lab, "HandshakeAlreadyInStateException", "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	refused(t, w, lab, "InvalidHandshakeTransitionException", "DeclineHandshake", &sdk.DeclineHandshakeInput{HandshakeId: h.Id})
	f := apitest.Refused(w, "HandshakeConstraintViolationException", name, "InviteAccountToOrganization",
		&sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: a.Id}})
	if f.Fields["Reason"] != "ALREADY_IN_AN_ORGANIZATION" {
		t.Errorf("got %v", f.Fields)
	}
}

func TestAnInvitationByAddressReachesWhoeverHasIt(t *testing.T) {
	w, _ := world(t)
	h := invite(w, types.HandshakePartyTypeEmail, "LAB@example.com")
	w.Account(outsider, "Lab")
	lab := apitest.Root(outsider)
	list := apitest.CallAs[sdk.ListHandshakesForAccountOutput](w, lab, name, "ListHandshakesForAccount", &sdk.ListHandshakesForAccountInput{})
	if len(list.Handshakes) != 1 || *list.Handshakes[0].Id != *h.Id {
		t.Fatalf("got %v", list.Handshakes)
	}
	apitest.Refused(w, "DuplicateHandshakeException", name, "InviteAccountToOrganization", &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String("lab@example.com")}})
	apitest.CallAs[sdk.DeclineHandshakeOutput](w, lab, name, "DeclineHandshake", &sdk.DeclineHandshakeInput{HandshakeId: h.Id})
	again := invite(w, types.HandshakePartyTypeEmail, "lab@example.com")
	w.Time.Pass(15 * 24 * time.Hour)
	refused(t, w, lab, "InvalidHandshakeTransitionException", "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: again.Id})
	got := apitest.CallAs[sdk.DescribeHandshakeOutput](w, lab, name, "DescribeHandshake", &sdk.DescribeHandshakeInput{HandshakeId: again.Id})
	if got.Handshake.State != types.HandshakeStateExpired {
		t.Errorf("got %s", got.Handshake.State)
	}
	w.Time.Pass(31 * 24 * time.Hour)
	refused(t, w, lab, "HandshakeNotFoundException", "DescribeHandshake", &sdk.DescribeHandshakeInput{HandshakeId: again.Id})
}

func TestAnAcceptanceOutlivesItsFailure(t *testing.T) {
	w, _ := world(t)
	member := createAccountIn(t, w, "dev@acme.example")
	h := invite(w, types.HandshakePartyTypeEmail, "dev@acme.example")
	dev := apitest.Root(ident.AccountID(*member.AccountId))
	refused(t, w, dev, "HandshakeConstraintViolationException", "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	got := apitest.Call[sdk.DescribeHandshakeOutput](w, name, "DescribeHandshake", &sdk.DescribeHandshakeInput{HandshakeId: h.Id}).Handshake
	if got.State != types.HandshakeStateAccepted || got.Parties[1].Type != types.HandshakePartyTypeAccount || *got.Parties[1].Id != *member.AccountId {
		t.Errorf("got %+v", got)
	}
	apitest.Refused(w, "InvalidHandshakeTransitionException", name, "CancelHandshake", &sdk.CancelHandshakeInput{HandshakeId: h.Id})
}

func TestInvitationsAreLimitedADay(t *testing.T) {
	w, _ := world(t)
	w.Limit("organizations.accounts", 5)
	for i := range 20 {
		h := invite(w, types.HandshakePartyTypeEmail, string(rune('a'+i))+"@acme.example")
		apitest.Call[sdk.CancelHandshakeOutput](w, name, "CancelHandshake", &sdk.CancelHandshakeInput{HandshakeId: h.Id})
	}
	in := &sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String("z@acme.example")}}
	f := apitest.Refused(w, "HandshakeConstraintViolationException", name, "InviteAccountToOrganization", in)
	if f.Fields["Reason"] != "HANDSHAKE_RATE_LIMIT_EXCEEDED" {
		t.Errorf("got %v", f.Fields)
	}
	w.Time.Pass(24 * time.Hour)
	apitest.Call[sdk.InviteAccountToOrganizationOutput](w, name, "InviteAccountToOrganization", in)
}

// assigned makes an account with somebody assigned in it.
func assigned(t *testing.T, w *apitest.World) (id ident.AccountID, set *permission.Set) {
	t.Helper()
	id = ident.AccountID(*createAccountIn(t, w, "dev@acme.example").AccountId)
	i := w.State.Current().Instance(apitest.InstanceARN)
	set = w.Set(i, "Admin", permission.Grants{})
	w.Assign(set, id, w.Person(i, "pat", "a long password"))
	if r, _ := w.State.Current().Reserved(set.ARN, id); r == nil {
		t.Fatal("no role was made")
	}
	return id, set
}

func TestLeavingTakesAssignmentsAlong(t *testing.T) {
	w, _ := world(t)
	id, set := assigned(t, w)
	dev := apitest.Root(id)
	f := refused(t, w, dev, "ConstraintViolationException", "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	if f.Fields["Reason"] != "WAIT_PERIOD_ACTIVE" {
		t.Errorf("got %v", f.Fields)
	}
	w.Time.Pass(4 * 24 * time.Hour)
	apitest.CallAs[sdk.LeaveOrganizationOutput](w, dev, name, "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	if r, _ := w.State.Current().Reserved(set.ARN, id); r != nil {
		t.Error("the reserved role is still there")
	}
	if w.State.Current().Role(id, "OrganizationAccountAccessRole") == nil {
		t.Error("the account lost a role of its own")
	}
	refused(t, w, dev, "AWSOrganizationsNotInUseException", "DescribeOrganization", &sdk.DescribeOrganizationInput{})
	refused(t, w, dev, "AWSOrganizationsNotInUseException", "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	apitest.Refused(w, "AccountNotFoundException", name, "DescribeAccount", &sdk.DescribeAccountInput{AccountId: aws.String(string(id))})
	apitest.Refused(w, "MasterCannotLeaveOrganizationException", name, "LeaveOrganization", &sdk.LeaveOrganizationInput{})
}

func TestAClosedAccountIsShownForNinetyDays(t *testing.T) {
	w, _ := world(t)
	id, set := assigned(t, w)
	in := &sdk.CloseAccountInput{AccountId: aws.String(string(id))}
	refused(t, w, apitest.Root(id), "AccessDeniedException", "CloseAccount", in)
	apitest.Call[sdk.CloseAccountOutput](w, name, "CloseAccount", in)
	if r, _ := w.State.Current().Reserved(set.ARN, id); r != nil {
		t.Error("the reserved role is still there")
	}
	refused(t, w, apitest.Root(id), "UnrecognizedClientException", "DescribeOrganization", &sdk.DescribeOrganizationInput{})
	a := apitest.Call[sdk.DescribeAccountOutput](w, name, "DescribeAccount", &sdk.DescribeAccountInput{AccountId: in.AccountId}).Account
	if a.Status != types.AccountStatusSuspended || a.State != types.AccountStateClosed {
		t.Errorf("got %s, %s", a.Status, a.State)
	}
	apitest.Refused(w, "AccountAlreadyClosedException", name, "CloseAccount", in)
	apitest.Refused(w, "ConstraintViolationException", name, "CloseAccount", &sdk.CloseAccountInput{AccountId: aws.String(string(apitest.Management))})
	apitest.Refused(w, "ConstraintViolationException", name, "RemoveAccountFromOrganization", &sdk.RemoveAccountFromOrganizationInput{AccountId: in.AccountId})
	apitest.Refused(w, "OrganizationNotEmptyException", name, "DeleteOrganization", &sdk.DeleteOrganizationInput{})
	w.Time.Pass(90 * 24 * time.Hour)
	apitest.Refused(w, "AccountNotFoundException", name, "DescribeAccount", &sdk.DescribeAccountInput{AccountId: in.AccountId})
	apitest.Call[sdk.DeleteOrganizationOutput](w, name, "DeleteOrganization", &sdk.DeleteOrganizationInput{})
}

func TestAnIdentityCenterFollowsItsOwner(t *testing.T) {
	w, _ := world(t)
	of := func() string { return w.State.Current().Instance(apitest.InstanceARN).OrganizationID }
	first := w.State.Current().OrganizationOf(apitest.Management).ID
	if of() != first {
		t.Errorf("got %q, want %q", of(), first)
	}
	apitest.Call[sdk.DeleteOrganizationOutput](w, name, "DeleteOrganization", &sdk.DeleteOrganizationInput{})
	if of() != "" {
		t.Errorf("got %q, want none", of())
	}
	apitest.Refused(w, "AWSOrganizationsNotInUseException", name, "ListAccounts", &sdk.ListAccountsInput{})
	apitest.Call[sdk.CreateOrganizationOutput](w, name, "CreateOrganization", &sdk.CreateOrganizationInput{})
	if second := w.State.Current().OrganizationOf(apitest.Management).ID; second == first || of() != second {
		t.Errorf("got %q, want %q", of(), second)
	}
	apitest.Refused(w, "AlreadyInOrganizationException", name, "CreateOrganization", &sdk.CreateOrganizationInput{})
}

func TestADissolvedOrganizationLeavesNothing(t *testing.T) {
	w, root := world(t)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	ou := unit(w, root, "Workloads")
	doc := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"aws-portal:*","Resource":"*"}]}`)
	p := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", &sdk.CreatePolicyInput{Name: aws.String("NoBilling"), Description: aws.String(""), Type: scp, Content: doc}).Policy
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", &sdk.AttachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: ou})
	invite(w, types.HandshakePartyTypeEmail, "lab@example.com")
	apitest.Call[sdk.DeleteOrganizationOutput](w, name, "DeleteOrganization", &sdk.DeleteOrganizationInput{})
	w.Update(func(tx *store.Tx) error {
		return errors.Join(empty(t, tx, store.Organizations), empty(t, tx, store.Units), empty(t, tx, store.Policies),
			empty(t, tx, store.Attachments), empty(t, tx, store.CreateStatuses))
	})
	w.Reload()
	if w.State.Current().OrganizationOf(apitest.Management) != nil {
		t.Error("the founder is still in an organization")
	}
}

func empty[T any](t *testing.T, tx *store.Tx, table *store.Table[T]) error {
	return table.Each(tx, func(row *T) error {
		t.Errorf("%s still has %s", table.Name(), table.Key(row))
		return nil
	})
}

func TestAllFeaturesNeedEveryInvitedAccount(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, tables())
	apitest.Call[sdk.CreateOrganizationOutput](w, name, "CreateOrganization", &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling})
	createAccountIn(t, w, "dev@acme.example")
	w.Account(outsider, "Lab")
	lab := apitest.Root(outsider)
	h := invite(w, types.HandshakePartyTypeAccount, string(outsider))
	apitest.CallAs[sdk.AcceptHandshakeOutput](w, lab, name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
	refused(t, w, lab, "AccessDeniedException", "EnableAllFeatures", &sdk.EnableAllFeaturesInput{})

	parent := apitest.Call[sdk.EnableAllFeaturesOutput](w, name, "EnableAllFeatures", &sdk.EnableAllFeaturesInput{}).Handshake
	if parent.State != types.HandshakeStateRequested {
		t.Errorf("got %s", parent.State)
	}
	finish := &sdk.AcceptHandshakeInput{HandshakeId: parent.Id}
	apitest.Refused(w, "InvalidHandshakeTransitionException", name, "AcceptHandshake", finish)
	apitest.Refused(w, "HandshakeConstraintViolationException", name, "EnableAllFeatures", &sdk.EnableAllFeaturesInput{})
	apitest.Refused(w, "HandshakeConstraintViolationException", name, "InviteAccountToOrganization", &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String("x@acme.example")}})
	asked := apitest.CallAs[sdk.ListHandshakesForAccountOutput](w, lab, name, "ListHandshakesForAccount",
		&sdk.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ActionType: types.ActionTypeApproveAllFeatures}})
	if len(asked.Handshakes) != 1 {
		t.Fatalf("got %v", asked.Handshakes)
	}
	apitest.Refused(w, "AccessDeniedException", name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: asked.Handshakes[0].Id})
	apitest.CallAs[sdk.AcceptHandshakeOutput](w, lab, name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: asked.Handshakes[0].Id})
	apitest.Call[sdk.AcceptHandshakeOutput](w, name, "AcceptHandshake", finish)
	o := apitest.Call[sdk.DescribeOrganizationOutput](w, name, "DescribeOrganization", &sdk.DescribeOrganizationInput{}).Organization
	if o.FeatureSet != types.OrganizationFeatureSetAll {
		t.Errorf("got %s", o.FeatureSet)
	}
}

func TestRolesOfNewAccountsCannotTakeReservedNames(t *testing.T) {
	w, _ := world(t)
	for _, role := range []string{"AWSReservedSSO_Admin_0123456789abcdef", "awsreservedsso_Admin_0123456789abcdef", "AWSServiceRoleForORGANIZATIONS"} {
		apitest.Refused(w, "InvalidInputException", name, "CreateAccount", &sdk.CreateAccountInput{AccountName: aws.String("Dev"),
			Email: aws.String("dev@acme.example"), RoleName: &role})
	}
}

func TestOfManyCallersOneWins(t *testing.T) {
	w, _ := world(t)
	w.Account(outsider, "Lab")
	h := invite(w, types.HandshakePartyTypeAccount, string(outsider))
	const callers = 64
	accepted := make(chan error, callers)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			_, err := apitest.As[sdk.CreateAccountOutput](w, apitest.Root(apitest.Management), name, "CreateAccount",
				&sdk.CreateAccountInput{AccountName: aws.String("Dev"), Email: aws.String("dev@acme.example")})
			if err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			_, err := apitest.As[sdk.AcceptHandshakeOutput](w, apitest.Root(outsider), name, "AcceptHandshake", &sdk.AcceptHandshakeInput{HandshakeId: h.Id})
			accepted <- err
		})
	}
	wg.Wait()
	close(accepted)
	won := 0
	for err := range accepted {
		if err == nil {
			won++
		} else if !fault.Is(err, "HandshakeAlreadyInStateException") {
			t.Error(err)
		}
	}
	made := 0
	w.Update(func(tx *store.Tx) error {
		made = 0
		return store.CreateStatuses.Each(tx, func(s *organization.CreateStatus) error {
			if s.AccountID != "" {
				made++
			}
			return nil
		})
	})
	if won != 1 || made != 1 {
		t.Errorf("%d callers accepted and %d made the account, want one each", won, made)
	}
}
