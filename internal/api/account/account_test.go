package account

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	name                     = "account"
	member   ident.AccountID = "222222222222"
	security ident.AccountID = "333333333333"
	stray    ident.AccountID = "444444444444"
)

// world has an organization whose account "Security" is the delegated administrator, and an account beside it.
func world(t *testing.T) (*apitest.World, *organization.Organization) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{name: Table()})
	o := w.Organization(w.Account(apitest.Management, "Acme"), w.Account(member, "Dev"), w.Account(security, "Security"))
	w.Account(stray, "Stray")
	apitest.Save(w, store.Delegates, &organization.Delegate{OrganizationID: o.ID, Account: security, Service: service})
	return w, o
}

func trust(w *apitest.World, o *organization.Organization) {
	apitest.Change(w, store.Organizations, o.ID, func(o *organization.Organization) { o.Services = map[string]time.Time{service: w.Time.Now()} })
}

func refused(t *testing.T, w *apitest.World, p *authz.Principal, code, operation string, in any) {
	t.Helper()
	if _, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: p}, name, operation, in); !fault.Is(err, code) {
		t.Errorf("%s by %s: got %v, want %s", operation, p.Account, err, code)
	}
}

func TestWhoMayNameAnAccount(t *testing.T) {
	w, o := world(t)
	named := func(id ident.AccountID) *sdk.GetAccountInformationInput {
		return &sdk.GetAccountInformationInput{AccountId: aws.String(string(id))}
	}
	management, delegate := apitest.Root(apitest.Management), apitest.Root(security)
	refused(t, w, management, "AccessDeniedException", "GetAccountInformation", named(member)) // no trusted access yet
	refused(t, w, delegate, "AccessDeniedException", "GetAccountInformation", named(member))
	trust(w, o)
	for _, p := range []*authz.Principal{management, delegate} {
		got := apitest.CallAs[sdk.GetAccountInformationOutput](w, p, name, "GetAccountInformation", named(member))
		if *got.AccountId != string(member) || *got.AccountName != "Dev" || got.AccountState != types.AccountStateActive {
			t.Errorf("got %+v", got)
		}
		refused(t, w, p, "AccessDeniedException", "GetAccountInformation", named(apitest.Management))
		refused(t, w, p, "AccessDeniedException", "GetAccountInformation", named(stray))
		refused(t, w, p, "AccessDeniedException", "GetAccountInformation", named("999999999999"))
	}
	for _, who := range []ident.AccountID{member, stray} {
		refused(t, w, apitest.Root(who), "AccessDeniedException", "GetAccountInformation", named(security))
		refused(t, w, apitest.Root(who), "AccessDeniedException", "GetAccountInformation", named(who))
		apitest.CallAs[sdk.GetAccountInformationOutput](w, apitest.Root(who), name, "GetAccountInformation", &sdk.GetAccountInformationInput{})
	}
	refused(t, w, apitest.Root(member), "AccessDeniedException", "PutAccountName", &sdk.PutAccountNameInput{AccountId: aws.String(string(security)), AccountName: aws.String("Mine")})
	email := apitest.CallAs[sdk.GetPrimaryEmailOutput](w, delegate, name, "GetPrimaryEmail", &sdk.GetPrimaryEmailInput{AccountId: aws.String(string(member))})
	if *email.PrimaryEmail != "dev@example.com" {
		t.Errorf("got %s", *email.PrimaryEmail)
	}
}

