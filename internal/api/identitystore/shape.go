package identitystore

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// newUser takes a user from the input that describes one.
func newUser(in *sdk.CreateUserInput) *directory.User {
	u := &directory.User{
		UserName: aws.ToString(in.UserName), DisplayName: aws.ToString(in.DisplayName), NickName: aws.ToString(in.NickName),
		ProfileURL: aws.ToString(in.ProfileUrl), Title: aws.ToString(in.Title), UserType: aws.ToString(in.UserType),
		Locale: aws.ToString(in.Locale), Timezone: aws.ToString(in.Timezone), PreferredLanguage: aws.ToString(in.PreferredLanguage),
	}
	if n := in.Name; n != nil {
		u.GivenName, u.FamilyName, u.MiddleName = aws.ToString(n.GivenName), aws.ToString(n.FamilyName), aws.ToString(n.MiddleName)
		u.FormattedName = aws.ToString(n.Formatted)
		u.HonorificPrefix, u.HonorificSuffix = aws.ToString(n.HonorificPrefix), aws.ToString(n.HonorificSuffix)
	}
	for _, e := range in.Emails {
		u.Emails = append(u.Emails, directory.Email{Value: aws.ToString(e.Value), Type: aws.ToString(e.Type), Primary: e.Primary})
	}
	for _, p := range in.PhoneNumbers {
		u.PhoneNumbers = append(u.PhoneNumbers, directory.PhoneNumber{Value: aws.ToString(p.Value), Type: aws.ToString(p.Type), Primary: p.Primary})
	}
	for _, a := range in.Addresses {
		u.Addresses = append(u.Addresses, directory.Address{
			StreetAddress: aws.ToString(a.StreetAddress), Locality: aws.ToString(a.Locality), Region: aws.ToString(a.Region),
			PostalCode: aws.ToString(a.PostalCode), Country: aws.ToString(a.Country), Formatted: aws.ToString(a.Formatted),
			Type: aws.ToString(a.Type), Primary: a.Primary,
		})
	}
	return u
}

// describe is newUser the other way round.
func describe(u *directory.User) types.User {
	d := types.User{
		IdentityStoreId: &u.StoreID, UserId: &u.ID, UserArn: aws.String(userARN(&u.ID)), UserName: given(u.UserName),
		DisplayName: given(u.DisplayName), NickName: given(u.NickName), ProfileUrl: given(u.ProfileURL), Title: given(u.Title),
		UserType: given(u.UserType), Locale: given(u.Locale), Timezone: given(u.Timezone), PreferredLanguage: given(u.PreferredLanguage),
		UserStatus: types.UserStatusEnabled, CreatedAt: &u.CreatedAt, UpdatedAt: &u.UpdatedAt,
		Name: &types.Name{
			GivenName: given(u.GivenName), FamilyName: given(u.FamilyName), MiddleName: given(u.MiddleName), Formatted: given(u.FormattedName),
			HonorificPrefix: given(u.HonorificPrefix), HonorificSuffix: given(u.HonorificSuffix),
		},
	}
	if u.Disabled {
		d.UserStatus = types.UserStatusDisabled
	}
	for _, e := range u.Emails {
		d.Emails = append(d.Emails, types.Email{Value: given(e.Value), Type: given(e.Type), Primary: e.Primary})
	}
	for _, p := range u.PhoneNumbers {
		d.PhoneNumbers = append(d.PhoneNumbers, types.PhoneNumber{Value: given(p.Value), Type: given(p.Type), Primary: p.Primary})
	}
	for _, a := range u.Addresses {
		d.Addresses = append(d.Addresses, types.Address{
			StreetAddress: given(a.StreetAddress), Locality: given(a.Locality), Region: given(a.Region), PostalCode: given(a.PostalCode),
			Country: given(a.Country), Formatted: given(a.Formatted), Type: given(a.Type), Primary: a.Primary,
		})
	}
	return d
}

// given is nil for an attribute that was never set, so that the answer leaves it out.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// filtered returns the value of the one filter that a list may have. See ListUsers in the API Reference.
func filtered(filters []types.Filter, attribute string) (string, error) {
	if len(filters) != 1 || !strings.EqualFold(aws.ToString(filters[0].AttributePath), attribute) {
		return "", invalid("One filter is supported, by %s.", attribute)
	}
	return aws.ToString(filters[0].AttributeValue), nil
}

// found lets a filter that nothing matches pass.
func found(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// unique reads an alternate identifier. No user or group comes from an external provider yet, so none has an external id.
func unique(id types.AlternateIdentifier) (path, value string, err error) {
	switch a := id.(type) {
	case *types.AlternateIdentifierMemberUniqueAttribute:
		text, err := documentText(a.Value.AttributeValue)
		if err != nil {
			return "", "", err
		}
		return aws.ToString(a.Value.AttributePath), text, nil
	case *types.AlternateIdentifierMemberExternalId:
		return "", "", notFound(user, aws.ToString(a.Value.Id))
	}
	return "", "", invalid("The alternate identifier is missing.")
}

// documentText returns the string that a document holds. It goes through the document's JSON: the SDK's documents do not
// unmarshal what they were made of.
func documentText(d document.Interface) (string, error) {
	var text string
	if d == nil {
		return "", invalid("The attribute value is missing.")
	}
	raw, err := d.MarshalSmithyDocument()
	if err != nil || json.Unmarshal(raw, &text) != nil || text == "" {
		return "", invalid("The attribute value must be a string.")
	}
	return text, nil
}
