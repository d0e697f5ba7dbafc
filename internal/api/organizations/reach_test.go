package organizations

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// everyone may call these, of course each for itself.
var forMembers = []string{"CreateOrganization", "DescribeOrganization", "LeaveOrganization", "DescribeHandshake", "AcceptHandshake",
	"DeclineHandshake", "CancelHandshake", "ListHandshakesForAccount"}

// TestMembersAreRefused calls every operation as a member, with what the management account may do.
func TestMembersAreRefused(t *testing.T) {
	w, root := world(t)
	id := createAccountIn(t, w, "dev@acme.example").AccountId
	ou := unit(w, root, "Workloads")
	ids := map[string]*string{"AccountId": id, "ChildId": id, "TargetId": id, "ResourceId": id, "ParentId": root, "RootId": root,
		"SourceParentId": root, "DestinationParentId": ou, "OrganizationalUnitId": ou, "PolicyId": aws.String("p-FullAWSAccess"),
		"ServicePrincipal": aws.String("sso.amazonaws.com"), "Name": aws.String("X"), "Description": aws.String(""), "AccountName": aws.String("X"),
		"Content": aws.String(`{}`), "Email": aws.String("x@acme.example"), "CreateAccountRequestId": aws.String("car-00000000")}
	member := apitest.Root(ident.AccountID(*id))
	for _, row := range Table() {
		if slices.Contains(forMembers, row.Name) {
			continue
		}
		refused(t, w, member, "AccessDeniedException", row.Name, filled(row.NewInput(), ids))
	}
}

// filled sets the members of an input that have a value here, and the enums that operations need.
func filled(in any, values map[string]*string) any {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case values[name] != nil && f.Type() == reflect.TypeFor[*string]():
			f.Set(reflect.ValueOf(values[name]))
		case f.Type() == reflect.TypeFor[types.PolicyType]():
			f.SetString(string(scp))
		case f.Type() == reflect.TypeFor[types.ChildType]():
			f.SetString(string(types.ChildTypeAccount))
		case f.Type() == reflect.TypeFor[*types.HandshakeParty]():
			f.Set(reflect.ValueOf(&types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: aws.String("x@acme.example")}))
		case f.Type() == reflect.TypeFor[[]types.Tag]():
			f.Set(reflect.ValueOf([]types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}))
		case name == "TagKeys":
			f.Set(reflect.ValueOf([]string{"k"}))
		}
	}
	return in
}

// TestAnotherOrganizationIsOutOfReach names what another organization has in every place of every operation.
func TestAnotherOrganizationIsOutOfReach(t *testing.T) {
	w, root := world(t)
	theirs := w.Organization(w.Account(outsider, "Rival"), w.Account(stray, "Prize"))
	w.Guard(theirs, "theirs12", apitest.Deny("aws-portal:*"), theirs.RootID)
	prize := aws.String(string(stray))
	ids := map[string]*string{"AccountId": prize, "ChildId": prize, "TargetId": prize, "ResourceId": prize, "ParentId": &theirs.RootID,
		"RootId": &theirs.RootID, "SourceParentId": &theirs.RootID, "DestinationParentId": root, "OrganizationalUnitId": aws.String("ou-root-workload"),
		"PolicyId": aws.String("p-theirs12"), "ServicePrincipal": aws.String("sso.amazonaws.com"), "Name": aws.String("X"), "CreateAccountRequestId": aws.String("car-00000000")}
	for _, row := range Table() {
		in := row.NewInput()
		names := false
		for name := range ids {
			_, has := reflect.TypeOf(in).Elem().FieldByName(name)
			names = names || has && name != "Name" && name != "ServicePrincipal"
		}
		if !names || row.Name == "CreatePolicy" {
			continue
		}
		if err := ask(t, w, apitest.Root(apitest.Management), row.Name, filled(in, ids)); err == nil {
			t.Errorf("%s reaches into another organization", row.Name)
		}
	}
	for id, want := range map[ident.AccountID]string{outsider: theirs.ID, stray: theirs.ID} {
		if a := w.State.Current().Account(id); a.OrganizationID != want || a.Status != account.Active || len(a.Tags) > 0 {
			t.Errorf("the account %s was changed: %+v", id, a)
		}
	}
}