func TestADelegateNeedsItsOwnPermission(t *testing.T) {
	w, o := world(t)
	trust(w, o)
	u := w.User(security, "bob", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"account:GetAlternateContact","Resource":"arn:aws:account::111111111111:account/o-example123/222222222222","Condition":{"StringEquals":{"account:AlternateContactTypes":"BILLING"}}}]}`))
	bob := &authz.Principal{Kind: authz.IAMUser, Account: security, ARN: u.ARN(), IAMUserID: u.ID}
	in := &sdk.GetAlternateContactInput{AccountId: aws.String(string(member)), AlternateContactType: types.AlternateContactTypeBilling}
	refused(t, w, bob, "ResourceNotFoundException", "GetAlternateContact", in)
	in.AlternateContactType = types.AlternateContactTypeSecurity
	refused(t, w, bob, "AccessDeniedException", "GetAlternateContact", in)
	refused(t, w, bob, "AccessDeniedException", "GetAccountInformation", &sdk.GetAccountInformationInput{AccountId: aws.String(string(member))})
}

func TestContactsAreKept(t *testing.T) {
	w, _ := world(t)
	me := apitest.Root(member)
	refused(t, w, me, "ResourceNotFoundException", "GetContactInformation", &sdk.GetContactInformationInput{})
	contact := &types.ContactInformation{FullName: aws.String("Pat"), AddressLine1: aws.String("Street 1"), City: aws.String("Bonn"),
		CountryCode: aws.String("DE"), PostalCode: aws.String("53111"), PhoneNumber: aws.String("+49 228 1")}
	refused(t, w, me, "ValidationException", "PutContactInformation", &sdk.PutContactInformationInput{ContactInformation: contact})
	contact.StateOrRegion = aws.String("NRW")
	apitest.CallAs[sdk.PutContactInformationOutput](w, me, name, "PutContactInformation", &sdk.PutContactInformationInput{ContactInformation: contact})
	if got := apitest.CallAs[sdk.GetContactInformationOutput](w, me, name, "GetContactInformation", &sdk.GetContactInformationInput{}); *got.ContactInformation.City != "Bonn" || got.ContactInformation.WebsiteUrl != nil {
		t.Errorf("got %+v", got.ContactInformation)
	}
	kind := types.AlternateContactTypeOperations
	apitest.CallAs[sdk.PutAlternateContactOutput](w, me, name, "PutAlternateContact", &sdk.PutAlternateContactInput{AlternateContactType: kind,
		EmailAddress: aws.String("ops@example.com"), Name: aws.String("Ops"), PhoneNumber: aws.String("+49 228 2"), Title: aws.String("Operations")})
	if got := apitest.CallAs[sdk.GetAlternateContactOutput](w, me, name, "GetAlternateContact", &sdk.GetAlternateContactInput{AlternateContactType: kind}); *got.AlternateContact.Name != "Ops" {
		t.Errorf("got %+v", got.AlternateContact)
	}
	apitest.CallAs[sdk.DeleteAlternateContactOutput](w, me, name, "DeleteAlternateContact", &sdk.DeleteAlternateContactInput{AlternateContactType: kind})
	refused(t, w, me, "ResourceNotFoundException", "DeleteAlternateContact", &sdk.DeleteAlternateContactInput{AlternateContactType: kind})
	apitest.CallAs[sdk.PutAccountNameOutput](w, me, name, "PutAccountName", &sdk.PutAccountNameInput{AccountName: aws.String("Development")})
	if a := w.State.Current().Account(member); a.Name != "Development" || a.Status != account.Active {
		t.Errorf("got %+v", a)
	}
	refused(t, w, me, "ResourceNotFoundException", "GetGovCloudAccountInformation", &sdk.GetGovCloudAccountInformationInput{})
}

func TestRegions(t *testing.T) {
	w, _ := world(t)
	me := apitest.Root(member)
	var names []string
	for in := (&sdk.ListRegionsInput{MaxResults: aws.Int32(10)}); ; {
		page := apitest.CallAs[sdk.ListRegionsOutput](w, me, name, "ListRegions", in)
		for _, r := range page.Regions {
			names = append(names, *r.RegionName)
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	if len(names) != len(account.Regions()) {
		t.Errorf("got %d of %d Regions", len(names), len(account.Regions()))
	}
	status := func(region string) types.RegionOptStatus {
		return apitest.CallAs[sdk.GetRegionOptStatusOutput](w, me, name, "GetRegionOptStatus", &sdk.GetRegionOptStatusInput{RegionName: &region}).RegionOptStatus
	}
	if got := status("us-east-1"); got != types.RegionOptStatusEnabledByDefault {
		t.Errorf("got %s", got)
	}
	zurich := aws.String("eu-central-2")
	apitest.CallAs[sdk.EnableRegionOutput](w, me, name, "EnableRegion", &sdk.EnableRegionInput{RegionName: zurich})
	if got := status(*zurich); got != types.RegionOptStatusEnabled {
		t.Errorf("got %s", got)
	}
	list := apitest.CallAs[sdk.ListRegionsOutput](w, me, name, "ListRegions", &sdk.ListRegionsInput{RegionOptStatusContains: []types.RegionOptStatus{types.RegionOptStatusEnabled}})
	if len(list.Regions) != 1 || *list.Regions[0].RegionName != *zurich {
		t.Errorf("got %v", list.Regions)
	}
	apitest.CallAs[sdk.DisableRegionOutput](w, me, name, "DisableRegion", &sdk.DisableRegionInput{RegionName: zurich})
	if got := status(*zurich); got != types.RegionOptStatusDisabled {
		t.Errorf("got %s", got)
	}
	for _, bad := range []string{"us-east-1", "moon-1"} {
		refused(t, w, me, "ValidationException", "EnableRegion", &sdk.EnableRegionInput{RegionName: &bad})
	}
}
