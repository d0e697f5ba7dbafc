package provider

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

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