func TestAServiceControlPolicyKeepsMembersFromLeaving(t *testing.T) {
	w, root := world(t)
	id := createAccountIn(t, w, "dev@acme.example").AccountId
	w.Time.Pass(account.WaitBeforeLeaving)
	apitest.Call[sdk.EnablePolicyTypeOutput](w, name, "EnablePolicyType", &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: scp})
	p := apitest.Call[sdk.CreatePolicyOutput](w, name, "CreatePolicy", &sdk.CreatePolicyInput{Name: aws.String("Stay"), Description: aws.String(""),
		Type: scp, Content: aws.String(apitest.Deny("organizations:LeaveOrganization"))}).Policy
	attach := &sdk.AttachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: id}
	apitest.Call[sdk.AttachPolicyOutput](w, name, "AttachPolicy", attach)
	refused(t, w, apitest.Root(ident.AccountID(*id)), "AccessDeniedException", "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	apitest.Call[sdk.DetachPolicyOutput](w, name, "DetachPolicy", &sdk.DetachPolicyInput{PolicyId: p.PolicySummary.Id, TargetId: id})
	apitest.CallAs[sdk.LeaveOrganizationOutput](w, apitest.Root(ident.AccountID(*id)), name, "LeaveOrganization", &sdk.LeaveOrganizationInput{})
	seen := map[string]int{}
	for _, r := range w.Records() {
		if r.Kind == audit.ServiceEvent && (r.Account == apitest.Management || r.Operation == "CreateServiceLinkedRole") {
			seen[r.Operation]++
		}
	}
	if seen["AccountJoinedOrganization"] != 2 || seen["AccountDepartedOrganization"] != 1 || seen["CreateAccountResult"] != 1 ||
		seen["CreateServiceLinkedRole"] != 2 {
		t.Errorf("on record are %v", seen)
	}
}

// TestListsGoOnWhereTheyStopped reads lists one by one, and shows each token to where it does not belong.
func TestListsGoOnWhereTheyStopped(t *testing.T) {
	w, root := world(t)
	trusted := []string{"account.amazonaws.com", "sso.amazonaws.com", "ram.amazonaws.com"}
	for i, service := range trusted {
		id := createAccountIn(t, w, fmt.Sprintf("a%d@acme.example", i)).AccountId
		invite(w, types.HandshakePartyTypeEmail, fmt.Sprintf("b%d@acme.example", i))
		apitest.Call[sdk.EnableAWSServiceAccessOutput](w, name, "EnableAWSServiceAccess", &sdk.EnableAWSServiceAccessInput{ServicePrincipal: &service})
		apitest.Save(w, store.Delegates, &organization.Delegate{OrganizationID: w.State.Current().OrganizationOf(apitest.Management).ID,
			Account: ident.AccountID(*id), Service: service})
		unit(w, root, service)
	}
	one := aws.Int32(1)
	tokens := map[string]*string{}
	check := func(list string, want int, page func(token *string) (n int, next *string)) {
		t.Helper()
		total := 0
		for token, first := (*string)(nil), true; first || token != nil; first = false {
			n, next := page(token)
			if n > 1 {
				t.Errorf("%s: %d on a page of one", list, n)
			}
			if total += n; next != nil {
				tokens[list] = next
			}
			token = next
		}
		if total != want {
			t.Errorf("%s: got %d, want %d", list, total, want)
		}
	}
	check("ListAccounts", 4, func(token *string) (int, *string) {
		out := apitest.Call[sdk.ListAccountsOutput](w, name, "ListAccounts", &sdk.ListAccountsInput{MaxResults: one, NextToken: token})
		return len(out.Accounts), out.NextToken
	})
	check("ListHandshakesForOrganization", 3, func(token *string) (int, *string) {
		out := apitest.Call[sdk.ListHandshakesForOrganizationOutput](w, name, "ListHandshakesForOrganization", &sdk.ListHandshakesForOrganizationInput{MaxResults: one, NextToken: token})
		return len(out.Handshakes), out.NextToken
	})
	check("ListAWSServiceAccessForOrganization", 3, func(token *string) (int, *string) {
		out := apitest.Call[sdk.ListAWSServiceAccessForOrganizationOutput](w, name, "ListAWSServiceAccessForOrganization", &sdk.ListAWSServiceAccessForOrganizationInput{MaxResults: one, NextToken: token})
		return len(out.EnabledServicePrincipals), out.NextToken
	})
	check("ListDelegatedAdministrators", 3, func(token *string) (int, *string) {
		out := apitest.Call[sdk.ListDelegatedAdministratorsOutput](w, name, "ListDelegatedAdministrators", &sdk.ListDelegatedAdministratorsInput{MaxResults: one, NextToken: token})
		return len(out.DelegatedAdministrators), out.NextToken
	})
	check("ListOrganizationalUnitsForParent", 3, func(token *string) (int, *string) {
		out := apitest.Call[sdk.ListOrganizationalUnitsForParentOutput](w, name, "ListOrganizationalUnitsForParent", &sdk.ListOrganizationalUnitsForParentInput{ParentId: root, MaxResults: one, NextToken: token})
		return len(out.OrganizationalUnits), out.NextToken
	})
	strayTokens(t, w, root, tokens)
}

