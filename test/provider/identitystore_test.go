package provider

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
)

// person is what aws_identitystore_user compares; an empty text is an attribute that is not configured.
type person struct {
	UserName, DisplayName                              string
	Given, Family, Middle, Formatted, Prefix, Suffix   string
	Nick, Title, Locale, Language, URL, Timezone, Type string
	Emails, Phones, Addresses                          string
}

// optional is nil for what is not configured.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (p *provider) createPerson(t *testing.T, u person) (string, error) {
	in := &sdk.CreateUserInput{IdentityStoreId: p.store, UserName: &u.UserName, DisplayName: &u.DisplayName,
		Name: &types.Name{GivenName: &u.Given, FamilyName: &u.Family, MiddleName: optional(u.Middle), Formatted: optional(u.Formatted),
			HonorificPrefix: optional(u.Prefix), HonorificSuffix: optional(u.Suffix)},
		NickName: optional(u.Nick), Title: optional(u.Title), Locale: optional(u.Locale), PreferredLanguage: optional(u.Language),
		ProfileUrl: optional(u.URL), Timezone: optional(u.Timezone), UserType: optional(u.Type)}
	if u.Emails != "" {
		in.Emails = []types.Email{{Value: aws.String("terry@example.com"), Type: aws.String("work"), Primary: true}}
	}
	if u.Phones != "" {
		in.PhoneNumbers = []types.PhoneNumber{{Value: aws.String("+49 30 1234"), Type: aws.String("work")}}
	}
	if u.Addresses != "" {
		in.Addresses = []types.Address{{Country: aws.String("DE"), Locality: aws.String("Berlin"), StreetAddress: aws.String("Hof 1"), Primary: true}}
	}
	out, err := p.identitystore.CreateUser(t.Context(), in)
	if err != nil {
		return "", err
	}
	return *out.UserId, nil
}

func (p *provider) readPerson(t *testing.T, id string) (person, error) {
	out, err := p.identitystore.DescribeUser(t.Context(), &sdk.DescribeUserInput{IdentityStoreId: p.store, UserId: &id})
	if err != nil {
		return person{}, gone[*types.ResourceNotFoundException](err)
	}
	if *out.IdentityStoreId != *p.store || *out.UserId != id || len(out.ExternalIds) > 0 {
		return person{}, fmt.Errorf("%+v has a wrong identity", out)
	}
	n := out.Name
	u := person{aws.ToString(out.UserName), aws.ToString(out.DisplayName),
		aws.ToString(n.GivenName), aws.ToString(n.FamilyName), aws.ToString(n.MiddleName), aws.ToString(n.Formatted), aws.ToString(n.HonorificPrefix), aws.ToString(n.HonorificSuffix),
		aws.ToString(out.NickName), aws.ToString(out.Title), aws.ToString(out.Locale), aws.ToString(out.PreferredLanguage), aws.ToString(out.ProfileUrl),
		aws.ToString(out.Timezone), aws.ToString(out.UserType), "", "", ""}
	for _, e := range out.Emails {
		u.Emails += fmt.Sprint(aws.ToString(e.Value), " ", aws.ToString(e.Type), " ", e.Primary)
	}
	for _, n := range out.PhoneNumbers {
		u.Phones += fmt.Sprint(aws.ToString(n.Value), " ", aws.ToString(n.Type), " ", n.Primary)
	}
	for _, a := range out.Addresses {
		u.Addresses += fmt.Sprint(aws.ToString(a.StreetAddress), ", ", aws.ToString(a.Locality), ", ", aws.ToString(a.Country), " ", aws.ToString(a.Type), " ", a.Primary)
	}
	return u, nil
}

// set is an operation on an attribute; nil unsets it.
func set(path string, value any) types.AttributeOperation {
	return types.AttributeOperation{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}
}

func (p *provider) updatePerson(t *testing.T, id string, operations ...types.AttributeOperation) error {
	_, err := p.identitystore.UpdateUser(t.Context(), &sdk.UpdateUserInput{IdentityStoreId: p.store, UserId: &id, Operations: operations})
	return err
}

