package provider

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestIAMGroup(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	type group struct{ Name, Path, ARN string }
	at := func(path, name string) group {
		return group{name, path, "arn:aws:iam::" + p.home + ":group" + path + name}
	}
	update := func(name string, to group) error {
		_, err := p.iam.UpdateGroup(t.Context(), &sdk.UpdateGroupInput{GroupName: &name, NewGroupName: &to.Name, NewPath: &to.Path})
		return err
	}
	resource[group]{
		create: func() (string, error) {
			out, err := p.iam.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String("robots"), Path: aws.String("/platform/")})
			if err != nil {
				return "", err
			}
			return *out.Group.GroupName, nil
		},
		read: func(name string) (group, error) {
			out, err := p.iam.GetGroup(t.Context(), &sdk.GetGroupInput{GroupName: &name})
			if err != nil {
				return group{}, gone[*types.NoSuchEntityException](err)
			}
			return group{*out.Group.GroupName, *out.Group.Path, *out.Group.Arn}, nil
		},
		want: at("/platform/", "robots"),
		changes: []change[group]{
			{name: "path", want: at("/", "robots"), apply: func(id string) error { return update(id, at("/", "robots")) }},
			{name: "name", want: at("/", "androids"), id: "androids", apply: func(id string) error { return update(id, at("/", "androids")) }},
		},
		delete: func(name string) error {
			_, err := p.iam.DeleteGroup(t.Context(), &sdk.DeleteGroupInput{GroupName: &name})
			return goneIsFine[*types.NoSuchEntityException](err)
		},
	}.live(t)
}

func (p *provider) join(t *testing.T, user, group string) error {
	_, err := p.iam.AddUserToGroup(t.Context(), &sdk.AddUserToGroupInput{UserName: &user, GroupName: &group})
	return err
}

func (p *provider) leave(t *testing.T, user, group string) error {
	_, err := p.iam.RemoveUserFromGroup(t.Context(), &sdk.RemoveUserFromGroupInput{UserName: &user, GroupName: &group})
	return goneIsFine[*types.NoSuchEntityException](err)
}

// crew makes users and groups.
func crew(t *testing.T, users, groups []string) *provider {
	t.Helper()
	p := standalone(t)
	for _, name := range users {
		if _, err := p.createUser(t, iamUser{Name: name, Path: "/"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range groups {
		if _, err := p.iam.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// emptyIsGone is for memberships, which the provider keeps in its state for as long as the group or the user is there.
func emptyIsGone(list []string, err error) ([]string, error) {
	if err == nil && len(list) == 0 {
		err = errGone
	}
	return list, gone[*types.NoSuchEntityException](err)
}

func TestIAMGroupMembership(t *testing.T) {
	t.Parallel()
	p := crew(t, []string{"one", "two", "three"}, []string{"robots"})
	resource[[]string]{
		create: func() (string, error) {
			return "robots", errors.Join(p.join(t, "two", "robots"), p.join(t, "one", "robots"))
		},
		read: func(group string) ([]string, error) {
			list, err := all(t.Context(), sdk.NewGetGroupPaginator(p.iam, &sdk.GetGroupInput{GroupName: &group}), func(o *sdk.GetGroupOutput) []types.User { return o.Users })
			return emptyIsGone(each(list, func(u types.User) string { return *u.UserName }), err)
		},
		want: []string{"one", "two"},
		changes: []change[[]string]{{name: "users", want: []string{"three", "two"}, apply: func(group string) error {
			return errors.Join(p.leave(t, "one", group), p.join(t, "three", group))
		}}},
		delete: func(group string) error { return errors.Join(p.leave(t, "two", group), p.leave(t, "three", group)) },
	}.live(t)
}

func TestUserGroupMembership(t *testing.T) {
	t.Parallel()
	p := crew(t, []string{"robot"}, []string{"a", "b", "c", "theirs"})
	if err := p.join(t, "robot", "theirs"); err != nil { // another resource's group, which this one leaves alone
		t.Fatal(err)
	}
	resource[[]string]{
		create: func() (string, error) { return "robot", errors.Join(p.join(t, "robot", "a"), p.join(t, "robot", "b")) },
		read: func(user string) ([]string, error) {
			list, err := all(t.Context(), sdk.NewListGroupsForUserPaginator(p.iam, &sdk.ListGroupsForUserInput{UserName: &user}), func(o *sdk.ListGroupsForUserOutput) []types.Group { return o.Groups })
			names := each(list, func(g types.Group) string { return *g.GroupName })
			return emptyIsGone(where(names, err, func(name string) bool { return slices.Contains([]string{"a", "b", "c"}, name) }))
		},
		want: []string{"a", "b"},
		changes: []change[[]string]{{name: "groups", want: []string{"b", "c"}, apply: func(user string) error {
			return errors.Join(p.leave(t, user, "a"), p.join(t, user, "c"))
		}}},
		delete: func(user string) error { return errors.Join(p.leave(t, user, "b"), p.leave(t, user, "c")) },
	}.live(t)
}