// strayTokens shows the token of each list to all the others.
func strayTokens(t *testing.T, w *apitest.World, root *string, tokens map[string]*string) {
	t.Helper()
	for list, token := range tokens {
		for _, row := range Table() {
			in := filled(row.NewInput(), map[string]*string{"ParentId": root, "TargetId": root, "ChildId": aws.String(string(apitest.Management)),
				"AccountId": aws.String(string(apitest.Management)), "PolicyId": aws.String("p-FullAWSAccess"), "ResourceId": root})
			f := reflect.ValueOf(in).Elem().FieldByName("NextToken")
			if !f.IsValid() || row.Name == list {
				continue
			}
			f.Set(reflect.ValueOf(token))
			if got := apitest.Refused(w, "InvalidInputException", name, row.Name, in); got.Fields["Reason"] != "INVALID_NEXT_TOKEN" {
				t.Errorf("%s takes a token of %s", row.Name, list)
			}
		}
	}
}

func TestAThirdOfAYearLaterNothingIsLeftOfAClosedAccount(t *testing.T) {
	w, root := world(t)
	id := createAccountIn(t, w, "dev@acme.example").AccountId
	ou := unit(w, root, "Workloads")
	apitest.Call[sdk.MoveAccountOutput](w, name, "MoveAccount", &sdk.MoveAccountInput{AccountId: id, SourceParentId: root, DestinationParentId: ou})
	apitest.Call[sdk.CloseAccountOutput](w, name, "CloseAccount", &sdk.CloseAccountInput{AccountId: id})
	apitest.Refused(w, "OrganizationalUnitNotEmptyException", name, "DeleteOrganizationalUnit", &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: ou})
	w.Time.Pass(120 * 24 * time.Hour)
	apitest.Call[sdk.DeleteOrganizationalUnitOutput](w, name, "DeleteOrganizationalUnit", &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: ou})
	if n := len(apitest.Call[sdk.ListAccountsOutput](w, name, "ListAccounts", &sdk.ListAccountsInput{}).Accounts); n != 1 {
		t.Errorf("got %d accounts", n)
	}
	if got := createAccountIn(t, w, "dev@acme.example"); got.FailureReason != types.CreateAccountFailureReasonEmailAlreadyExists {
		t.Errorf("the address of a closed account can be used again: %+v", got)
	}
}
