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

// iamRole is what aws_iam_role compares.
type iamRole struct {
	Name, Path, Description, Boundary string
	Trust                             any
	Duration                          int32
	Inline, Managed                   []string
	Tags                              tags
}

func trusting(principal string) string {
	return `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":"` + principal + `"}}],"Version":"2012-10-17"}`
}

func (p *provider) createRole(t *testing.T, r iamRole, trust string) (string, error) {
	out, err := p.iam.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &r.Name, Path: &r.Path, Description: optional(r.Description), AssumeRolePolicyDocument: &trust,
		PermissionsBoundary: optional(r.Boundary), MaxSessionDuration: &r.Duration, Tags: iamTags(r.Tags)})
	if err != nil {
		return "", err
	}
	return *out.Role.RoleName, nil
}

// findRole waits until the role's ARN is one, and not its unique id.
func (p *provider) findRole(t *testing.T, name string) (*types.Role, error) {
	out, err := p.iam.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: &name})
	if err != nil {
		return nil, gone[*types.NoSuchEntityException](err)
	}
	if want := "arn:aws:iam::" + p.home + ":role" + *out.Role.Path + *out.Role.RoleName; *out.Role.Arn != want || !strings.HasPrefix(*out.Role.RoleId, "AROA") {
		return nil, fmt.Errorf("%s %s, want %s", *out.Role.Arn, *out.Role.RoleId, want)
	}
	return out.Role, nil
}

func (p *provider) readRole(t *testing.T, name string) (iamRole, error) {
	r, err := p.findRole(t, name)
	if err != nil {
		return iamRole{}, err
	}
	state := iamRole{Name: *r.RoleName, Path: *r.Path, Description: aws.ToString(r.Description), Boundary: boundary(r.PermissionsBoundary),
		Trust: escaped(r.AssumeRolePolicyDocument), Duration: aws.ToInt32(r.MaxSessionDuration), Tags: fromIAM(r.Tags)}
	state.Inline, err = p.inlineOfRole(t, name)
	if err != nil {
		return state, err
	}
	managed, err := p.attachedToRole(t, name)
	state.Managed = each(managed, func(a types.AttachedPolicy) string { return *a.PolicyArn })
	return state, err
}

func (p *provider) inlineOfRole(t *testing.T, name string) ([]string, error) {
	list, err := all(t.Context(), sdk.NewListRolePoliciesPaginator(p.iam, &sdk.ListRolePoliciesInput{RoleName: &name}), func(o *sdk.ListRolePoliciesOutput) []string { return o.PolicyNames })
	return append([]string{}, list...), gone[*types.NoSuchEntityException](err)
}

func (p *provider) attachedToRole(t *testing.T, name string) ([]types.AttachedPolicy, error) {
	list, err := all(t.Context(), sdk.NewListAttachedRolePoliciesPaginator(p.iam, &sdk.ListAttachedRolePoliciesInput{RoleName: &name}),
		func(o *sdk.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
	return list, gone[*types.NoSuchEntityException](err)
}

// destroyRole deletes a role with force_detach_policies.
func (p *provider) destroyRole(t *testing.T, name string) error {
	profiles, err := all(t.Context(), sdk.NewListInstanceProfilesForRolePaginator(p.iam, &sdk.ListInstanceProfilesForRoleInput{RoleName: &name}),
		func(o *sdk.ListInstanceProfilesForRoleOutput) []types.InstanceProfile { return o.InstanceProfiles })
	if err := goneIsFine[*types.NoSuchEntityException](err); err != nil || len(profiles) > 0 {
		return errors.Join(fmt.Errorf("%d instance profiles", len(profiles)), err)
	}
	managed, err := p.attachedToRole(t, name)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	for _, a := range managed {
		if _, err := p.iam.DetachRolePolicy(t.Context(), &sdk.DetachRolePolicyInput{RoleName: &name, PolicyArn: a.PolicyArn}); err != nil {
			return err
		}
	}
	inline, err := p.inlineOfRole(t, name)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	for _, policy := range inline {
		if _, err := p.iam.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: &name, PolicyName: &policy}); err != nil {
			return err
		}
	}
	_, err = p.iam.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: &name})
	return goneIsFine[*types.NoSuchEntityException](err)
}

func TestRole(t *testing.T) {
	t.Parallel()
	liveRole(t, standalone(t))
}

