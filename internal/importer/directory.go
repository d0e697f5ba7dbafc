package importer

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
)

// user is a person of the directory.
type user struct {
	Kind              string
	Name              string // with which the person signs in
	Given, Family     string
	Display           string // empty for given and family name
	Email             string
	Phone             string
	NickName          string
	Title             string
	UserType          string
	ProfileURL        string
	Locale            string
	Timezone          string
	PreferredLanguage string
}

func (u *user) name() string { return "user " + fold(u.Name) }

// fold makes names comparable that differ in letter case only. The directory has the last word on which names are one.
func fold(name string) string { return strings.ToLower(name) }

func (u *user) check() error {
	switch {
	case u.Name == "":
		return errors.New(`"name" is missing`)
	case u.Given == "" || u.Family == "":
		return errors.New(`"given" and "family" are needed`)
	}
	if u.Display == "" {
		u.Display = u.Given + " " + u.Family
	}
	return nil
}

func (u *user) bring(ctx context.Context, b *batch) (string, error) {
	_, store, err := b.center(ctx)
	if err != nil {
		return "", err
	}
	have, err := b.findUser(ctx, store, u.Name)
	if err != nil {
		return "", err
	}
	if have == nil {
		return Created, change[identitystore.CreateUserOutput](ctx, b, "identitystore", "CreateUser", u.input(store))
	}
	operations := u.differences(have)
	if len(operations) == 0 {
		return Unchanged, nil
	}
	return Updated, change[identitystore.UpdateUserOutput](ctx, b, "identitystore", "UpdateUser",
		&identitystore.UpdateUserInput{IdentityStoreId: store, UserId: have.UserId, Operations: operations})
}

func (u *user) input(store *string) *identitystore.CreateUserInput {
	in := &identitystore.CreateUserInput{IdentityStoreId: store, UserName: &u.Name, DisplayName: &u.Display,
		Name:     &types.Name{GivenName: &u.Given, FamilyName: &u.Family},
		NickName: given(u.NickName), Title: given(u.Title), UserType: given(u.UserType), ProfileUrl: given(u.ProfileURL),
		Locale: given(u.Locale), Timezone: given(u.Timezone), PreferredLanguage: given(u.PreferredLanguage)}
	if u.Email != "" {
		in.Emails = []types.Email{{Value: &u.Email, Type: aws.String("work"), Primary: true}}
	}
	if u.Phone != "" {
		in.PhoneNumbers = []types.PhoneNumber{{Value: &u.Phone, Type: aws.String("work"), Primary: true}}
	}
	return in
}

// given is nil for what an object does not have.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// differences are the attributes to change, as UpdateUser takes them.
func (u *user) differences(have *types.User) []types.AttributeOperation {
	var operations []types.AttributeOperation
	set := func(path string, value any) {
		operations = append(operations, types.AttributeOperation{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)})
	}
	name := have.Name
	if name == nil {
		name = &types.Name{}
	}
	for _, f := range []struct {
		path, want string
		have       *string
	}{
		{"displayName", u.Display, have.DisplayName}, {"name.givenName", u.Given, name.GivenName}, {"name.familyName", u.Family, name.FamilyName},
		{"nickName", u.NickName, have.NickName}, {"title", u.Title, have.Title}, {"userType", u.UserType, have.UserType},
		{"profileUrl", u.ProfileURL, have.ProfileUrl}, {"locale", u.Locale, have.Locale}, {"timezone", u.Timezone, have.Timezone},
		{"preferredLanguage", u.PreferredLanguage, have.PreferredLanguage},
	} {
		if f.want != "" && f.want != aws.ToString(f.have) {
			set(f.path, f.want)
		}
	}
	if u.Email != "" && (len(have.Emails) == 0 || aws.ToString(have.Emails[0].Value) != u.Email) {
		set("emails", []map[string]any{{"value": u.Email, "type": "work", "primary": true}})
	}
	if u.Phone != "" && (len(have.PhoneNumbers) == 0 || aws.ToString(have.PhoneNumbers[0].Value) != u.Phone) {
		set("phoneNumbers", []map[string]any{{"value": u.Phone, "type": "work", "primary": true}})
	}
	return operations
}

// findUser returns the person with a user name, or nil.
func (b *batch) findUser(ctx context.Context, store *string, name string) (*types.User, error) {
	out, err := do[identitystore.ListUsersOutput](ctx, b, "identitystore", "ListUsers", &identitystore.ListUsersInput{IdentityStoreId: store,
		Filters: []types.Filter{{AttributePath: aws.String("UserName"), AttributeValue: &name}}})
	if err != nil || len(out.Users) == 0 {
		return nil, err
	}
	return &out.Users[0], nil
}

// user refers to a person by name.
func (b *batch) user(ctx context.Context, store *string, name string) (string, error) {
	return b.refer("user "+fold(name), func() (string, error) {
		u, err := b.findUser(ctx, store, name)
		if u == nil {
			return "", err
		}
		return aws.ToString(u.UserId), err
	})
}

// group is a group of people.
type group struct {
	Kind        string
	Name        string
	Description string
}

func (g *group) name() string { return "group " + fold(g.Name) }

