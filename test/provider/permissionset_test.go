package provider

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

const (
	powerUser = "arn:aws:iam::aws:policy/PowerUserAccess"
	readOnly  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

// permissionSet is what aws_ssoadmin_permission_set compares.
type permissionSet struct {
	Name, Description, RelayState, Duration string
	Tags                                    tags
}

func (p *provider) createSet(t *testing.T, s permissionSet) (string, error) {
	in := &sdk.CreatePermissionSetInput{InstanceArn: p.instance, Name: &s.Name, SessionDuration: aws.String("PT1H"),
		Tags: listed(s.Tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })}
	if s.Description != "" {
		in.Description = &s.Description
	}
	if s.RelayState != "" {
		in.RelayState = &s.RelayState
	}
	if s.Duration != "" {
		in.SessionDuration = &s.Duration
	}
	out, err := p.ssoadmin.CreatePermissionSet(t.Context(), in)
	if err != nil {
		return "", err
	}
	return *out.PermissionSet.PermissionSetArn, nil
}

func (p *provider) readSet(t *testing.T, arn string) (permissionSet, error) {
	out, err := p.ssoadmin.DescribePermissionSet(t.Context(), &sdk.DescribePermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &arn})
	if err != nil {
		return permissionSet{}, gone[*types.ResourceNotFoundException](err)
	}
	list, err := all(t.Context(), sdk.NewListTagsForResourcePaginator(p.ssoadmin, &sdk.ListTagsForResourceInput{InstanceArn: p.instance, ResourceArn: &arn}),
		func(o *sdk.ListTagsForResourceOutput) []types.Tag { return o.Tags })
	s := out.PermissionSet
	return permissionSet{*s.Name, aws.ToString(s.Description), aws.ToString(s.RelayState), *s.SessionDuration,
		tagged(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })}, err
}

// updateSet sends all that is configured, because what is left out is cleared, and provisions the set anew.
func (p *provider) updateSet(t *testing.T, arn string, s permissionSet) error {
	in := &sdk.UpdatePermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &arn, SessionDuration: &s.Duration}
	if s.Description != "" {
		in.Description = &s.Description
	}
	if s.RelayState != "" {
		in.RelayState = &s.RelayState
	}
	_, err := p.ssoadmin.UpdatePermissionSet(t.Context(), in)
	return errors.Join(err, p.provisionSet(t, arn))
}

// provisionSet provisions a permission set everywhere, and waits for it.
func (p *provider) provisionSet(t *testing.T, arn string) error {
	out, err := p.ssoadmin.ProvisionPermissionSet(t.Context(), &sdk.ProvisionPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &arn,
		TargetType: types.ProvisionTargetTypeAllProvisionedAccounts})
	if err != nil {
		return err
	}
	return await(string(types.StatusValuesSucceeded), []string{string(types.StatusValuesInProgress)}, func() (string, error) {
		out, err := p.ssoadmin.DescribePermissionSetProvisioningStatus(t.Context(), &sdk.DescribePermissionSetProvisioningStatusInput{
			InstanceArn: p.instance, ProvisionPermissionSetRequestId: out.PermissionSetProvisioningStatus.RequestId})
		if err != nil {
			return "", err
		}
		return string(out.PermissionSetProvisioningStatus.Status), nil
	})
}

func (p *provider) deleteSet(t *testing.T, arn string) error {
	_, err := p.ssoadmin.DeletePermissionSet(t.Context(), &sdk.DeletePermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &arn})
	return goneIsFine[*types.ResourceNotFoundException](err)
}

func TestPermissionSet(t *testing.T) {
	t.Parallel()
	livePermissionSet(t, organized(t))
}

func livePermissionSet(t *testing.T, p *provider) {
	t.Helper()
	want := permissionSet{"Operator", "Runs the shop", "https://example.com/shop", "PT8H", tags{"team": "platform", "old": "yes"}}
	plain, retagged := want, want
	plain.Description, plain.RelayState, plain.Duration = "Runs", "", "PT2H"
	retagged = plain
	retagged.Tags = tags{"team": "shop"}
	resource[permissionSet]{
		create: func() (string, error) { return p.createSet(t, want) },
		read:   func(id string) (permissionSet, error) { return p.readSet(t, id) },
		want:   want,
		changes: []change[permissionSet]{
			{name: "description, session_duration and relay_state", want: plain, apply: func(id string) error { return p.updateSet(t, id, plain) }},
			{name: "tags", want: retagged, apply: func(id string) error {
				_, err := p.ssoadmin.UntagResource(t.Context(), &sdk.UntagResourceInput{InstanceArn: p.instance, ResourceArn: &id, TagKeys: []string{"old"}})
				if err != nil {
					return err
				}
				_, err = p.ssoadmin.TagResource(t.Context(), &sdk.TagResourceInput{InstanceArn: p.instance, ResourceArn: &id,
					Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}})
				return err
			}},
		},
		delete: func(id string) error { return p.deleteSet(t, id) },
	}.live(t)
	bare := permissionSet{Name: "Bare", Duration: "PT1H", Tags: tags{}}
	resource[permissionSet]{
		create: func() (string, error) { return p.createSet(t, permissionSet{Name: "Bare"}) },
		read:   func(id string) (permissionSet, error) { return p.readSet(t, id) },
		want:   bare,
		delete: func(id string) error { return p.deleteSet(t, id) },
	}.live(t)
}
