package provider

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
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
	p := organized(t)
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

// assigned makes a permission set that a group has in the management account, so that there is a role to provision.
func assigned(t *testing.T) (p *provider, arn string) {
	t.Helper()
	p = organized(t)
	arn, err := p.createSet(t, permissionSet{Name: "Operator"})
	if err != nil {
		t.Fatal(err)
	}
	a := assignment{p.group(t, "Operators"), types.PrincipalTypeGroup, management, arn}
	if _, err := p.assign(t, a); err != nil {
		t.Fatal(err)
	}
	return p, arn
}

// group makes a group of the identity store.
func (p *provider) group(t *testing.T, name string) string {
	t.Helper()
	out, err := p.identitystore.CreateGroup(t.Context(), &identitystore.CreateGroupInput{IdentityStoreId: p.store, DisplayName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return *out.GroupId
}

func TestManagedPolicyAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	read := func(arn string) (string, error) {
		list, err := all(t.Context(), sdk.NewListManagedPoliciesInPermissionSetPaginator(p.ssoadmin, &sdk.ListManagedPoliciesInPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set}),
			func(o *sdk.ListManagedPoliciesInPermissionSetOutput) []types.AttachedManagedPolicy {
				return o.AttachedManagedPolicies
			})
		found, err := single(where(list, gone[*types.ResourceNotFoundException](err), func(a types.AttachedManagedPolicy) bool { return *a.Arn == arn }))
		return aws.ToString(found.Name), err
	}
	resource[string]{
		create: func() (string, error) {
			if _, err := read(powerUser); !errors.Is(err, errGone) {
				return "", errors.Join(errors.New("attached already"), err)
			}
			_, err := p.ssoadmin.AttachManagedPolicyToPermissionSet(t.Context(), &sdk.AttachManagedPolicyToPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, ManagedPolicyArn: aws.String(powerUser)})
			return powerUser, errors.Join(err, p.provisionSet(t, set))
		},
		read: read,
		want: "PowerUserAccess",
		delete: func(arn string) error {
			_, err := p.ssoadmin.DetachManagedPolicyFromPermissionSet(t.Context(), &sdk.DetachManagedPolicyFromPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, ManagedPolicyArn: &arn})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestCustomerManagedPolicyAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	if _, err := p.createPolicy(t, iamPolicy{Name: "Shop", Path: "/apps/", Document: allow("s3:*")}); err != nil {
		t.Fatal(err)
	}
	type reference struct{ Name, Path string }
	sent := &types.CustomerManagedPolicyReference{Name: aws.String("Shop"), Path: aws.String("/apps/")}
	resource[reference]{
		create: func() (string, error) {
			_, err := p.ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSet(t.Context(), &sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, CustomerManagedPolicyReference: sent})
			return set, errors.Join(err, p.provisionSet(t, set))
		},
		read: func(set string) (reference, error) {
			list, err := all(t.Context(), sdk.NewListCustomerManagedPolicyReferencesInPermissionSetPaginator(p.ssoadmin, &sdk.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set}),
				func(o *sdk.ListCustomerManagedPolicyReferencesInPermissionSetOutput) []types.CustomerManagedPolicyReference {
					return o.CustomerManagedPolicyReferences
				})
			found, err := single(where(list, gone[*types.ResourceNotFoundException](err), func(r types.CustomerManagedPolicyReference) bool {
				return *r.Name == *sent.Name && aws.ToString(r.Path) == *sent.Path
			}))
			return reference{aws.ToString(found.Name), aws.ToString(found.Path)}, err
		},
		want: reference{"Shop", "/apps/"},
		delete: func(set string) error {
			_, err := p.ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSet(t.Context(), &sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, CustomerManagedPolicyReference: sent})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestPermissionSetInlinePolicy(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	one, two := allow("s3:*"), allow("ec2:*")
	put := func(document string) error {
		_, err := p.ssoadmin.PutInlinePolicyToPermissionSet(t.Context(), &sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, InlinePolicy: &document})
		return errors.Join(err, p.provisionSet(t, set))
	}
	resource[any]{
		create: func() (string, error) { return set, put(one) },
		read: func(set string) (any, error) {
			out, err := p.ssoadmin.GetInlinePolicyForPermissionSet(t.Context(), &sdk.GetInlinePolicyForPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
			if err != nil {
				return nil, gone[*types.ResourceNotFoundException](err)
			}
			if aws.ToString(out.InlinePolicy) == "" {
				return nil, errGone
			}
			return policy(out.InlinePolicy), nil
		},
		want:    policy(&one),
		changes: []change[any]{{name: "inline_policy", want: policy(&two), apply: func(string) error { return put(two) }}},
		delete: func(set string) error {
			_, err := p.ssoadmin.DeleteInlinePolicyFromPermissionSet(t.Context(), &sdk.DeleteInlinePolicyFromPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestPermissionsBoundaryAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	if _, err := p.createPolicy(t, iamPolicy{Name: "Fence", Path: "/", Document: allow("s3:*")}); err != nil {
		t.Fatal(err)
	}
	for name, sent := range map[string]*types.PermissionsBoundary{
		"a policy of AWS":        {ManagedPolicyArn: aws.String(readOnly)},
		"a policy of an account": {CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: aws.String("Fence"), Path: aws.String("/")}},
	} {
		t.Run(name, func(t *testing.T) {
			type boundary struct{ ARN, Name, Path string }
			flat := func(b *types.PermissionsBoundary) boundary {
				if r := b.CustomerManagedPolicyReference; r != nil {
					return boundary{aws.ToString(b.ManagedPolicyArn), aws.ToString(r.Name), aws.ToString(r.Path)}
				}
				return boundary{ARN: aws.ToString(b.ManagedPolicyArn)}
			}
			resource[boundary]{
				create: func() (string, error) {
					_, err := p.ssoadmin.PutPermissionsBoundaryToPermissionSet(t.Context(), &sdk.PutPermissionsBoundaryToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, PermissionsBoundary: sent})
					return set, errors.Join(err, p.provisionSet(t, set))
				},
				read: func(set string) (boundary, error) {
					out, err := p.ssoadmin.GetPermissionsBoundaryForPermissionSet(t.Context(), &sdk.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
					if err != nil {
						return boundary{}, gone[*types.ResourceNotFoundException](err)
					}
					if out.PermissionsBoundary == nil {
						return boundary{}, errGone
					}
					return flat(out.PermissionsBoundary), nil
				},
				want: flat(sent),
				delete: func(set string) error {
					_, err := p.ssoadmin.DeletePermissionsBoundaryFromPermissionSet(t.Context(), &sdk.DeletePermissionsBoundaryFromPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
					return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
				},
			}.live(t)
		})
	}
}

// assignment is what aws_ssoadmin_account_assignment compares.
type assignment struct {
	Principal string
	Type      types.PrincipalType
	Account   string
	Set       string
}

func (p *provider) readAssignment(t *testing.T, a assignment) (assignment, error) {
	list, err := all(t.Context(), sdk.NewListAccountAssignmentsPaginator(p.ssoadmin, &sdk.ListAccountAssignmentsInput{InstanceArn: p.instance, AccountId: &a.Account, PermissionSetArn: &a.Set}),
		func(o *sdk.ListAccountAssignmentsOutput) []types.AccountAssignment { return o.AccountAssignments })
	found, err := single(where(list, gone[*types.ResourceNotFoundException](err), func(f types.AccountAssignment) bool {
		return *f.PrincipalId == a.Principal && f.PrincipalType == a.Type
	}))
	return assignment{aws.ToString(found.PrincipalId), found.PrincipalType, aws.ToString(found.AccountId), aws.ToString(found.PermissionSetArn)}, err
}

// assign looks first, because AWS takes an assignment that is there already, and waits.
func (p *provider) assign(t *testing.T, a assignment) (string, error) {
	if _, err := p.readAssignment(t, a); !errors.Is(err, errGone) {
		return "", errors.Join(errors.New("assigned already"), err)
	}
	out, err := p.ssoadmin.CreateAccountAssignment(t.Context(), &sdk.CreateAccountAssignmentInput{InstanceArn: p.instance, PermissionSetArn: &a.Set,
		PrincipalId: &a.Principal, PrincipalType: a.Type, TargetId: &a.Account, TargetType: types.TargetTypeAwsAccount})
	if err != nil {
		return "", err
	}
	return a.Principal, await(string(types.StatusValuesSucceeded), []string{string(types.StatusValuesInProgress)}, func() (string, error) {
		out, err := p.ssoadmin.DescribeAccountAssignmentCreationStatus(t.Context(), &sdk.DescribeAccountAssignmentCreationStatusInput{
			InstanceArn: p.instance, AccountAssignmentCreationRequestId: out.AccountAssignmentCreationStatus.RequestId})
		if err != nil {
			return "", err
		}
		return string(out.AccountAssignmentCreationStatus.Status), nil
	})
}

func (p *provider) unassign(t *testing.T, a assignment) error {
	out, err := p.ssoadmin.DeleteAccountAssignment(t.Context(), &sdk.DeleteAccountAssignmentInput{InstanceArn: p.instance, PermissionSetArn: &a.Set,
		PrincipalId: &a.Principal, PrincipalType: a.Type, TargetId: &a.Account, TargetType: types.TargetTypeAwsAccount})
	if err != nil {
		return goneIsFine[*types.ResourceNotFoundException](err)
	}
	return await(string(types.StatusValuesSucceeded), []string{string(types.StatusValuesInProgress)}, func() (string, error) {
		out, err := p.ssoadmin.DescribeAccountAssignmentDeletionStatus(t.Context(), &sdk.DescribeAccountAssignmentDeletionStatusInput{
			InstanceArn: p.instance, AccountAssignmentDeletionRequestId: out.AccountAssignmentDeletionStatus.RequestId})
		if err != nil {
			return "", err
		}
		return string(out.AccountAssignmentDeletionStatus.Status), nil
	})
}

func TestAccountAssignment(t *testing.T) {
	t.Parallel()
	p := organized(t)
	account, err := p.createAccount(t, "Shop", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	set, err := p.createSet(t, permissionSet{Name: "Operator"})
	if err != nil {
		t.Fatal(err)
	}
	user, err := p.createPerson(t, person{UserName: "terry", DisplayName: "Terry Form", Given: "Terry", Family: "Form"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []assignment{
		{p.group(t, "Operators"), types.PrincipalTypeGroup, account, set},
		{user, types.PrincipalTypeUser, management, set},
	} {
		resource[assignment]{
			create: func() (string, error) { return p.assign(t, want) },
			read:   func(string) (assignment, error) { return p.readAssignment(t, want) },
			want:   want,
			delete: func(string) error { return p.unassign(t, want) },
			once:   true, // the deletion fails in its status, as on AWS
		}.live(t)
	}
	if err := p.deleteSet(t, set); err != nil {
		t.Error("delete the permission set after its assignments:", err)
	}
}

func TestInstanceAccessControlAttributes(t *testing.T) {
	t.Parallel()
	p := organized(t)
	attributes := func(pairs tags) *types.InstanceAccessControlAttributeConfiguration {
		return &types.InstanceAccessControlAttributeConfiguration{AccessControlAttributes: listed(pairs, func(key, value *string) types.AccessControlAttribute {
			return types.AccessControlAttribute{Key: key, Value: &types.AccessControlAttributeValue{Source: []string{*value}}}
		})}
	}
	one, two := tags{"name": "${path:name.givenName}", "last": "${path:name.familyName}"}, tags{"mail": "${path:emails[primary eq true].value}"}
	resource[tags]{
		create: func() (string, error) {
			_, err := p.ssoadmin.CreateInstanceAccessControlAttributeConfiguration(t.Context(), &sdk.CreateInstanceAccessControlAttributeConfigurationInput{
				InstanceArn: p.instance, InstanceAccessControlAttributeConfiguration: attributes(one)})
			return *p.instance, err
		},
		read: func(id string) (tags, error) {
			out, err := p.ssoadmin.DescribeInstanceAccessControlAttributeConfiguration(t.Context(), &sdk.DescribeInstanceAccessControlAttributeConfigurationInput{InstanceArn: &id})
			if err != nil {
				return nil, gone[*types.ResourceNotFoundException](err)
			}
			if c := out.InstanceAccessControlAttributeConfiguration; c == nil || len(c.AccessControlAttributes) == 0 {
				return nil, errGone
			}
			return tagged(out.InstanceAccessControlAttributeConfiguration.AccessControlAttributes, func(a types.AccessControlAttribute) (*string, *string) {
				return a.Key, &a.Value.Source[0]
			}), nil
		},
		want: one,
		changes: []change[tags]{{name: "attribute", want: two, apply: func(id string) error {
			_, err := p.ssoadmin.UpdateInstanceAccessControlAttributeConfiguration(t.Context(), &sdk.UpdateInstanceAccessControlAttributeConfigurationInput{
				InstanceArn: &id, InstanceAccessControlAttributeConfiguration: attributes(two)})
			return err
		}}},
		delete: func(id string) error {
			_, err := p.ssoadmin.DeleteInstanceAccessControlAttributeConfiguration(t.Context(), &sdk.DeleteInstanceAccessControlAttributeConfigurationInput{InstanceArn: &id})
			return err
		},
		once: true,
	}.live(t)
}

func TestIdentityCenterAsData(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	instances, err := all(t.Context(), sdk.NewListInstancesPaginator(p.ssoadmin, &sdk.ListInstancesInput{}), func(o *sdk.ListInstancesOutput) []types.InstanceMetadata { return o.Instances })
	if i, err := single(instances, err); err != nil || *i.InstanceArn != *p.instance || *i.IdentityStoreId != *p.store {
		t.Errorf("aws_ssoadmin_instances: %v, %v", i, err)
	}
	sets, err := all(t.Context(), sdk.NewListPermissionSetsPaginator(p.ssoadmin, &sdk.ListPermissionSetsInput{InstanceArn: p.instance}),
		func(o *sdk.ListPermissionSetsOutput) []string { return o.PermissionSets })
	if err != nil || !slices.Equal(sets, []string{set}) {
		t.Errorf("aws_ssoadmin_permission_sets: %v, %v", sets, err)
	}
	// aws_ssoadmin_permission_set by its name describes one after the other.
	if s, err := p.readSet(t, sets[0]); err != nil || s.Name != "Operator" {
		t.Errorf("aws_ssoadmin_permission_set: %v, %v", s, err)
	}
}
