package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
)

// contact is what aws_account_alternate_contact compares.
type contact struct{ Name, Title, Email, Phone string }

func (p *provider) readContact(t *testing.T, account *string) (contact, error) {
	out, err := p.account.GetAlternateContact(t.Context(), &sdk.GetAlternateContactInput{AccountId: account, AlternateContactType: types.AlternateContactTypeSecurity})
	if err != nil {
		return contact{}, gone[*types.ResourceNotFoundException](err)
	}
	c := out.AlternateContact
	return contact{*c.Name, *c.Title, *c.EmailAddress, *c.PhoneNumber}, nil
}

func (p *provider) putContact(t *testing.T, account *string, c contact) error {
	_, err := p.account.PutAlternateContact(t.Context(), &sdk.PutAlternateContactInput{AccountId: account, AlternateContactType: types.AlternateContactTypeSecurity,
		Name: &c.Name, Title: &c.Title, EmailAddress: &c.Email, PhoneNumber: &c.Phone})
	return err
}

// accounts are the caller's own account, which has to be left out, and a member's.
func (p *provider) accounts(t *testing.T) map[string]*string {
	t.Helper()
	if err := p.enableService(t, "account.amazonaws.com"); err != nil {
		t.Fatal(err)
	}
	id, err := p.createAccount(t, "Shop", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*string{"the caller's": nil, "a member's": &id}
}

func TestAlternateContact(t *testing.T) {
	t.Parallel()
	p := organized(t)
	want, other := contact{"Sam", "Head of Security", "sam@acme.example", "+49 (30) 12-34"}, contact{"Kim", "Security", "kim@acme.example", "+1-555"}
	for name, account := range p.accounts(t) {
		t.Run(name, func(t *testing.T) {
			resource[contact]{
				create:  func() (string, error) { return "SECURITY", p.putContact(t, account, want) },
				read:    func(string) (contact, error) { return p.readContact(t, account) },
				want:    want,
				changes: []change[contact]{{name: "all attributes", want: other, apply: func(string) error { return p.putContact(t, account, other) }}},
				delete: func(string) error {
					_, err := p.account.DeleteAlternateContact(t.Context(), &sdk.DeleteAlternateContactInput{AccountId: account, AlternateContactType: types.AlternateContactTypeSecurity})
					return goneIsFine[*types.ResourceNotFoundException](err)
				},
			}.live(t)
		})
	}
}

// TestPrimaryContact ends without deletion: the provider only forgets a primary contact.
func TestPrimaryContact(t *testing.T) {
	t.Parallel()
	p := organized(t)
	full := types.ContactInformation{FullName: aws.String("Sam Acme"), PhoneNumber: aws.String("+49 30 1234"), AddressLine1: aws.String("Hof 1"), AddressLine2: aws.String("II"), AddressLine3: aws.String("III"),
		City: aws.String("Berlin"), PostalCode: aws.String("10115"), CountryCode: aws.String("DE"), CompanyName: aws.String("Acme"), DistrictOrCounty: aws.String("Mitte"),
		StateOrRegion: aws.String("BE"), WebsiteUrl: aws.String("https://acme.example")}
	plain := types.ContactInformation{FullName: full.FullName, PhoneNumber: full.PhoneNumber, AddressLine1: full.AddressLine1, City: full.City, PostalCode: full.PostalCode, CountryCode: aws.String("NL")}
	flat := func(c *types.ContactInformation) string {
		var text string
		for _, s := range []*string{c.FullName, c.PhoneNumber, c.AddressLine1, c.AddressLine2, c.AddressLine3, c.City, c.PostalCode, c.CountryCode, c.CompanyName, c.DistrictOrCounty, c.StateOrRegion, c.WebsiteUrl} {
			text += aws.ToString(s) + "|"
		}
		return text
	}
	for name, account := range p.accounts(t) {
		for _, want := range []*types.ContactInformation{&full, &plain} {
			if _, err := p.account.PutContactInformation(t.Context(), &sdk.PutContactInformationInput{AccountId: account, ContactInformation: want}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out, err := p.account.GetContactInformation(t.Context(), &sdk.GetContactInformationInput{AccountId: account})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := flat(out.ContactInformation); got != flat(want) {
				t.Errorf("%s: got %s, want %s", name, got, flat(want))
			}
		}
	}
}

// TestRegion ends without deletion: the provider leaves a Region as it is.
func TestRegion(t *testing.T) {
	t.Parallel()
	p := organized(t)
	for name, account := range p.accounts(t) {
		status := func(region string) types.RegionOptStatus {
			out, err := p.account.GetRegionOptStatus(t.Context(), &sdk.GetRegionOptStatusInput{AccountId: account, RegionName: &region})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return out.RegionOptStatus
		}
		if got := status("us-east-1"); got != types.RegionOptStatusEnabledByDefault {
			t.Errorf("%s: us-east-1 is %s", name, got)
		}
		const region = "eu-south-1"
		for _, step := range []struct {
			target types.RegionOptStatus
			apply  func() error
		}{
			{types.RegionOptStatusEnabled, func() error {
				_, err := p.account.EnableRegion(t.Context(), &sdk.EnableRegionInput{AccountId: account, RegionName: aws.String(region)})
				return err
			}},
			{types.RegionOptStatusDisabled, func() error {
				_, err := p.account.DisableRegion(t.Context(), &sdk.DisableRegionInput{AccountId: account, RegionName: aws.String(region)})
				return err
			}},
		} {
			pending := []string{string(types.RegionOptStatusEnabling), string(types.RegionOptStatusDisabling)}
			if err := step.apply(); err != nil {
				t.Errorf("%s: %s: %v", name, step.target, err)
			} else if err := await(string(step.target), pending, func() (string, error) { return string(status(region)), nil }); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		regions, err := all(t.Context(), sdk.NewListRegionsPaginator(p.account, &sdk.ListRegionsInput{AccountId: account}), func(o *sdk.ListRegionsOutput) []types.Region { return o.Regions })
		if err != nil || len(regions) < 20 {
			t.Errorf("aws_account_regions of %s: %d, %v", name, len(regions), err)
		}
	}
}
