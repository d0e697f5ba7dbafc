package identitystore

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
)

// fill gives a user attributes, in place of all that it had.
func fill(u *directory.User, in *userAttributes) {
	u.UserName, u.DisplayName, u.NickName = aws.ToString(in.UserName), aws.ToString(in.DisplayName), aws.ToString(in.NickName)
	u.ProfileURL, u.Website, u.Birthdate = aws.ToString(in.ProfileUrl), aws.ToString(in.Website), aws.ToString(in.Birthdate)
	u.Title, u.UserType, u.Locale = aws.ToString(in.Title), aws.ToString(in.UserType), aws.ToString(in.Locale)
	u.Timezone, u.PreferredLanguage = aws.ToString(in.Timezone), aws.ToString(in.PreferredLanguage)
	var n types.Name
	if in.Name != nil {
		n = *in.Name
	}
	u.GivenName, u.FamilyName, u.MiddleName = aws.ToString(n.GivenName), aws.ToString(n.FamilyName), aws.ToString(n.MiddleName)
	u.FormattedName, u.HonorificPrefix, u.HonorificSuffix = aws.ToString(n.Formatted), aws.ToString(n.HonorificPrefix), aws.ToString(n.HonorificSuffix)
	u.Emails = each(in.Emails, func(e types.Email) directory.Email {
		return directory.Email{Value: aws.ToString(e.Value), Type: aws.ToString(e.Type), Primary: e.Primary}
	})
	u.PhoneNumbers = each(in.PhoneNumbers, func(p types.PhoneNumber) directory.PhoneNumber {
		return directory.PhoneNumber{Value: aws.ToString(p.Value), Type: aws.ToString(p.Type), Primary: p.Primary}
	})
	u.Addresses = each(in.Addresses, func(a types.Address) directory.Address {
		return directory.Address{StreetAddress: aws.ToString(a.StreetAddress), Locality: aws.ToString(a.Locality), Region: aws.ToString(a.Region),
			PostalCode: aws.ToString(a.PostalCode), Country: aws.ToString(a.Country), Formatted: aws.ToString(a.Formatted),
			Type: aws.ToString(a.Type), Primary: a.Primary}
	})
	u.Photos = each(in.Photos, func(p types.Photo) directory.Photo {
		return directory.Photo{Value: aws.ToString(p.Value), Type: aws.ToString(p.Type), Display: aws.ToString(p.Display), Primary: p.Primary}
	})
	u.Roles = each(in.Roles, func(r types.Role) directory.Role {
		return directory.Role{Value: aws.ToString(r.Value), Type: aws.ToString(r.Type), Primary: r.Primary}
	})
	u.ExternalIDs, u.Enterprise = externalIDs(in.ExternalIds), in.Enterprise.OrNil()
}

// attributesOf is fill the other way round.
func attributesOf(u *directory.User) *userAttributes {
	in := &userAttributes{ExternalIds: describeExternalIDs(u.ExternalIDs), Enterprise: u.Enterprise}
	in.CreateUserInput = sdk.CreateUserInput{
		IdentityStoreId: &u.StoreID, UserName: given(u.UserName), DisplayName: given(u.DisplayName), NickName: given(u.NickName),
		ProfileUrl: given(u.ProfileURL), Title: given(u.Title), UserType: given(u.UserType), Locale: given(u.Locale),
		Timezone: given(u.Timezone), PreferredLanguage: given(u.PreferredLanguage), Website: given(u.Website), Birthdate: given(u.Birthdate),
		Name: &types.Name{
			GivenName: given(u.GivenName), FamilyName: given(u.FamilyName), MiddleName: given(u.MiddleName), Formatted: given(u.FormattedName),
			HonorificPrefix: given(u.HonorificPrefix), HonorificSuffix: given(u.HonorificSuffix),
		},
		Emails: each(u.Emails, func(e directory.Email) types.Email {
			return types.Email{Value: given(e.Value), Type: given(e.Type), Primary: e.Primary}
		}),
		PhoneNumbers: each(u.PhoneNumbers, func(p directory.PhoneNumber) types.PhoneNumber {
			return types.PhoneNumber{Value: given(p.Value), Type: given(p.Type), Primary: p.Primary}
		}),
		Addresses: each(u.Addresses, func(a directory.Address) types.Address {
			return types.Address{StreetAddress: given(a.StreetAddress), Locality: given(a.Locality), Region: given(a.Region),
				PostalCode: given(a.PostalCode), Country: given(a.Country), Formatted: given(a.Formatted), Type: given(a.Type), Primary: a.Primary}
		}),
		Photos: each(u.Photos, func(p directory.Photo) types.Photo {
			return types.Photo{Value: given(p.Value), Type: given(p.Type), Display: given(p.Display), Primary: p.Primary}
		}),
		Roles: each(u.Roles, func(r directory.Role) types.Role {
			return types.Role{Value: given(r.Value), Type: given(r.Type), Primary: r.Primary}
		}),
	}
	return in
}

