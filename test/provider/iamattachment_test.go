package provider

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// staffed is an account with one user, group and role of the name "x".
func staffed(t *testing.T) *provider {
	t.Helper()
	p := crew(t, []string{"x"}, []string{"x"})
	if _, err := p.createRole(t, iamRole{Name: "x", Path: "/", Duration: 3600}, trusting(management)); err != nil {
		t.Fatal(err)
	}
	return p
}

// inlining puts, gets and deletes an inline policy of the user, group or role "x".
type inlining struct {
	put    func(id, document *string) error
	get    func(id *string) (*string, error)
	remove func(id *string) error
}

func (p *provider) inlining(t *testing.T) map[string]inlining {
	ctx, x := t.Context(), aws.String("x")
	return map[string]inlining{
		"user": {
			func(id, document *string) error {
				_, err := p.iam.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: x, PolicyName: id, PolicyDocument: document})
				return err
			},
			func(id *string) (*string, error) {
				out, err := p.iam.GetUserPolicy(ctx, &sdk.GetUserPolicyInput{UserName: x, PolicyName: id})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			func(id *string) error {
				_, err := p.iam.DeleteUserPolicy(ctx, &sdk.DeleteUserPolicyInput{UserName: x, PolicyName: id})
				return err
			},
		},
		"group": {
			func(id, document *string) error {
				_, err := p.iam.PutGroupPolicy(ctx, &sdk.PutGroupPolicyInput{GroupName: x, PolicyName: id, PolicyDocument: document})
				return err
			},
			func(id *string) (*string, error) {
				out, err := p.iam.GetGroupPolicy(ctx, &sdk.GetGroupPolicyInput{GroupName: x, PolicyName: id})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			func(id *string) error {
				_, err := p.iam.DeleteGroupPolicy(ctx, &sdk.DeleteGroupPolicyInput{GroupName: x, PolicyName: id})
				return err
			},
		},
		"role": {
			func(id, document *string) error {
				_, err := p.iam.PutRolePolicy(ctx, &sdk.PutRolePolicyInput{RoleName: x, PolicyName: id, PolicyDocument: document})
				return err
			},
			func(id *string) (*string, error) {
				out, err := p.iam.GetRolePolicy(ctx, &sdk.GetRolePolicyInput{RoleName: x, PolicyName: id})
				if err != nil {
					return nil, err
				}
				return out.PolicyDocument, nil
			},
			func(id *string) error {
				_, err := p.iam.DeleteRolePolicy(ctx, &sdk.DeleteRolePolicyInput{RoleName: x, PolicyName: id})
				return err
			},
		},
	}
}

func TestInlinePolicies(t *testing.T) {
	t.Parallel()
	p := staffed(t)
	// A blank, a plus and a percent sign survive the way through the form and the answer's escapes.
	one, two := allow("s3:*"), `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a+b/100%/c d/ä"}}`
	for name, of := range p.inlining(t) {
		t.Run(name, func(t *testing.T) {
			resource[any]{
				create: func() (string, error) { return "inline", of.put(aws.String("inline"), &one) },
				read: func(id string) (any, error) {
					document, err := of.get(&id)
					if err != nil {
						return nil, gone[*types.NoSuchEntityException](err)
					}
					return escaped(document), nil
				},
				want:    policy(&one),
				changes: []change[any]{{name: "policy", want: policy(&two), apply: func(id string) error { return of.put(&id, &two) }}},
				delete:  func(id string) error { return goneIsFine[*types.NoSuchEntityException](of.remove(&id)) },
			}.live(t)
		})
	}
}

// attaching attaches, detaches and lists the policies of the user, group or role "x".
type attaching struct {
	attach, detach func(arn *string) error
	list           func() ([]types.AttachedPolicy, error)
}

