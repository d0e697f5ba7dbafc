package provider

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// guard is what aws_organizations_policy compares.
type guard struct {
	Name, Description string
	Type              types.PolicyType
	Content           any
	Tags              tags
}

func (p *provider) createGuard(t *testing.T, g guard, content string) (string, error) {
	out, err := p.organizations.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{Name: &g.Name, Description: &g.Description, Content: &content,
		Type: g.Type, Tags: organizationTags(g.Tags)})
	if err != nil {
		return "", err
	}
	return *out.Policy.PolicySummary.Id, nil
}

func (p *provider) readGuard(t *testing.T, id string) (guard, error) {
	out, err := p.organizations.DescribePolicy(t.Context(), &sdk.DescribePolicyInput{PolicyId: &id})
	if is[*types.AWSOrganizationsNotInUseException](err) || is[*types.PolicyNotFoundException](err) {
		return guard{}, errGone
	}
	if err != nil {
		return guard{}, err
	}
	s := out.Policy.PolicySummary
	if s.AwsManaged {
		return guard{}, errors.New("policies of AWS cannot be imported")
	}
	with, err := p.organizationTags(t, id)
	return guard{*s.Name, aws.ToString(s.Description), s.Type, policy(out.Policy.Content), with}, err
}

func TestServiceControlPolicy(t *testing.T) {
	t.Parallel()
	liveGuard(t, types.PolicyTypeServiceControlPolicy, `{ "Statement": { "Effect": "Deny", "Action": "billing:*", "Resource": "*" } }`, allow("s3:*"))
}

func TestResourceControlPolicy(t *testing.T) {
	t.Parallel()
	// As jsonencode and aws_iam_policy_document write it.
	liveGuard(t, types.PolicyTypeResourceControlPolicy,
		`{"Statement":[{"Action":"sts:AssumeRole","Effect":"Deny","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}`,
		"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Deny\",\n      \"Action\": \"s3:*\",\n      \"Resource\": \"*\",\n      \"Principal\": \"*\"\n    }\n  ]\n}")
}

// liveGuard takes a policy of a type through its life, with one document after the other.
func liveGuard(t *testing.T, kind types.PolicyType, deny, other string) {
	p := organized(t)
	want := guard{"Guard", "", kind, policy(&deny), tags{"team": "platform"}}
	changed, named, retagged := want, want, want
	changed.Content = policy(&other)
	named.Content, named.Name, named.Description = changed.Content, "Guard2", "Keeps out"
	retagged = named
	retagged.Tags = tags{"a": "b"}
	resource[guard]{
		create: func() (string, error) { return p.createGuard(t, want, deny) },
		read:   func(id string) (guard, error) { return p.readGuard(t, id) },
		want:   want,
		changes: []change[guard]{
			{name: "content", want: changed, apply: func(id string) error {
				_, err := p.organizations.UpdatePolicy(t.Context(), &sdk.UpdatePolicyInput{PolicyId: &id, Content: &other})
				return err
			}},
			{name: "name and description", want: named, apply: func(id string) error {
				_, err := p.organizations.UpdatePolicy(t.Context(), &sdk.UpdatePolicyInput{PolicyId: &id, Name: aws.String("Guard2"), Description: aws.String("Keeps out")})
				return err
			}},
			{name: "tags", want: retagged, apply: func(id string) error { return p.retagOrganization(t, id, []string{"team"}, tags{"a": "b"}) }},
		},
		delete: func(id string) error {
			_, err := p.organizations.DeletePolicy(t.Context(), &sdk.DeletePolicyInput{PolicyId: &id})
			return goneIsFine[*types.PolicyNotFoundException](err)
		},
	}.live(t)
}

func TestPolicyAttachment(t *testing.T) {
	t.Parallel()
	p := organized(t)
	root := *p.root(t)
	unit, err := p.createUnit(t, root, "Workloads", nil)
	if err != nil {
		t.Fatal(err)
	}
	account, err := p.createAccount(t, "Shop", unit, nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.createGuard(t, guard{Name: "Guard", Type: types.PolicyTypeServiceControlPolicy}, allow("*"))
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"a root": root, "a unit": unit, "an account": account} {
		t.Run(name, func(t *testing.T) {
			resource[string]{
				create: func() (string, error) {
					_, err := p.organizations.AttachPolicy(t.Context(), &sdk.AttachPolicyInput{PolicyId: &id, TargetId: &target})
					return target, err
				},
				read: func(target string) (string, error) {
					list, err := all(t.Context(), sdk.NewListTargetsForPolicyPaginator(p.organizations, &sdk.ListTargetsForPolicyInput{PolicyId: &id}),
						func(o *sdk.ListTargetsForPolicyOutput) []types.PolicyTargetSummary { return o.Targets })
					if is[*types.TargetNotFoundException](err) || is[*types.PolicyNotFoundException](err) {
						return "", errGone
					}
					found, err := single(where(list, err, func(s types.PolicyTargetSummary) bool { return *s.TargetId == target }))
					return aws.ToString(found.TargetId), err
				},
				want: target,
				delete: func(target string) error {
					_, err := p.organizations.DetachPolicy(t.Context(), &sdk.DetachPolicyInput{PolicyId: &id, TargetId: &target})
					return goneIsFine[*types.PolicyNotFoundException](goneIsFine[*types.TargetNotFoundException](err))
				},
				once: true,
			}.live(t)
		})
	}
}