func (g *group) check() error {
	if g.Name == "" {
		return errors.New(`"name" is missing`)
	}
	return nil
}

func (g *group) bring(ctx context.Context, b *batch) (string, error) {
	_, store, err := b.center(ctx)
	if err != nil {
		return "", err
	}
	have, err := b.findGroup(ctx, store, g.Name)
	switch {
	case err != nil:
		return "", err
	case have == nil:
		return Created, change[identitystore.CreateGroupOutput](ctx, b, "identitystore", "CreateGroup",
			&identitystore.CreateGroupInput{IdentityStoreId: store, DisplayName: &g.Name, Description: given(g.Description)})
	case g.Description == "" || g.Description == aws.ToString(have.Description):
		return Unchanged, nil
	}
	return Updated, change[identitystore.UpdateGroupOutput](ctx, b, "identitystore", "UpdateGroup",
		&identitystore.UpdateGroupInput{IdentityStoreId: store, GroupId: have.GroupId, Operations: []types.AttributeOperation{
			{AttributePath: aws.String("description"), AttributeValue: document.NewLazyDocument(g.Description)}}})
}

// findGroup returns the group with a name, or nil.
func (b *batch) findGroup(ctx context.Context, store *string, name string) (*types.Group, error) {
	out, err := do[identitystore.ListGroupsOutput](ctx, b, "identitystore", "ListGroups", &identitystore.ListGroupsInput{IdentityStoreId: store,
		Filters: []types.Filter{{AttributePath: aws.String("DisplayName"), AttributeValue: &name}}})
	if err != nil || len(out.Groups) == 0 {
		return nil, err
	}
	return &out.Groups[0], nil
}

// group refers to a group by name.
func (b *batch) group(ctx context.Context, store *string, name string) (string, error) {
	return b.refer("group "+fold(name), func() (string, error) {
		g, err := b.findGroup(ctx, store, name)
		if g == nil {
			return "", err
		}
		return aws.ToString(g.GroupId), err
	})
}

// membership is a person in a group.
type membership struct {
	Kind  string
	Group string
	User  string
}

func (m *membership) name() string { return "membership " + fold(m.User) + " in " + fold(m.Group) }

func (m *membership) check() error {
	if m.Group == "" || m.User == "" {
		return errors.New(`"group" and "user" are needed`)
	}
	return nil
}

func (m *membership) bring(ctx context.Context, b *batch) (string, error) {
	_, store, err := b.center(ctx)
	if err != nil {
		return "", err
	}
	group, err := b.group(ctx, store, m.Group)
	if err != nil {
		return "", err
	}
	user, err := b.user(ctx, store, m.User)
	if err != nil {
		return "", err
	}
	in := &identitystore.CreateGroupMembershipInput{IdentityStoreId: store, GroupId: &group, MemberId: &types.MemberIdMemberUserId{Value: user}}
	known, err := b.isMember(ctx, in, user)
	if err != nil || known {
		return Unchanged, err
	}
	if err := change[identitystore.CreateGroupMembershipOutput](ctx, b, "identitystore", "CreateGroupMembership", in); err != nil {
		return "", err
	}
	g := b.members(group)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids[user] = true
	return Created, nil
}

// members are who is in a group.
type members struct {
	mu    sync.Mutex
	read  bool
	ids   map[string]bool
	whole bool // ids are all; else there are too many to read
}

// members returns those of a group.
func (b *batch) members(group string) *members {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.groups[group]
	if m == nil {
		m = &members{ids: map[string]bool{}}
		b.groups[group] = m
	}
	return m
}

// isMember reports whether a membership is there. The members of a group are read once; where they fill more than a
// page, it asks for the one.
func (b *batch) isMember(ctx context.Context, in *identitystore.CreateGroupMembershipInput, user string) (bool, error) {
	m := b.members(*in.GroupId)
	m.mu.Lock()
	err := m.load(ctx, b, in)
	found, whole := m.ids[user], m.whole
	m.mu.Unlock()
	if err != nil || found || whole {
		return found, err
	}
	out, err := do[identitystore.IsMemberInGroupsOutput](ctx, b, "identitystore", "IsMemberInGroups",
		&identitystore.IsMemberInGroupsInput{IdentityStoreId: in.IdentityStoreId, MemberId: in.MemberId, GroupIds: []string{*in.GroupId}})
	if err != nil {
		return false, err
	}
	return len(out.Results) > 0 && out.Results[0].MembershipExists, nil
}

func (m *members) load(ctx context.Context, b *batch, in *identitystore.CreateGroupMembershipInput) error {
	if m.read {
		return nil
	}
	out, err := do[identitystore.ListGroupMembershipsOutput](ctx, b, "identitystore", "ListGroupMemberships",
		&identitystore.ListGroupMembershipsInput{IdentityStoreId: in.IdentityStoreId, GroupId: in.GroupId})
	if err != nil {
		return err
	}
	m.read, m.whole = true, out.NextToken == nil
	for _, have := range out.GroupMemberships {
		if u, ok := have.MemberId.(*types.MemberIdMemberUserId); ok {
			m.ids[u.Value] = true
		}
	}
	return nil
}