func TestUser(t *testing.T) {
	t.Parallel()
	p := organized(t)
	want := person{UserName: "terry", DisplayName: "Terry Form", Given: "Terry", Family: "Form", Middle: "A.", Formatted: "Dr. Terry A. Form Jr.", Prefix: "Dr.", Suffix: "Jr.",
		Nick: "Ter", Title: "Engineer", Locale: "de-DE", Language: "de", URL: "https://example.com/terry", Timezone: "Europe/Berlin", Type: "Employee",
		Emails: "terry@example.com work true", Phones: "+49 30 1234 work false", Addresses: "Hof 1, Berlin, DE  true"}
	changed := want
	changed.DisplayName, changed.Family, changed.Nick, changed.Timezone = "Terry Former", "Former", "Terr", "UTC"
	changed.Emails, changed.Phones, changed.Addresses = "former@example.com home true", "+49 40 9 home true", ", Hamburg, DE home false"
	bare := person{UserName: "terry", DisplayName: "Terry Former", Given: "Terry", Family: "Former"}
	resource[person]{
		create: func() (string, error) { return p.createPerson(t, want) },
		read:   func(id string) (person, error) { return p.readPerson(t, id) },
		want:   want,
		changes: []change[person]{
			{name: "attributes", want: changed, apply: func(id string) error {
				type list = []any
				return p.updatePerson(t, id, set("displayName", "Terry Former"), set("name.familyName", "Former"), set("nickName", "Terr"), set("timezone", "UTC"),
					set("addresses", list{map[string]any{"country": aws.String("DE"), "locality": aws.String("Hamburg"), "primary": false, "type": aws.String("home")}}),
					set("emails", list{map[string]any{"primary": true, "type": aws.String("home"), "value": aws.String("former@example.com")}}),
					set("phoneNumbers", list{map[string]any{"primary": true, "type": aws.String("home"), "value": aws.String("+49 40 9")}}))
			}},
			{name: "attributes that are configured no longer", want: bare, apply: func(id string) error {
				var operations []types.AttributeOperation
				for _, path := range []string{"locale", "name.formatted", "name.honorificPrefix", "name.honorificSuffix", "name.middleName", "nickName",
					"preferredLanguage", "profileUrl", "timezone", "title", "userType"} {
					operations = append(operations, set(path, nil))
				}
				var none []any // a nil list in the provider
				return p.updatePerson(t, id, append(operations, set("addresses", none), set("emails", none), set("phoneNumbers", none))...)
			}},
		},
		delete: func(id string) error {
			_, err := p.identitystore.DeleteUser(t.Context(), &sdk.DeleteUserInput{IdentityStoreId: p.store, UserId: &id})
			return goneIsFine[*types.ResourceNotFoundException](err)
		},
	}.live(t)
}

func TestGroup(t *testing.T) {
	t.Parallel()
	p := organized(t)
	type group struct{ Name, Description string }
	update := func(id string, operations ...types.AttributeOperation) error {
		_, err := p.identitystore.UpdateGroup(t.Context(), &sdk.UpdateGroupInput{IdentityStoreId: p.store, GroupId: &id, Operations: operations})
		return err
	}
	resource[group]{
		create: func() (string, error) {
			out, err := p.identitystore.CreateGroup(t.Context(), &sdk.CreateGroupInput{IdentityStoreId: p.store, DisplayName: aws.String("Platform"), Description: aws.String("Runs it")})
			if err != nil {
				return "", err
			}
			return *out.GroupId, nil
		},
		read: func(id string) (group, error) {
			out, err := p.identitystore.DescribeGroup(t.Context(), &sdk.DescribeGroupInput{IdentityStoreId: p.store, GroupId: &id})
			if err != nil {
				return group{}, gone[*types.ResourceNotFoundException](err)
			}
			return group{aws.ToString(out.DisplayName), aws.ToString(out.Description)}, nil
		},
		want: group{"Platform", "Runs it"},
		changes: []change[group]{
			{name: "display_name", want: group{"Platforms", "Runs it"}, apply: func(id string) error { return update(id, set("displayName", "Platforms")) }},
			{name: "description", want: group{"Platforms", "Runs all"}, apply: func(id string) error { return update(id, set("description", "Runs all")) }},
		},
		delete: func(id string) error {
			_, err := p.identitystore.DeleteGroup(t.Context(), &sdk.DeleteGroupInput{IdentityStoreId: p.store, GroupId: &id})
			return goneIsFine[*types.ResourceNotFoundException](err)
		},
	}.live(t)
}

