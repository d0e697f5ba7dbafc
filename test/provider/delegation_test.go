package provider

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func TestDelegatedAdministrator(t *testing.T) {
	t.Parallel()
	p := organized(t)
	const service = "config-multiaccountsetup.amazonaws.com"
	account, err := p.createAccount(t, "Audit", *p.root(t), nil)
	if err := errors.Join(err, p.enableService(t, service)); err != nil {
		t.Fatal(err)
	}
	resource[string]{
		create: func() (string, error) {
			_, err := p.organizations.RegisterDelegatedAdministrator(t.Context(), &sdk.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: aws.String(service)})
			return account, err
		},
		read: func(id string) (string, error) {
			list, err := all(t.Context(), sdk.NewListDelegatedAdministratorsPaginator(p.organizations, &sdk.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String(service)}),
				func(o *sdk.ListDelegatedAdministratorsOutput) []types.DelegatedAdministrator {
					return o.DelegatedAdministrators
				})
			d, err := single(where(list, err, func(d types.DelegatedAdministrator) bool { return *d.Id == id }))
			if err != nil {
				return "", err
			}
			if d.DelegationEnabledDate == nil || d.JoinedTimestamp == nil || d.Arn == nil {
				return "", errors.New("a delegated administrator without its dates and ARN")
			}
			return *d.Name + " " + *d.Email + " " + string(d.Status) + " " + string(d.JoinedMethod), nil
		},
		want: "Audit aws+Audit@acme.example ACTIVE CREATED",
		delete: func(id string) error {
			_, err := p.organizations.DeregisterDelegatedAdministrator(t.Context(), &sdk.DeregisterDelegatedAdministratorInput{AccountId: &id, ServicePrincipal: aws.String(service)})
			return err
		},
		once: true,
	}.live(t)
}

func TestServiceAccess(t *testing.T) {
	t.Parallel()
	p := organized(t)
	const service = "config.amazonaws.com"
	resource[string]{
		create: func() (string, error) { return service, p.enableService(t, service) },
		read: func(id string) (string, error) {
			list, err := p.services(t)
			return single(where(list, err, func(s string) bool { return s == id }))
		},
		want: service,
		delete: func(id string) error {
			_, err := p.organizations.DisableAWSServiceAccess(t.Context(), &sdk.DisableAWSServiceAccessInput{ServicePrincipal: &id})
			return err
		},
	}.live(t)
}

// delegation is what aws_organizations_resource_policy compares.
type delegation struct {
	Content any
	Tags    tags
}

func TestResourcePolicy(t *testing.T) {
	t.Parallel()
	p := organized(t)
	account, err := p.createAccount(t, "Audit", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	document := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"` + action + `","Resource":"*"}]}`
	}
	one, two := document("organizations:ListAccounts"), document("organizations:DescribeAccount")
	put := func(content string, with tags) (string, error) {
		out, err := p.organizations.PutResourcePolicy(t.Context(), &sdk.PutResourcePolicyInput{Content: &content, Tags: organizationTags(with)})
		if err != nil {
			return "", err
		}
		return *out.ResourcePolicy.ResourcePolicySummary.Id, nil
	}
	resource[delegation]{
		create: func() (string, error) { return put(one, tags{"team": "audit"}) },
		read: func(id string) (delegation, error) {
			out, err := p.organizations.DescribeResourcePolicy(t.Context(), &sdk.DescribeResourcePolicyInput{})
			if is[*types.AWSOrganizationsNotInUseException](err) || is[*types.ResourcePolicyNotFoundException](err) {
				return delegation{}, errGone
			}
			if err != nil {
				return delegation{}, err
			}
			with, err := p.organizationTags(t, id)
			return delegation{policy(out.ResourcePolicy.Content), with}, err
		},
		want: delegation{policy(&one), tags{"team": "audit"}},
		changes: []change[delegation]{
			{name: "content", want: delegation{policy(&two), tags{"team": "audit"}}, apply: func(string) error { _, err := put(two, nil); return err }},
			{name: "tags", want: delegation{policy(&two), tags{"a": "b"}}, apply: func(id string) error { return p.retagOrganization(t, id, []string{"team"}, tags{"a": "b"}) }},
		},
		delete: func(string) error {
			_, err := p.organizations.DeleteResourcePolicy(t.Context(), &sdk.DeleteResourcePolicyInput{})
			return goneIsFine[*types.ResourcePolicyNotFoundException](err)
		},
	}.live(t)
}
