package provider

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// organization is what aws_organizations_organization compares, as a resource and as data.
type organization struct {
	FeatureSet                         types.OrganizationFeatureSet
	MasterID, MasterEmail, MasterName  string
	Accounts, Roots, Services, Enabled []string
}

func (p *provider) readOrganization(t *testing.T) (organization, error) {
	out, err := p.organizations.DescribeOrganization(t.Context(), &sdk.DescribeOrganizationInput{})
	if err != nil {
		return organization{}, gone[*types.AWSOrganizationsNotInUseException](err)
	}
	o := out.Organization
	state := organization{FeatureSet: o.FeatureSet, MasterID: *o.MasterAccountId, MasterEmail: *o.MasterAccountEmail, Services: []string{}}
	accounts, err := all(t.Context(), sdk.NewListAccountsPaginator(p.organizations, &sdk.ListAccountsInput{}), func(o *sdk.ListAccountsOutput) []types.Account { return o.Accounts })
	if err != nil {
		return state, err
	}
	for _, a := range accounts {
		if *a.Id == state.MasterID {
			state.MasterName = *a.Name
		}
	}
	state.Accounts = each(accounts, func(a types.Account) string { return *a.Name + " " + *a.Email + " " + string(a.Status) })
	roots, err := p.roots(t)
	if err != nil {
		return state, err
	}
	state.Roots = each(roots, func(r types.Root) string { return *r.Name })
	if o.FeatureSet == types.OrganizationFeatureSetAll {
		services, err := p.services(t)
		if err != nil {
			return state, err
		}
		state.Services = services
	}
	state.Enabled = each(roots[0].PolicyTypes, func(s types.PolicyTypeSummary) string { return string(s.Type) + " " + string(s.Status) })
	return state, nil
}

func (p *provider) roots(t *testing.T) ([]types.Root, error) {
	return all(t.Context(), sdk.NewListRootsPaginator(p.organizations, &sdk.ListRootsInput{}), func(o *sdk.ListRootsOutput) []types.Root { return o.Roots })
}

// root is the id of the only root.
func (p *provider) root(t *testing.T) *string {
	t.Helper()
	r, err := single(p.roots(t))
	if err != nil {
		t.Fatal(err)
	}
	return r.Id
}

func (p *provider) services(t *testing.T) ([]string, error) {
	list, err := all(t.Context(), sdk.NewListAWSServiceAccessForOrganizationPaginator(p.organizations, &sdk.ListAWSServiceAccessForOrganizationInput{}),
		func(o *sdk.ListAWSServiceAccessForOrganizationOutput) []types.EnabledServicePrincipal {
			return o.EnabledServicePrincipals
		})
	return each(list, func(s types.EnabledServicePrincipal) string { return *s.ServicePrincipal }), err
}

// enableService enables trusted access for a service.
func (p *provider) enableService(t *testing.T, name string) error {
	_, err := p.organizations.EnableAWSServiceAccess(t.Context(), &sdk.EnableAWSServiceAccessInput{ServicePrincipal: &name})
	return err
}

// policyType enables or disables service control policies and waits for it.
func (p *provider) policyType(t *testing.T, enable bool) error {
	const kind, disabled = types.PolicyTypeServiceControlPolicy, "DISABLED"
	enabled := string(types.PolicyTypeStatusEnabled)
	refresh := func() (string, error) {
		root, err := single(p.roots(t))
		if err != nil {
			return "", err
		}
		if i := slices.IndexFunc(root.PolicyTypes, func(s types.PolicyTypeSummary) bool { return s.Type == kind }); i >= 0 {
			return string(root.PolicyTypes[i].Status), nil
		}
		return disabled, nil
	}
	if enable {
		if _, err := p.organizations.EnablePolicyType(t.Context(), &sdk.EnablePolicyTypeInput{PolicyType: kind, RootId: p.root(t)}); err != nil {
			return err
		}
		return await(enabled, []string{disabled, string(types.PolicyTypeStatusPendingEnable)}, refresh)
	}
	if _, err := p.organizations.DisablePolicyType(t.Context(), &sdk.DisablePolicyTypeInput{PolicyType: kind, RootId: p.root(t)}); err != nil {
		return err
	}
	return await(disabled, []string{enabled, string(types.PolicyTypeStatusPendingDisable)}, refresh)
}

func (p *provider) deleteOrganization(t *testing.T) error {
	_, err := p.organizations.DeleteOrganization(t.Context(), &sdk.DeleteOrganizationInput{})
	return goneIsFine[*types.AWSOrganizationsNotInUseException](err)
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	const config, trail = "config.amazonaws.com", "cloudtrail.amazonaws.com"
	want := organization{FeatureSet: types.OrganizationFeatureSetAll, MasterID: management, MasterEmail: "root@acme.example", MasterName: "Acme",
		Accounts: []string{"Acme root@acme.example ACTIVE"}, Roots: []string{"Root"}, Services: []string{config}, Enabled: []string{"SERVICE_CONTROL_POLICY ENABLED"}}
	moved, plain := want, want
	moved.Services = []string{trail}
	plain.Services, plain.Enabled = moved.Services, []string{}
	resource[organization]{
		create: func() (string, error) {
			out, err := p.organizations.CreateOrganization(t.Context(), &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
			if err != nil {
				return "", err
			}
			return *out.Organization.Id, errors.Join(p.enableService(t, config), p.policyType(t, true))
		},
		read: func(string) (organization, error) { return p.readOrganization(t) },
		want: want,
		changes: []change[organization]{
			{name: "aws_service_access_principals", want: moved, apply: func(string) error {
				_, err := p.organizations.DisableAWSServiceAccess(t.Context(), &sdk.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(config)})
				return errors.Join(err, p.enableService(t, trail))
			}},
			{name: "enabled_policy_types", want: plain, apply: func(string) error { return p.policyType(t, false) }},
		},
		delete: func(string) error { return p.deleteOrganization(t) },
	}.live(t)
}

func TestOrganizationTurnsOnAllFeatures(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	billing := organization{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling, MasterID: management, MasterEmail: "root@acme.example", MasterName: "Acme",
		Accounts: []string{"Acme root@acme.example ACTIVE"}, Roots: []string{"Root"}, Services: []string{}, Enabled: []string{}}
	whole := billing
	whole.FeatureSet = types.OrganizationFeatureSetAll
	var handshake *string
	resource[organization]{
		create: func() (string, error) {
			out, err := p.organizations.CreateOrganization(t.Context(), &sdk.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling})
			if err != nil {
				return "", err
			}
			return *out.Organization.Id, nil
		},
		read: func(string) (organization, error) { return p.readOrganization(t) },
		want: billing,
		changes: []change[organization]{
			{name: "feature_set, which waits for the management account's word", want: billing, apply: func(string) error {
				out, err := p.organizations.EnableAllFeatures(t.Context(), &sdk.EnableAllFeaturesInput{})
				if err != nil {
					return err
				}
				handshake = out.Handshake.Id
				return nil
			}},
			{name: "feature_set, confirmed", want: whole, apply: func(string) error {
				_, err := p.organizations.AcceptHandshake(t.Context(), &sdk.AcceptHandshakeInput{HandshakeId: handshake})
				return err
			}},
		},
		delete: func(string) error { return p.deleteOrganization(t) },
	}.live(t)
}
