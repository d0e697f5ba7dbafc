package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	store "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// groupCmds are the commands about groups.
type groupCmds struct {
	Create groupCreateCmd `cmd:"" help:"Make a group."`
	List   groupListCmd   `cmd:"" help:"List the groups."`
	Show   groupShowCmd   `cmd:"" help:"Show a group with its members and assignments."`
	Add    groupAddCmd    `cmd:"" help:"Add people to a group."`
	Remove groupRemoveCmd `cmd:"" help:"Take people out of a group."`
	Delete groupDeleteCmd `cmd:"" help:"Delete a group."`
}

// groupCreateCmd makes a group.
type groupCreateCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"Name of the group."`
	Description string `help:"What it is for." placeholder:"TEXT"`
}

// Run prints the id of the new group.
func (c *groupCreateCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		in := &identitystore.CreateGroupInput{IdentityStoreId: &at.store, DisplayName: &c.Name}
		if c.Description != "" {
			in.Description = &c.Description
		}
		made, err := request[identitystore.CreateGroupOutput](s, "identitystore", "CreateGroup", in)
		if fault.Is(err, "ConflictException") {
			return fmt.Errorf("there is a group %q already", c.Name)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, aws.ToString(made.GroupId))
		return nil
	})
}

// groupListCmd lists groups.
type groupListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints them.
func (c *groupListCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		var rows [][]string
		in := &identitystore.ListGroupsInput{IdentityStoreId: &at.store}
		err = every(s, "identitystore", "ListGroups", in, &in.NextToken, func(out *identitystore.ListGroupsOutput) *string {
			for _, g := range out.Groups {
				rows = append(rows, []string{aws.ToString(g.DisplayName), aws.ToString(g.Description), aws.ToString(g.GroupId)})
			}
			return out.NextToken
		})
		if err != nil {
			return err
		}
		return c.print(s, []string{"name", "description", "id"}, rows)
	})
}

// groupShowCmd shows a group.
type groupShowCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"Name of the group."`
}

// Run prints what is known of it.
func (c *groupShowCmd) Run(a *app) error {
	return c.withOne(a, (*session).group, c.Name, func(s *session, at center, id *string) error {
		members, err := s.members(at, id)
		if err != nil {
			return err
		}
		assigned, err := s.assigned(at, "GROUP", id)
		if err != nil {
			return err
		}
		return c.show(s, []string{"name", "id", "members", "assignments"}, []string{c.Name, aws.ToString(id), members, assigned})
	})
}

// groupAddCmd adds people to a group.
type groupAddCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Group       string   `arg:"" help:"Name of the group."`
	User        []string `arg:"" help:"User names."`
}

// Run adds them; who is in the group already stays there.
func (c *groupAddCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return s.eachMember(c.Group, c.User, func(at center, group, user *string, name string) error {
			err := s.addMember(at, group, user)
			if fault.Is(err, "ConflictException") {
				err = nil
			}
			return s.done(err, "%s is in the group %s.", name, c.Group)
		})
	})
}

// groupRemoveCmd takes people out of a group.
type groupRemoveCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Group       string   `arg:"" help:"Name of the group."`
	User        []string `arg:"" help:"User names."`
}

// Run takes them out.
func (c *groupRemoveCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		return s.eachMember(c.Group, c.User, func(at center, group, user *string, name string) error {
			found, err := request[identitystore.GetGroupMembershipIdOutput](s, "identitystore", "GetGroupMembershipId",
				&identitystore.GetGroupMembershipIdInput{IdentityStoreId: &at.store, GroupId: group, MemberId: &store.MemberIdMemberUserId{Value: *user}})
			if fault.Is(err, "ResourceNotFoundException") {
				return fmt.Errorf("%s is not in the group %q", name, c.Group)
			}
			if err != nil {
				return err
			}
			_, err = request[identitystore.DeleteGroupMembershipOutput](s, "identitystore", "DeleteGroupMembership",
				&identitystore.DeleteGroupMembershipInput{IdentityStoreId: &at.store, MembershipId: found.MembershipId})
			return s.done(err, "%s is not in the group %s any more.", name, c.Group)
		})
	})
}

