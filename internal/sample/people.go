package sample

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	store "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// people makes the users and their groups. newcomer has nothing yet.
func (m *maker) people() error {
	for _, p := range []struct{ name, given, family, group string }{
		{"pcollins", "Pat", "Collins", "Administrators"},
		{"notsure", "Not", "Sure", ""},
		{"newcomer", "New", "Comer", ""},
	} {
		if err := m.person(p.name, p.given, p.family); err != nil {
			return err
		}
		if p.group == "" {
			continue
		}
		if err := m.member(p.group, p.name); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) person(name, given, family string) error {
	out, err := as[identitystore.CreateUserOutput](m, Management, "identitystore", "CreateUser", &identitystore.CreateUserInput{
		IdentityStoreId: &m.storeID, UserName: &name, DisplayName: text(given + " " + family),
		Name:   &store.Name{GivenName: &given, FamilyName: &family},
		Emails: []store.Email{{Value: text(name + "@acme.example"), Type: text("work"), Primary: true}}})
	if err != nil {
		return err
	}
	m.users[name] = *out.UserId
	login := Login{UserName: name, Password: m.passwords()}
	m.made.Logins = append(m.made.Logins, login)
	_, err = operator[admin.SetUserPasswordOutput](m, "SetUserPassword",
		&admin.SetUserPasswordInput{IdentityStoreId: m.storeID, UserName: name, Password: login.Password})
	return err
}

func (m *maker) member(group, user string) error {
	made, err := as[identitystore.CreateGroupOutput](m, Management, "identitystore", "CreateGroup",
		&identitystore.CreateGroupInput{IdentityStoreId: &m.storeID, DisplayName: &group})
	if err != nil {
		return err
	}
	m.groups[group] = *made.GroupId
	_, err = as[identitystore.CreateGroupMembershipOutput](m, Management, "identitystore", "CreateGroupMembership",
		&identitystore.CreateGroupMembershipInput{IdentityStoreId: &m.storeID, GroupId: made.GroupId,
			MemberId: &store.MemberIdMemberUserId{Value: m.users[user]}})
	return err
}

func (m *maker) permissionSets() error {
	for _, s := range []struct{ name, policy, duration string }{
		{"AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess", "PT4H"},
		{"PowerUserAccess", "arn:aws:iam::aws:policy/PowerUserAccess", "PT4H"},
		{"ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "PT1H"},
	} {
		made, err := as[ssoadmin.CreatePermissionSetOutput](m, Management, "sso-admin", "CreatePermissionSet",
			&ssoadmin.CreatePermissionSetInput{InstanceArn: &m.instance, Name: &s.name, SessionDuration: &s.duration})
		if err != nil {
			return err
		}
		arn := made.PermissionSet.PermissionSetArn
		m.sets[s.name] = *arn
		if _, err := as[ssoadmin.AttachManagedPolicyToPermissionSetOutput](m, Management, "sso-admin", "AttachManagedPolicyToPermissionSet",
			&ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: &m.instance, PermissionSetArn: arn, ManagedPolicyArn: &s.policy}); err != nil {
			return err
		}
	}
	return nil
}

// assignments gives Pat everything, through a group, and Not Sure less in production than in development.
func (m *maker) assignments() error {
	for _, a := range []struct{ account, set, user, group string }{
		{"Acme", "AdministratorAccess", "pcollins", "Administrators"},
		{"Development", "AdministratorAccess", "pcollins", "Administrators"},
		{"Production", "AdministratorAccess", "pcollins", "Administrators"},
		{"Production", "ViewOnlyAccess", "notsure", ""},
		{"Development", "PowerUserAccess", "notsure", ""},
	} {
		kind, who := types.PrincipalTypeUser, m.users[a.user]
		if a.group != "" {
			kind, who = types.PrincipalTypeGroup, m.groups[a.group]
		}
		set, account := m.sets[a.set], string(m.accounts[a.account])
		if _, err := as[ssoadmin.CreateAccountAssignmentOutput](m, Management, "sso-admin", "CreateAccountAssignment",
			&ssoadmin.CreateAccountAssignmentInput{InstanceArn: &m.instance, PermissionSetArn: &set, PrincipalId: &who,
				PrincipalType: kind, TargetId: &account, TargetType: types.TargetTypeAwsAccount}); err != nil {
			return err
		}
		m.made.Roles = append(m.made.Roles, Role{UserName: a.user, Account: m.accounts[a.account], AccountName: a.account, Set: a.set})
	}
	return nil
}

// oldKeys gives Taylor two IAM users with access keys that are as old as the sample. Nobody keeps their secrets.
func (m *maker) oldKeys() error {
	for _, name := range []string{"deploy", "taylor"} {
		if _, err := as[iam.CreateUserOutput](m, Taylor, "iam", "CreateUser", &iam.CreateUserInput{UserName: &name}); err != nil {
			return err
		}
		if _, err := as[iam.CreateAccessKeyOutput](m, Taylor, "iam", "CreateAccessKey", &iam.CreateAccessKeyInput{UserName: &name}); err != nil {
			return err
		}
	}
	return nil
}
