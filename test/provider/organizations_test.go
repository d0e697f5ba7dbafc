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

// member is what aws_organizations_account compares.
type member struct {
	Name, Email, Parent string
	Status              types.AccountStatus
	Joined              types.AccountJoinedMethod
	Tags                tags
}

func (p *provider) readAccount(t *testing.T, id string) (member, error) {
	out, err := p.organizations.DescribeAccount(t.Context(), &sdk.DescribeAccountInput{AccountId: &id})
	if err != nil {
		return member{}, gone[*types.AccountNotFoundException](err)
	}
	a := out.Account
	if a.Status == types.AccountStatusSuspended {
		return member{}, errGone
	}
	parent, err := p.parent(t, id)
	if err != nil {
		return member{}, err
	}
	with, err := p.organizationTags(t, id)
	return member{*a.Name, *a.Email, parent, a.Status, a.JoinedMethod, with}, err
}

// createAccount creates an account, waits for it, and moves it when it is to be under another parent than the root.
func (p *provider) createAccount(t *testing.T, name, parent string, with tags) (string, error) {
	out, err := p.organizations.CreateAccount(t.Context(), &sdk.CreateAccountInput{AccountName: &name, Email: aws.String("aws+" + name + "@acme.example"),
		Tags: organizationTags(with), IamUserAccessToBilling: types.IAMUserAccessToBillingAllow, RoleName: aws.String("OrganizationAccountAccessRole")})
	if err != nil {
		return "", err
	}
	status := out.CreateAccountStatus
	err = await(string(types.CreateAccountStateSucceeded), []string{string(types.CreateAccountStateInProgress)}, func() (string, error) {
		out, err := p.organizations.DescribeCreateAccountStatus(t.Context(), &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id})
		if err != nil {
			return "", err
		}
		status = out.CreateAccountStatus
		return string(status.State), nil
	})
	if err != nil {
		return "", err
	}
	id := *status.AccountId
	from, err := p.parent(t, id)
	if err != nil || from == parent {
		return id, err
	}
	return id, p.moveAccount(t, id, from, parent)
}

func (p *provider) moveAccount(t *testing.T, id, from, to string) error {
	_, err := p.organizations.MoveAccount(t.Context(), &sdk.MoveAccountInput{AccountId: &id, SourceParentId: &from, DestinationParentId: &to})
	return err
}

func TestAccount(t *testing.T) {
	t.Parallel()
	p := organized(t)
	root := *p.root(t)
	unit, err := p.createUnit(t, root, "Workloads", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := member{"Shop", "aws+Shop@acme.example", unit, types.AccountStatusActive, types.AccountJoinedMethodCreated, tags{"team": "shop"}}
	moved, retagged := want, want
	moved.Parent, retagged.Parent, retagged.Tags = root, root, tags{"stage": "production"}
	resource[member]{
		create: func() (string, error) { return p.createAccount(t, "Shop", unit, tags{"team": "shop"}) },
		read:   func(id string) (member, error) { return p.readAccount(t, id) },
		want:   want,
		changes: []change[member]{
			{name: "parent_id", want: moved, apply: func(id string) error { return p.moveAccount(t, id, unit, root) }},
			{name: "tags", want: retagged, apply: func(id string) error {
				return p.retagOrganization(t, id, []string{"team"}, tags{"stage": "production"})
			}},
		},
		delete: func(id string) error { // close_on_deletion
			_, err := p.organizations.CloseAccount(t.Context(), &sdk.CloseAccountInput{AccountId: &id})
			if err != nil {
				return goneIsFine[*types.AccountNotFoundException](err)
			}
			return await("", []string{string(types.AccountStatusActive), string(types.AccountStatusPendingClosure)}, func() (string, error) {
				a, err := p.readAccount(t, id)
				if errors.Is(err, errGone) {
					return "", nil
				}
				return string(a.Status), err
			})
		},
		once: true,
	}.live(t)
}

// guard is what aws_organizations_policy compares.
type guard struct {
	Name, Description string
	Type              types.PolicyType
	Content           any
	Tags              tags
}

func (p *provider) createGuard(t *testing.T, name, description, content string, with tags) (string, error) {
	out, err := p.organizations.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{Name: &name, Description: &description, Content: &content,
		Type: types.PolicyTypeServiceControlPolicy, Tags: organizationTags(with)})
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
	p := organized(t)
	deny := `{ "Statement": { "Effect": "Deny", "Action": "billing:*", "Resource": "*" } }`
	other := allow("s3:*")
	want := guard{"Guard", "", types.PolicyTypeServiceControlPolicy, policy(&deny), tags{"team": "platform"}}
	changed, named, retagged := want, want, want
	changed.Content = policy(&other)
	named.Content, named.Name, named.Description = changed.Content, "Guard2", "Keeps out"
	retagged = named
	retagged.Tags = tags{"a": "b"}
	resource[guard]{
		create: func() (string, error) { return p.createGuard(t, "Guard", "", deny, tags{"team": "platform"}) },
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
	id, err := p.createGuard(t, "Guard", "", allow("*"), nil)
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

func TestOrganizationAsData(t *testing.T) {
	t.Parallel()
	p := organized(t)
	got, err := p.readOrganization(t)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got.Services, "sso.amazonaws.com") || got.MasterName != "Acme" || got.FeatureSet != types.OrganizationFeatureSetAll {
		t.Errorf("the organization of an identity center: %+v", got)
	}
	root := *p.root(t)
	if _, err := p.createUnit(t, root, "Workloads", nil); err != nil {
		t.Fatal(err)
	}
	units, err := all(t.Context(), sdk.NewListOrganizationalUnitsForParentPaginator(p.organizations, &sdk.ListOrganizationalUnitsForParentInput{ParentId: &root}),
		func(o *sdk.ListOrganizationalUnitsForParentOutput) []types.OrganizationalUnit {
			return o.OrganizationalUnits
		})
	if err != nil || len(units) != 1 || *units[0].Name != "Workloads" || units[0].Arn == nil {
		t.Errorf("aws_organizations_organizational_units: %v, %v", units, err)
	}
	policies, err := all(t.Context(), sdk.NewListPoliciesForTargetPaginator(p.organizations, &sdk.ListPoliciesForTargetInput{TargetId: &root, Filter: types.PolicyTypeServiceControlPolicy}),
		func(o *sdk.ListPoliciesForTargetOutput) []types.PolicySummary { return o.Policies })
	if err != nil || len(policies) != 1 || *policies[0].Id != "p-FullAWSAccess" {
		t.Errorf("aws_organizations_policies_for_target: %v, %v", policies, err)
	}
}
