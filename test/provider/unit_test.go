package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func (p *provider) organizationTags(t *testing.T, id string) (tags, error) {
	list, err := all(t.Context(), sdk.NewListTagsForResourcePaginator(p.organizations, &sdk.ListTagsForResourceInput{ResourceId: &id}),
		func(o *sdk.ListTagsForResourceOutput) []types.Tag { return o.Tags })
	return tagged(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), err
}

// retag removes tags, then sets tags, as the provider does after every other change.
func (p *provider) retagOrganization(t *testing.T, id string, remove []string, set tags) error {
	_, err := p.organizations.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceId: &id, TagKeys: remove})
	if err != nil {
		return err
	}
	_, err = p.organizations.TagResource(t.Context(), &sdk.TagResourceInput{ResourceId: &id, Tags: organizationTags(set)})
	return err
}

func organizationTags(t tags) []types.Tag {
	return listed(t, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

func (p *provider) parent(t *testing.T, id string) (string, error) {
	parent, err := single(all(t.Context(), sdk.NewListParentsPaginator(p.organizations, &sdk.ListParentsInput{ChildId: &id}),
		func(o *sdk.ListParentsOutput) []types.Parent { return o.Parents }))
	return aws.ToString(parent.Id), err
}

// unit is what aws_organizations_organizational_unit compares.
type unit struct {
	Name, Parent string
	Accounts     []string
	Tags         tags
}

func (p *provider) readUnit(t *testing.T, id string) (unit, error) {
	out, err := p.organizations.DescribeOrganizationalUnit(t.Context(), &sdk.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id})
	if err != nil {
		return unit{}, gone[*types.OrganizationalUnitNotFoundException](err)
	}
	parent, err := p.parent(t, id)
	if err != nil {
		return unit{}, err
	}
	accounts, err := all(t.Context(), sdk.NewListAccountsForParentPaginator(p.organizations, &sdk.ListAccountsForParentInput{ParentId: &id}),
		func(o *sdk.ListAccountsForParentOutput) []types.Account { return o.Accounts })
	if err != nil {
		return unit{}, err
	}
	with, err := p.organizationTags(t, id)
	return unit{*out.OrganizationalUnit.Name, parent, each(accounts, func(a types.Account) string { return *a.Name }), with}, err
}

func (p *provider) createUnit(t *testing.T, parent, name string, with tags) (string, error) {
	out, err := p.organizations.CreateOrganizationalUnit(t.Context(), &sdk.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent, Tags: organizationTags(with)})
	if err != nil {
		return "", err
	}
	return *out.OrganizationalUnit.Id, nil
}

func TestOrganizationalUnit(t *testing.T) {
	t.Parallel()
	p := organized(t)
	root := *p.root(t)
	resource[unit]{
		create: func() (string, error) {
			return p.createUnit(t, root, "Workloads", tags{"team": "platform", "old": "yes"})
		},
		read: func(id string) (unit, error) { return p.readUnit(t, id) },
		want: unit{"Workloads", root, []string{}, tags{"team": "platform", "old": "yes"}},
		changes: []change[unit]{
			{name: "name", want: unit{"Applications", root, []string{}, tags{"team": "platform", "old": "yes"}}, apply: func(id string) error {
				_, err := p.organizations.UpdateOrganizationalUnit(t.Context(), &sdk.UpdateOrganizationalUnitInput{Name: aws.String("Applications"), OrganizationalUnitId: &id})
				return err
			}},
			{name: "tags", want: unit{"Applications", root, []string{}, tags{"team": "shop", "new": ""}}, apply: func(id string) error {
				return p.retagOrganization(t, id, []string{"old"}, tags{"team": "shop", "new": ""})
			}},
		},
		delete: func(id string) error {
			_, err := p.organizations.DeleteOrganizationalUnit(t.Context(), &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
			return goneIsFine[*types.OrganizationalUnitNotFoundException](err)
		},
	}.live(t)
}