func TestGroupMembership(t *testing.T) {
	t.Parallel()
	p := organized(t)
	type membership struct{ Group, Member string }
	user, err := p.createPerson(t, person{UserName: "terry", DisplayName: "Terry Form", Given: "Terry", Family: "Form"})
	if err != nil {
		t.Fatal(err)
	}
	group := p.group(t, "Platform")
	resource[membership]{
		create: func() (string, error) {
			out, err := p.identitystore.CreateGroupMembership(t.Context(), &sdk.CreateGroupMembershipInput{IdentityStoreId: p.store, GroupId: &group, MemberId: &types.MemberIdMemberUserId{Value: user}})
			if err != nil {
				return "", err
			}
			return *out.MembershipId, nil
		},
		read: func(id string) (membership, error) {
			out, err := p.identitystore.DescribeGroupMembership(t.Context(), &sdk.DescribeGroupMembershipInput{IdentityStoreId: p.store, MembershipId: &id})
			if err != nil {
				return membership{}, gone[*types.ResourceNotFoundException](err)
			}
			member, ok := out.MemberId.(*types.MemberIdMemberUserId)
			if !ok || *out.MembershipId != id {
				return membership{}, fmt.Errorf("membership %s has a member %T", *out.MembershipId, out.MemberId)
			}
			return membership{*out.GroupId, member.Value}, nil
		},
		want: membership{group, user},
		delete: func(id string) error {
			_, err := p.identitystore.DeleteGroupMembership(t.Context(), &sdk.DeleteGroupMembershipInput{IdentityStoreId: p.store, MembershipId: &id})
			return goneIsFine[*types.ResourceNotFoundException](err)
		},
	}.live(t)
}

func TestDirectoryAsData(t *testing.T) {
	t.Parallel()
	p := organized(t)
	id, err := p.createPerson(t, person{UserName: "terry", DisplayName: "Terry Form", Given: "Terry", Family: "Form", Emails: "one"})
	if err != nil {
		t.Fatal(err)
	}
	group := p.group(t, "Platform")
	if _, err := p.identitystore.CreateGroupMembership(t.Context(), &sdk.CreateGroupMembershipInput{IdentityStoreId: p.store, GroupId: &group, MemberId: &types.MemberIdMemberUserId{Value: id}}); err != nil {
		t.Fatal(err)
	}
	unique := func(path, value string) types.AlternateIdentifier {
		return &types.AlternateIdentifierMemberUniqueAttribute{Value: types.UniqueAttribute{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}}
	}
	for path, value := range map[string]string{"UserName": "terry", "userName": "terry", "Emails.Value": "terry@example.com", "emails.value": "terry@example.com"} {
		if out, err := p.identitystore.GetUserId(t.Context(), &sdk.GetUserIdInput{IdentityStoreId: p.store, AlternateIdentifier: unique(path, value)}); err != nil || *out.UserId != id {
			t.Errorf("aws_identitystore_user by %s: %v, %v", path, out, err)
		}
	}
	if out, err := p.identitystore.GetGroupId(t.Context(), &sdk.GetGroupIdInput{IdentityStoreId: p.store, AlternateIdentifier: unique("DisplayName", "Platform")}); err != nil || *out.GroupId != group {
		t.Errorf("aws_identitystore_group by DisplayName: %v, %v", out, err)
	}
	filter := func(path, value string) []types.Filter {
		return []types.Filter{{AttributePath: &path, AttributeValue: &value}}
	}
	users, err := all(t.Context(), sdk.NewListUsersPaginator(p.identitystore, &sdk.ListUsersInput{IdentityStoreId: p.store, Filters: filter("UserName", "terry")}),
		func(o *sdk.ListUsersOutput) []types.User { return o.Users })
	if u, err := single(users, err); err != nil || *u.UserId != id || len(u.Emails) != 1 || *u.IdentityStoreId != *p.store {
		t.Errorf("aws_identitystore_user by a filter: %+v, %v", u, err)
	}
	groups, err := all(t.Context(), sdk.NewListGroupsPaginator(p.identitystore, &sdk.ListGroupsInput{IdentityStoreId: p.store, Filters: filter("DisplayName", "Platform")}),
		func(o *sdk.ListGroupsOutput) []types.Group { return o.Groups })
	if g, err := single(groups, err); err != nil || *g.GroupId != group || *g.IdentityStoreId != *p.store {
		t.Errorf("aws_identitystore_group by a filter: %+v, %v", g, err)
	}
	members, err := all(t.Context(), sdk.NewListGroupMembershipsPaginator(p.identitystore, &sdk.ListGroupMembershipsInput{IdentityStoreId: p.store, GroupId: &group}),
		func(o *sdk.ListGroupMembershipsOutput) []types.GroupMembership { return o.GroupMemberships })
	if m, err := single(members, err); err != nil || m.MemberId.(*types.MemberIdMemberUserId).Value != id {
		t.Errorf("aws_identitystore_group_memberships: %+v, %v", m, err)
	}
	if _, err := p.identitystore.GetUserId(t.Context(), &sdk.GetUserIdInput{IdentityStoreId: p.store, AlternateIdentifier: unique("UserName", "nobody")}); !is[*types.ResourceNotFoundException](err) {
		t.Errorf("aws_identitystore_user that is not there: %v", err)
	}
}
