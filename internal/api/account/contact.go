package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// read runs fn with the account that a request names, and its profile.
func read(ctx context.Context, c *api.Call, named *string, fn func(*account.Account, *account.Profile) error) error {
	return c.View(ctx, func(tx *store.Tx) error {
		a, err := find(tx, c, named)
		if err != nil {
			return err
		}
		p, err := profileOf(tx, a)
		if err != nil {
			return err
		}
		return fn(a, p)
	})
}

// edit is read, and saves the profile.
func edit(ctx context.Context, c *api.Call, named *string, fn func(*account.Profile) error) error {
	return c.Update(ctx, func(tx *store.Tx) error {
		a, err := find(tx, c, named)
		if err != nil {
			return err
		}
		p, err := profileOf(tx, a)
		if err != nil {
			return err
		}
		if err := fn(p); err != nil {
			return err
		}
		return store.Profiles.Save(tx, p)
	})
}

func getInformation(ctx context.Context, c *api.Call, in *sdk.GetAccountInformationInput) (*sdk.GetAccountInformationOutput, error) {
	out := &sdk.GetAccountInformationOutput{}
	return out, read(ctx, c, in.AccountId, func(a *account.Account, _ *account.Profile) error {
		out.AccountId, out.AccountName, out.AccountCreatedDate = aws.String(string(a.ID)), &a.Name, &a.CreatedAt
		out.AccountState = types.AccountState(a.Status)
		if !a.ClosedAt.IsZero() {
			out.AccountState = types.AccountStateClosed
		}
		return nil
	})
}

func putName(ctx context.Context, c *api.Call, in *sdk.PutAccountNameInput) (*sdk.PutAccountNameOutput, error) {
	return &sdk.PutAccountNameOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		a, err := find(tx, c, in.AccountId)
		if err != nil {
			return err
		}
		a.Name = aws.ToString(in.AccountName)
		return store.Accounts.Save(tx, a)
	})
}

func getPrimaryEmail(ctx context.Context, c *api.Call, in *sdk.GetPrimaryEmailInput) (*sdk.GetPrimaryEmailOutput, error) {
	out := &sdk.GetPrimaryEmailOutput{}
	return out, read(ctx, c, in.AccountId, func(a *account.Account, _ *account.Profile) error {
		out.PrimaryEmail = &a.Email
		return nil
	})
}

// getGovCloud always says that there is none: the partition is aws.
func getGovCloud(ctx context.Context, c *api.Call, in *sdk.GetGovCloudAccountInformationInput) (*sdk.GetGovCloudAccountInformationOutput, error) {
	return nil, read(ctx, c, in.StandardAccountId, func(a *account.Account, _ *account.Profile) error {
		return notFound("GovCloud Account ID not found for Standard Account - %s.", a.ID)
	})
}

func getContact(ctx context.Context, c *api.Call, in *sdk.GetContactInformationInput) (*sdk.GetContactInformationOutput, error) {
	out := &sdk.GetContactInformationOutput{}
	return out, read(ctx, c, in.AccountId, func(_ *account.Account, p *account.Profile) error {
		if p.Contact == nil {
			return notFound("No contact information was found for the inputs provided.")
		}
		k := p.Contact
		out.ContactInformation = &types.ContactInformation{AddressLine1: given(k.AddressLine1), AddressLine2: given(k.AddressLine2),
			AddressLine3: given(k.AddressLine3), City: given(k.City), CompanyName: given(k.CompanyName), CountryCode: given(k.CountryCode),
			DistrictOrCounty: given(k.DistrictOrCounty), FullName: given(k.FullName), PhoneNumber: given(k.PhoneNumber),
			PostalCode: given(k.PostalCode), StateOrRegion: given(k.StateOrRegion), WebsiteUrl: given(k.WebsiteURL)}
		return nil
	})
}

// given is nil for what was never put, so that the answer leaves it out.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// putContact replaces the whole contact: what is not given is gone.
func putContact(ctx context.Context, c *api.Call, in *sdk.PutContactInformationInput) (*sdk.PutContactInformationOutput, error) {
	k := in.ContactInformation
	if aws.ToString(k.StateOrRegion) == "" && slices.Contains(statedCountries[:], aws.ToString(k.CountryCode)) {
		return nil, invalid("fieldValidationFailed", "StateOrRegion is required for the country %s.", aws.ToString(k.CountryCode))
	}
	return &sdk.PutContactInformationOutput{}, edit(ctx, c, in.AccountId, func(p *account.Profile) error {
		p.Contact = &account.Contact{AddressLine1: aws.ToString(k.AddressLine1), AddressLine2: aws.ToString(k.AddressLine2),
			AddressLine3: aws.ToString(k.AddressLine3), City: aws.ToString(k.City), CompanyName: aws.ToString(k.CompanyName),
			CountryCode: aws.ToString(k.CountryCode), DistrictOrCounty: aws.ToString(k.DistrictOrCounty), FullName: aws.ToString(k.FullName),
			PhoneNumber: aws.ToString(k.PhoneNumber), PostalCode: aws.ToString(k.PostalCode), StateOrRegion: aws.ToString(k.StateOrRegion),
			WebsiteURL: aws.ToString(k.WebsiteUrl)}
		return nil
	})
}

// statedCountries are those whose addresses have a state or region. See ContactInformation.
var statedCountries = [...]string{"US", "CA", "GB", "DE", "JP", "IN", "BR"}

func getAlternate(ctx context.Context, c *api.Call, in *sdk.GetAlternateContactInput) (*sdk.GetAlternateContactOutput, error) {
	out := &sdk.GetAlternateContactOutput{}
	return out, read(ctx, c, in.AccountId, func(_ *account.Account, p *account.Profile) error {
		k, ok := p.Alternates[string(in.AlternateContactType)]
		if !ok {
			return noAlternate(in.AlternateContactType)
		}
		out.AlternateContact = &types.AlternateContact{AlternateContactType: in.AlternateContactType, EmailAddress: &k.Email,
			Name: &k.Name, PhoneNumber: &k.Phone, Title: &k.Title}
		return nil
	})
}

func noAlternate(kind types.AlternateContactType) error {
	return notFound("No %s contact was found for the inputs provided.", kind)
}

func putAlternate(ctx context.Context, c *api.Call, in *sdk.PutAlternateContactInput) (*sdk.PutAlternateContactOutput, error) {
	return &sdk.PutAlternateContactOutput{}, edit(ctx, c, in.AccountId, func(p *account.Profile) error {
		if p.Alternates == nil {
			p.Alternates = map[string]account.AlternateContact{}
		}
		p.Alternates[string(in.AlternateContactType)] = account.AlternateContact{Email: aws.ToString(in.EmailAddress),
			Name: aws.ToString(in.Name), Phone: aws.ToString(in.PhoneNumber), Title: aws.ToString(in.Title)}
		return nil
	})
}

func deleteAlternate(ctx context.Context, c *api.Call, in *sdk.DeleteAlternateContactInput) (*sdk.DeleteAlternateContactOutput, error) {
	return &sdk.DeleteAlternateContactOutput{}, edit(ctx, c, in.AccountId, func(p *account.Profile) error {
		kind := string(in.AlternateContactType)
		if _, ok := p.Alternates[kind]; !ok {
			return noAlternate(in.AlternateContactType)
		}
		delete(p.Alternates, kind)
		return nil
	})
}
