package provider

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func iamTags(t tags) []types.Tag {
	return listed(t, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func fromIAM(list []types.Tag) tags {
	return tagged(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// boundary is the ARN of an attached boundary.
func boundary(b *types.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return aws.ToString(b.PermissionsBoundaryArn)
}

// iamUser is what aws_iam_user compares.
type iamUser struct {
	Name, Path, Boundary string
	Tags                 tags
}

func (p *provider) createUser(t *testing.T, u iamUser) (string, error) {
	out, err := p.iam.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: &u.Name, Path: &u.Path, PermissionsBoundary: optional(u.Boundary), Tags: iamTags(u.Tags)})
	if err != nil {
		return "", err
	}
	return *out.User.UserName, nil
}

func (p *provider) readUser(t *testing.T, name string) (iamUser, error) {
	out, err := p.iam.GetUser(t.Context(), &sdk.GetUserInput{UserName: &name})
	if err != nil {
		return iamUser{}, gone[*types.NoSuchEntityException](err)
	}
	u := out.User
	if want := "arn:aws:iam::" + p.home + ":user" + *u.Path + *u.UserName; *u.Arn != want || !strings.HasPrefix(*u.UserId, "AIDA") {
		return iamUser{}, fmt.Errorf("%s %s, want %s", *u.Arn, *u.UserId, want)
	}
	return iamUser{*u.UserName, *u.Path, boundary(u.PermissionsBoundary), fromIAM(u.Tags)}, nil
}

// destroyUser deletes a user with force_destroy: out of its groups first, then without everything that it may have.
func (p *provider) destroyUser(t *testing.T, name string) error {
	groups, err := all(t.Context(), sdk.NewListGroupsForUserPaginator(p.iam, &sdk.ListGroupsForUserInput{UserName: &name}), func(o *sdk.ListGroupsForUserOutput) []types.Group { return o.Groups })
	if err := goneIsFine[*types.NoSuchEntityException](err); err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := p.iam.RemoveUserFromGroup(t.Context(), &sdk.RemoveUserFromGroupInput{UserName: &name, GroupName: g.GroupName}); err != nil {
			return err
		}
	}
	keys, err := p.keys(t, name)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	for _, k := range keys {
		if _, err := p.iam.DeleteAccessKey(t.Context(), &sdk.DeleteAccessKeyInput{UserName: &name, AccessKeyId: k.AccessKeyId}); err != nil {
			return err
		}
	}
	if err := p.nothingElse(t, name); err != nil {
		return err
	}
	_, err = p.iam.DeleteUser(t.Context(), &sdk.DeleteUserInput{UserName: &name})
	return goneIsFine[*types.NoSuchEntityException](err)
}

// nothingElse asks for credentials of other kinds, which Gatehouse does not keep.
func (p *provider) nothingElse(t *testing.T, name string) error {
	ctx := t.Context()
	ssh, err1 := all(ctx, sdk.NewListSSHPublicKeysPaginator(p.iam, &sdk.ListSSHPublicKeysInput{UserName: &name}), func(o *sdk.ListSSHPublicKeysOutput) []types.SSHPublicKeyMetadata { return o.SSHPublicKeys })
	virtual, err2 := all(ctx, sdk.NewListVirtualMFADevicesPaginator(p.iam, &sdk.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned}),
		func(o *sdk.ListVirtualMFADevicesOutput) []types.VirtualMFADevice { return o.VirtualMFADevices })
	devices, err3 := all(ctx, sdk.NewListMFADevicesPaginator(p.iam, &sdk.ListMFADevicesInput{UserName: &name}), func(o *sdk.ListMFADevicesOutput) []types.MFADevice { return o.MFADevices })
	_, err4 := p.iam.DeleteLoginProfile(ctx, &sdk.DeleteLoginProfileInput{UserName: &name})
	certificates, err5 := all(ctx, sdk.NewListSigningCertificatesPaginator(p.iam, &sdk.ListSigningCertificatesInput{UserName: &name}), func(o *sdk.ListSigningCertificatesOutput) []types.SigningCertificate { return o.Certificates })
	specific, err6 := p.iam.ListServiceSpecificCredentials(ctx, &sdk.ListServiceSpecificCredentialsInput{UserName: &name})
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		if err := goneIsFine[*types.NoSuchEntityException](err); err != nil {
			return err
		}
	}
	if n := len(ssh) + len(virtual) + len(devices) + len(certificates); n > 0 || specific != nil && len(specific.ServiceSpecificCredentials) > 0 {
		return errors.New("a user has credentials that nobody made")
	}
	return nil
}