// groupDeleteCmd deletes a group.
type groupDeleteCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"Name of the group."`
}

// Run deletes it.
func (c *groupDeleteCmd) Run(a *app) error {
	return c.withOne(a, (*session).group, c.Name, func(s *session, at center, id *string) error {
		_, err := request[identitystore.DeleteGroupOutput](s, "identitystore", "DeleteGroup",
			&identitystore.DeleteGroupInput{IdentityStoreId: &at.store, GroupId: id})
		return s.done(err, "The group %s is deleted.", c.Name)
	})
}

// eachMember finds a group and people, all of them first, and calls fn for each person.
func (s *session) eachMember(group string, users []string, fn func(at center, group, user *string, name string) error) error {
	at, err := s.center()
	if err != nil {
		return err
	}
	id, err := s.group(at, group)
	if err != nil {
		return err
	}
	people := make([]*string, len(users))
	for i, name := range users {
		if people[i], err = s.user(at, name); err != nil {
			return err
		}
	}
	var errs []error
	for i, user := range people {
		errs = append(errs, fn(at, id, user, users[i]))
	}
	return errors.Join(errs...)
}

func (s *session) addMember(at center, group, user *string) error {
	_, err := request[identitystore.CreateGroupMembershipOutput](s, "identitystore", "CreateGroupMembership",
		&identitystore.CreateGroupMembershipInput{IdentityStoreId: &at.store, GroupId: group, MemberId: &store.MemberIdMemberUserId{Value: *user}})
	return err
}

// members lists the user names of a group's members, one a line.
func (s *session) members(at center, group *string) (string, error) {
	var ids []string
	in := &identitystore.ListGroupMembershipsInput{IdentityStoreId: &at.store, GroupId: group}
	err := every(s, "identitystore", "ListGroupMemberships", in, &in.NextToken, func(out *identitystore.ListGroupMembershipsOutput) *string {
		for _, m := range out.GroupMemberships {
			if u, ok := m.MemberId.(*store.MemberIdMemberUserId); ok {
				ids = append(ids, u.Value)
			}
		}
		return out.NextToken
	})
	if err != nil {
		return "", err
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		u, err := request[identitystore.DescribeUserOutput](s, "identitystore", "DescribeUser", &identitystore.DescribeUserInput{IdentityStoreId: &at.store, UserId: &id})
		if err != nil {
			return "", err
		}
		names[i] = aws.ToString(u.UserName)
	}
	return strings.Join(names, "\n"), nil
}

// groupsOf lists the names of the groups that a person is in, one a line.
func (s *session) groupsOf(at center, user *string) (string, error) {
	var names []string
	var failed error
	in := &identitystore.ListGroupMembershipsForMemberInput{IdentityStoreId: &at.store, MemberId: &store.MemberIdMemberUserId{Value: *user}}
	err := every(s, "identitystore", "ListGroupMembershipsForMember", in, &in.NextToken, func(out *identitystore.ListGroupMembershipsForMemberOutput) *string {
		for _, m := range out.GroupMemberships {
			name, err := s.groupName(at, m.GroupId)
			failed = errors.Join(failed, err)
			names = append(names, name)
		}
		return out.NextToken
	})
	return strings.Join(names, "\n"), errors.Join(err, failed)
}

func (s *session) groupName(at center, id *string) (string, error) {
	g, err := request[identitystore.DescribeGroupOutput](s, "identitystore", "DescribeGroup", &identitystore.DescribeGroupInput{IdentityStoreId: &at.store, GroupId: id})
	if err != nil {
		return "", err
	}
	return aws.ToString(g.DisplayName), nil
}