func (p *provider) attaching(t *testing.T) map[string]attaching {
	ctx, x := t.Context(), aws.String("x")
	return map[string]attaching{
		"user": {
			func(arn *string) error {
				_, err := p.iam.AttachUserPolicy(ctx, &sdk.AttachUserPolicyInput{UserName: x, PolicyArn: arn})
				return err
			},
			func(arn *string) error {
				_, err := p.iam.DetachUserPolicy(ctx, &sdk.DetachUserPolicyInput{UserName: x, PolicyArn: arn})
				return err
			},
			func() ([]types.AttachedPolicy, error) {
				return all(ctx, sdk.NewListAttachedUserPoliciesPaginator(p.iam, &sdk.ListAttachedUserPoliciesInput{UserName: x}), func(o *sdk.ListAttachedUserPoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
			},
		},
		"group": {
			func(arn *string) error {
				_, err := p.iam.AttachGroupPolicy(ctx, &sdk.AttachGroupPolicyInput{GroupName: x, PolicyArn: arn})
				return err
			},
			func(arn *string) error {
				_, err := p.iam.DetachGroupPolicy(ctx, &sdk.DetachGroupPolicyInput{GroupName: x, PolicyArn: arn})
				return err
			},
			func() ([]types.AttachedPolicy, error) {
				return all(ctx, sdk.NewListAttachedGroupPoliciesPaginator(p.iam, &sdk.ListAttachedGroupPoliciesInput{GroupName: x}), func(o *sdk.ListAttachedGroupPoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
			},
		},
		"role": {
			func(arn *string) error {
				_, err := p.iam.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{RoleName: x, PolicyArn: arn})
				return err
			},
			func(arn *string) error {
				_, err := p.iam.DetachRolePolicy(ctx, &sdk.DetachRolePolicyInput{RoleName: x, PolicyArn: arn})
				return err
			},
			func() ([]types.AttachedPolicy, error) { return p.attachedToRole(t, "x") },
		},
	}
}

func TestPolicyAttachments(t *testing.T) {
	t.Parallel()
	p := staffed(t)
	arn, err := p.createPolicy(t, iamPolicy{Name: "Audit", Path: "/platform/", Document: allow("iam:*")})
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range p.attaching(t) {
		t.Run(name, func(t *testing.T) {
			for _, arn := range []string{arn, readOnly} {
				resource[string]{
					create: func() (string, error) { return arn, of.attach(&arn) },
					read: func(arn string) (string, error) {
						list, err := of.list()
						found, err := single(where(list, gone[*types.NoSuchEntityException](err), func(a types.AttachedPolicy) bool { return *a.PolicyArn == arn }))
						return aws.ToString(found.PolicyArn), err
					},
					want:   arn,
					delete: func(arn string) error { return goneIsFine[*types.NoSuchEntityException](of.detach(&arn)) },
				}.live(t)
			}
		})
	}
}

// TestPolicyAttachmentToMany is aws_iam_policy_attachment, which owns all attachments of a policy.
func TestPolicyAttachmentToMany(t *testing.T) {
	t.Parallel()
	p := staffed(t)
	type entities struct{ Groups, Roles, Users []string }
	arn, err := p.createPolicy(t, iamPolicy{Name: "Audit", Path: "/", Document: allow("iam:*")})
	if err != nil {
		t.Fatal(err)
	}
	to := p.attaching(t)
	resource[entities]{
		create: func() (string, error) {
			return arn, errors.Join(to["group"].attach(&arn), to["role"].attach(&arn), to["user"].attach(&arn))
		},
		read: func(arn string) (entities, error) {
			e, pages := entities{}, sdk.NewListEntitiesForPolicyPaginator(p.iam, &sdk.ListEntitiesForPolicyInput{PolicyArn: &arn})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					return e, gone[*types.NoSuchEntityException](err)
				}
				e.Groups = append(e.Groups, each(page.PolicyGroups, func(g types.PolicyGroup) string { return *g.GroupName })...)
				e.Roles = append(e.Roles, each(page.PolicyRoles, func(r types.PolicyRole) string { return *r.RoleName })...)
				e.Users = append(e.Users, each(page.PolicyUsers, func(u types.PolicyUser) string { return *u.UserName })...)
			}
			if len(e.Groups)+len(e.Roles)+len(e.Users) == 0 {
				return e, errGone
			}
			return e, nil
		},
		want: entities{[]string{"x"}, []string{"x"}, []string{"x"}},
		changes: []change[entities]{
			{name: "users", want: entities{[]string{"x"}, []string{"x"}, nil}, apply: func(arn string) error { return to["user"].detach(&arn) }},
		},
		delete: func(arn string) error {
			return errors.Join(goneIsFine[*types.NoSuchEntityException](to["group"].detach(&arn)), goneIsFine[*types.NoSuchEntityException](to["role"].detach(&arn)))
		},
	}.live(t)
	policies, err := all(t.Context(), sdk.NewListPoliciesPaginator(p.iam, &sdk.ListPoliciesInput{PathPrefix: aws.String("/")}), func(o *sdk.ListPoliciesOutput) []types.Policy { return o.Policies })
	found, err := single(where(policies, err, func(a types.Policy) bool { return *a.PolicyName == "Audit" }))
	if err != nil || *found.Arn != arn || aws.ToInt32(found.AttachmentCount) != 0 {
		t.Errorf("aws_iam_policy by its name: %+v, %v", found, err)
	}
}