func liveRole(t *testing.T, p *provider) {
	t.Helper()
	if _, err := p.createUser(t, iamUser{Name: "robot", Path: "/"}); err != nil {
		t.Fatal(err)
	}
	root, robot := trusting("arn:aws:iam::"+p.home+":root"), trusting("arn:aws:iam::"+p.home+":user/robot")
	want := iamRole{"Auditor", "/platform/", "Reads who may do what", readOnly, policy(&root), 7200, []string{}, []string{}, tags{"team": "platform"}}
	trust, worded, timed, free, full, retagged := want, want, want, want, want, want
	trust.Trust = policy(&robot)
	worded = trust
	worded.Description = ""
	timed = worded
	timed.Duration = 3600
	free = timed
	free.Boundary = ""
	full = free
	full.Inline, full.Managed = []string{"audit"}, []string{powerUser, readOnly}
	retagged = full
	retagged.Tags = tags{"stage": "test"}
	inline := allow("iam:*")
	resource[iamRole]{
		create: func() (string, error) { return p.createRole(t, want, root) },
		read:   func(id string) (iamRole, error) { return p.readRole(t, id) },
		want:   want,
		changes: []change[iamRole]{
			{name: "assume_role_policy", want: trust, apply: func(id string) error {
				_, err := p.iam.UpdateAssumeRolePolicy(t.Context(), &sdk.UpdateAssumeRolePolicyInput{RoleName: &id, PolicyDocument: &robot})
				return err
			}},
			{name: "description", want: worded, apply: func(id string) error {
				_, err := p.iam.UpdateRoleDescription(t.Context(), &sdk.UpdateRoleDescriptionInput{RoleName: &id, Description: aws.String("")})
				return err
			}},
			{name: "max_session_duration", want: timed, apply: func(id string) error {
				_, err := p.iam.UpdateRole(t.Context(), &sdk.UpdateRoleInput{RoleName: &id, MaxSessionDuration: aws.Int32(3600)})
				return err
			}},
			{name: "permissions_boundary", want: free, apply: func(id string) error {
				_, err := p.iam.DeleteRolePermissionsBoundary(t.Context(), &sdk.DeleteRolePermissionsBoundaryInput{RoleName: &id})
				return err
			}},
			{name: "inline_policy and managed_policy_arns", want: full, apply: func(id string) error {
				_, err1 := p.iam.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: &id, PolicyName: aws.String("audit"), PolicyDocument: &inline})
				_, err2 := p.iam.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: &id, PolicyArn: aws.String(readOnly)})
				_, err3 := p.iam.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: &id, PolicyArn: aws.String(powerUser)})
				return errors.Join(err1, err2, err3)
			}},
			{name: "tags", want: retagged, apply: func(id string) error {
				_, err1 := p.iam.UntagRole(t.Context(), &sdk.UntagRoleInput{RoleName: &id, TagKeys: []string{"team"}})
				_, err2 := p.iam.TagRole(t.Context(), &sdk.TagRoleInput{RoleName: &id, Tags: iamTags(tags{"stage": "test"})})
				return errors.Join(err1, err2)
			}},
		},
		delete: func(id string) error { return p.destroyRole(t, id) },
	}.live(t)
}

func TestServiceLinkedRole(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	type linked struct {
		Path, Description string
		Tags              tags
	}
	const service, path = "autoscaling.amazonaws.com", "/aws-service-role/autoscaling.amazonaws.com/"
	resource[linked]{
		create: func() (string, error) {
			out, err := p.iam.CreateServiceLinkedRole(t.Context(), &sdk.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(service), CustomSuffix: aws.String("shop"), Description: aws.String("Scales")})
			if err != nil {
				return "", err
			}
			parts := strings.Split(*out.Role.Arn, "/") // the provider keeps the ARN, and takes service, name and suffix from it
			if len(parts) != 4 || parts[2] != service || !strings.HasSuffix(parts[3], "_shop") {
				return "", fmt.Errorf("the provider cannot read %s", *out.Role.Arn)
			}
			_, err = p.iam.TagRole(t.Context(), &sdk.TagRoleInput{RoleName: &parts[3], Tags: iamTags(tags{"team": "shop"})})
			return parts[3], err
		},
		read: func(name string) (linked, error) {
			r, err := p.findRole(t, name)
			if err != nil {
				return linked{}, err
			}
			return linked{*r.Path, aws.ToString(r.Description), fromIAM(r.Tags)}, nil
		},
		want: linked{path, "Scales", tags{"team": "shop"}},
		changes: []change[linked]{{name: "description", want: linked{path, "Scales the shop", tags{"team": "shop"}}, apply: func(name string) error {
			_, err := p.iam.UpdateRole(t.Context(), &sdk.UpdateRoleInput{RoleName: &name, Description: aws.String("Scales the shop")})
			return err
		}}},
		delete: func(name string) error {
			out, err := p.iam.DeleteServiceLinkedRole(t.Context(), &sdk.DeleteServiceLinkedRoleInput{RoleName: &name})
			if err != nil {
				return goneIsFine[*types.NoSuchEntityException](err)
			}
			return await(string(types.DeletionTaskStatusTypeSucceeded), []string{string(types.DeletionTaskStatusTypeInProgress), string(types.DeletionTaskStatusTypeNotStarted)}, func() (string, error) {
				out, err := p.iam.GetServiceLinkedRoleDeletionStatus(t.Context(), &sdk.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: out.DeletionTaskId})
				if err != nil {
					return "", err
				}
				return string(out.Status), nil
			})
		},
	}.live(t)
}