func TestIAMUser(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	want := iamUser{"robot", "/platform/", readOnly, tags{"team": "platform", "old": "+ yes"}}
	moved, renamed, free, retagged := want, want, want, want
	moved.Path = "/"
	renamed.Path, renamed.Name = "/", "android"
	free = renamed
	free.Boundary = powerUser
	bare := free
	bare.Boundary = ""
	retagged = bare
	retagged.Tags = tags{"team": ""}
	update := func(name string, to iamUser) error {
		_, err := p.iam.UpdateUser(t.Context(), &sdk.UpdateUserInput{UserName: &name, NewUserName: &to.Name, NewPath: &to.Path})
		return err
	}
	resource[iamUser]{
		create: func() (string, error) { return p.createUser(t, want) },
		read:   func(id string) (iamUser, error) { return p.readUser(t, id) },
		want:   want,
		changes: []change[iamUser]{
			{name: "path", want: moved, apply: func(id string) error { return update(id, moved) }},
			{name: "name", want: renamed, id: "android", apply: func(id string) error { return update(id, renamed) }},
			{name: "permissions_boundary", want: free, apply: func(id string) error {
				_, err := p.iam.PutUserPermissionsBoundary(t.Context(), &sdk.PutUserPermissionsBoundaryInput{UserName: &id, PermissionsBoundary: aws.String(powerUser)})
				return err
			}},
			{name: "permissions_boundary to none", want: bare, apply: func(id string) error {
				_, err := p.iam.DeleteUserPermissionsBoundary(t.Context(), &sdk.DeleteUserPermissionsBoundaryInput{UserName: &id})
				return err
			}},
			{name: "tags", want: retagged, apply: func(id string) error {
				_, err := p.iam.UntagUser(t.Context(), &sdk.UntagUserInput{UserName: &id, TagKeys: []string{"old"}})
				if err != nil {
					return err
				}
				_, err = p.iam.TagUser(t.Context(), &sdk.TagUserInput{UserName: &id, Tags: iamTags(tags{"team": ""})})
				return err
			}},
			{name: "others' doing: a group and a key", want: retagged, apply: func(id string) error {
				_, err := p.iam.CreateGroup(t.Context(), &sdk.CreateGroupInput{GroupName: aws.String("robots")})
				if err != nil {
					return err
				}
				_, err = p.createKey(t, id)
				return errors.Join(err, p.join(t, id, "robots"))
			}},
		},
		delete: func(id string) error { return p.destroyUser(t, id) },
	}.live(t)
}

func (p *provider) createKey(t *testing.T, user string) (string, error) {
	out, err := p.iam.CreateAccessKey(t.Context(), &sdk.CreateAccessKeyInput{UserName: &user})
	if err != nil {
		return "", err
	}
	if aws.ToString(out.AccessKey.SecretAccessKey) == "" {
		return "", errors.New("the key has no secret")
	}
	return *out.AccessKey.AccessKeyId, nil
}

func (p *provider) keys(t *testing.T, user string) ([]types.AccessKeyMetadata, error) {
	list, err := all(t.Context(), sdk.NewListAccessKeysPaginator(p.iam, &sdk.ListAccessKeysInput{UserName: &user}), func(o *sdk.ListAccessKeysOutput) []types.AccessKeyMetadata { return o.AccessKeyMetadata })
	return list, gone[*types.NoSuchEntityException](err)
}

func TestAccessKey(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	type key struct {
		User   string
		Status types.StatusType
	}
	if _, err := p.createUser(t, iamUser{Name: "robot", Path: "/"}); err != nil {
		t.Fatal(err)
	}
	resource[key]{
		create: func() (string, error) { return p.createKey(t, "robot") },
		read: func(id string) (key, error) { // the import learns the user from GetAccessKeyLastUsed, a refresh has it in the state
			user := "robot"
			if used, err := p.iam.GetAccessKeyLastUsed(t.Context(), &sdk.GetAccessKeyLastUsedInput{AccessKeyId: &id}); err == nil {
				user = aws.ToString(used.UserName)
			}
			list, err := p.keys(t, user)
			k, err := single(where(list, err, func(k types.AccessKeyMetadata) bool { return *k.AccessKeyId == id }))
			return key{aws.ToString(k.UserName), k.Status}, err
		},
		want: key{"robot", types.StatusTypeActive},
		changes: []change[key]{{name: "status", want: key{"robot", types.StatusTypeInactive}, apply: func(id string) error {
			_, err := p.iam.UpdateAccessKey(t.Context(), &sdk.UpdateAccessKeyInput{UserName: aws.String("robot"), AccessKeyId: &id, Status: types.StatusTypeInactive})
			return err
		}}},
		delete: func(id string) error {
			_, err := p.iam.DeleteAccessKey(t.Context(), &sdk.DeleteAccessKeyInput{UserName: aws.String("robot"), AccessKeyId: &id})
			return goneIsFine[*types.NoSuchEntityException](err)
		},
	}.live(t)
}

func TestAccountAlias(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	resource[string]{
		create: func() (string, error) {
			_, err := p.iam.CreateAccountAlias(t.Context(), &sdk.CreateAccountAliasInput{AccountAlias: aws.String("acme")})
			return "acme", err
		},
		read: func(string) (string, error) {
			return single(all(t.Context(), sdk.NewListAccountAliasesPaginator(p.iam, &sdk.ListAccountAliasesInput{}), func(o *sdk.ListAccountAliasesOutput) []string { return o.AccountAliases }))
		},
		want: "acme",
		delete: func(id string) error {
			_, err := p.iam.DeleteAccountAlias(t.Context(), &sdk.DeleteAccountAliasInput{AccountAlias: &id})
			return goneIsFine[*types.NoSuchEntityException](err)
		},
	}.live(t)
}