// describeUserAs describes a user with the extensions that were asked for.
func describeUserAs(u *directory.User, extensions []string) types.User {
	in := attributesOf(u)
	d := types.User{
		IdentityStoreId: in.IdentityStoreId, UserName: in.UserName, DisplayName: in.DisplayName, NickName: in.NickName, ProfileUrl: in.ProfileUrl,
		Title: in.Title, UserType: in.UserType, Locale: in.Locale, Timezone: in.Timezone, PreferredLanguage: in.PreferredLanguage,
		Website: in.Website, Birthdate: in.Birthdate, Name: in.Name, Emails: in.Emails, PhoneNumbers: in.PhoneNumbers, Addresses: in.Addresses,
		Photos: in.Photos, Roles: in.Roles, ExternalIds: in.ExternalIds,
	}
	if len(extensions) > 0 && u.Enterprise != nil {
		d.Extensions = map[string]document.Interface{directory.EnterpriseExtension: enterpriseDocument(u.Enterprise)}
	}
	d.UserId, d.UserArn, d.UserStatus = &u.ID, aws.String(userARN(&u.ID)), types.UserStatusEnabled
	if u.Disabled {
		d.UserStatus = types.UserStatusDisabled
	}
	d.CreatedAt, d.UpdatedAt, d.CreatedBy, d.UpdatedBy = &u.CreatedAt, &u.UpdatedAt, given(u.CreatedBy), given(u.UpdatedBy)
	d.Revision = revision(u.Revision)
	return d
}

func describeGroupAs(g *directory.Group) types.Group {
	return types.Group{
		IdentityStoreId: &g.StoreID, GroupId: &g.ID, GroupArn: aws.String(groupARN(&g.ID)), DisplayName: given(g.DisplayName),
		Description: given(g.Description), ExternalIds: describeExternalIDs(g.ExternalIDs), CreatedAt: &g.CreatedAt,
		UpdatedAt: &g.UpdatedAt, CreatedBy: given(g.CreatedBy), UpdatedBy: given(g.UpdatedBy), Revision: revision(g.Revision),
	}
}

func externalIDs(in []types.ExternalId) []directory.ExternalID {
	return each(in, func(e types.ExternalId) directory.ExternalID {
		return directory.ExternalID{Issuer: aws.ToString(e.Issuer), ID: aws.ToString(e.Id)}
	})
}

func describeExternalIDs(ids []directory.ExternalID) []types.ExternalId {
	return each(ids, func(e directory.ExternalID) types.ExternalId { return types.ExternalId{Issuer: &e.Issuer, Id: &e.ID} })
}

// each is nil for an empty list, so that the answer leaves it out.
func each[A, B any](list []A, fn func(A) B) (out []B) {
	for _, v := range list {
		out = append(out, fn(v))
	}
	return out
}

func revision(n uint64) *string { return aws.String(strconv.FormatUint(n, 10)) }

// given is nil for an attribute that was never set, so that the answer leaves it out.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// enterpriseDocument writes the extension under the names of its JSON, which the SDK's documents do not look at.
func enterpriseDocument(e *directory.Enterprise) document.Interface {
	var plain map[string]any
	raw, err := json.Marshal(e)
	if err != nil || json.Unmarshal(raw, &plain) != nil {
		return nil
	}
	return document.NewLazyDocument(plain)
}

// common makes a To of the members that it has in common with from: the SDK has a type of its own for each operation that
// answers with a user, a group or a membership.
func common[To any](from any) *To {
	out, in := new(To), reflect.ValueOf(from)
	v := reflect.ValueOf(out).Elem()
	for i := range v.NumField() {
		f := in.FieldByName(v.Type().Field(i).Name)
		if v.Type().Field(i).IsExported() && f.IsValid() && f.Type() == v.Field(i).Type() {
			v.Field(i).Set(f)
		}
	}
	return out
}
